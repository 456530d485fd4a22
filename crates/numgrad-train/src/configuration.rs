//! What a run is asked to do: all that its numbers depend on, as plain data.
use crate::dataset::{DataSource, Dataset, LoadOptions, Scaling};
use crate::optimizer::OptimizerKind;
use crate::regime::Regime;
use crate::train_error::TrainError;
use numgrad_core::{Architecture, Initializer, Precision, Real};
use numgrad_diff::Scheme;
use numgrad_gradient::EstimatorKind;
use numgrad_loss::{Loss, LossError, LossKind};
use serde::{Deserialize, Serialize};

/// The configuration of a run. Two runs with equal configurations on equal data end with equal
/// bits, whatever the threads.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Configuration {
    /// Where the data come from.
    pub data: DataSource,
    /// How they are read.
    pub reading: LoadOptions,
    /// How the inputs are scaled.
    pub scaling: Scaling,
    /// How targets that are values are scaled; not at all in a run of before.
    #[serde(default, skip_serializing_if = "Scaling::is_none")]
    pub target_scaling: Scaling,
    /// The part of the data held out for testing, where there is no test set.
    pub test_fraction: f64,
    /// The network.
    pub architecture: Architecture,
    /// The precision of its numbers.
    pub precision: Precision,
    /// Its first weights.
    pub initializer: Initializer,
    /// The loss.
    pub loss: LossKind,
    /// How the gradient is estimated: what is perturbed.
    pub perturb: EstimatorKind,
    /// The difference scheme.
    pub scheme: Scheme,
    /// The step h.
    pub step: f64,
    /// The optimizer.
    pub optimizer: OptimizerKind,
    /// η.
    pub learning_rate: f64,
    /// λ of the L2 penalty.
    pub weight_decay: f64,
    /// Samples of a mini-batch.
    pub batch_size: usize,
    /// Passes over the training data. A resumed run may ask for more.
    pub epochs: u64,
    /// The seed of every random number.
    pub seed: u64,
    /// How many parameters are audited after each epoch; none by default.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub audit: usize,
    /// How the run is steered beside its optimizer; not at all by default.
    #[serde(default, skip_serializing_if = "Regime::is_default")]
    pub regime: Regime,
}

impl Configuration {
    /// What a training minimises and an evaluation reports, for one sample: the loss with smoothed
    /// labels and class weights, if they are asked for.
    ///
    /// # Errors
    /// If the loss's own parameter, the smoothing or the weights cannot be.
    pub fn build_loss<T: Real>(&self) -> Result<Box<dyn Loss<T>>, LossError> {
        let outputs = self.architecture.widths.last().copied().unwrap_or(1);
        self.loss.taught(&self.regime.teaching(), outputs)
    }

    /// Puts numbers in the place of what follows from the epochs and the training data. What is
    /// settled stays as it is.
    ///
    /// # Errors
    /// [`TrainError::Setting`] if the run cannot be steered so.
    pub(crate) fn settle(&mut self, train: &Dataset) -> Result<(), TrainError> {
        let regime = &mut self.regime;
        let is_classification = train.classes().is_some();
        regime
            .check(is_classification)
            .map_err(TrainError::Setting)?;
        regime.schedule = std::mem::take(&mut regime.schedule).over(self.epochs);
        regime.class_weights = (regime.class_weights.take()).map(|weights| weights.of(train));
        Ok(())
    }
}

/// What is not asked for is not written, so that a configuration of before reads and writes as it
/// did.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}
