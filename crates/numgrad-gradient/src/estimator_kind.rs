//! The estimators by name, as a command line, a configuration and a checkpoint know them.
use crate::random::RandomEstimator;
use crate::{ChosenWeights, Coordinates, Estimator, FiniteDifferences, GradientError, Perturb};
use numgrad_core::{Precision, Real};
use numgrad_diff::{Directions, Scheme};
use serde::{Deserialize, Serialize};
use std::any::Any;
use std::fmt;
use std::str::FromStr;

/// An estimator of this crate: what is perturbed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum EstimatorKind {
    /// All parameters at once, along random directions.
    ///
    /// Cost: 2·q forward passes for q directions and central differences, whatever the network.
    Directions(Directions),
    /// Each of some weights, which are chosen in every step.
    ///
    /// Cost: a forward pass, and of all else in the `weight` sweep the part that is chosen.
    Chosen(Coordinates),
    /// Each weight, neuron or layer by itself.
    #[serde(untagged)]
    Sweep(Perturb),
}

impl EstimatorKind {
    /// The estimator itself, with the step h and the seed of its draws.
    ///
    /// # Errors
    /// [`GradientError::Step`] if h is not positive and finite, and
    /// [`GradientError::Directions`] if their number cannot be.
    #[expect(
        clippy::missing_panics_doc,
        reason = "there is one type of each precision"
    )]
    pub fn build<T: Real>(
        self,
        scheme: Scheme,
        step: T,
        seed: u64,
    ) -> Result<Box<dyn Estimator<T>>, GradientError> {
        let step = step.as_f64();
        // Compiled here, once for each precision, and not again in every crate that asks for one.
        let built: Box<dyn Any> = match T::PRECISION {
            Precision::F32 => Box::new(self.of_f32(scheme, step, seed)?),
            Precision::F64 => Box::new(self.of_f64(scheme, step, seed)?),
        };
        let found = built.downcast::<Box<dyn Estimator<T>>>();
        Ok(*found.expect("a precision is that of one type"))
    }

    fn of_f32(
        self,
        scheme: Scheme,
        step: f64,
        seed: u64,
    ) -> Result<Box<dyn Estimator<f32>>, GradientError> {
        self.of(scheme, f32::of(step), seed)
    }

    fn of_f64(
        self,
        scheme: Scheme,
        step: f64,
        seed: u64,
    ) -> Result<Box<dyn Estimator<f64>>, GradientError> {
        self.of(scheme, step, seed)
    }

    fn of<T: Real>(
        self,
        scheme: Scheme,
        step: T,
        seed: u64,
    ) -> Result<Box<dyn Estimator<T>>, GradientError> {
        Ok(match self {
            Self::Sweep(perturb) => Box::new(FiniteDifferences::new(perturb, scheme, step)?),
            Self::Chosen(coordinates) => {
                Box::new(ChosenWeights::new(coordinates, scheme, step, seed)?)
            }
            Self::Directions(directions) => {
                Box::new(RandomEstimator::new(directions, scheme, step, seed)?)
            }
        })
    }

    /// Whether two rounded losses are subtracted, which takes digits from a small step. The other
    /// sweeps propagate the difference itself.
    pub fn subtracts_losses(self) -> bool {
        matches!(
            self,
            Self::Sweep(Perturb::WeightNaive) | Self::Directions(_)
        )
    }
}

impl Default for EstimatorKind {
    fn default() -> Self {
        Self::Sweep(Perturb::default())
    }
}

impl From<Perturb> for EstimatorKind {
    fn from(perturb: Perturb) -> Self {
        Self::Sweep(perturb)
    }
}

impl fmt::Display for EstimatorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sweep(perturb) => perturb.fmt(f),
            Self::Directions(_) => f.pad("directions"),
            Self::Chosen(coordinates) => coordinates.fmt(f),
        }
    }
}

impl FromStr for EstimatorKind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        if name == "directions" {
            return Ok(Self::Directions(Directions::default()));
        }
        if name.contains(':') {
            return name.parse().map(Self::Chosen);
        }
        let sweep = name.parse().map(Self::Sweep);
        sweep.map_err(|error: String| {
            error + ", directions, or chosen weights as random:K, block:K, cyclic:K, saliency:RATIO[:EPOCHS]"
        })
    }
}
