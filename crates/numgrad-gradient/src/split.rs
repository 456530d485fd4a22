//! What of a gradient is split over ranks, by name.
use crate::{EstimatorKind, Perturb};
use std::fmt;
use std::str::FromStr;

/// What each rank has a part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Split {
    /// The weights: each rank measures those of some neurons, for the whole batch. Every rank
    /// computes the forward pass, and so much of the description of a neuron as depends on its
    /// whole layer.
    Coordinates,
    /// The samples: each rank passes and measures some of them, and hands over its sums where every
    /// rank has whole chunks of the batch. Else what it found is gathered, and each rank sums that,
    /// sample after sample, for some of the weights.
    Samples,
    /// The random directions: each rank finds the differences along some of them.
    Directions,
}

impl Split {
    /// Every split.
    pub const ALL: [Self; 3] = [Self::Coordinates, Self::Samples, Self::Directions];

    /// The split that leaves an estimator the least to do that is not split.
    pub fn of(kind: EstimatorKind) -> Self {
        match kind {
            EstimatorKind::Directions(_) => Self::Directions,
            EstimatorKind::Sweep(Perturb::WeightNaive | Perturb::WeightDirect) => Self::Coordinates,
            _ => Self::Samples,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Coordinates => "coordinates",
            Self::Samples => "samples",
            Self::Directions => "directions",
        }
    }
}

impl fmt::Display for Split {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Split {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|split| split.name() == name);
        found.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("unknown split '{name}': one of {names}")
        })
    }
}
