//! The command line: what can be asked, in clap's words.
mod bench;
mod compare;
mod expression;
pub(crate) mod minimize;

pub(crate) use bench::{BenchArguments, GrowthArguments};
pub(crate) use compare::{CompareArguments, named_or_every};
pub(crate) use expression::{DescendArguments, DifferentiateArguments, Range};

use clap::{Args, Parser, Subcommand, ValueEnum};
use numgrad_core::{ActivationKind, Initializer, OutputKind, Precision};
use numgrad_diff::{Distribution, Rank, Scheme};
use numgrad_gradient::EstimatorKind;
use numgrad_loss::LossKind;
use numgrad_train::dataset::{DataSource, Scaling};
use numgrad_train::optimizer::OptimizerKind;
use std::path::PathBuf;

/// Trains neural networks from function values alone: each weight is perturbed by ±h, in
/// parallel, and the loss watched.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_help = EXIT_STATUSES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What a resumed run takes from its checkpoint.
const FIXED: [&str; 25] = [
    "run",
    "data",
    "target",
    "header",
    "task",
    "max_data_bytes",
    "layers",
    "activation",
    "output",
    "loss",
    "init",
    "precision",
    "seed",
    "perturb",
    "coordinates",
    "directions",
    "distribution",
    "rank",
    "scheme",
    "step",
    "optimizer",
    "learning_rate",
    "weight_decay",
    "batch_size",
    "audit",
];

const EXIT_STATUSES: &str = "\
Exit statuses: 0 done; 2 a wrong command line; 65 bad data, a bad checkpoint or a failed check; \
66 no such input; 69 the external program fails; 70 a defect of numgrad; 73 output cannot be created; 74 reading or writing \
failed; 75 the run is in use; 76 the loss is not finite any more; 130 stopped by a signal, after \
saving.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Train a network. Without options: 64-32-10 on handwritten digits.
    Train(Box<TrainArguments>),
    /// Measure a trained network's loss and metrics.
    Evaluate(EvaluateArguments),
    /// Compare every sweep with backpropagation and with full passes.
    Check(Box<CheckArguments>),
    /// Measure how fast each sweep is, beside backpropagation.
    Bench(Box<BenchArguments>),
    /// Train with each estimator at one budget of loss evaluations, and compare the accuracies.
    Compare(Box<CompareArguments>),
    /// Say what a checkpoint holds.
    Inspect(InspectArguments),
    /// Find the parameters at which an external program prints the least number.
    Minimize(Box<minimize::MinimizeArguments>),
    /// Derivatives of expressions, such as "x^2/2" --at x=2, with their errors.
    Differentiate(Box<DifferentiateArguments>),
    /// Gradient descent on an expression, such as "x^2/2" --from x=2 --rate 0.1.
    Descend(DescendArguments),
}

/// Where data come from and how they are read.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Data")]
pub(crate) struct DataArguments {
    /// digits, mnist:DIR, FILE.csv[.gz], or IMAGES,LABELS (two IDX files, .gz or not)
    #[arg(long, value_name = "SOURCE")]
    pub(crate) data: Option<DataSource>,
    /// The target's column in a CSV file, by name or by index from 0 [default: the last]
    #[arg(long, value_name = "COLUMN|INDEX")]
    pub(crate) target: Option<String>,
    /// Whether a CSV file's first line is a header [default: auto]
    #[arg(
        long,
        value_enum,
        value_name = "auto|yes|no",
        hide_possible_values = true
    )]
    pub(crate) header: Option<HeaderChoice>,
    /// What a CSV file's target is [default: classification if it is 0…C−1, C ≤ 100]
    #[arg(
        long,
        value_enum,
        value_name = "classification|regression",
        hide_possible_values = true
    )]
    pub(crate) task: Option<TaskChoice>,
    /// The most bytes to unpack from a data file
    #[arg(long, value_name = "BYTES", default_value_t = 4 << 30)]
    pub(crate) max_data_bytes: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum HeaderChoice {
    Auto,
    Yes,
    No,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TaskChoice {
    Classification,
    Regression,
}

/// The network and how its gradient is measured.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct NetworkArguments {
    /// Widths of inputs, hidden layers and outputs, as 64,32,10 [default: from the data]
    #[arg(long, value_name = "WIDTHS", value_delimiter = ',')]
    pub(crate) layers: Option<Vec<usize>>,
    /// The hidden layers' activation: identity, sigmoid, tanh, relu, leaky-relu or step
    #[arg(long, value_name = "NAME")]
    pub(crate) activation: Option<ActivationKind>,
    /// The output layer's function: softmax, or an activation [default: softmax for classes,
    /// identity for regression]
    #[arg(long, value_name = "NAME")]
    pub(crate) output: Option<OutputKind>,
    /// cross-entropy, sum-of-squared-errors, mean-squared-error, mean-absolute-error,
    /// huber[:DELTA], binary-cross-entropy or zero-one [default: cross-entropy for classes,
    /// sum-of-squared-errors for regression]
    #[arg(long, value_name = "NAME")]
    pub(crate) loss: Option<LossKind>,
    /// The first weights: zeros, normal:SIGMA, xavier, xavier-normal, he or he-normal [default:
    /// he for relu and leaky-relu, else xavier]
    #[arg(long, value_name = "NAME")]
    pub(crate) init: Option<Initializer>,
    /// f32 or f64
    #[arg(long, default_value_t = Precision::F64, value_name = "f32|f64")]
    pub(crate) precision: Precision,
    /// The seed of every random number
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
}

