//! The optimizers by name.
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// An optimizer of this crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum OptimizerKind {
    /// θ ← θ − η·g.
    GradientDescent,
    /// v ← μ·v − η·g and θ ← θ + v, with μ = 0.9.
    Momentum,
    /// v ← μ·v − η·g and θ ← θ + μ·v − η·g, with μ = 0.9.
    Nesterov,
    /// A gradient divided by the root of the sum of its squares.
    Adagrad,
    /// A gradient divided by the root of the mean of its squares, with ρ = 0.9.
    Rmsprop,
    /// Adam with β₁ = 0.9, β₂ = 0.999 and ε = 1e-8.
    Adam,
    /// Adam with a weight decay of its own.
    Adamw,
}

impl OptimizerKind {
    /// Every one.
    pub const ALL: [Self; 7] = [
        Self::GradientDescent,
        Self::Momentum,
        Self::Nesterov,
        Self::Adagrad,
        Self::Rmsprop,
        Self::Adam,
        Self::Adamw,
    ];

    /// A learning rate that suits most networks.
    pub fn default_learning_rate(self) -> f64 {
        match self {
            Self::Rmsprop | Self::Adam | Self::Adamw => 0.01,
            Self::GradientDescent | Self::Momentum | Self::Nesterov | Self::Adagrad => 0.1,
        }
    }

    /// The vectors as long as θ that the rule remembers from step to step.
    pub(crate) fn memories(self) -> usize {
        match self {
            Self::GradientDescent => 0,
            Self::Momentum | Self::Nesterov | Self::Adagrad | Self::Rmsprop => 1,
            Self::Adam | Self::Adamw => 2,
        }
    }
}

impl fmt::Display for OptimizerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::GradientDescent => "gd",
            Self::Momentum => "momentum",
            Self::Nesterov => "nesterov",
            Self::Adagrad => "adagrad",
            Self::Rmsprop => "rmsprop",
            Self::Adam => "adam",
            Self::Adamw => "adamw",
        })
    }
}

impl FromStr for OptimizerKind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        if matches!(name, "sgd" | "gradient-descent") {
            return Ok(Self::GradientDescent);
        }
        let found = Self::ALL.into_iter().find(|kind| kind.to_string() == name);
        found.ok_or_else(|| {
            let names = Self::ALL.map(|kind| kind.to_string());
            format!("unknown optimizer '{name}': one of {}", names.join(", "))
        })
    }
}
