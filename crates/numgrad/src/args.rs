//! The command line: what can be asked, in clap's words.
mod bench;
mod compare;
pub(crate) mod data;
mod evaluate;
mod exchange;
mod expression;
pub(crate) mod minimize;
mod numbers;
mod optimization;
pub(crate) mod predict;
mod regime;
mod report;
mod scale;
mod shell;
mod size;

pub(crate) use bench::{BenchArguments, GrowthArguments};
pub(crate) use compare::{CompareArguments, named_or_every};
pub(crate) use data::{DataCommand, DataCommandArguments, DescribeArguments};
pub(crate) use evaluate::EvaluateArguments;
pub(crate) use exchange::{ExportArguments, FunctionArguments, ImportArguments};
pub(crate) use expression::{DescendArguments, DifferentiateArguments, Range};
pub(crate) use optimization::OptimizationArguments;
pub(crate) use regime::RegimeArguments;
pub(crate) use report::ReportArguments;
pub(crate) use scale::ScaleArguments;
pub(crate) use shell::{CompletionsArguments, ManArguments};
pub(crate) use size::Size;

use crate::settings::Settings;
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use numbers::positive;
use numgrad_core::{ActivationKind, Initializer, OutputKind, Precision};
use numgrad_diff::{Distribution, Rank, Scheme};
use numgrad_gradient::{EstimatorKind, Split};
use numgrad_loss::LossKind;
use numgrad_train::dataset::{DataSource, Missing};
use std::path::PathBuf;
use std::time::Duration;

/// Trains neural networks from function values alone: each weight is perturbed by ±h, in
/// parallel, and the loss watched.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_help = EXIT_STATUSES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    /// Say more on standard error: what is read, built, changed and saved; -vv each step, too
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
}

const TRAIN_EXAMPLES: &str = "\
Examples:
  numgrad train
  numgrad train --data my.csv --target price --epochs 100
  numgrad train --data my.csv --target kind --class-weights balanced --label-smoothing 0.1
  numgrad train --data photos/ --scaling unit
  numgrad train --data mnist:FOLDER --layers 784,50,10 --perturb neuron --run runs/mnist
  numgrad train --resume runs/mnist --epochs 60
  numgrad train --print-config > run.toml
  numgrad train run.toml --seed 1
  numgrad train -v --schedule step:10
  numgrad train --repeat runs/mnist";

/// What every command ends with, and the environment that it reads: help, and the manual by its form.
pub(crate) const EXIT_STATUSES: &str = "\
Exit statuses: 0 done; 2 a wrong command line or configuration file; 65 bad data, a bad checkpoint or a failed check; \
66 no such input; 69 the external program fails, or no mirror answers; 70 a defect of numgrad; 73 output cannot be created; 74 reading or writing \
failed; 75 the run is in use; 76 the loss is not finite any more; 130 stopped by a signal, after \
saving.

Environment: NUMGRAD_INSTRUCTIONS chooses the CPU's vector instructions: portable, avx2, avx512 or \
widest (the default). The bits of every result are the same; portable ones take several times as long.";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Train a network. Without options: 64-32-10 on handwritten digits.
    Train(Box<TrainArguments>),
    /// Measure a trained network's loss and metrics.
    Evaluate(EvaluateArguments),
    /// Predict classes, with their probabilities, or values: from a file or standard input.
    Predict(predict::PredictArguments),
    /// Compare every sweep with backpropagation and with full passes.
    Check(Box<CheckArguments>),
    /// Measure how fast each sweep is, beside backpropagation.
    Bench(Box<BenchArguments>),
    /// Predict how fast a training would be on many ranks of MPI.
    Scale(Box<ScaleArguments>),
    /// Compare runs in one page; without runs, train with each estimator at one budget of loss
    /// evaluations, and compare the accuracies.
    Compare(Box<CompareArguments>),
    /// Draw a page about a run: its curves, its mistakes, its weights and its gradient.
    Report(ReportArguments),
    /// Say what a checkpoint holds.
    Inspect(InspectArguments),
    /// Look through data before training on them; fetch known ones.
    Data(DataCommandArguments),
    /// Write a trained network to a file for other programs: safetensors, NPZ, ONNX or JSON.
    Export(ExportArguments),
    /// Make a run of a network from another program: safetensors or NPZ.
    Import(Box<ImportArguments>),
    /// Find the parameters at which an external program prints the least number.
    Minimize(Box<minimize::MinimizeArguments>),
    /// Derivatives of expressions, such as "x^2/2" --at x=2, with their errors.
    Differentiate(Box<DifferentiateArguments>),
    /// Gradient descent on an expression, such as "x^2/2" --from x=2 --rate 0.1.
    Descend(DescendArguments),
    /// Print a script that completes numgrad's words in a shell.
    Completions(CompletionsArguments),
    /// Print or write the manual.
    Man(ManArguments),
}

