//! Inputs brought to a common scale, by the training set's numbers.
use super::{DataError, Dataset, Features};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How inputs are scaled, column by column, or targets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scaling {
    /// Not at all.
    #[default]
    None,
    /// The training set's smallest value becomes 0 and its largest 1.
    Unit,
    /// The training set's mean becomes 0 and its standard deviation 1.
    Standard,
}

impl Scaling {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::None, Self::Unit, Self::Standard];

    /// Whether nothing is scaled.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    pub(crate) fn is_none(&self) -> bool {
        *self == Self::None
    }
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
    /// The numbers of a scaling on this dataset. Cost: a pass over it, and a second one for the
    /// deviations of [`Scaling::Standard`].
    ///
    /// # Errors
    /// If the data are in a file that cannot be read, or a number in it is not finite.
    pub fn fit(scaling: Scaling, data: &Dataset) -> Result<Self, DataError> {
        if scaling == Scaling::None {
            return Ok(Self::identity());
        }
        let inputs = data.inputs();
        let (mut low, mut high) = (vec![f64::INFINITY; inputs], vec![f64::NEG_INFINITY; inputs]);
        let mut sums = vec![0.0; inputs];
        each(data, |j, x| {
            low[j] = low[j].min(x);
            high[j] = high[j].max(x);
            sums[j] += x;
        })?;
        let (offsets, mut ranges) = if scaling == Scaling::Standard {
            moments(data, sums)?
        } else {
            let ranges = low.iter().zip(&high).map(|(low, high)| high - low);
            let ranges = ranges.collect();
            (low.clone(), ranges)
        };
        // The mean of a constant column is rounded, and its deviation is then not quite 0.
        for (range, (low, high)) in ranges.iter_mut().zip(low.iter().zip(&high)) {
            if low == high {
                *range = 0.0;
            }
        }
        let factors = ranges.into_iter().map(inverse).collect();
        Ok(Self { offsets, factors })
    }

    /// The scaled value of an input.
    pub(super) fn of(&self, input: usize, x: f64) -> f64 {
        match (self.offsets.get(input), self.factors.get(input)) {
            (Some(offset), Some(factor)) => (x - offset) * factor,
            _ => x,
        }
    }

    /// A scaling by these numbers, one of each for a column; `None` if they are not equally many.
    pub fn new(offsets: Vec<f64>, factors: Vec<f64>) -> Option<Self> {
        (offsets.len() == factors.len()).then_some(Self { offsets, factors })
    }

    /// Inputs as they are.
    pub fn identity() -> Self {
        Self {
            offsets: Vec::new(),
            factors: Vec::new(),
        }
    }

    /// Whether inputs stay as they are.
    pub fn is_identity(&self) -> bool {
        self.offsets.is_empty()
    }

    /// The offset of each column; none of the identity.
    pub fn offsets(&self) -> &[f64] {
        &self.offsets
    }

    /// The factor of each column; none of the identity.
    pub fn factors(&self) -> &[f64] {
        &self.factors
    }

    /// The offset and the factor of a column.
    pub(crate) fn column(&self, j: usize) -> (f64, f64) {
        let column = |numbers: &[f64], identity| numbers.get(j).copied().unwrap_or(identity);
        (column(&self.offsets, 0.0), column(&self.factors, 1.0))
    }

    /// The offset and the factor of each column, one after the other.
    pub fn numbers(&self) -> impl Iterator<Item = f64> {
        self.offsets.iter().chain(&self.factors).copied()
    }

    /// Scales a dataset: what is stored in a file, as it is read. Images of bytes become numbers, which
    /// take eight times the memory, unless there is nothing to scale. A dataset with another number of columns is left alone: it does
    /// not fit the network either, which says so.
    pub fn apply(&self, data: &mut Dataset) {
        let inputs = data.inputs();
        if self.offsets.len() != inputs || self.factors.len() != inputs {
            return;
        }
        let mut values = match data.features_mut() {
            Features::Stored(stored) => return stored.scale(self),
            Features::Bytes(bytes) => bytes.iter().map(|&byte| level(byte)).collect(),
            Features::Numbers(values) => std::mem::take(values),
        };
        for sample in values.chunks_exact_mut(inputs) {
            let columns = self.offsets.iter().zip(&self.factors);
            for (x, (offset, factor)) in sample.iter_mut().zip(columns) {
                *x = (*x - offset) * factor;
            }
        }
        *data.features_mut() = Features::Numbers(values);
    }

    /// Whether it leaves inputs as they are, or fits this many.
    pub fn fits(&self, inputs: usize) -> bool {
        let lengths = (self.offsets.len(), self.factors.len());
        lengths == (0, 0) || lengths == (inputs, inputs)
    }
}

/// The mean and the standard deviation of each column, from its sum.
fn moments(data: &Dataset, sums: Vec<f64>) -> Result<(Vec<f64>, Vec<f64>), DataError> {
    let samples = data.samples() as f64;
    let mut means = sums;
    for mean in &mut means {
        *mean /= samples;
    }
    let mut squares = vec![0.0; data.inputs()];
    each(data, |j, x| {
        let deviation = x - means[j];
        squares[j] += deviation * deviation;
    })?;
    let deviations = squares.iter().map(|sum| (sum / samples).sqrt());
    let deviations = deviations.collect();
    Ok((means, deviations))
}

/// Calls with the column and the value of each input, a sample after the other.
fn each(data: &Dataset, mut f: impl FnMut(usize, f64)) -> Result<(), DataError> {
    let inputs = data.inputs();
    let columns = (0..inputs).cycle();
    match data.features() {
        Features::Bytes(bytes) => columns.zip(bytes).for_each(|(j, &byte)| f(j, level(byte))),
        Features::Numbers(values) => columns.zip(values).for_each(|(j, &x)| f(j, x)),
        Features::Stored(stored) => {
            let mut room = Vec::new();
            for b in 0..data.samples() {
                stored.each(b, &mut room, &mut f)?;
            }
        }
    }
    Ok(())
}

/// What a byte stands for.
fn level(byte: u8) -> f64 {
    f64::from(byte) / 255.0
}

/// 1/range, or 0 for a range so small that this is no number.
fn inverse(range: f64) -> f64 {
    let inverse = 1.0 / range;
    if range > 0.0 && inverse.is_finite() {
        inverse
    } else {
        0.0
    }
}
