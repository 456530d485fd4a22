//! Losses and metrics, without a network: `cargo run -p numgrad-loss --example only_the_losses`.
//!
//! The outputs may come from anywhere. This crate brings no threads, no files and no command line.
#![expect(clippy::print_stdout, reason = "an example says what it finds")]

use numgrad_loss::metrics::{ConfusionMatrix, accuracy};
use numgrad_loss::nalgebra::DMatrix;
use numgrad_loss::{Loss, LossKind, SoftmaxCrossEntropy, Target, Targets, mean_loss};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Somebody's probabilities of three classes, for four samples: a sample is a column.
    let y = DMatrix::from_column_slice(
        3,
        4,
        &[0.7, 0.2, 0.1, 0.1, 0.8, 0.1, 0.3, 0.3, 0.4, 0.2, 0.5, 0.3],
    );
    let targets = Targets::Labels(vec![0, 1, 2, 0]);
    for name in ["cross-entropy", "mean-squared-error", "huber:0.5"] {
        let loss = name.parse::<LossKind>()?.build::<f64>()?;
        println!("{name}: {:.4}", mean_loss(&*loss, &y, &targets)?);
    }
    println!("accuracy: {}", accuracy(&y, &targets));
    let confusion = ConfusionMatrix::new(&y, &targets);
    println!("0 taken for 1: {} time", confusion.count(0, 1));

    // What a loss of 20 gains by a move of 1e-6: the two losses share all digits of f32 but the last, so
    // that their subtraction is off by half; the difference that the loss computes itself is right.
    let (z, moved, target) = ([0.0_f32, 20.0], [1e-6_f32, 20.0], Target::Label(0));
    let subtracted =
        SoftmaxCrossEntropy.value(&moved, target) - SoftmaxCrossEntropy.value(&z, target);
    let mut difference = [0.0];
    SoftmaxCrossEntropy.differences(&z, &[1e-6, 0.0], target, &mut [0.0; 2], &mut difference);
    println!(
        "subtracted: {subtracted:.1e}, as a difference: {:.1e}",
        difference[0]
    );
    Ok(())
}