/// How the gradient is measured.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Gradient")]
pub(crate) struct GradientArguments {
    /// What is perturbed: weight, neuron, layer, weight-direct, weight-naive, or directions (all
    /// weights at once, along random directions)
    #[arg(long, default_value_t, value_name = "WHAT")]
    pub(crate) perturb: EstimatorKind,
    /// Which weights a step measures, with --perturb weight: all, random:K, block:K, cyclic:K
    /// (K weights, or a percentage) or saliency:RATIO [default: all]
    #[arg(long, value_name = "WHICH")]
    pub(crate) coordinates: Option<String>,
    #[command(flatten)]
    pub(crate) random: RandomArguments,
    /// forward, backward, central or five-point
    #[arg(long, default_value_t = Scheme::Central, value_name = "NAME")]
    pub(crate) scheme: Scheme,
    /// The step h [default: 1e-4, or 1e-2 in f32 where differences are subtractions]
    #[arg(long, value_name = "H")]
    pub(crate) step: Option<f64>,
}

/// The random directions of `--perturb directions`.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct RandomArguments {
    /// How many random directions a step takes [default: 16]
    #[arg(long, value_name = "Q")]
    pub(crate) directions: Option<usize>,
    /// How they are drawn: rademacher, gaussian, sphere or orthogonal [default: rademacher]
    #[arg(long, value_name = "NAME")]
    pub(crate) distribution: Option<Distribution>,
    /// none, or centred: the losses' ranks are differenced, as in evolution strategies [default:
    /// none]
    #[arg(long, value_name = "NAME")]
    pub(crate) rank: Option<Rank>,
}

#[derive(Debug, Args)]
pub(crate) struct TrainArguments {
    #[command(flatten)]
    pub(crate) data: DataArguments,
    #[command(flatten)]
    pub(crate) network: NetworkArguments,
    #[command(flatten)]
    pub(crate) gradient: GradientArguments,
    #[command(flatten)]
    pub(crate) optimization: OptimizationArguments,
    #[command(flatten)]
    pub(crate) run: RunArguments,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Training")]
pub(crate) struct OptimizationArguments {
    /// gd (gradient descent), momentum or adam
    #[arg(long, default_value = "adam", value_name = "NAME")]
    pub(crate) optimizer: OptimizerKind,
    /// η [default: 0.01 for adam, else 0.1]
    #[arg(long, value_name = "RATE")]
    pub(crate) learning_rate: Option<f64>,
    /// λ of the L2 penalty λ/2·‖θ‖²
    #[arg(long, default_value_t = 0.0, value_name = "LAMBDA")]
    pub(crate) weight_decay: f64,
    /// Samples of a mini-batch
    #[arg(long, default_value_t = 100, value_name = "N")]
    pub(crate) batch_size: usize,
    /// Passes over the training data; with --resume, the total
    #[arg(long, value_name = "N")]
    pub(crate) epochs: Option<u64>,
    /// After each epoch, hold the estimate against full-pass differences of so many random weights,
    /// and say whether signal or noise dominates a step
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) audit: usize,
    /// none, unit (to [0, 1]) or standard (mean 0, deviation 1) [default: unit for images, else
    /// standard]
    #[arg(long, value_name = "NAME", conflicts_with = "resume")]
    pub(crate) scaling: Option<Scaling>,
    /// The part of the data held out for testing, where there is no test set
    #[arg(
        long,
        default_value_t = 0.2,
        value_name = "PART",
        conflicts_with = "resume"
    )]
    pub(crate) test_fraction: f64,
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
            test_fraction: 0.2,
            audit: 0,
        }
    }
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Run")]
pub(crate) struct RunArguments {
    /// The folder to save the run in [default: runs/ and the time and seed]
    #[arg(long, value_name = "DIR")]
    pub(crate) run: Option<PathBuf>,
    /// Go on with the run in this folder or checkpoint
    #[arg(long, value_name = "RUN", conflicts_with_all = FIXED)]
    pub(crate) resume: Option<PathBuf>,
    /// Threads [default: 0, all that the container allows]
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) threads: usize,
    /// Say nothing but the result
    #[arg(long)]
    pub(crate) quiet: bool,
    /// One JSON object a line on standard output, and nothing else there
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct EvaluateArguments {
    /// A run's folder, or a checkpoint
    pub(crate) run: PathBuf,
    #[command(flatten)]
    pub(crate) data: DataArguments,
    /// Threads [default: 0, all that the container allows]
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) threads: usize,
    /// One JSON object on standard output, and nothing else there
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct CheckArguments {
    /// A run's folder, or a checkpoint; without it, a network as `train` would start it
    pub(crate) run: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) data: DataArguments,
    #[command(flatten)]
    pub(crate) network: NetworkArguments,
    #[command(flatten)]
    pub(crate) gradient: GradientArguments,
    /// Samples of the batch to check on
    #[arg(long, default_value_t = 20, value_name = "N")]
    pub(crate) samples: usize,
    /// Threads [default: 0, all that the container allows]
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) threads: usize,
    /// One JSON object a line on standard output, and nothing else there
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct InspectArguments {
    /// A run's folder, or a checkpoint
    pub(crate) file: PathBuf,
    /// One JSON object on standard output, and nothing else there
    #[arg(long)]
    pub(crate) json: bool,
}
