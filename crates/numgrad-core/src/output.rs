//! What the output layer does with its pre-activations.
use crate::{Activation, ActivationKind, Real};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

/// The function of an output layer: y from z.
#[derive(Clone)]
pub enum Output<T: Real> {
    /// y_k = φ(z_k), each output by itself.
    Elementwise(Arc<dyn Activation<T>>),
    /// y_k = exp z_k / Σ_c exp z_c: the outputs are probabilities.
    Softmax,
}

impl<T: Real> fmt::Debug for Output<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elementwise(activation) => f
                .debug_tuple("Elementwise")
                .field(&activation.kind())
                .finish(),
            Self::Softmax => f.write_str("Softmax"),
        }
    }
}

/// The function of an output layer by name.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutputKind {
    /// Softmax over the outputs.
    Softmax,
    /// One of this crate's activations on each output.
    #[serde(untagged)]
    Elementwise(ActivationKind),
}

impl OutputKind {
    /// Whether outputs are z itself, and may be any numbers.
    pub fn is_linear(self) -> bool {
        self == Self::Elementwise(ActivationKind::Identity)
    }

    /// The function itself.
    pub fn build<T: Real>(self) -> Output<T> {
        match self {
            Self::Elementwise(kind) => Output::Elementwise(Arc::new(kind)),
            Self::Softmax => Output::Softmax,
        }
    }
}

impl fmt::Display for OutputKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Elementwise(kind) => kind.fmt(f),
            Self::Softmax => f.pad("softmax"),
        }
    }
}

impl FromStr for OutputKind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        if name == "softmax" {
            return Ok(Self::Softmax);
        }
        name.parse()
            .map(Self::Elementwise)
            .map_err(|_| format!("unknown output '{name}': softmax, or the name of an activation"))
    }
}
