//! Why a run cannot start or go on.
use crate::checkpoint::CheckpointError;
use crate::configuration::Configuration;
use crate::dataset::{DataError, Dataset};
use crate::prepared::{PrepareError, Prepared};
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
    /// The data are in a file that cannot be read any more.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The data cannot be prepared.
    #[error(transparent)]
    Prepare(#[from] PrepareError),
    /// The run's checkpoints cannot be read or written.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The loss is not defined for the data, or not at all.
    #[error(transparent)]
    Loss(#[from] LossError),
    /// The gradient cannot be measured.
    #[error(transparent)]
    Gradient(GradientError),
    /// The loss or the gradient is not finite any more.
    #[error(
        "diverged in epoch {epoch}, batch {batch} (step {step}): {source}; try {}",
        remedy(.step)
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
    /// The ranks that share a run do not have the same one.
    #[error(
        "rank {rank} has other {what} than rank 0: start every rank with the same numgrad, the same \
         flags and the same files"
    )]
    OtherRank {
        /// The first such rank.
        rank: usize,
        /// What differs.
        what: &'static str,
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
    /// A run that is further than it should go.
    #[error(
        "{done} epochs are done, so that the run cannot end after {asked}: ask for --epochs {} or more",
        .done + 1
    )]
    EpochsDone {
        /// The epochs done.
        done: u64,
        /// The epochs asked for.
        asked: u64,
    },
    /// A checkpoint in another precision, or of another optimizer.
    #[error("the checkpoint does not fit its own configuration")]
    OtherState,
}

/// What may help a run that diverges in this step, the first one before which nothing was learned.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "thiserror calls it so")]
fn remedy(step: &u64) -> &'static str {
    match step {
        1 => "--scaling standard, or smaller first weights by --init: no step was taken yet",
        _ => "a smaller --learning-rate",
    }
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

    /// The same error, with how far the run was if it diverged.
    pub(crate) fn during(self, progress: &Progress, batches: u64) -> Self {
        match self {
            Self::Gradient(source) => Self::of_gradient(source, progress, batches),
            error => error,
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
    if let Some(validation) = &data.validation {
        fits(validation, network)?;
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

/// Whether a network can be asked about other data than those that it is trained on: they may have
/// fewer classes.
fn fits<T: Real>(data: &Dataset, network: &Mlp<T>) -> Result<(), TrainError> {
    for (what, found, fits) in [
        ("inputs", data.inputs(), data.inputs() == network.inputs()),
        (
            "outputs",
            data.outputs(),
            data.outputs() <= network.outputs(),
        ),
    ] {
        if !fits {
            return Err(TrainError::Setting(format!(
                "the validation data have {found} {what}, but the training data do not: give \
                 --validation a file of the same columns and classes"
            )));
        }
    }
    Ok(())
}
