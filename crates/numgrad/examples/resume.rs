//! A run that was stopped goes on, to the same bits: `cargo run -p numgrad --example resume`.
//!
//! The folder is one of the command's, too: `numgrad inspect FOLDER`, `numgrad report FOLDER` and
//! `numgrad train --resume FOLDER` read it.
#![expect(clippy::print_stdout, reason = "an example says what it finds")]

use numgrad::core::ActivationKind;
use numgrad::train::theta_blake3;
use numgrad::{Builder, EpochRecord, Trainer};
use std::ops::ControlFlow;

/// What is trained, twice.
fn wishes<'a>() -> Builder<'a, f64> {
    Trainer::builder()
        .layers(&[64, 12, 10])
        .activation(ActivationKind::Tanh)
        .epochs(6)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::temp_dir().join(format!("numgrad-resume-{}", std::process::id()));
    let stopped = wishes()
        .save_in(&folder)
        // After the second epoch somebody stops it: a power cut would do as well.
        .callback(|epoch: &EpochRecord, _theta: &[f64]| match epoch.epoch {
            2 => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        })
        .train()?;
    println!("stopped after {} epochs", stopped.history().len());

    let resumed = Trainer::<f64>::builder().resume(&folder).train()?;
    println!("resumed up to epoch {}", resumed.history().len());

    let whole = wishes().train()?;
    let is_equal = theta_blake3(whole.theta()) == theta_blake3(resumed.theta());
    println!("the same bits as a run that was never stopped: {is_equal}");
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}