/// Where data come from and how they are read.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Data")]
pub(crate) struct DataArguments {
    /// digits, mnist:DIR, FILE.csv[.gz], FILE.parquet (with the feature parquet), FILE.npy, FILE.npz,
    /// IMAGES,LABELS (two IDX files, .gz or not), or a folder with PNG images in a folder for each class
    #[arg(long, value_name = "SOURCE")]
    pub(crate) data: Option<DataSource>,
    /// The target's column in a CSV file, by name or by index from 0, or in an NPY file, by index
    /// [default: the last]
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
    /// What a CSV file's target is [default: classification if it is words, or 0…C−1, C ≤ 100]
    #[arg(
        long,
        value_enum,
        value_name = "classification|regression",
        hide_possible_values = true
    )]
    pub(crate) task: Option<TaskChoice>,
    /// What becomes of a CSV file's missing cells (empty, NA, N/A, NaN, null, None, ?): error; drop
    /// leaves their rows out; mean and median fill them, from the training samples [default: error]
    #[arg(long, value_name = "POLICY")]
    pub(crate) missing: Option<Missing>,
    /// Columns of a CSV file whose numbers are categories; columns of words are without being named
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub(crate) categorical: Vec<String>,
    /// Columns of a CSV file to leave out
    #[arg(long, value_name = "COLUMNS", value_delimiter = ',')]
    pub(crate) ignore: Vec<String>,
    /// The NPY file with the targets, where --data is one without them
    #[arg(long, value_name = "FILE.npy")]
    pub(crate) targets: Option<PathBuf>,
    /// The inputs and the targets in an NPZ file [default: x,y or x_train,y_train, or another pair in
    /// use]
    #[arg(long, value_name = "X,Y")]
    pub(crate) arrays: Option<String>,
    /// Arrays and images of more bytes stay in their files, and each batch is read as it comes
    #[arg(long, value_name = "SIZE", default_value_t = Size(256 << 20))]
    pub(crate) held_bytes: Size,
    /// The most bytes to unpack from a data file
    #[arg(long, value_name = "SIZE", default_value_t = Size(4 << 30))]
    pub(crate) max_data_bytes: Size,
}

