//! What can be asked of `numgrad report`.
use clap::Args;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  numgrad report runs/mnist
  numgrad report runs/mnist/prev.ckpt --output before.html";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ReportArguments {
    /// A run's folder, or a checkpoint
    pub(crate) run: PathBuf,
    /// The page [default: report.html in the run's folder]
    #[arg(long, value_name = "FILE.html")]
    pub(crate) output: Option<PathBuf>,
    /// Threads (0: all that the container allows)
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) threads: usize,
    /// One JSON object on standard output, and nothing else there
    #[arg(long)]
    pub(crate) json: bool,
}
