//! What becomes of a table's missing cells.
use super::{Dataset, Features};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What becomes of a missing cell: one that is empty, or NA, N/A, NaN, null, None or ?.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// It is an error, which names the row and the column.
    #[default]
    Error,
    /// Its row is left out.
    Drop,
    /// A number becomes the mean of its column in the training samples, and a category none of its
    /// words. A missing target is an error.
    Mean,
    /// The same with the median.
    Median,
}

impl Missing {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Error, Self::Drop, Self::Mean, Self::Median];

    /// Whether a cell stands for no value.
    pub(super) fn is_missing(field: &str) -> bool {
        const MARKS: [&str; 6] = ["na", "n/a", "nan", "null", "none", "?"];
        field.is_empty() || MARKS.iter().any(|mark| field.eq_ignore_ascii_case(mark))
    }

    /// Whether numbers take the place of missing ones.
    pub(super) fn fills(self) -> bool {
        matches!(self, Self::Mean | Self::Median)
    }

    /// The number in place of a missing one; 0 where there is none at all.
    pub(super) fn middle(self, mut known: Vec<f64>) -> f64 {
        let count = known.len();
        if count == 0 {
            return 0.0;
        }
        if self == Self::Median {
            known.sort_by(f64::total_cmp);
            return f64::midpoint(known[(count - 1) / 2], known[count / 2]);
        }
        known.iter().sum::<f64>() / count as f64
    }
}

impl fmt::Display for Missing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Error => "error",
            Self::Drop => "drop",
            Self::Mean => "mean",
            Self::Median => "median",
        })
    }
}

impl FromStr for Missing {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "error" => Ok(Self::Error),
            "drop" => Ok(Self::Drop),
            "mean" => Ok(Self::Mean),
            "median" => Ok(Self::Median),
            _ => Err(format!(
                "unknown policy '{name}': error, drop, mean or median"
            )),
        }
    }
}

/// Fills the missing numbers of all sides from the training side, so that no held-out sample has a
/// part in what it is tested with, and keeps what was found with the columns.
pub(crate) fn fill<'a>(train: &'a mut Dataset, others: impl Iterator<Item = &'a mut Dataset>) {
    let Some(columns) = train.columns() else {
        return;
    };
    let Some(columns) = columns.filled_from(train) else {
        return;
    };
    for data in std::iter::once(train).chain(others) {
        let fills = columns.fills();
        let inputs = data.inputs();
        if let Features::Numbers(values) = data.features_mut() {
            for sample in values.chunks_exact_mut(inputs) {
                for (x, fill) in sample.iter_mut().zip(&fills) {
                    if x.is_nan() {
                        *x = *fill;
                    }
                }
            }
        }
        data.set_columns(columns.clone());
    }
}
