//! A network with an activation of your own: `cargo run -p numgrad --example own_activation`.
//!
//! A closure is all it takes, because nobody asks for its derivative. `Smooth` says that the function
//! has no jumps: a few of its values then describe it, which is many times as fast.
#![expect(clippy::print_stdout, reason = "an example says what it finds")]

use numgrad::Trainer;
use numgrad::core::Smooth;

/// A bell with a dent: as good as any curve that nobody has a layer for.
fn dented_bell(z: f64) -> f64 {
    z.sin() * (-0.2 * z * z).exp()
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let run = Trainer::<f64>::builder()
        .data("digits".parse()?)
        .layers(&[64, 24, 10])
        .own_activation(Smooth(dented_bell))
        .epochs(12)
        .train()?;
    let accuracy = run.evaluate_test()?.accuracy().unwrap_or(0.0);
    println!(
        "sin z · exp(−z²/5): {:.1} % of the held-out digits",
        100.0 * accuracy
    );
    Ok(())
}
