//! One step: a mini-batch, its gradient, and the optimizer's move.
use super::{Progress, Trainer};
use crate::configuration::Configuration;
use crate::dataset::{DataError, order};
use crate::history::LayerRecord;
use crate::optimizer::OptimizerKind;
use crate::train_error::TrainError;
use numgrad_core::Real;
use numgrad_gradient::{Batch, GradientError, Measurement, Objective};
use numgrad_loss::Target;
use numgrad_loss::metrics::class_of;
use std::time::Instant;

impl<T: Real> Trainer<T> {
    /// Trains on the next mini-batch, and returns the loss before the step.
    ///
    /// # Errors
    /// [`TrainError::Diverged`] if the loss is not finite any more; the parameters are then those
    /// before the step.
    pub fn step(&mut self) -> Result<f64, TrainError> {
        let mut watch = Stopwatch::start();
        self.gather_batch()?;
        self.progress.spent.data += watch.lap();
        let measured = self
            .follow(&mut watch)
            .map_err(|error| TrainError::of_gradient(error, &self.progress, self.batches()))?;
        let samples = self.targets.len();
        let correct = self.correct();
        let loss = measured.loss.as_f64();
        let progress = &mut self.progress;
        progress.batch += 1;
        progress.loss_sum += loss * samples as f64;
        progress.correct += correct;
        progress.loss_evaluations += measured.loss_evaluations;
        progress.sample_evaluations += measured.sample_evaluations;
        progress.spent.driver += watch.lap();
        progress.seconds += watch.total();
        Ok(loss)
    }

    /// The next mini-batch, in the epoch's order.
    fn gather_batch(&mut self) -> Result<(), DataError> {
        let Configuration {
            seed, batch_size, ..
        } = self.configuration;
        let Progress { epoch, batch, .. } = self.progress;
        if self.order.is_empty() || batch == 0 {
            order(self.train.samples(), seed, epoch, &mut self.order);
            self.begin_epoch();
        }
        let (schedule, batches) = (&self.configuration.regime.schedule, self.batches());
        self.optimizer.learning_rate =
            self.epoch_rate * schedule.of_step(epoch * batches + self.progress.batch, batches);
        let first = batch as usize * batch_size;
        let last = (first + batch_size).min(self.order.len());
        let objective = Objective::new(&self.network, &*self.loss);
        let some = self.estimator.looks_at(&objective, last - first);
        let batch = &self.order[first..last];
        (self.train).gather_some(batch, some, &mut self.x, &mut self.targets)
    }

    /// How many of the batch's samples were classified rightly before the step, by all ranks.
    fn correct(&self) -> u64 {
        let objective = Objective::new(&self.network, &*self.loss);
        let samples = self.targets.len();
        let some = self.estimator.looks_at(&objective, samples);
        let count = some.len();
        let correct = some.filter(|&b| self.is_correct(b)).count() as u64;
        match &self.team {
            Some(team) if count < samples => team.sum(correct),
            _ => correct,
        }
    }

    /// Finds the factors of the learning rate that are the same in all of an epoch.
    fn begin_epoch(&mut self) {
        let run = &self.configuration;
        let watch = run.regime.watched();
        let watched = self.history.iter().map(|record| watch.value(record));
        let schedule = &run.regime.schedule;
        self.epoch_rate = run.learning_rate * schedule.of_epoch(self.progress.epoch, &watched);
    }

    /// Estimates the gradient of the batch and takes the optimizer's step. The last step of an
    /// epoch is looked at layer by layer.
    fn follow(&mut self, watch: &mut Stopwatch) -> Result<Measurement<T>, GradientError> {
        let is_last = self.progress.batch + 1 == self.batches();
        let spent = &mut self.progress.spent;
        let (network, theta) = (&self.network, &mut self.theta);
        let optimizer = &mut self.optimizer;
        let objective = Objective::new(network, &*self.loss);
        let batch = Batch {
            x: &self.x,
            targets: &self.targets,
            step: optimizer.steps(),
        };
        let regime = &self.configuration.regime;
        let is_plain = optimizer.kind() == OptimizerKind::GradientDescent;
        if is_plain && !regime.shapes_gradients() {
            let rate = T::of(optimizer.learning_rate);
            let decay = T::of(optimizer.weight_decay);
            let descended = (self.estimator).descend(&objective, theta, batch, rate, decay);
            if let Some(measured) = descended {
                spent.gradient += watch.lap();
                let measured = measured?;
                optimizer.count();
                return Ok(measured);
            }
        }
        self.gradient.resize(theta.len());
        let gradient = &mut self.gradient;
        let measured = (self.estimator).estimate(&objective, theta, batch, gradient)?;
        spent.gradient += watch.lap();
        if is_last {
            LayerRecord::of_gradient(network, gradient, &mut self.layers);
            self.before.clear();
            self.before.extend_from_slice(theta);
            spent.driver += watch.lap();
        }
        regime.shape(gradient, theta);
        optimizer.step(theta, gradient);
        spent.update += watch.lap();
        if is_last {
            LayerRecord::add_update(network, (&self.before, theta), &mut self.layers);
        }
        Ok(measured)
    }

    /// Whether the batch's sample was classified rightly before the step.
    fn is_correct(&self, b: usize) -> bool {
        let output = self.estimator.trace().output(&self.network, b);
        matches!(self.targets.get(b), Target::Label(label) if label == class_of(output))
    }
}

/// Splits the seconds of a step.
struct Stopwatch {
    started: Instant,
    lap: Instant,
}

impl Stopwatch {
    fn start() -> Self {
        let now = Instant::now();
        Self {
            started: now,
            lap: now,
        }
    }

    /// Seconds since the last lap.
    fn lap(&mut self) -> f64 {
        let now = Instant::now();
        let last = std::mem::replace(&mut self.lap, now);
        (now - last).as_secs_f64()
    }

    /// Seconds from the start to the last lap.
    fn total(&self) -> f64 {
        (self.lap - self.started).as_secs_f64()
    }
}
