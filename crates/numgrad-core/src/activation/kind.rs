//! The activations by name, as a command line, a configuration and a checkpoint know them.
use super::{Activation, Units, gelu, relu, sigmoid, softplus, step, tanh};
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
    /// ln(1 + exp z), with derivative σ(z).
    Softplus,
    /// z·Φ(z) with the normal distribution's Φ and density φ, the exact form and not the one by
    /// tanh; its derivative is Φ(z) + z·φ(z).
    Gelu,
    /// 1 for z > 0 and 0 elsewhere. Not differentiable at 0 and flat everywhere else: a network
    /// of steps learns only with an h large enough to cross 0.
    Step,
}

impl ActivationKind {
    /// Every activation of this crate.
    pub const ALL: [Self; 8] = [
        Self::Identity,
        Self::Sigmoid,
        Self::Tanh,
        Self::Relu,
        Self::LeakyRelu,
        Self::Softplus,
        Self::Gelu,
        Self::Step,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Identity => "identity",
            Self::Sigmoid => "sigmoid",
            Self::Tanh => "tanh",
            Self::Relu => "relu",
            Self::LeakyRelu => "leaky-relu",
            Self::Softplus => "softplus",
            Self::Gelu => "gelu",
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
            Self::Softplus => softplus::value(z),
            Self::Gelu => gelu::value(z),
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
            Self::Softplus => softplus::difference(z, d),
            Self::Gelu => gelu::difference(z, d),
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
            Self::Softplus => Some(softplus::slope(z)),
            Self::Gelu => Some(gelu::slope(z)),
            Self::Step => None,
        }
    }

    fn derivatives(&self, units: Units<'_, T>, out: &mut [T]) -> bool {
        match self {
            Self::Step => return false,
            // The slope is what these three remember.
            Self::Sigmoid | Self::Tanh | Self::Softplus => out.copy_from_slice(units.memo),
            Self::Gelu => gelu::slopes(units, out),
            Self::Identity => out.fill(T::one()),
            Self::Relu => relu::slopes(units.z, T::zero(), out),
            Self::LeakyRelu => relu::slopes(units.z, relu::leak(), out),
        }
        true
    }

    fn is_piecewise_linear(&self) -> bool {
        match self {
            Self::Identity | Self::Relu | Self::LeakyRelu | Self::Step => true,
            Self::Sigmoid | Self::Tanh | Self::Softplus | Self::Gelu => false,
        }
    }

    fn is_piecewise_smooth(&self) -> bool {
        !matches!(self, Self::Step)
    }

    fn values(&self, z: &[T], a: &mut [T], memo: &mut [T]) {
        match self {
            Self::Sigmoid => sigmoid::values(z, a, memo),
            Self::Tanh => tanh::values(z, a, memo),
            Self::Softplus => softplus::values(z, a, memo),
            Self::Gelu => gelu::values(z, a, memo),
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
            Self::Softplus => softplus::differences(units, moves),
            Self::Gelu => gelu::differences(units, moves),
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
