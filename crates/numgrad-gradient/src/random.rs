//! The gradient of a network along random directions: every parameter perturbed at once.
use crate::moved::{MovedScratch, is_large, losses_along};
use crate::team::Team;
use crate::{Batch, Estimator, GradientError, Measurement, Objective, Split};
use numgrad_core::{Mlp, Real, ShapeError, Trace};
use numgrad_diff::{
    DIRECTION_TILE, DiffError, Directions, RandomDirections, RandomEstimate, Scheme,
};
use rayon::prelude::*;
use std::sync::{Mutex, PoisonError};

/// Tiles of directions that a worker adds up at a time.
const TILES: usize = 8;

/// Estimates gradients by q random directions, in parallel over them.
#[derive(Debug)]
pub struct RandomEstimator<T> {
    random: RandomDirections,
    trace: Trace<T>,
    /// Memory for as many passes as ever ran at the same time.
    scratch: Mutex<Vec<MovedScratch<T>>>,
    /// The ranks that have a part of the directions each.
    team: Option<Team>,
}

impl<T: Real> RandomEstimator<T> {
    /// Directions with the step h, and the seed that they are drawn by.
    ///
    /// # Errors
    /// [`GradientError::Step`] if h is not positive and finite, and
    /// [`GradientError::Directions`] if their number cannot be.
    pub fn new(
        directions: Directions,
        scheme: Scheme,
        step: T,
        seed: u64,
    ) -> Result<Self, GradientError> {
        let step = step.as_f64();
        let random = RandomDirections::new(directions, scheme, step, seed);
        Ok(Self {
            random: random.map_err(|error| match error {
                DiffError::Directions(count) => GradientError::Directions(count),
                _ => GradientError::Step(step),
            })?,
            trace: Trace::new(),
            scratch: Mutex::default(),
            team: None,
        })
    }

    /// The estimate, which is not written down, and the loss before it.
    fn measure(
        &mut self,
        objective: &Objective<'_, T>,
        theta: &[T],
        batch: Batch<'_, T>,
    ) -> Result<(RandomEstimate, Measurement<T>), GradientError> {
        let Batch { x, targets, step } = batch;
        let loss = objective.loss_in_parallel(theta, x, targets, &mut self.trace)?;
        let parameters = theta.len();
        let directions = self.random.draw(step, parameters);
        let moves: Vec<f64> = self.random.moves().collect();
        // A large network is computed by all threads, one direction after the other, so that only
        // one has its memory.
        let together = if is_large(parameters) {
            directions.len()
        } else {
            1
        };
        let mut losses = vec![0.0; directions.len() * moves.len()];
        let count = directions.len();
        let own = (self.team.as_ref()).map_or(0..count, |team| team.own_part(count));
        let found: Vec<Result<(), GradientError>> = losses
            [own.start * moves.len()..own.end * moves.len()]
            .par_chunks_mut(moves.len())
            .zip(&directions[own])
            .with_min_len(together)
            .map(|(losses, direction)| {
                let mut scratch = self.take();
                let along = (direction, &moves[..]);
                let found = losses_along(objective, theta, along, batch, &mut scratch, losses);
                self.put(scratch);
                found
            })
            .collect();
        let found = found.into_iter().collect::<Result<(), _>>();
        let centre = loss.as_f64();
        let quotients = match &self.team {
            None => {
                found?;
                self.random.quotients(losses, centre)
            }
            Some(team) => self.gather(team, losses, moves.len(), centre, found)?,
        };
        let estimate = self.random.conclude(directions, parameters, &quotients);
        let evaluations = self.random.evaluations();
        let measurement = Measurement {
            loss,
            loss_evaluations: evaluations,
            sample_evaluations: evaluations * self.trace.samples() as u64,
        };
        Ok((estimate, measurement))
    }

    /// What each direction weighs, from all ranks. A difference is a number of 8 bytes; where its
    /// losses are not finite it is a NaN, and only then is asked why. Ranks of losses need all
    /// losses.
    fn gather(
        &self,
        team: &Team,
        mut losses: Vec<f64>,
        moves: usize,
        centre: f64,
        found: Result<(), GradientError>,
    ) -> Result<Vec<f64>, GradientError> {
        let count = losses.len() / moves;
        let own = team.own_part(count);
        if found.is_err() {
            losses[own.start * moves..own.end * moves].fill(f64::NAN);
        }
        let whole = if self.random.ranks_losses() {
            team.gather(&mut losses, |rank| team.part(count, rank).len() * moves);
            losses
        } else {
            let mut quotients = self.random.quotients(losses, centre);
            team.gather(&mut quotients, |rank| team.part(count, rank).len());
            quotients
        };
        if whole.iter().any(|value| value.is_nan()) {
            team.agree(found)?;
        }
        if self.random.ranks_losses() {
            return Ok(self.random.quotients(whole, centre));
        }
        Ok(whole)
    }

    fn take(&self) -> MovedScratch<T> {
        let mut scratch = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        scratch.pop().unwrap_or_default()
    }

    fn put(&self, used: MovedScratch<T>) {
        let mut scratch = self.scratch.lock().unwrap_or_else(PoisonError::into_inner);
        scratch.push(used);
    }
}

impl<T: Real> Estimator<T> for RandomEstimator<T> {
    fn estimate(
        &mut self,
        objective: &Objective<'_, T>,
        theta: &[T],
        batch: Batch<'_, T>,
        gradient: &mut [T],
    ) -> Result<Measurement<T>, GradientError> {
        let parameters = objective.network().parameters();
        ShapeError::check_length("the gradient", parameters, gradient.len())?;
        let (estimate, measurement) = self.measure(objective, theta, batch)?;
        replay(&estimate, gradient, |entry, g| *entry = g);
        Ok(measurement)
    }

    fn descend(
        &mut self,
        objective: &Objective<'_, T>,
        theta: &mut [T],
        batch: Batch<'_, T>,
        rate: T,
        decay: T,
    ) -> Option<Result<Measurement<T>, GradientError>> {
        let measured = self.measure(objective, theta, batch);
        Some(measured.map(|(estimate, measurement)| {
            replay(&estimate, theta, |theta, g| {
                *theta -= rate * (g + decay * *theta);
            });
            measurement
        }))
    }

    fn share(&mut self, team: Team) -> Result<(), GradientError> {
        if team.split() != Split::Directions {
            return Err(GradientError::Split {
                what: "an estimate along directions".to_owned(),
                split: team.split(),
                instead: Split::Directions,
            });
        }
        self.team = Some(team);
        Ok(())
    }

    fn loss_evaluations(&self, _network: &Mlp<T>) -> u64 {
        self.random.evaluations()
    }

    fn trace(&self) -> &Trace<T> {
        &self.trace
    }

    fn relative_variance(&self, network: &Mlp<T>) -> f64 {
        let Directions {
            count,
            distribution,
            ..
        } = self.random.directions();
        distribution.relative_variance(network.parameters(), count)
    }
}

/// Draws the directions again, and hands each entry of the estimate to whom it is for; in
/// parallel over tiles, the directions in their order.
fn replay<T: Real>(estimate: &RandomEstimate, vector: &mut [T], take: impl Fn(&mut T, T) + Sync) {
    const SPAN: usize = TILES * DIRECTION_TILE;
    let spans = vector.par_chunks_mut(SPAN).enumerate();
    spans.for_each(|(span, entries)| {
        let mut sums = [0.0; SPAN];
        let sums = &mut sums[..entries.len()];
        estimate.entries(span * SPAN, sums);
        for (entry, &sum) in entries.iter_mut().zip(&*sums) {
            take(entry, T::of(sum));
        }
    });
}
