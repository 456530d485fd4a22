//! numgrad-diff.

/// A difference scheme (placeholder until the crate's own lands).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[allow(missing_docs)]
pub enum Scheme {
    Forward,
    Backward,
    #[default]
    Central,
    FivePoint,
}
