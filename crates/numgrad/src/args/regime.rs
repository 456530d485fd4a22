//! The flags that steer a training beside its optimizer.
use super::numbers::{at_least_one, not_negative, positive};
use clap::Args;
use numgrad_train::{ClassWeights, Regime, Schedule, Validation, Watch};

/// How a training is steered beside its optimizer.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Steering")]
pub(crate) struct RegimeArguments {
    /// The learning rate's factors, with commas between them: warm-up:EPOCHS, step:EVERY[:FACTOR],
    /// exponential:FACTOR, cosine[:FLOOR[:EPOCHS]], plateau[:PATIENCE[:FACTOR]] [default: constant]
    #[arg(long, value_name = "FACTORS")]
    pub(crate) schedule: Option<Schedule>,
    /// Data to watch while training: a part of the training data, as 0.1, or a source as for --data
    #[arg(long, value_name = "PART|SOURCE")]
    pub(crate) validation: Option<Validation>,
    /// What plateaus, early stopping and the best checkpoint look at: validation-loss,
    /// validation-accuracy, train-loss, test-loss or test-accuracy [default: validation-loss where
    /// there are validation data, else train-loss]
    #[arg(long, value_name = "VALUE")]
    pub(crate) watch: Option<Watch>,
    /// Stop after so many epochs in which nothing improved, and restore the best weights
    #[arg(long, value_name = "EPOCHS", value_parser = at_least_one::<u64>)]
    pub(crate) early_stopping: Option<u64>,
    /// The longest gradient ‖g‖: a longer one is shortened
    #[arg(long, value_name = "LENGTH", value_parser = positive)]
    pub(crate) clip_norm: Option<f64>,
    /// The largest entry of a gradient: a larger one is cut
    #[arg(long, value_name = "SIZE", value_parser = positive)]
    pub(crate) clip_value: Option<f64>,
    /// λ of the L1 penalty λ·‖θ‖₁
    #[arg(long, default_value_t = 0.0, value_name = "LAMBDA", value_parser = not_negative)]
    pub(crate) l1: f64,
    /// Keep the checkpoints of the last K epochs as epoch-N.ckpt, and the best one as best.ckpt
    #[arg(long, value_name = "K", value_parser = at_least_one::<u64>)]
    pub(crate) keep: Option<u64>,
    /// ε of smoothed labels for cross-entropy, at least 0 and less than 1: a label is 1 − ε + ε/K for
    /// its class of K, and ε/K for the others
    #[arg(long, default_value_t = 0.0, value_name = "EPSILON")]
    pub(crate) label_smoothing: f64,
    /// How much a sample of each class counts: balanced (samples / (classes · samples of the class), of
    /// the training data), or a number for each class, as 1,2.5,1 [default: 1 for each]
    #[arg(long, value_name = "balanced|WEIGHTS")]
    pub(crate) class_weights: Option<ClassWeights>,
}

impl RegimeArguments {
    pub(crate) fn regime(&self) -> Regime {
        Regime {
            schedule: self.schedule.clone().unwrap_or_default(),
            validation: self.validation.clone(),
            watch: self.watch,
            early_stopping: self.early_stopping,
            clip_norm: self.clip_norm,
            clip_value: self.clip_value,
            l1: self.l1,
            keep: self.keep,
            label_smoothing: self.label_smoothing,
            class_weights: self.class_weights.clone(),
        }
    }
}
