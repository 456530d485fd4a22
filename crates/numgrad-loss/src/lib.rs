#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod binary_cross_entropy;
mod cross_entropy;
mod error;
mod hinge;
mod kind;
mod loss;
pub mod metrics;
mod residual;
mod separable;
mod soft_labels;
mod softmax_cross_entropy;
mod softmax_line;
mod targets;
mod teaching;
mod weighted;
mod zero_one;

pub use binary_cross_entropy::{BinaryCrossEntropy, BinaryCrossEntropyLogits};
pub use cross_entropy::CrossEntropy;
pub use error::LossError;
pub use hinge::Hinge;
pub use kind::LossKind;
pub use loss::{Link, Loss, Smooth, mean_loss};
pub use nalgebra;
pub use numgrad_scalar::Real;
pub use residual::{Huber, MeanAbsoluteError, MeanSquaredError, SumOfSquaredErrors};
pub use separable::Separable;
pub use softmax_cross_entropy::SoftmaxCrossEntropy;
pub use targets::{Target, Targets};
pub use teaching::{Teaching, balanced_weights};
pub use zero_one::ZeroOne;
