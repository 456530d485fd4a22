//! Inputs brought to a common scale, by the training set's numbers.
use super::{Dataset, Features};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How inputs are scaled, column by column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scaling {
    /// Not at all.
    None,
    /// The training set's smallest value becomes 0 and its largest 1.
    Unit,
    /// The training set's mean becomes 0 and its standard deviation 1.
    Standard,
}

impl fmt::Display for Scaling {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::None => "none",
            Self::Unit => "unit",
            Self::Standard => "standard",
        })
    }
}

impl FromStr for Scaling {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "none" => Ok(Self::None),
            "unit" => Ok(Self::Unit),
            "standard" => Ok(Self::Standard),
            _ => Err(format!("unknown scaling '{name}': none, unit or standard")),
        }
    }
}

/// A scaling with its numbers: each input x becomes (x − offset)·factor of its column. A column
/// that does not vary becomes 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Scaler {
    offsets: Vec<f64>,
    factors: Vec<f64>,
}

impl Scaler {
    /// The numbers of a scaling on this dataset. Images of bytes are in [0, 1] already and stay
    /// as they are.
    pub fn fit(scaling: Scaling, data: &Dataset) -> Self {
        let nothing = Self {
            offsets: Vec::new(),
            factors: Vec::new(),
        };
        let Features::Numbers(values) = data.features() else {
            return nothing;
        };
        let column = |j: usize| values.iter().skip(j).step_by(data.inputs());
        let samples = data.samples() as f64;
        let (offsets, factors) = (0..data.inputs())
            .map(|j| match scaling {
                Scaling::None => (0.0, 1.0),
                Scaling::Unit => {
                    let low = column(j).copied().fold(f64::INFINITY, f64::min);
                    let high = column(j).copied().fold(f64::NEG_INFINITY, f64::max);
                    (low, inverse(high - low))
                }
                Scaling::Standard => {
                    let mean = column(j).sum::<f64>() / samples;
                    let squares = column(j).map(|x| (x - mean).powi(2)).sum::<f64>();
                    (mean, inverse((squares / samples).sqrt()))
                }
            })
            .unzip();
        match scaling {
            Scaling::None => nothing,
            _ => Self { offsets, factors },
        }
    }

    /// The offset and the factor of each column, one after the other.
    pub fn numbers(&self) -> impl Iterator<Item = f64> {
        self.offsets.iter().chain(&self.factors).copied()
    }

    /// Scales a dataset. One with another number of columns is left alone: it does not fit the
    /// network either, which says so.
    pub fn apply(&self, data: &mut Dataset) {
        let inputs = data.inputs();
        if self.offsets.len() != inputs {
            return;
        }
        if let Features::Numbers(values) = data.features_mut() {
            for sample in values.chunks_exact_mut(inputs) {
                let columns = self.offsets.iter().zip(&self.factors);
                for (x, (offset, factor)) in sample.iter_mut().zip(columns) {
                    *x = (*x - offset) * factor;
                }
            }
        }
    }
}

fn inverse(range: f64) -> f64 {
    if range > 0.0 { 1.0 / range } else { 0.0 }
}
