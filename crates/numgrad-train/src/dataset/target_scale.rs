//! Targets that are values, brought to the scale of a network's outputs.
use super::{Dataset, Labels, Scaling};
use serde::{Deserialize, Serialize};

/// A target y becomes (y − offset)/spread, and what a network predicts is offset + spread·output.
/// Classes stay as they are.
///
/// A price of 300,000 is 100,000 steps of Adam away at its rate of 0.01; standardised, it is within
/// a few hundred. R² is the same on either scale, and errors are given in the target's own units.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TargetScale {
    offset: f64,
    spread: f64,
}

impl Default for TargetScale {
    fn default() -> Self {
        Self::IDENTITY
    }
}

impl TargetScale {
    /// Targets as they are.
    pub const IDENTITY: Self = Self {
        offset: 0.0,
        spread: 1.0,
    };

    /// A scale by these numbers; `None` unless both are finite, and the spread is positive and has a
    /// finite inverse.
    pub fn new(offset: f64, spread: f64) -> Option<Self> {
        let scale = Self { offset, spread };
        scale.is_sound().then_some(scale)
    }

    /// The numbers of a scaling on this dataset: of [`Scaling::Standard`] the targets' mean and
    /// standard deviation, of [`Scaling::Unit`] the smallest and the range. Targets that do not vary
    /// have the spread 1.
    pub(crate) fn fit(scaling: Scaling, data: &Dataset) -> Self {
        let (Labels::Values(values), true) = (data.labels(), scaling != Scaling::None) else {
            return Self::IDENTITY;
        };
        let ends = (f64::INFINITY, f64::NEG_INFINITY);
        let (low, high) = (values.iter()).fold(ends, |(low, high), &y| (low.min(y), high.max(y)));
        if low == high {
            return Self::new(low, 1.0).unwrap_or_default();
        }
        let scale = if scaling == Scaling::Unit {
            Self::new(low, high - low)
        } else {
            let samples = values.len() as f64;
            let mean = values.iter().sum::<f64>() / samples;
            let squares: f64 = values.iter().map(|y| (y - mean) * (y - mean)).sum();
            Self::new(mean, (squares / samples).sqrt())
        };
        scale.unwrap_or_default()
    }

    /// Whether targets stay as they are.
    pub fn is_identity(&self) -> bool {
        *self == Self::IDENTITY
    }

    /// What is subtracted.
    pub fn offset(self) -> f64 {
        self.offset
    }

    /// What is divided by: how many of the target's units an output's 1 is.
    pub fn spread(self) -> f64 {
        self.spread
    }

    /// The value that an output stands for.
    pub fn value(self, output: f64) -> f64 {
        output * self.spread + self.offset
    }

    /// The output that stands for a value.
    pub(super) fn output(self, value: f64) -> f64 {
        (value - self.offset) / self.spread
    }

    pub(crate) fn is_sound(self) -> bool {
        let spread = self.spread;
        self.offset.is_finite() && spread.is_finite() && spread > 0.0 && (1.0 / spread).is_finite()
    }
}
