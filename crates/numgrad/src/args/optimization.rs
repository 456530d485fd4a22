//! How a network is trained.
use super::RegimeArguments;
use super::numbers::{at_least_one, not_negative, positive};
use clap::Args;
use numgrad_train::dataset::Scaling;
use numgrad_train::optimizer::OptimizerKind;

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Training")]
pub(crate) struct OptimizationArguments {
    /// gd (gradient descent), momentum, nesterov, adagrad, rmsprop, adam or adamw
    #[arg(long, default_value = "adam", value_name = "NAME")]
    pub(crate) optimizer: OptimizerKind,
    /// η [default: 0.01 for rmsprop, adam and adamw, else 0.1]
    #[arg(long, value_name = "RATE", value_parser = positive)]
    pub(crate) learning_rate: Option<f64>,
    /// λ of the L2 penalty λ/2·‖θ‖²; with adamw the weights decay by themselves, by η·λ in a step
    #[arg(
        long,
        visible_alias = "l2",
        default_value_t = 0.0,
        value_name = "LAMBDA",
        value_parser = not_negative
    )]
    pub(crate) weight_decay: f64,
    /// Samples of a mini-batch
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = at_least_one::<usize>)]
    pub(crate) batch_size: usize,
    /// Passes over the training data, of which 0 save the network as it begins; with --resume, the total
    /// [default: 40]
    #[arg(long, value_name = "N")]
    pub(crate) epochs: Option<u64>,
    /// After each epoch, hold the estimate against full-pass differences of so many random weights,
    /// and say whether signal or noise dominates a step
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) audit: usize,
    /// none, unit (to [0, 1]) or standard (mean 0, deviation 1) [default: unit for images, else
    /// standard]
    #[arg(long, value_name = "NAME")]
    pub(crate) scaling: Option<Scaling>,
    /// none, unit or standard: how targets that are values are scaled while training; losses (and the δ
    /// of huber) are of scaled targets, predictions and errors in their own units [default: standard
    /// with a linear output and a loss of errors, else none]
    #[arg(long, value_name = "NAME")]
    pub(crate) target_scaling: Option<Scaling>,
    /// The part of the data held out for testing, where there is no test set [default: 0.2]
    #[arg(long, value_name = "PART")]
    pub(crate) test_fraction: Option<f64>,
    #[command(flatten)]
    pub(crate) regime: RegimeArguments,
}

impl Default for OptimizationArguments {
    fn default() -> Self {
        Self {
            optimizer: OptimizerKind::Adam,
            learning_rate: None,
            weight_decay: 0.0,
            batch_size: 100,
            epochs: None,
            scaling: None,
            target_scaling: None,
            test_fraction: None,
            audit: 0,
            regime: RegimeArguments::default(),
        }
    }
}
