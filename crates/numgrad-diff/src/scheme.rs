//! Which points a difference looks at.
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// A difference scheme for a first derivative.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scheme {
    /// \[f(x + h) − f(x)\] / h, with the error h/2·f″. One evaluation for each coordinate, and
    /// one for all.
    Forward,
    /// \[f(x) − f(x − h)\] / h, with the error −h/2·f″.
    Backward,
    /// \[f(x + h) − f(x − h)\] / 2h, with the error h²/6·f‴. Two evaluations for each coordinate.
    #[default]
    Central,
    /// \[8·(f(x + h) − f(x − h)) − (f(x + 2h) − f(x − 2h))\] / 12h, with the error −h⁴/30·f⁽⁵⁾.
    /// Four evaluations for each coordinate.
    FivePoint,
}

impl Scheme {
    /// Every scheme.
    pub const ALL: [Self; 4] = [
        Self::Forward,
        Self::Backward,
        Self::Central,
        Self::FivePoint,
    ];

    /// The order p of the truncation error O(h^p).
    pub fn order(self) -> i32 {
        match self {
            Self::Forward | Self::Backward => 1,
            Self::Central => 2,
            Self::FivePoint => 4,
        }
    }

    /// Whether f(x) itself is evaluated.
    pub fn uses_centre(self) -> bool {
        matches!(self, Self::Forward | Self::Backward)
    }

    /// How often f is evaluated for a gradient of n coordinates: n + 1, n + 1, 2n and 4n.
    pub fn evaluations(self, coordinates: usize) -> usize {
        match self {
            Self::Forward | Self::Backward => coordinates + 1,
            Self::Central => 2 * coordinates,
            Self::FivePoint => 4 * coordinates,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Backward => "backward",
            Self::Central => "central",
            Self::FivePoint => "five-point",
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A name that is no scheme.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("unknown scheme '{0}': forward, backward, central or five-point")]
pub struct ParseSchemeError(String);

impl FromStr for Scheme {
    type Err = ParseSchemeError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|scheme| scheme.name() == name);
        found.ok_or_else(|| ParseSchemeError(name.to_owned()))
    }
}
