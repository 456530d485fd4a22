//! Why a run cannot start or go on.
use crate::configuration::Configuration;
use crate::prepared::Prepared;
use crate::trainer::Progress;
use numgrad_core::{Mlp, Real, ShapeError};
use numgrad_gradient::GradientError;
use numgrad_loss::LossError;
use thiserror::Error;

/// Why a run cannot start or go on.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum TrainError {
    /// The network cannot be, or the data do not fit it.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// The network's widths do not fit the data.
    #[error(
        "the network has {network} {what}, but the data have {data}: give --layers that begin \
         with {inputs} and end with {outputs}"
    )]
    Widths {
        /// "inputs" or "outputs".
        what: &'static str,
        /// The network's.
        network: usize,
        /// The data's.
        data: usize,
        /// The data's inputs.
        inputs: usize,
        /// The data's outputs.
        outputs: usize,
    },
    /// The loss is not defined for the data, or not at all.
    #[error(transparent)]
    Loss(#[from] LossError),
    /// The gradient cannot be measured.
    #[error(transparent)]
    Gradient(GradientError),
    /// The loss or the gradient is not finite any more.
    #[error(
        "diverged in epoch {epoch}, batch {batch} (step {step}): {source}; try a smaller \
         --learning-rate"
    )]
    Diverged {
        /// The epoch, from 1.
        epoch: u64,
        /// The batch of the epoch, from 1.
        batch: u64,
        /// The step since the run began, from 1.
        step: u64,
        /// What is not finite.
        source: GradientError,
    },
    /// A setting that cannot be.
    #[error("{0}")]
    Setting(String),
    /// The data are not those that the run was trained on.
    #[error(
        "the training data have changed since the run began (fingerprint {found}, then \
         {expected}): it cannot go on with them"
    )]
    OtherData {
        /// The fingerprint in the checkpoint.
        expected: String,
        /// The fingerprint of the data given.
        found: String,
    },
    /// A checkpoint in another precision, or of another optimizer.
    #[error("the checkpoint does not fit its own configuration")]
    OtherState,
}

impl TrainError {
    pub(crate) fn of_gradient(source: GradientError, progress: &Progress, batches: u64) -> Self {
        match source {
            GradientError::NotFinite { .. } | GradientError::Infinite { .. } => Self::Diverged {
                epoch: progress.epoch + 1,
                batch: progress.batch + 1,
                step: progress.epoch * batches + progress.batch + 1,
                source,
            },
            source => Self::Gradient(source),
        }
    }
}

/// Whether a configuration's parts fit each other and the data.
pub(crate) fn check<T: Real>(
    configuration: &Configuration,
    network: &Mlp<T>,
    data: &Prepared,
) -> Result<(), TrainError> {
    let train = &data.train;
    // A single output tells two classes apart, with targets 0 and 1.
    let outputs = train.outputs();
    for (what, found, needed) in [
        ("inputs", network.inputs(), train.inputs()),
        ("outputs", network.outputs(), outputs),
    ] {
        if found != needed {
            return Err(TrainError::Widths {
                what,
                network: found,
                data: needed,
                inputs: train.inputs(),
                outputs,
            });
        }
    }
    let Configuration {
        batch_size,
        learning_rate,
        weight_decay,
        ..
    } = *configuration;
    if batch_size == 0 {
        return Err(TrainError::Setting(
            "the batch size must be at least 1".to_owned(),
        ));
    }
    if !(learning_rate.is_finite() && learning_rate > 0.0) {
        return Err(TrainError::Setting(format!(
            "the learning rate must be positive and finite, but it is {learning_rate}"
        )));
    }
    if !(weight_decay.is_finite() && weight_decay >= 0.0) {
        return Err(TrainError::Setting(format!(
            "the weight decay must be at least 0 and finite, but it is {weight_decay}"
        )));
    }
    Ok(())
}
