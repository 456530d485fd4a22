//! The `weight` sweep of chosen coordinates.
use crate::assemble::{assemble_rows, parts};
use crate::choice::Choice;
use crate::coordinates::Coordinates;
use crate::describe::{Powers, describe};
use crate::direct::add_direct;
use crate::engine::{Engine, Given};
use crate::measure::check_finite;
use crate::saliency::shares;
use crate::stencil::Stencil;
use crate::{Batch, Estimator, GradientError, Measurement, Objective};
use numgrad_core::{Mlp, Real, ShapeError, Trace};
use numgrad_diff::Scheme;

/// Columns of W that are written before the next ones are, so that they stay in a core's cache.
const COLUMNS: usize = 64;

/// Measures some coordinates of the gradient in a step, each as the `weight` sweep does; the others
/// are 0, and are neither scaled up nor remembered from steps before.
///
/// Cost: the forward pass of the batch, and of all else the part that the choice is of the
/// network. With K of P coordinates the estimate has the expectation K/P·∇L where every coordinate
/// is as likely, and the squared error (1 − K/P)·‖∇L‖² on average.
#[derive(Debug)]
pub struct ChosenWeights<T> {
    coordinates: Coordinates,
    seed: u64,
    stencil: Stencil<T>,
    step: T,
    engine: Engine<T>,
    /// The gradient of the chosen neurons, one layer behind the other.
    rows: Vec<T>,
    /// How many coordinates each layer has, where that was found out.
    shares: Option<Vec<usize>>,
}

impl<T: Real> ChosenWeights<T> {
    /// A choice of coordinates with the step h, and the seed that it is drawn by.
    ///
    /// # Errors
    /// [`GradientError::Step`] if h is not positive and finite.
    pub fn new(
        coordinates: Coordinates,
        scheme: Scheme,
        step: T,
        seed: u64,
    ) -> Result<Self, GradientError> {
        if !(step.is_finite() && step > T::zero()) {
            return Err(GradientError::Step(step.as_f64()));
        }
        Ok(Self {
            coordinates,
            seed,
            stencil: Stencil::new(scheme),
            step,
            engine: Engine::default(),
            rows: Vec::new(),
            shares: None,
        })
    }

    /// Fills `rows`. Returns the mean loss, and how often a sample's loss was evaluated.
    fn measure(&mut self, given: Given<'_, T>, choice: &Choice) -> Result<(T, u64), GradientError> {
        let network = given.objective.network();
        let (neurons, how) = (network.neurons(), (&self.stencil, self.step));
        let parts = parts(network, Some(choice));
        self.rows.clear();
        self.rows.resize(choice.coordinates(network), T::zero());
        let (rows, choice) = (&mut self.rows[..], Some(choice));
        if !given.objective.is_piecewise_smooth() {
            // A function that may jump cannot be described by a few of its values.
            let pass = self.engine.forward(given)?;
            pass.room.rough.fill(true);
            let direct = add_direct(&pass.batch, how, pass.room, choice, rows);
            return Ok((pass.loss, direct));
        }
        let powers = Powers::of(&self.stencil, self.step);
        let record = powers.get().len() * choice.map_or(neurons, Choice::neurons);
        let reach = self.stencil.reach() * self.step;
        let pass = self
            .engine
            .pass(given, record, |probe, scratch, mut slots| {
                slots.rough.fill(false);
                let scratch = &mut scratch.layer;
                Ok(describe(
                    probe,
                    choice,
                    (reach, &powers),
                    scratch,
                    &mut slots,
                ))
            })?;
        assemble_rows(&pass.batch, &powers, pass.room, (choice, &parts), rows);
        let direct = add_direct(&pass.batch, how, pass.room, choice, rows);
        Ok((pass.loss, pass.counted + direct))
    }

    /// Writes the chosen coordinates over a gradient that is 0 elsewhere.
    fn write(&self, network: &Mlp<T>, choice: &Choice, gradient: &mut [T]) {
        gradient.fill(T::zero());
        let mut start = 0;
        for layer in 0..network.layers() {
            let (width, inputs) = (network.width(layer), network.fan_in(layer) + 1);
            let count = choice.listed(layer).len();
            let pieces = choice.pieces.iter().filter(|piece| piece.0 == layer);
            let of_layer = &mut gradient[network.weights_range(layer).start..][..inputs * width];
            let rows = &self.rows[start..][..inputs * count];
            for first in (0..inputs).step_by(COLUMNS) {
                for (_, place, chosen) in pieces.clone() {
                    let neuron = choice.listed(layer)[*place];
                    for j in first.max(chosen.start)..(first + COLUMNS).min(chosen.end) {
                        of_layer[j * width + neuron] = rows[j * count + place];
                    }
                }
            }
            start += inputs * count;
        }
    }
}

impl<T: Real> Estimator<T> for ChosenWeights<T> {
    fn estimate(
        &mut self,
        objective: &Objective<'_, T>,
        theta: &[T],
        batch: Batch<'_, T>,
        gradient: &mut [T],
    ) -> Result<Measurement<T>, GradientError> {
        let network = objective.network();
        ShapeError::check_length("the gradient", network.parameters(), gradient.len())?;
        let drawn = (self.seed, batch.step);
        let choice = Choice::draw(self.coordinates, network, self.shares.as_deref(), drawn);
        let given = Given {
            objective: *objective,
            theta,
            x: batch.x,
            targets: batch.targets,
        };
        let (loss, sample_evaluations) = self.measure(given, &choice)?;
        self.write(network, &choice, gradient);
        check_finite(network, gradient)?;
        Ok(Measurement {
            loss,
            loss_evaluations: Estimator::loss_evaluations(self, network),
            sample_evaluations,
        })
    }

    fn prepare(
        &mut self,
        objective: &Objective<'_, T>,
        theta: &[T],
        batch: Batch<'_, T>,
    ) -> Result<u64, GradientError> {
        let Coordinates::Saliency(part) = self.coordinates else {
            return Ok(0);
        };
        let count = part.of(theta.len());
        let (shares, spent) = shares(objective, theta, batch, count, self.seed)?;
        self.shares = Some(shares);
        Ok(spent)
    }

    fn loss_evaluations(&self, network: &Mlp<T>) -> u64 {
        let count = self.coordinates.count(network.parameters()) as u64;
        count * self.stencil.evaluations() + u64::from(self.stencil.uses_centre())
    }

    fn trace(&self) -> &Trace<T> {
        self.engine.trace()
    }

    fn relative_variance(&self, network: &Mlp<T>) -> f64 {
        let parameters = network.parameters();
        1.0 - self.coordinates.count(parameters) as f64 / parameters as f64
    }
}
