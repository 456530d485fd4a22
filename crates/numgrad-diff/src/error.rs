//! What keeps a function from being differentiated.
use thiserror::Error;

/// A derivative that cannot be measured.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum DiffError {
    /// A step that is not a positive, finite number.
    #[error("the step must be positive and finite, but it is {0}")]
    Step(f64),
    /// A point that is not made of finite numbers.
    #[error("coordinate {index} of the point is {value}")]
    Point {
        /// The coordinate, from 0.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// A result slice of another length than the point.
    #[error("the gradient has room for {found} entries, but there are {expected} coordinates")]
    Length {
        /// The number of coordinates.
        expected: usize,
        /// The length of the slice.
        found: usize,
    },
    /// A learning rate that is not a finite number.
    #[error("the rate must be a finite number, but it is {0}")]
    Rate(f64),
}