impl DataArguments {
    /// The flags that say how files are read, as far as they are given.
    pub(crate) fn said(&self) -> impl Iterator<Item = &'static str> {
        let flags = [
            ("target", self.target.is_some()),
            ("header", self.header.is_some()),
            ("task", self.task.is_some()),
            ("missing", self.missing.is_some()),
            ("categorical", !self.categorical.is_empty()),
            ("ignore", !self.ignore.is_empty()),
            ("targets", self.targets.is_some()),
            ("arrays", self.arrays.is_some()),
        ];
        flags
            .into_iter()
            .filter_map(|(flag, is_said)| is_said.then_some(flag))
    }
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
    #[arg(long, value_name = "WIDTHS", value_delimiter = ',', value_parser = numbers::width)]
    pub(crate) layers: Option<Vec<usize>>,
    /// The hidden layers' activation: identity, sigmoid, tanh, relu, leaky-relu, softplus,
    /// gelu (exact, not by tanh) or step
    #[arg(long, value_name = "NAME")]
    pub(crate) activation: Option<ActivationKind>,
    /// The output layer's function: softmax, or an activation [default: softmax for classes,
    /// identity for regression and the hinge]
    #[arg(long, value_name = "NAME")]
    pub(crate) output: Option<OutputKind>,
    /// cross-entropy, sum-of-squared-errors, mean-squared-error, mean-absolute-error,
    /// huber[:DELTA], binary-cross-entropy, hinge or zero-one [default: cross-entropy for classes,
    /// sum-of-squared-errors for regression]
    #[arg(long, value_name = "NAME")]
    pub(crate) loss: Option<LossKind>,
    /// The first weights: zeros, normal:SIGMA, xavier, xavier-normal, he or he-normal [default:
    /// he for relu, leaky-relu, gelu and softplus, else xavier]
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
    /// (K weights, or a percentage) or saliency:RATIO[:EPOCHS], which keeps its neurons for so
    /// many epochs (5; 0: a step) [default: all]
    #[arg(long, value_name = "WHICH")]
    pub(crate) coordinates: Option<String>,
    #[command(flatten)]
    pub(crate) random: RandomArguments,
    /// forward, backward, central or five-point
    #[arg(long, default_value_t = Scheme::Central, value_name = "NAME")]
    pub(crate) scheme: Scheme,
    /// The step h [default: 1e-4, or 1e-2 in f32 where differences are subtractions]
    #[arg(long, value_name = "H", value_parser = positive)]
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
#[command(after_help = TRAIN_EXAMPLES)]
pub(crate) struct TrainArguments {
    /// A configuration file: each option is a key of the same name, and options come before it
    #[arg(value_name = "FILE.toml")]
    pub(crate) config: Option<PathBuf>,
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
    /// What all of this comes to, as a configuration file
    #[arg(skip)]
    pub(crate) settings: Settings,
}

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Run")]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of the command line"
)]
pub(crate) struct RunArguments {
    /// The folder to save the run in, a new or an empty one [default: runs/ and the time and seed]
    #[arg(long, value_name = "DIR")]
    pub(crate) run: Option<PathBuf>,
    /// Go on with the run in this folder or checkpoint
    #[arg(long, value_name = "RUN", conflicts_with = "repeat")]
    pub(crate) resume: Option<PathBuf>,
    /// Write the epochs' numbers as event files for TensorBoard into this folder
    #[arg(long, value_name = "DIR")]
    pub(crate) tensorboard: Option<PathBuf>,
    /// Leave out report.html, the page about the run
    #[arg(long)]
    pub(crate) no_report: bool,
    /// Train a run once more from its beginning, into another folder, and compare the bits
    #[arg(long, value_name = "RUN")]
    pub(crate) repeat: Option<PathBuf>,
    /// Print the settings as a configuration file, and train nothing
    #[arg(long, conflicts_with_all = ["resume", "repeat"])]
    pub(crate) print_config: bool,
    /// Time between two checkpoints; 0s saves after every step [default: 1s at the ends of epochs,
    /// 30s within them]
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub(crate) save_every: Option<Duration>,
    /// Threads (0: all that the container allows)
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) threads: usize,
    /// What the ranks that mpirun started have a part of: coordinates, samples or directions
    /// [default: directions of --perturb directions, coordinates of weight-naive and
    /// weight-direct, else samples]
    #[arg(long, value_name = "WHAT")]
    pub(crate) distribute: Option<Split>,
    /// Say nothing but the result
    #[arg(long)]
    pub(crate) quiet: bool,
    /// Show the run as a dashboard in the terminal, with live curves; q stops and saves
    #[arg(long, conflicts_with_all = ["quiet", "json"])]
    pub(crate) tui: bool,
    /// One JSON object a line on standard output, and nothing else there
    #[arg(long)]
    pub(crate) json: bool,
}

const CHECK_EXAMPLES: &str = "\
Examples:
  numgrad check
  numgrad check --layers 64,12,8,10 --activation tanh --precision f32
  numgrad check runs/mnist --samples 50";

#[derive(Debug, Args)]
#[command(after_help = CHECK_EXAMPLES)]
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
    #[arg(long, default_value_t = 20, value_name = "N", help_heading = "Check")]
    pub(crate) samples: usize,
    /// Threads (0: all that the container allows)
    #[arg(long, default_value_t = 0, value_name = "N", help_heading = "Check")]
    pub(crate) threads: usize,
    /// One JSON object a line on standard output, and nothing else there
    #[arg(long, help_heading = "Check")]
    pub(crate) json: bool,
}

const INSPECT_EXAMPLES: &str = "\
Examples:
  numgrad inspect runs/mnist
  numgrad inspect runs/mnist/prev.ckpt --json";

#[derive(Debug, Args)]
#[command(after_help = INSPECT_EXAMPLES)]
pub(crate) struct InspectArguments {
    /// A run's folder, or a checkpoint
    pub(crate) file: PathBuf,
    /// One JSON object on standard output, and nothing else there
    #[arg(long)]
    pub(crate) json: bool,
}
