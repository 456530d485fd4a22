//! How a run is steered beside its optimizer: rates, penalties, validation, stopping.
mod class_weights;
mod clip;
mod schedule;
mod validation;
mod watch;

pub use class_weights::ClassWeights;
pub use clip::{add_l1, clip_norm, clip_value};
pub use schedule::{Factor, Schedule};
pub use validation::Validation;
pub use watch::Watch;

use numgrad_core::Real;
use numgrad_loss::Teaching;
use serde::{Deserialize, Serialize};

/// How a run is steered beside its optimizer. The default does nothing at all.
///
/// What steers follows from this, the history and the number of the step alone, so that a resumed
/// run goes on bit for bit.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Regime {
    /// The factors of the learning rate.
    pub schedule: Schedule,
    /// The data that are validated on after each epoch.
    pub validation: Option<Validation>,
    /// What a plateau, early stopping and the best checkpoint look at; by default
    /// [`Regime::watched`].
    pub watch: Option<Watch>,
    /// After how many epochs without improvement a run ends. The best weights are then restored,
    /// as they are if it ends by itself.
    pub early_stopping: Option<u64>,
    /// The longest gradient: ‖g‖₂.
    pub clip_norm: Option<f64>,
    /// The largest entry of a gradient, in size; before [`clip_norm`](Self::clip_norm).
    pub clip_value: Option<f64>,
    /// λ of the penalty λ·‖θ‖₁, which the reported losses do not contain.
    pub l1: f64,
    /// How many epochs' checkpoints are kept, besides the best one.
    pub keep: Option<u64>,
    /// ε of smoothed labels, for cross-entropy; every reported loss contains it.
    #[serde(skip_serializing_if = "is_zero")]
    pub label_smoothing: f64,
    /// How much a sample of each class counts; every reported loss contains it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_weights: Option<ClassWeights>,
}

/// What is not asked for is not written, so that a run of before reads and writes as it did.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_zero(number: &f64) -> bool {
    *number == 0.0
}

impl Regime {
    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// What is watched: the validation loss if there are validation data, else the training loss.
    pub fn watched(&self) -> Watch {
        self.watch.unwrap_or(if self.validation.is_some() {
            Watch::ValidationLoss
        } else {
            Watch::TrainLoss
        })
    }

    /// What is made of the loss: [`ClassWeights::Balanced`] is nothing before the run has begun.
    pub fn teaching(&self) -> Teaching {
        Teaching {
            label_smoothing: self.label_smoothing,
            class_weights: match &self.class_weights {
                Some(ClassWeights::Given(weights)) => Some(weights.clone()),
                Some(ClassWeights::Balanced) | None => None,
            },
        }
    }

    /// Whether a step needs its gradient written down.
    pub(crate) fn shapes_gradients(&self) -> bool {
        self.clip_norm.is_some() || self.clip_value.is_some() || self.l1 > 0.0
    }

    /// Clips, and adds the penalty.
    pub(crate) fn shape<T: Real>(&self, gradient: &mut [T], theta: &[T]) {
        if let Some(most) = self.clip_value {
            clip_value(gradient, most);
        }
        if let Some(most) = self.clip_norm {
            clip_norm(gradient, most);
        }
        if self.l1 > 0.0 {
            add_l1(gradient, theta, self.l1);
        }
    }

    /// Whether the settings can be, for a classification or not.
    ///
    /// # Errors
    /// A message that says what to do.
    pub(crate) fn check(&self, is_classification: bool) -> Result<(), String> {
        let sizes = [
            ("--clip-norm", self.clip_norm),
            ("--clip-value", self.clip_value),
        ];
        for (flag, size) in sizes {
            if let Some(size) = size.filter(|size| !(size.is_finite() && *size > 0.0)) {
                return Err(format!(
                    "{flag} must be positive and finite, but it is {size}"
                ));
            }
        }
        if !(self.l1.is_finite() && self.l1 >= 0.0) {
            return Err(format!(
                "--l1 must be at least 0 and finite, but it is {}",
                self.l1
            ));
        }
        if self.early_stopping == Some(0) {
            return Err("--early-stopping must be at least 1 epoch".to_owned());
        }
        if self.keep == Some(0) {
            return Err("--keep must be at least 1 checkpoint".to_owned());
        }
        let for_classes = [
            ("--label-smoothing", self.label_smoothing != 0.0),
            ("--class-weights", self.class_weights.is_some()),
        ];
        if let Some((flag, _)) = for_classes.iter().find(|(_, is_asked)| *is_asked)
            && !is_classification
        {
            return Err(format!(
                "{flag} is for classes, but the targets are values: leave it out, or give --task \
                 classification"
            ));
        }
        let watched = self.watched();
        if watched.is_of_validation() && self.validation.is_none() {
            return Err(format!(
                "--watch {watched} has nothing to look at: give --validation 0.1, or a file"
            ));
        }
        if watched.is_accuracy() && !is_classification {
            return Err(format!(
                "--watch {watched} is for classes, but the targets are values: watch a loss"
            ));
        }
        Ok(())
    }
}
