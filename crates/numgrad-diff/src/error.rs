//! What keeps a function from being differentiated.
use crate::Real;
use std::convert::Infallible;
use std::error::Error;
use std::fmt;
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
    /// A slice of another length than the shapes call for.
    #[error("a slice has {found} entries where {expected} are needed")]
    Length {
        /// The length that is needed.
        expected: usize,
        /// The length that is there.
        found: usize,
    },
    /// A coordinate outside of its bounds, or bounds that leave it no room.
    #[error("coordinate {index} is {value}, which cannot move between {lower} and {upper}")]
    Bounds {
        /// The coordinate, from 0.
        index: usize,
        /// Its value.
        value: f64,
        /// Its lower bound.
        lower: f64,
        /// Its upper bound.
        upper: f64,
    },
    /// A sparsity pattern or a colouring that does not fit.
    #[error("the sparsity pattern: {0}")]
    Pattern(#[from] PatternError),
    /// An order of the derivative or of the error that is not offered.
    #[error(
        "a derivative of order {order} with an error of order {accuracy} is not offered: 1 to 4, with 2, 4, 6 or 8"
    )]
    Order {
        /// The order of the derivative.
        order: usize,
        /// The order of its error.
        accuracy: usize,
    },
    /// A stencil that does not see the derivative.
    #[error(
        "a derivative of order {order} needs more than {order} offsets, distinct and finite, and an order from 1 on"
    )]
    Stencil {
        /// The order of the derivative.
        order: usize,
    },
    /// A tolerance that is not a finite number from 0 on.
    #[error("the tolerance must be finite and not negative, but it is {0}")]
    Tolerance(f64),
    /// No direction to difference along, or more than anybody has use for.
    #[error("the number of directions must be from 1 to 2²⁴, but it is {0}")]
    Directions(usize),
    /// A learning rate that is not a finite number.
    #[error("the rate must be a finite number, but it is {0}")]
    Rate(f64),
}

/// What is wrong with a sparsity pattern or a colouring.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PatternError {
    /// An entry outside of the matrix.
    #[error("entry ({row}, {column}) is outside of a {rows} × {columns} matrix")]
    Outside {
        /// The entry's row.
        row: usize,
        /// The entry's column.
        column: usize,
        /// The rows of the matrix.
        rows: usize,
        /// The columns of the matrix.
        columns: usize,
    },
    /// Two columns of one colour that meet in a row.
    #[error("columns {first} and {second} have the same colour but meet in row {row}")]
    Meeting {
        /// One column.
        first: usize,
        /// The other column.
        second: usize,
        /// A row where both may be nonzero.
        row: usize,
    },
    /// A pattern for a symmetric matrix without the mirror image of an entry.
    #[error("entry ({row}, {column}) has no mirror image")]
    Asymmetric {
        /// The entry's row.
        row: usize,
        /// The entry's column.
        column: usize,
    },
}

impl DiffError {
    pub(crate) fn expect_length(expected: usize, found: usize) -> Result<(), Self> {
        if expected == found {
            Ok(())
        } else {
            Err(Self::Length { expected, found })
        }
    }

    pub(crate) fn outside<T: Real>(index: usize, value: T, lower: T, upper: T) -> Self {
        Self::Bounds {
            index,
            value: value.as_f64(),
            lower: lower.as_f64(),
            upper: upper.as_f64(),
        }
    }
}

/// What went wrong with a function that can fail: the differences, or the function itself.
#[derive(Debug, Clone, PartialEq)]
pub enum Failure<E> {
    /// The derivative cannot be measured.
    Difference(DiffError),
    /// The function failed.
    Objective {
        /// The coordinate that was perturbed, or none if it was f(x) itself.
        coordinate: Option<usize>,
        /// The function's own error.
        error: E,
    },
}

impl<E> Failure<E> {
    pub(crate) fn at_centre(error: E) -> Self {
        let coordinate = None;
        Self::Objective { coordinate, error }
    }

    pub(crate) fn at_coordinate(coordinate: usize, error: E) -> Self {
        let coordinate = Some(coordinate);
        Self::Objective { coordinate, error }
    }
}

impl<E> From<DiffError> for Failure<E> {
    fn from(error: DiffError) -> Self {
        Self::Difference(error)
    }
}

impl From<Failure<Infallible>> for DiffError {
    fn from(failure: Failure<Infallible>) -> Self {
        match failure {
            Failure::Difference(error) => error,
            Failure::Objective { error, .. } => match error {},
        }
    }
}

impl<E> fmt::Display for Failure<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Difference(error) => error.fmt(f),
            Self::Objective {
                coordinate: None, ..
            } => write!(f, "the function failed at the point itself"),
            Self::Objective {
                coordinate: Some(k),
                ..
            } => write!(f, "the function failed with coordinate {k} perturbed"),
        }
    }
}

impl<E: Error + 'static> Error for Failure<E> {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Difference(error) => error.source(),
            Self::Objective { error, .. } => Some(error),
        }
    }
}
