//! An audit of the estimator after an epoch, which leaves the run as it was.
use super::Trainer;
use crate::audit::Audit;
use crate::streams::{Purpose, stream};
use crate::train_error::TrainError;
use numgrad_core::Real;
use numgrad_gradient::{Batch, EstimatorKind, Objective, default_step, differences_at};
use numgrad_loss::Targets;
use rand::seq::index;

impl<T: Real> Trainer<T> {
    /// Holds the estimator against full-pass differences of as many random parameters as the
    /// configuration says, on two random batches. Cost: an estimate, and four passes for each
    /// parameter; neither counts as evaluations or seconds of training.
    pub(super) fn audit(&mut self) -> Result<Audit, TrainError> {
        let run = &self.configuration;
        let epoch = self.progress.epoch;
        let mut random = stream(run.seed, Purpose::Audit, epoch);
        let parameters = self.theta.len();
        let count = run.audit.min(parameters);
        let chosen = index::sample(&mut random, parameters, count).into_vec();
        let samples = self.train.samples();
        let size = run.batch_size.min(samples / 2).max(1);
        let drawn = index::sample(&mut random, samples, (2 * size).min(samples)).into_vec();
        let objective = Objective::new(&self.network, &*self.loss);
        let (mut x, mut targets) = (Vec::new(), Targets::Labels(Vec::new()));
        // In f32 full passes see nothing at the step that serves the sweeps.
        let h = run.step.max(match T::PRECISION {
            numgrad_core::Precision::F32 => default_step::<T>(false),
            numgrad_core::Precision::F64 => 0.0,
        });
        let (progress, batches) = (self.progress, self.batches());
        let failed = |error| TrainError::of_gradient(error, &progress, batches);
        let mut measured = Vec::with_capacity(2);
        let mut estimate = Vec::new();
        let mut loss = 0.0;
        for half in drawn.chunks(size).take(2) {
            self.train.gather(half, &mut x, &mut targets)?;
            let batch = Batch {
                x: &x,
                targets: &targets,
                step: self.optimizer.steps(),
            };
            if measured.is_empty() {
                let mut gradient = vec![T::zero(); parameters];
                let found = self
                    .estimator
                    .estimate(&objective, &self.theta, batch, &mut gradient);
                loss = found.map_err(failed)?.loss.as_f64();
                estimate = chosen.iter().map(|&k| gradient[k].as_f64()).collect();
            }
            let found = differences_at(&objective, &self.theta, batch, &chosen, T::of(h));
            measured.push(found.map_err(failed)?);
        }
        // A single sample has no second batch: it is its own.
        let (first, second) = (&measured[0], &measured[measured.len() - 1]);
        let rounding = count as f64 * self.rounding(loss);
        Ok(Audit::new(epoch, &estimate, (first, second), rounding))
    }

    /// What rounded losses add to the variance of an entry of the estimate: (ε·L/h)², over the
    /// number of directions; nothing where differences are propagated.
    fn rounding(&self, loss: f64) -> f64 {
        let kind = self.configuration.perturb;
        if !kind.subtracts_losses() {
            return 0.0;
        }
        let times = match kind {
            EstimatorKind::Directions(directions) => directions.count,
            _ => 1,
        };
        let error = T::EPSILON.as_f64() * loss / self.configuration.step;
        error * error / times as f64
    }
}
