//! The end of an epoch: what it came to.
use super::Trainer;
use crate::dataset::Dataset;
use crate::evaluation::{Evaluation, evaluate};
use crate::history::{EpochRecord, Spent};
use crate::train_error::TrainError;
use numgrad_core::Real;
use std::time::Instant;

impl<T: Real> Trainer<T> {
    /// Ends an epoch whose batches are all done: evaluates the test data, and adds a record to
    /// the history.
    ///
    /// # Errors
    /// [`TrainError::Diverged`] if the test loss is not finite.
    pub fn end_epoch(&mut self) -> Result<&EpochRecord, TrainError> {
        let started = Instant::now();
        let test = self.evaluate_on(&self.test)?;
        let validation = self.validation.as_ref();
        let validation = validation.map(|data| self.evaluate_on(data)).transpose()?;
        let samples = self.train.samples() as f64;
        let progress = &mut self.progress;
        progress.spent.evaluation += started.elapsed().as_secs_f64();
        progress.epoch += 1;
        progress.batch = 0;
        if progress.best.is_none_or(|best| test.loss < best) {
            progress.best = Some(test.loss);
        }
        let classified = self.train.classes().is_some();
        self.history.push(EpochRecord {
            epoch: progress.epoch,
            train_loss: progress.loss_sum / samples,
            validation_loss: validation.as_ref().map(|found| found.loss),
            test_loss: test.loss,
            train_accuracy: classified.then_some(progress.correct as f64 / samples),
            validation_accuracy: validation.as_ref().and_then(Evaluation::accuracy),
            test_accuracy: test.accuracy(),
            learning_rate: self.optimizer.learning_rate,
            loss_evaluations: progress.loss_evaluations,
            seconds: progress.seconds,
            spent: progress.spent,
            layers: self.layers.clone(),
        });
        progress.loss_sum = 0.0;
        progress.correct = 0;
        progress.spent = Spent::default();
        self.layers.clear();
        self.watch();
        self.agree()?;
        if self.configuration.audit > 0 {
            let audit = self.audit()?;
            self.audits.push(audit);
        }
        Ok(&self.history[self.history.len() - 1])
    }

    /// Evaluates the parameters as they are on the test data.
    ///
    /// # Errors
    /// [`TrainError::Diverged`] if the loss is not finite.
    pub fn evaluate_test(&self) -> Result<Evaluation, TrainError> {
        self.evaluate_on(&self.test)
    }

    fn evaluate_on(&self, data: &Dataset) -> Result<Evaluation, TrainError> {
        evaluate(&self.objective(), &self.theta, data)
            .map_err(|error| error.during(&self.progress, self.batches()))
    }
}
