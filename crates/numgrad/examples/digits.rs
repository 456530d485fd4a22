//! A network learns to read handwritten digits: `cargo run -p numgrad --example digits`.
//!
//! The digits (8 × 8 pixels) come with the crate. A fifth is held out, to test on; a tenth of the rest
//! says when to stop.
#![expect(clippy::print_stdout, reason = "an example says what it finds")]

use numgrad::{EpochRecord, Trainer, Validation};
use std::ops::ControlFlow;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let run = Trainer::<f64>::builder()
        .data("digits".parse()?) // or your file: "my.csv".parse()?
        .layers(&[64, 32, 10])
        .schedule("cosine".parse()?)
        .validation(Validation::Part(0.1))
        .early_stopping(5)
        .epochs(20)
        .seed(1)
        // Called after each epoch; ControlFlow::Break(()) would end the run.
        .callback(|epoch: &EpochRecord, _theta: &[f64]| {
            if epoch.epoch.is_multiple_of(5) {
                println!(
                    "epoch {:2}: loss {:.3}, on validation data {:.3}",
                    epoch.epoch,
                    epoch.train_loss,
                    epoch.validation_loss.unwrap_or(f64::NAN)
                );
            }
            ControlFlow::Continue(())
        })
        .train()?;

    let found = run.evaluate_test()?;
    println!(
        "{:.1} % of {} held-out digits are read rightly",
        100.0 * found.accuracy().unwrap_or(0.0),
        found.samples
    );
    Ok(())
}
