//! What can be asked of `numgrad compare`, and every estimator by name.
use super::numbers::{at_least_one, positive};
use super::{DataArguments, NetworkArguments};
use clap::Args;
use numgrad_gradient::EstimatorKind;
use numgrad_train::optimizer::OptimizerKind;
use std::num::NonZero;
use std::path::PathBuf;

/// Every estimator, from the dearest; of those that choose, with a tenth.
const EVERY: [&str; 10] = [
    "weight-naive",
    "weight-direct",
    "weight",
    "neuron",
    "layer",
    "directions",
    "random:10%",
    "block:10%",
    "cyclic:10%",
    "saliency:0.1",
];

/// What is asked only of trainings, and so not where runs are compared.
const TRAINED: [&str; 17] = [
    "data",
    "target",
    "header",
    "task",
    "layers",
    "activation",
    "loss",
    "init",
    "perturb",
    "budget",
    "seconds",
    "learning_rates",
    "optimizer",
    "batch_size",
    "plot_evaluations",
    "plot_seconds",
    "threads",
];

/// The estimators that were named, or every one.
pub(crate) fn named_or_every(named: &[EstimatorKind]) -> Vec<EstimatorKind> {
    if named.is_empty() {
        let every = EVERY.iter().filter_map(|name| name.parse().ok());
        return every.collect();
    }
    named.to_vec()
}

const COMPARE_EXAMPLES: &str = "\
Examples:
  numgrad compare --budget 10000000
  numgrad compare --data mnist:FOLDER --perturb weight,neuron,directions --plot-seconds seconds.svg";

#[derive(Debug, Args)]
#[command(after_help = COMPARE_EXAMPLES)]
pub(crate) struct CompareArguments {
    /// Folders or checkpoints of runs to compare
    #[arg(value_name = "RUN", conflicts_with_all = TRAINED)]
    pub(crate) runs: Vec<PathBuf>,
    /// The page that compares the runs
    #[arg(
        long,
        value_name = "FILE.html",
        default_value = "comparison.html",
        requires = "runs"
    )]
    pub(crate) page: PathBuf,
    #[command(flatten)]
    pub(crate) data: DataArguments,
    #[command(flatten)]
    pub(crate) network: NetworkArguments,
    /// Some estimators only: see bench [default: all]
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    pub(crate) perturb: Vec<EstimatorKind>,
    /// Loss evaluations of each training
    #[arg(long, default_value_t = 10_000_000, value_name = "N", value_parser = at_least_one::<u64>)]
    pub(crate) budget: u64,
    /// The longest that a training may take, should its budget last longer
    #[arg(long, default_value_t = 10.0, value_name = "SECONDS", value_parser = positive)]
    pub(crate) seconds: f64,
    /// The rates that each estimator is tried with: the best one counts, by its accuracy on a tenth
    /// of the training data that is held out
    #[arg(
        long,
        value_name = "RATES",
        value_delimiter = ',',
        default_values_t = [0.01, 0.001],
        value_parser = positive
    )]
    pub(crate) learning_rates: Vec<f64>,
    /// Seeds that each estimator's best rate is tried with, from --seed on; the median counts
    #[arg(long, default_value = "3", value_name = "N")]
    pub(crate) seeds: NonZero<u32>,
    /// gd (gradient descent), momentum, nesterov, adagrad, rmsprop, adam or adamw
    #[arg(long, default_value = "adam", value_name = "NAME")]
    pub(crate) optimizer: OptimizerKind,
    /// Samples of a mini-batch
    #[arg(long, default_value_t = 100, value_name = "N", value_parser = at_least_one::<usize>)]
    pub(crate) batch_size: usize,
    /// Draw the test accuracy against loss evaluations into an SVG file
    #[arg(long, value_name = "FILE.svg")]
    pub(crate) plot_evaluations: Option<PathBuf>,
    /// Draw the test accuracy against seconds into an SVG file
    #[arg(long, value_name = "FILE.svg")]
    pub(crate) plot_seconds: Option<PathBuf>,
    /// Threads (0: all that the container allows)
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) threads: usize,
    /// One JSON object a line on standard output, and nothing else there
    #[arg(long)]
    pub(crate) json: bool,
}
