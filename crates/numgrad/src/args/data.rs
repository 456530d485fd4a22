//! What can be asked of `numgrad data`.
use super::{HeaderChoice, Size};
use clap::{Args, Subcommand, ValueEnum};
use numgrad_train::dataset::DataSource;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  numgrad data describe my.csv
  numgrad data describe mnist:FOLDER --json
  numgrad data fetch mnist";

const FETCH_EXAMPLES: &str = "\
Examples:
  numgrad data fetch mnist
  numgrad data fetch fashion-mnist --to fashion
  numgrad data fetch mnist --mirror https://example.org/mnist

It needs a numgrad that was built with the feature download, and is the only command that opens a
network connection. What is fetched is compared with its SHA-256 before it has its name. A fetch that
broke off is gone on with by the same command. --mirror is an address to which the names of the four
files are added.";

const DESCRIBE_EXAMPLES: &str = "\
Examples:
  numgrad data describe my.csv
  numgrad data describe my.csv --target price
  numgrad data describe arrays.npz --json
  numgrad data describe mnist:FOLDER

A cell is missing if it is empty, NA, N/A, NaN, null, None or ?. The column that a training would take
for the target is marked with *. Pixels of images are told of as a training takes them: from 0 to 1.";

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct DataCommandArguments {
    #[command(subcommand)]
    pub(crate) command: DataCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DataCommand {
    /// Look through data: rows, columns, types, ranges, classes, missing cells.
    Describe(DescribeArguments),
    /// Fetch MNIST or Fashion-MNIST from a mirror, and check it.
    Fetch(FetchArguments),
}

/// A dataset whose mirrors are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Known {
    Mnist,
    FashionMnist,
}

#[derive(Debug, Args)]
#[command(after_help = FETCH_EXAMPLES)]
pub(crate) struct FetchArguments {
    /// The dataset
    #[arg(
        value_enum,
        value_name = "mnist|fashion-mnist",
        hide_possible_values = true
    )]
    pub(crate) dataset: Known,
    /// The folder for its files [default: numgrad/ and its name in the user's cache]
    #[arg(long, value_name = "DIR")]
    pub(crate) to: Option<PathBuf>,
    /// An address to fetch from, in place of the known mirrors
    #[arg(long, value_name = "URL")]
    pub(crate) mirror: Option<String>,
    /// One JSON object on standard output, and nothing else there
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = DESCRIBE_EXAMPLES)]
pub(crate) struct DescribeArguments {
    /// The data: a source as for `train --data`
    #[arg(value_name = "SOURCE")]
    pub(crate) source: DataSource,
    /// The target's column in a CSV or an NPY file, by name or by index from 0 [default: the last]
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
    /// The most bytes to unpack from a data file
    #[arg(long, value_name = "SIZE", default_value_t = Size(4 << 30))]
    pub(crate) max_data_bytes: Size,
    /// One JSON object on standard output, and nothing else there
    #[arg(long)]
    pub(crate) json: bool,
}
