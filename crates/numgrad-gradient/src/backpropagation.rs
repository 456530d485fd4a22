//! Backpropagation, derived by hand: the reference beside the measured gradients, for checks and
//! benchmarks only. Nothing trains by it.
use crate::chain::Slopes;
use crate::engine::{Engine, Given};
use crate::measure::chain_all;
use crate::{GradientError, Objective};
use numgrad_core::{Real, ShapeError};
use numgrad_loss::Targets;

/// The gradient by the chain rule, from derivatives that the loss and the activations know.
#[derive(Debug, Default)]
pub struct Backpropagation<T> {
    engine: Engine<T>,
}

impl<T: Real> Backpropagation<T> {
    /// With no memory yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Derives ∂L/∂θ of a batch, and says the mean loss.
    ///
    /// # Errors
    /// If θ, the batch, the targets or `gradient` do not fit the network, the loss is not
    /// finite, or the loss or an activation has no derivative.
    pub fn derive(
        &mut self,
        objective: &Objective<'_, T>,
        theta: &[T],
        x: &[T],
        targets: &Targets<T>,
        gradient: &mut [T],
    ) -> Result<T, GradientError> {
        let parameters = objective.network().parameters();
        ShapeError::check_length("the gradient", parameters, gradient.len())?;
        let given = Given {
            objective: *objective,
            theta,
            x,
            targets,
        };
        chain_all(&mut self.engine, given, Slopes::Derived, gradient)
    }
}
