//! The gradient of a network along random directions: every parameter perturbed at once.
use crate::moved::{MovedScratch, is_large, losses_along};
use crate::{Batch, Estimator, GradientError, Measurement, Objective};
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
        let found: Vec<Result<(), GradientError>> = losses
            .par_chunks_mut(moves.len())
            .zip(&directions)
            .with_min_len(together)
            .map(|(losses, direction)| {
                let mut scratch = self.take();
                let along = (direction, &moves[..]);
                let found = losses_along(objective, theta, along, batch, &mut scratch, losses);
                self.put(scratch);
                found
            })
            .collect();
        found.into_iter().collect::<Result<(), _>>()?;
        let estimate = (self.random).conclude(directions, parameters, losses, loss.as_f64());
        let evaluations = self.random.evaluations();
        let measurement = Measurement {
            loss,
            loss_evaluations: evaluations,
            sample_evaluations: evaluations * self.trace.samples() as u64,
        };
        Ok((estimate, measurement))
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
