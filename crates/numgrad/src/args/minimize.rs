//! What `numgrad minimize` can be asked.
use super::RandomArguments;
use clap::{Args, ValueEnum};
use numgrad_diff::Scheme;
use numgrad_train::optimizer::OptimizerKind;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

const MINIMIZE_EXAMPLES: &str = "\
Examples:
  numgrad minimize --command 'awk -f rosenbrock.awk' --parameters start.txt --steps 600
  numgrad minimize --command './simulate {}' --parameters start.txt --jobs 8 --time-limit 5min
  numgrad minimize --resume RUN --steps 1000";

#[derive(Debug, Args)]
#[command(after_help = MINIMIZE_EXAMPLES)]
pub(crate) struct MinimizeArguments {
    /// The program to minimise, with its arguments, in quotes as for a shell (but no shell runs
    /// it). It reads a parameter a line on standard input, or from the file whose name stands for
    /// {} in the command, and prints one number
    #[arg(long, value_name = "COMMAND", required_unless_present = "resume")]
    pub(crate) command: Option<String>,
    /// A file with the first parameters, a number a line
    #[arg(long, value_name = "FILE", required_unless_present = "resume")]
    pub(crate) parameters: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) gradient: MinimizeGradient,
    #[command(flatten)]
    pub(crate) descent: MinimizeDescent,
    #[command(flatten)]
    pub(crate) running: RunningArguments,
    /// The folder to save the run in [default: runs/ and the time]
    #[arg(long, value_name = "DIR", conflicts_with = "resume")]
    pub(crate) run: Option<PathBuf>,
    /// Go on with the run in this folder
    #[arg(long, value_name = "RUN", conflicts_with_all = FIXED)]
    pub(crate) resume: Option<PathBuf>,
    /// Say nothing but the result
    #[arg(long)]
    pub(crate) quiet: bool,
    /// One JSON object a line on standard output, and nothing else there
    #[arg(long)]
    pub(crate) json: bool,
}

/// What a resumed run takes from its folder.
const FIXED: [&str; 11] = [
    "command",
    "parameters",
    "perturb",
    "directions",
    "distribution",
    "rank",
    "scheme",
    "step",
    "optimizer",
    "learning_rate",
    "seed",
];

/// How the gradient is measured.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Gradient")]
pub(crate) struct MinimizeGradient {
    /// Each parameter by itself, or all at once along random directions
    #[arg(long, value_enum, default_value = "coordinates", value_name = "WHAT")]
    pub(crate) perturb: Moved,
    #[command(flatten)]
    pub(crate) random: RandomArguments,
    /// forward, backward, central or five-point
    #[arg(long, default_value_t = Scheme::Central, value_name = "NAME")]
    pub(crate) scheme: Scheme,
    /// The step h [default: by the scheme, scaled to each parameter; along directions 1e-4]
    #[arg(long, value_name = "H")]
    pub(crate) step: Option<f64>,
    /// The seed of the directions
    #[arg(long, default_value_t = 0)]
    pub(crate) seed: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Moved {
    Coordinates,
    Directions,
}

/// How the minimum is looked for.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Descent")]
pub(crate) struct MinimizeDescent {
    /// gd (gradient descent), momentum, nesterov, adagrad, rmsprop, adam or adamw
    #[arg(long, default_value = "adam", value_name = "NAME")]
    pub(crate) optimizer: OptimizerKind,
    /// η [default: 0.01 for rmsprop, adam and adamw, else 0.1]
    #[arg(long, value_name = "RATE")]
    pub(crate) learning_rate: Option<f64>,
    /// Steps; with --resume, the total [default: 100]
    #[arg(long, value_name = "N")]
    pub(crate) steps: Option<u64>,
}

/// How the program is run; all of it may change when a run goes on.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Program")]
pub(crate) struct RunningArguments {
    /// How many run at the same time (0: as many as the container has processors)
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) jobs: usize,
    /// The longest that one may run, as 90s or 5min [default: no limit]
    #[arg(long, value_name = "TIME", value_parser = humantime::parse_duration)]
    pub(crate) time_limit: Option<Duration>,
    /// How often one that failed is run again
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) retries: u32,
    /// What becomes of one that failed after that: stop (the run, which can be resumed), skip (its
    /// parameter or direction, in this step) or a number, which stands for its value
    #[arg(long, default_value = "stop", value_name = "stop|skip|VALUE")]
    pub(crate) on_failure: OnFailure,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum OnFailure {
    Stop,
    Skip,
    Value(f64),
}

impl FromStr for OnFailure {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "stop" => Ok(Self::Stop),
            "skip" => Ok(Self::Skip),
            _ => match text.parse() {
                Ok(value) if f64::is_finite(value) => Ok(Self::Value(value)),
                _ => Err("one of stop, skip or a finite number".to_owned()),
            },
        }
    }
}
