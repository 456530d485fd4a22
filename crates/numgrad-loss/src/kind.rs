//! The losses by name, as a command line, a configuration and a checkpoint know them.
use serde::{Deserialize, Serialize};

/// A loss of this crate, by name.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum LossKind {
    /// `CrossEntropy`.
    CrossEntropy,
    /// `SoftmaxCrossEntropy`, on logits.
    SoftmaxCrossEntropy,
    /// `SumOfSquaredErrors`.
    SumOfSquaredErrors,
    /// `MeanSquaredError`.
    MeanSquaredError,
    /// `MeanAbsoluteError`.
    MeanAbsoluteError,
    /// `Huber`, with its corner.
    Huber(f64),
    /// `BinaryCrossEntropy`.
    BinaryCrossEntropy,
    /// `BinaryCrossEntropyLogits`, on logits.
    BinaryCrossEntropyLogits,
    /// `ZeroOne`.
    ZeroOne,
}
