//! The networks: what has no derivative in each, and the h that is large enough to see past it.
use crate::quantised::{Bits1, Bits8, GRID};
use crate::spiking::Spiking;
use crate::training::{Real, Recipe, Weights, train};
use numgrad_train::Prepared;
use numgrad_train::dataset::{DataSource, LoadOptions, Scaling};
use numgrad_train::numgrad_core::{Activation, ActivationKind, Mlp, Output};
use numgrad_train::numgrad_gradient::Perturb;
use numgrad_train::numgrad_loss::{CrossEntropy, Loss, ZeroOne};
use std::error::Error;
use std::sync::Arc;

/// A network 64-hidden-10 on digits.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    hidden: usize,
    activation: Hidden,
    loss: &'static dyn Loss<f64>,
    weights: &'static dyn Weights,
    perturb: Perturb,
    step: f64,
    learning_rate: f64,
    epochs: u64,
}

/// What the hidden neurons do.
#[derive(Clone, Copy)]
enum Hidden {
    Known(ActivationKind),
    Spikes,
}

pub(crate) const ALL: [Case; 5] = [STEPS, SPIKES, ONE_BIT, EIGHT_BITS, MISTAKES];

/// Perceptrons in layers: each z moved by ±1, across the step of most neurons.
pub(crate) const STEPS: Case = Case {
    name: "neurons that step",
    hidden: 128,
    activation: Hidden::Known(ActivationKind::Step),
    loss: &CrossEntropy,
    weights: &Real,
    perturb: Perturb::Neuron,
    step: 1.0,
    learning_rate: 0.01,
    epochs: 20,
};

/// A current moved by ±1 adds and takes many spikes.
pub(crate) const SPIKES: Case = Case {
    name: "neurons that leak, integrate and fire",
    hidden: 64,
    activation: Hidden::Spikes,
    ..STEPS
};

/// Each weight flipped.
pub(crate) const ONE_BIT: Case = Case {
    name: "weights of 1 bit",
    activation: Hidden::Known(ActivationKind::Tanh),
    weights: &Bits1,
    perturb: Perturb::Weight,
    learning_rate: 0.02,
    epochs: 10,
    ..STEPS
};

/// Each weight moved to its neighbours on the grid.
pub(crate) const EIGHT_BITS: Case = Case {
    name: "weights of 8 bits",
    hidden: 32,
    activation: Hidden::Known(ActivationKind::Tanh),
    weights: &Bits8,
    perturb: Perturb::Weight,
    step: GRID,
    ..STEPS
};

/// The logits moved so far that other classes win.
pub(crate) const MISTAKES: Case = Case {
    name: "a loss that counts mistakes",
    hidden: 64,
    activation: Hidden::Known(ActivationKind::Relu),
    loss: &ZeroOne,
    step: 2.0,
    learning_rate: 0.03,
    epochs: 40,
    ..STEPS
};

impl Case {
    /// The accuracy on the held-out fifth, after training.
    pub(crate) fn accuracy(&self, seed: u64) -> Result<f64, Box<dyn Error>> {
        let digits = DataSource::Digits.load(&LoadOptions::default())?;
        let data = Prepared::new(digits, Scaling::None, 0.2, seed)?;
        let activation: Arc<dyn Activation<f64>> = match self.activation {
            Hidden::Known(kind) => Arc::new(kind),
            Hidden::Spikes => Arc::new(Spiking),
        };
        let recipe = Recipe {
            network: Mlp::new(&[64, self.hidden, 10], vec![activation], Output::Softmax)?,
            loss: self.loss,
            weights: self.weights,
            perturb: self.perturb,
            step: self.step,
            learning_rate: self.learning_rate,
            epochs: self.epochs,
        };
        train(&recipe, &data, seed)
    }
}
