//! A network predicts values from a CSV file: `cargo run -p numgrad --example regression`.
//!
//! The file has a header, ten columns about a patient, and how far the diabetes got in a year. Columns
//! of words, missing cells and other targets are options of the same reader. Inputs and targets are
//! scaled while training; predictions and errors are in the target's own units.
#![expect(clippy::print_stdout, reason = "an example says what it finds")]

use numgrad::Trainer;
use numgrad::train::dataset::LoadOptions;
use numgrad::train::{Metrics, dataset::DataSource};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../datasets/diabetes.csv");
    let options = LoadOptions {
        target: Some("target".to_owned()), // the last column, if nothing is said
        ..LoadOptions::default()
    };
    let run = Trainer::<f64>::builder()
        .data(DataSource::Csv(file.into()))
        .reading(options)
        .layers(&[10, 8, 1])
        .l2(0.01)
        .epochs(60)
        .train()?;

    let found = run.evaluate_test()?;
    if let Metrics::Regression {
        rmse, r_squared, ..
    } = found.metrics
    {
        println!(
            "{} held-out patients: RMSE {rmse:.1}, R² {r_squared:.2}",
            found.samples
        );
    }

    // Inputs as they stand in the file: the run scales them as it did its own.
    let patient = [59.0, 2.0, 32.1, 101.0, 157.0, 93.2, 38.0, 4.0, 4.8598, 87.0];
    println!(
        "for the first of the file: {:.0}, and it was 151",
        run.outputs(&patient)?[0]
    );
    Ok(())
}
