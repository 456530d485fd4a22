//! The flags of `numgrad evaluate`.
use super::DataArguments;
use clap::Args;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  numgrad evaluate runs/mnist
  numgrad evaluate runs/mnist --top-k 5
  numgrad evaluate runs/prices --data new.csv --json";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct EvaluateArguments {
    /// A run's folder, or a checkpoint
    pub(crate) run: PathBuf,
    #[command(flatten)]
    pub(crate) data: DataArguments,
    /// Count a sample as right too where its class is among the K largest outputs
    #[arg(long, value_name = "K")]
    pub(crate) top_k: Option<usize>,
    /// Threads (0: all that the container allows)
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) threads: usize,
    /// One JSON object on standard output, and nothing else there
    #[arg(long)]
    pub(crate) json: bool,
}
