//! Weights of few bits: the network runs with them, and differences are taken between them.
//!
//! The optimizer moves a real θ behind each weight (Courbariaux, Bengio and David, "BinaryConnect",
//! NeurIPS 2015, section 2.3). The gradient that moves it is no derivative of the rounding, which is
//! 0 almost everywhere, but the quotient between the weight and its neighbours on the grid. Biases
//! are real.
use crate::training::{Recipe, Weights, measure};
use numgrad_train::numgrad_core::Mlp;
use numgrad_train::numgrad_diff::Scheme;
use numgrad_train::numgrad_gradient::Batch;
use std::error::Error;

/// The distance of two weights of eight bits: they go from −2 to 127/64.
pub(crate) const GRID: f64 = 1.0 / 64.0;

/// A weight of one bit is this or its negative: 1/√n for n = 64 inputs.
const LEVEL: f64 = 1.0 / 8.0;

/// Whole numbers from −128 to 127, times [`GRID`].
pub(crate) struct Bits8;

/// A sign, times [`LEVEL`].
pub(crate) struct Bits1;

impl Weights for Bits8 {
    fn of(&self, network: &Mlp<f64>, theta: &[f64], weights: &mut [f64]) {
        weights.copy_from_slice(theta);
        each_weight(network, weights, |w| {
            *w = (*w / GRID).round().clamp(-128.0, 127.0) * GRID;
        });
    }

    fn keep(&self, network: &Mlp<f64>, theta: &mut [f64]) {
        each_weight(network, theta, |w| {
            *w = w.clamp(-128.0 * GRID, 127.0 * GRID);
        });
    }
}

impl Weights for Bits1 {
    fn of(&self, network: &Mlp<f64>, theta: &[f64], weights: &mut [f64]) {
        weights.copy_from_slice(theta);
        each_weight(network, weights, |w| *w = LEVEL.copysign(*w));
    }

    fn keep(&self, network: &Mlp<f64>, theta: &mut [f64]) {
        each_weight(network, theta, |w| *w = w.clamp(-2.0 * LEVEL, 2.0 * LEVEL));
    }

    /// What flipping each weight changes, by what it moves: forward from the lower level, backward
    /// from the upper one.
    fn gradient(
        &self,
        recipe: &Recipe<'_>,
        weights: &[f64],
        batch: Batch<'_, f64>,
        gradient: &mut [f64],
    ) -> Result<(), Box<dyn Error>> {
        let mut down = vec![0.0; gradient.len()];
        let flip = 2.0 * LEVEL;
        measure(recipe, Scheme::Forward, flip, weights, batch, gradient)?;
        measure(recipe, Scheme::Backward, flip, weights, batch, &mut down)?;
        for (up, (down, &weight)) in gradient.iter_mut().zip(down.iter().zip(weights)) {
            if weight > 0.0 {
                *up = *down;
            }
        }
        Ok(())
    }
}

fn each_weight(network: &Mlp<f64>, theta: &mut [f64], change: impl Fn(&mut f64)) {
    for layer in 0..network.layers() {
        theta[network.weights_range(layer)]
            .iter_mut()
            .for_each(&change);
    }
}
