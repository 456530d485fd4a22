//! What can be wrong with a network's shape.
use thiserror::Error;

/// A network that cannot be, or data that do not fit it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ShapeError {
    /// Fewer than two widths: there is no layer of weights between them.
    #[error("a network needs at least the widths of its input and its output, but {0} were given")]
    TooFewWidths(usize),
    /// A layer without neurons.
    #[error("layer {layer} has no neurons: every width must be at least 1")]
    ZeroWidth {
        /// The position in the list of widths, from 0.
        layer: usize,
    },
    /// Not one activation for each hidden layer.
    #[error("{found} activations were given for {expected} hidden layers")]
    Activations {
        /// The number of hidden layers.
        expected: usize,
        /// The number of activations.
        found: usize,
    },
    /// More than a network may have: see the limits of [`Mlp::new`](crate::Mlp::new).
    #[error("{what} is {found}, more than the limit of {limit}")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// How large it is, or `usize::MAX` where that cannot be counted.
        found: usize,
        /// The largest that is accepted.
        limit: usize,
    },
    /// A vector or a batch of another length than the network's.
    #[error("{what} has {found} values, but the network needs {expected}")]
    Length {
        /// What was given.
        what: &'static str,
        /// The length that fits.
        expected: usize,
        /// The length found.
        found: usize,
    },
}

impl ShapeError {
    /// Checks a length.
    ///
    /// # Errors
    /// [`ShapeError::Length`] if the two differ.
    pub fn check_length(
        what: &'static str,
        expected: usize,
        found: usize,
    ) -> Result<(), ShapeError> {
        if expected == found {
            Ok(())
        } else {
            Err(Self::Length {
                what,
                expected,
                found,
            })
        }
    }
}
