//! The `weight` sweep of chosen coordinates.
use crate::block::Which;
use crate::choice::Choice;
use crate::conclude::From;
use crate::coordinates::Coordinates;
use crate::describe::{Powers, describe, evaluations};
use crate::engine::{Engine, Given, Records};
use crate::exchange::Needs;
use crate::measure::check_finite;
use crate::saliency::shares;
use crate::stencil::{Quotient, Stencil};
use crate::team::Team;
use crate::{Batch, Estimator, GradientError, Measurement, Objective, Split};
use numgrad_core::{Mlp, Real, ShapeError, Trace};
use numgrad_diff::Scheme;
use numgrad_scalar::slices;

/// Columns of W that are cleared and written before the next ones are, so that they are still in
/// the core's nearest cache: the whole gradient would not be.
const COLUMNS: usize = 16;

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
    /// The steps that a choice is kept for.
    kept: u64,
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
            kept: 1,
        })
    }

    /// Fills `rows`. Returns the mean loss, and how often a sample's loss was evaluated.
    fn measure(&mut self, given: Given<'_, T>, choice: &Choice) -> Result<(T, u64), GradientError> {
        let network = given.objective.network();
        let how = |is_described| Quotient {
            stencil: &self.stencil,
            h: self.step,
            is_described,
        };
        let which = Which::Chosen(choice);
        self.rows.clear();
        self.rows.resize(choice.coordinates(network), T::zero());
        let rows = &mut self.rows[..];
        if !given.objective.is_piecewise_smooth() {
            // A function that may jump cannot be described by a few of its values.
            let pass = self.engine.forward(given)?;
            let loss = pass.loss()?;
            pass.room.rough.fill(true);
            let from = From {
                powers: None,
                direct: Some(how(false)),
            };
            return Ok((loss, from.fill(&pass.batch, pass.room, which, rows)));
        }
        let powers = Powers::of(&self.stencil, self.step);
        let records = Records {
            numbers: powers.get().len() * choice.neurons(),
            needs: Needs::Marks,
            follows: true,
        };
        let reach = self.stencil.reach() * self.step;
        let pass = self
            .engine
            .pass(given, records, |probe, scratch, mut slots| {
                slots.rough.fill(false);
                let (how, scratch) = ((reach, &powers), &mut scratch.layer);
                describe(probe, (Some(choice), None), how, scratch, &mut slots);
                Ok(())
            })?;
        let loss = pass.loss()?;
        let from = From {
            powers: Some(&powers),
            direct: Some(how(true)),
        };
        let direct = from.fill(&pass.batch, pass.room, which, rows);
        let samples = given.targets.len();
        Ok((loss, evaluations(choice.neurons(), samples) + direct))
    }

    /// Writes the chosen coordinates over a gradient that is 0 elsewhere.
    fn write(&self, network: &Mlp<T>, choice: &Choice, gradient: &mut [T]) {
        let mut start = 0;
        for layer in 0..network.layers() {
            let (width, inputs) = (network.width(layer), network.fan_in(layer) + 1);
            let neurons = choice.listed(layer);
            let of_layer = &mut gradient[network.weights_range(layer).start..][..inputs * width];
            let rows = &self.rows[start..][..inputs * neurons.len()];
            start += rows.len();
            for first in (0..inputs).step_by(COLUMNS) {
                let end = (first + COLUMNS).min(inputs);
                of_layer[first * width..end * width].fill(T::zero());
                for (place, chosen) in choice.pieces_of(layer) {
                    for j in first.max(chosen.start)..end.min(chosen.end) {
                        of_layer[j * width + neurons[place]] = rows[j * neurons.len() + place];
                    }
                }
            }
        }
    }

    /// Names the first entry of the gradient that is not finite: the measured rows are looked at,
    /// which are few, and all only if one of them is not.
    fn check_finite(&self, network: &Mlp<T>, gradient: &[T]) -> Result<(), GradientError> {
        if slices::largest(&self.rows).is_finite() {
            return Ok(());
        }
        check_finite(network, gradient)
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
        let drawn = (self.seed, batch.step / self.kept);
        let choice = Choice::draw(self.coordinates, network, self.shares.as_deref(), drawn);
        let given = Given {
            objective: *objective,
            theta,
            x: batch.x,
            targets: batch.targets,
        };
        let (loss, sample_evaluations) = self.measure(given, &choice)?;
        self.write(network, &choice, gradient);
        self.check_finite(network, gradient)?;
        Ok(Measurement {
            loss,
            loss_evaluations: Estimator::loss_evaluations(self, network),
            sample_evaluations,
        })
    }

    /// By samples alone: few neurons are measured anyway.
    fn share(&mut self, team: Team) -> Result<(), GradientError> {
        if team.split() != Split::Samples {
            return Err(GradientError::Split {
                what: self.coordinates.to_string(),
                split: team.split(),
                instead: Split::Samples,
            });
        }
        self.engine.share(team);
        Ok(())
    }

    fn prepare(
        &mut self,
        objective: &Objective<'_, T>,
        theta: &[T],
        batch: Batch<'_, T>,
        steps: u64,
    ) -> Result<u64, GradientError> {
        let Coordinates::Saliency { part, epochs } = self.coordinates else {
            return Ok(0);
        };
        self.kept = (u64::from(epochs) * steps).max(1);
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
