//! What can be asked of `numgrad bench`.
use super::{DataArguments, NetworkArguments};
use clap::Args;
use numgrad_diff::Scheme;
use numgrad_gradient::{EstimatorKind, Split};
use std::path::PathBuf;

const BENCH_EXAMPLES: &str = "\
Examples:
  numgrad bench --layers 64,32,10
  numgrad bench --data mnist:FOLDER --layers 784,128,10 --perturb weight,neuron --threads 1
  numgrad bench --sweep-width 32,128,512 --plot growth.svg
  mpirun -n 4 numgrad bench --layers 784,128,10 --perturb weight --threads 1 --batch-size 1024";

#[derive(Debug, Args)]
#[command(after_help = BENCH_EXAMPLES)]
pub(crate) struct BenchArguments {
    #[command(flatten)]
    pub(crate) data: DataArguments,
    #[command(flatten)]
    pub(crate) network: NetworkArguments,
    /// Some estimators only, of weight, neuron, layer, weight-direct, weight-naive, directions,
    /// random:K, block:K, cyclic:K and saliency:RATIO[:EPOCHS] [default: all, with K = 10%; of a
    /// growth, the sweeps; under mpirun, all but weight-naive]
    #[arg(long, value_name = "WHAT", value_delimiter = ',')]
    pub(crate) perturb: Vec<EstimatorKind>,
    /// forward, backward, central or five-point
    #[arg(long, default_value_t = Scheme::Central, value_name = "NAME")]
    pub(crate) scheme: Scheme,
    /// The step h [default: 1e-4]
    #[arg(long, value_name = "H")]
    pub(crate) step: Option<f64>,
    /// Samples of the batch
    #[arg(long, default_value_t = 100, value_name = "N")]
    pub(crate) batch_size: usize,
    /// Threads (0: all that the container allows)
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) threads: usize,
    /// What the ranks that mpirun started have a part of: coordinates, samples or directions
    /// [default: as train takes it]
    #[arg(long, value_name = "WHAT")]
    pub(crate) distribute: Option<Split>,
    /// About how long to measure each figure
    #[arg(long, default_value_t = 1.0, value_name = "SECONDS")]
    pub(crate) seconds: f64,
    #[command(flatten)]
    pub(crate) growth: GrowthArguments,
    /// Draw the growth into an SVG file
    #[arg(long, value_name = "FILE.svg", requires = "growth")]
    pub(crate) plot: Option<PathBuf>,
    /// Write the network, its parameters and the batch to a file, as JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) write_case: Option<PathBuf>,
    /// One JSON object a line on standard output, and nothing else there
    #[arg(long)]
    pub(crate) json: bool,
}

/// What grows from one measurement to the next, if anything does.
#[derive(Debug, Args)]
#[group(id = "growth", multiple = false)]
#[command(next_help_heading = "Growth")]
pub(crate) struct GrowthArguments {
    /// Measure at each of these widths of all hidden layers
    #[arg(long = "sweep-width", value_name = "WIDTHS", value_delimiter = ',')]
    pub(crate) width: Vec<usize>,
    /// Measure with each of these numbers of hidden layers, as wide as the first
    #[arg(long = "sweep-depth", value_name = "DEPTHS", value_delimiter = ',')]
    pub(crate) depth: Vec<usize>,
    /// Measure with each of these numbers of samples
    #[arg(long = "sweep-batch", value_name = "SIZES", value_delimiter = ',')]
    pub(crate) batch: Vec<usize>,
    /// Measure on each of these numbers of threads
    #[arg(long = "sweep-threads", value_name = "COUNTS", value_delimiter = ',')]
    pub(crate) sweep_threads: Vec<usize>,
}
