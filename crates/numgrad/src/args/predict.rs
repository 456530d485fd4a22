//! What `predict` is asked.
use super::{HeaderChoice, Size};
use clap::Args;
use numgrad_train::dataset::DataSource;
use std::path::PathBuf;
use std::str::FromStr;

#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  numgrad predict RUN --data new.csv                    a line a sample, to standard output
  numgrad predict RUN --data new.csv --output said.csv
  cat new.csv | numgrad predict RUN --data - --json     a JSON object a sample")]
pub(crate) struct PredictArguments {
    /// A run's folder, or a checkpoint
    pub(crate) run: PathBuf,
    /// The samples, with or without a column of targets: a source as for `train`, or - for CSV from
    /// standard input
    #[arg(long, value_name = "SOURCE|-")]
    pub(crate) data: Samples,
    /// The file to write to [default: standard output]
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Whether a CSV file's first line is a header [default: auto]
    #[arg(
        long,
        value_enum,
        value_name = "auto|yes|no",
        hide_possible_values = true
    )]
    pub(crate) header: Option<HeaderChoice>,
    /// The inputs in an NPZ file, and targets that are left out, as X or X,Y [default: as the run was
    /// trained, or a name in use]
    #[arg(long, value_name = "X[,Y]")]
    pub(crate) arrays: Option<String>,
    /// Arrays and images of more bytes stay in their files, and are read as they come
    #[arg(long, value_name = "SIZE", default_value_t = Size(256 << 20))]
    pub(crate) held_bytes: Size,
    /// The most bytes to unpack from a data file
    #[arg(long, value_name = "SIZE", default_value_t = Size(4 << 30))]
    pub(crate) max_data_bytes: Size,
    /// Threads (0: all that the container allows)
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub(crate) threads: usize,
    /// A JSON object for each sample, instead of a line of CSV
    #[arg(long)]
    pub(crate) json: bool,
}

/// Where the samples are.
#[derive(Debug, Clone)]
pub(crate) enum Samples {
    StandardInput,
    Source(DataSource),
}

impl Samples {
    /// Whether they are among named arrays.
    pub(crate) fn is_archive(&self) -> bool {
        matches!(self, Self::Source(DataSource::Npz(_)))
    }
}

impl FromStr for Samples {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "-" => Ok(Self::StandardInput),
            name => name.parse().map(Self::Source),
        }
    }
}
