//! What can keep a gradient from being measured.
use crate::Split;
use numgrad_core::{Parameter, ShapeError};
use numgrad_loss::LossError;
use thiserror::Error;

/// A gradient that cannot be measured.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum GradientError {
    /// The parameters, the batch or the gradient do not fit the network.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// A target that the loss is not defined for.
    #[error(transparent)]
    Loss(#[from] LossError),
    /// A step that is not a positive, finite number.
    #[error("the step h must be positive and finite, but it is {0}")]
    Step(f64),
    /// No random direction, or more than anybody has use for.
    #[error("the number of directions must be from 1 to 2²⁴, but it is {0}")]
    Directions(usize),
    /// A batch without samples has no mean loss.
    #[error("the batch has no samples")]
    EmptyBatch,
    /// The loss before any perturbation is not a finite number.
    #[error("the loss of sample {sample} of the batch is {loss}: no gradient can be measured")]
    NotFinite {
        /// The first such sample of the batch, from 0.
        sample: usize,
        /// Its loss.
        loss: f64,
    },
    /// A measured entry of the gradient is not a finite number.
    #[error("the gradient of {parameter} is not a finite number")]
    Infinite {
        /// The first such weight or bias.
        parameter: Parameter,
    },
    /// The estimator cannot be split over ranks in this way.
    #[error("{what} cannot be split by {split} over ranks: split it by {instead}")]
    Split {
        /// The estimator.
        what: String,
        /// What was to be split.
        split: Split,
        /// What can be.
        instead: Split,
    },
    /// Backpropagation was asked for where something has no derivative.
    #[error("{0} has no derivative: its gradient can be measured, but not derived")]
    NoDerivative(&'static str),
}
