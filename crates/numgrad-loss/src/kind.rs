//! The losses by name, as a command line, a configuration and a checkpoint know them.
use crate::{
    BinaryCrossEntropy, BinaryCrossEntropyLogits, CrossEntropy, Hinge, Huber, Loss, LossError,
    MeanAbsoluteError, MeanSquaredError, SoftmaxCrossEntropy, SumOfSquaredErrors, ZeroOne,
};
use numgrad_scalar::Real;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A loss of this crate, by name.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
#[non_exhaustive]
pub enum LossKind {
    /// [`CrossEntropy`].
    CrossEntropy,
    /// [`SoftmaxCrossEntropy`], on logits.
    SoftmaxCrossEntropy,
    /// [`SumOfSquaredErrors`].
    SumOfSquaredErrors,
    /// [`MeanSquaredError`].
    MeanSquaredError,
    /// [`MeanAbsoluteError`].
    MeanAbsoluteError,
    /// [`Huber`], with its δ.
    Huber(f64),
    /// [`BinaryCrossEntropy`].
    BinaryCrossEntropy,
    /// [`BinaryCrossEntropyLogits`], on logits.
    BinaryCrossEntropyLogits,
    /// [`Hinge`].
    Hinge,
    /// [`ZeroOne`].
    ZeroOne,
    /// One of a program's own, which only the program itself can build. No command line asks for it.
    Own,
}

/// How a checkpoint writes a loss of a program's own.
const OWN: &str = "own";

impl LossKind {
    /// The loss itself.
    ///
    /// # Errors
    /// [`LossError::Parameter`] for a Huber loss whose δ is not positive and finite, and
    /// [`LossError::Own`] for one that is not of this crate.
    pub fn build<T: Real>(self) -> Result<Box<dyn Loss<T>>, LossError> {
        Ok(match self {
            Self::CrossEntropy => Box::new(CrossEntropy),
            Self::SoftmaxCrossEntropy => Box::new(SoftmaxCrossEntropy),
            Self::SumOfSquaredErrors => Box::new(SumOfSquaredErrors),
            Self::MeanSquaredError => Box::new(MeanSquaredError),
            Self::MeanAbsoluteError => Box::new(MeanAbsoluteError),
            Self::Huber(delta) => Box::new(Huber::new(delta)?),
            Self::BinaryCrossEntropy => Box::new(BinaryCrossEntropy),
            Self::BinaryCrossEntropyLogits => Box::new(BinaryCrossEntropyLogits),
            Self::Hinge => Box::new(Hinge),
            Self::ZeroOne => Box::new(ZeroOne),
            Self::Own => return Err(LossError::Own),
        })
    }
}

impl fmt::Display for LossKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CrossEntropy => f.pad("cross-entropy"),
            Self::SoftmaxCrossEntropy => f.pad("softmax-cross-entropy"),
            Self::SumOfSquaredErrors => f.pad("sum-of-squared-errors"),
            Self::MeanSquaredError => f.pad("mean-squared-error"),
            Self::MeanAbsoluteError => f.pad("mean-absolute-error"),
            Self::Huber(delta) => write!(f, "huber:{delta}"),
            Self::BinaryCrossEntropy => f.pad("binary-cross-entropy"),
            Self::BinaryCrossEntropyLogits => f.pad("binary-cross-entropy-logits"),
            Self::Hinge => f.pad("hinge"),
            Self::ZeroOne => f.pad("zero-one"),
            Self::Own => f.pad(OWN),
        }
    }
}

impl FromStr for LossKind {
    type Err = LossError;

    fn from_str(name: &str) -> Result<Self, LossError> {
        Ok(match name {
            "cross-entropy" => Self::CrossEntropy,
            "softmax-cross-entropy" => Self::SoftmaxCrossEntropy,
            "sum-of-squared-errors" | "sse" => Self::SumOfSquaredErrors,
            "mean-squared-error" | "mse" => Self::MeanSquaredError,
            "mean-absolute-error" | "mae" => Self::MeanAbsoluteError,
            "huber" => Self::Huber(1.0),
            "binary-cross-entropy" | "bce" => Self::BinaryCrossEntropy,
            "binary-cross-entropy-logits" => Self::BinaryCrossEntropyLogits,
            "hinge" => Self::Hinge,
            "zero-one" => Self::ZeroOne,
            _ => {
                let unknown = || LossError::Unknown(name.to_owned());
                let delta = name.strip_prefix("huber:").ok_or_else(unknown)?;
                let delta = delta.parse().map_err(|_| unknown())?;
                Self::Huber(Huber::new(delta)?.delta())
            }
        })
    }
}

impl From<LossKind> for String {
    fn from(kind: LossKind) -> Self {
        kind.to_string()
    }
}

impl TryFrom<String> for LossKind {
    type Error = LossError;

    fn try_from(name: String) -> Result<Self, LossError> {
        if name == OWN {
            return Ok(Self::Own);
        }
        name.parse()
    }
}
