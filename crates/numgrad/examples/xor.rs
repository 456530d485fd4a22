//! A network learns exclusive or: `cargo run -p numgrad --example xor`.
//!
//! Two inputs, four hidden neurons, two classes. No derivative is written anywhere: each weight is
//! moved a little up and down, and the loss watched.
#![expect(clippy::print_stdout, reason = "an example says what it finds")]

use numgrad::Trainer;
use numgrad::core::ActivationKind;
use numgrad::train::dataset::{Dataset, Features, Labels};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // Four samples of two inputs, one after the other, and the class of each.
    let inputs = [0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0];
    let labels = Labels::Classes {
        classes: 2,
        labels: vec![0, 1, 1, 0],
    };
    let xor = Dataset::new(2, Features::Numbers(inputs.to_vec()), labels)?;

    let run = Trainer::<f64>::builder()
        .dataset(xor.clone())
        .test_dataset(xor) // there are no other samples to test it on
        .layers(&[2, 4, 2])
        .activation(ActivationKind::Tanh)
        .learning_rate(0.05)
        .epochs(200)
        .train()?;

    // For each sample there are two probabilities: of class 0, and of class 1.
    for (x, p) in inputs.chunks(2).zip(run.outputs(&inputs)?.chunks(2)) {
        let class = u8::from(p[1] > p[0]);
        println!(
            "{} xor {} = {class}  (probability {:.3})",
            x[0],
            x[1],
            p[0].max(p[1])
        );
    }
    Ok(())
}
