//! Networks that no derivative can train, trained on handwritten digits:
//! `cargo run --release -p numgrad-train --example underivable [SEED]`.
//!
//! Each has something whose slope is 0 almost everywhere: neurons that step or spike, weights of
//! one bit or eight, a loss that counts mistakes. A line each, with the part of the held-out fifth
//! that is classified rightly.
#![expect(clippy::print_stdout, reason = "an example says what it finds")]
mod cases;
mod quantised;
mod spiking;
mod training;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seed = match std::env::args().nth(1) {
        Some(seed) => seed.parse()?,
        None => 0,
    };
    for case in cases::ALL {
        let accuracy = case.accuracy(seed)?;
        println!("{accuracy:.4}  {}", case.name);
    }
    Ok(())
}
