//! The losses by name, as a command line, a configuration and a checkpoint know them.
use serde::{Deserialize, Serialize};

/// A loss of this crate, by name.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum LossKind {
    /// [`CrossEntropy`](crate::CrossEntropy).
    CrossEntropy,
    /// [`SoftmaxCrossEntropy`](crate::SoftmaxCrossEntropy), on logits.
    SoftmaxCrossEntropy,
    /// [`SumOfSquaredErrors`](crate::SumOfSquaredErrors).
    SumOfSquaredErrors,
    /// [`MeanSquaredError`](crate::MeanSquaredError).
    MeanSquaredError,
    /// [`MeanAbsoluteError`](crate::MeanAbsoluteError).
    MeanAbsoluteError,
    /// [`Huber`](crate::Huber), with its corner.
    Huber(f64),
    /// [`BinaryCrossEntropy`](crate::BinaryCrossEntropy).
    BinaryCrossEntropy,
    /// [`BinaryCrossEntropyLogits`](crate::BinaryCrossEntropyLogits), on logits.
    BinaryCrossEntropyLogits,
    /// [`ZeroOne`](crate::ZeroOne).
    ZeroOne,
}
