//! The activations by name, as a command line, a configuration and a checkpoint know them.
use super::{Activation, Units, relu, sigmoid, step, tanh};
use crate::Real;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// An activation of this crate.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum ActivationKind {
    /// φ(z) = z.
    Identity,
    /// σ(z) = 1 / (1 + exp −z), with σ' = σ(z)·σ(−z).
    Sigmoid,
    /// tanh z, with tanh' = 1 − tanh² z.
    Tanh,
    /// max(z, 0), with derivative 1 for z > 0 and 0 elsewhere.
    Relu,
    /// z for z > 0 and 0.01·z elsewhere.
    LeakyRelu,
    /// 1 for z > 0 and 0 elsewhere. Not differentiable at 0 and flat everywhere else: a network
    /// of steps learns only with an h large enough to cross 0.
    Step,
}

impl ActivationKind {
    /// Every activation of this crate.
    pub const ALL: [Self; 6] = [
        Self::Identity,
        Self::Sigmoid,
        Self::Tanh,
        Self::Relu,
        Self::LeakyRelu,
        Self::Step,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Sigmoid => "sigmoid",
            Self::Tanh => "tanh",
            Self::Relu => "relu",
            Self::LeakyRelu => "leaky-relu",
            Self::Step => "step",
        }
    }
}

impl<T: Real> Activation<T> for ActivationKind {
    fn value(&self, z: T) -> T {
        match self {
            Self::Identity => z,
            Self::Sigmoid => sigmoid::value(z),
            Self::Tanh => tanh::value(z),
            Self::Relu => relu::value(z, T::zero()),
            Self::LeakyRelu => relu::value(z, relu::leak()),
            Self::Step => step::value(z),
        }
    }

    fn difference(&self, z: T, d: T) -> T {
        match self {
            Self::Identity => d,
            Self::Sigmoid => sigmoid::difference(z, d),
            Self::Tanh => tanh::difference(z, d),
            Self::Relu => relu::difference(z, d, T::zero()),
            Self::LeakyRelu => relu::difference(z, d, relu::leak()),
            Self::Step => step::value(z + d) - step::value(z),
        }
    }

    fn difference_is_exact(&self) -> bool {
        true
    }

    fn derivative(&self, z: T) -> Option<T> {
        match self {
            Self::Identity => Some(T::one()),
            Self::Sigmoid => Some(sigmoid::value(z) * sigmoid::value(-z)),
            Self::Tanh => Some(tanh::slope(z)),
            Self::Relu => Some(relu::slope(z, T::zero())),
            Self::LeakyRelu => Some(relu::slope(z, relu::leak())),
            Self::Step => None,
        }
    }

    fn derivatives(&self, units: Units<'_, T>, out: &mut [T]) -> bool {
        match self {
            Self::Step => return false,
            // The slope is what these two remember.
            Self::Sigmoid | Self::Tanh => out.copy_from_slice(units.memo),
            Self::Identity => out.fill(T::one()),
            Self::Relu => relu::slopes(units.z, T::zero(), out),
            Self::LeakyRelu => relu::slopes(units.z, relu::leak(), out),
        }
        true
    }

    fn is_piecewise_linear(&self) -> bool {
        !matches!(self, Self::Sigmoid | Self::Tanh)
    }

    fn is_piecewise_smooth(&self) -> bool {
        !matches!(self, Self::Step)
    }

    fn values(&self, z: &[T], a: &mut [T], memo: &mut [T]) {
        match self {
            Self::Sigmoid => sigmoid::values(z, a, memo),
            Self::Tanh => tanh::values(z, a, memo),
            Self::Identity => a.copy_from_slice(z),
            Self::Relu => relu::values(z, a, T::zero()),
            Self::LeakyRelu => relu::values(z, a, relu::leak()),
            Self::Step => {
                for (a, &z) in a.iter_mut().zip(z) {
                    *a = step::value(z);
                }
            }
        }
    }

    fn differences(&self, units: Units<'_, T>, moves: &mut [T]) {
        let each = |moves: &mut [T], difference: &dyn Fn(T, T) -> T| {
            for column in moves.chunks_exact_mut(units.z.len()) {
                for (d, &z) in column.iter_mut().zip(units.z) {
                    *d = difference(z, *d);
                }
            }
        };
        match self {
            Self::Identity => {}
            Self::Sigmoid => sigmoid::differences(units, moves),
            Self::Tanh => tanh::differences(units, moves),
            Self::Relu => relu::differences(units, moves, T::zero()),
            Self::LeakyRelu => relu::differences(units, moves, relu::leak()),
            Self::Step => each(moves, &|z, d| step::value(z + d) - step::value(z)),
        }
    }

    fn kind(&self) -> Option<ActivationKind> {
        Some(*self)
    }
}

impl fmt::Display for ActivationKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for ActivationKind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|kind| kind.name() == name)
            .ok_or_else(|| {
                let names = Self::ALL.map(Self::name).join(", ");
                format!("unknown activation '{name}': one of {names}")
            })
    }
}
