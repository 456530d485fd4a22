//! The ways to measure a gradient, named by what they perturb.
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What is perturbed to measure the gradient.
///
/// All agree to the error of the difference scheme. With P parameters, N neurons and B samples:
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Perturb {
    /// Each weight, but only what it changes is computed again, and the loss as a function of
    /// one neuron's z is described once for all the weights that enter it. The default.
    ///
    /// Cost: about 5 partial passes for each neuron and a matrix product or two for each layer.
    #[default]
    Weight,
    /// Each weight, and every single perturbation evaluated by itself, of what it changes. The
    /// reference of [`Perturb::Weight`], and its fallback.
    ///
    /// Cost: a partial pass for each weight and sample whose input is not 0.
    WeightDirect,
    /// Each weight, with a full forward pass of the batch for each perturbation: the textbook's
    /// way, the definition that the others are checked against. It assumes nothing.
    ///
    /// Cost: 2·P forward passes for a central difference.
    WeightNaive,
    /// Each neuron's pre-activation z, for all samples at once; then ∂L/∂W = δZ·Aᵀ, which is
    /// exact because z is linear in W.
    ///
    /// Cost: 2·N partial passes for a central difference and a matrix product for each layer.
    Neuron,
    /// Each layer's own function: each activation at its z and the loss at its outputs, chained
    /// through the weights.
    ///
    /// Cost: about two backpropagations.
    Layer,
}

impl Perturb {
    /// Every way, in the order of their cost from the dearest.
    pub const ALL: [Self; 5] = [
        Self::WeightNaive,
        Self::WeightDirect,
        Self::Weight,
        Self::Neuron,
        Self::Layer,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Weight => "weight",
            Self::WeightDirect => "weight-direct",
            Self::WeightNaive => "weight-naive",
            Self::Neuron => "neuron",
            Self::Layer => "layer",
        }
    }
}

impl fmt::Display for Perturb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Perturb {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|perturb| perturb.name() == name)
            .ok_or_else(|| {
                let names = Self::ALL.map(Self::name).join(", ");
                format!("unknown perturbation '{name}': one of {names}")
            })
    }
}
