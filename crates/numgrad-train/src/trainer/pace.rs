//! How long an epoch would take, with the chosen estimator or with another.
use super::Trainer;
use crate::train_error::TrainError;
use numgrad_core::{Real, Trace};
use numgrad_gradient::{Batch, EstimatorKind, Objective, Perturb};
use std::time::Instant;

/// The most samples that are measured: more take as many times as long.
const FEW: usize = 100;

impl<T: Real> Trainer<T> {
    /// About how many seconds an epoch takes with an estimator, from one gradient of the first
    /// samples, 100 at most (of the full passes, from one forward pass). The run itself is not changed.
    ///
    /// # Errors
    /// As [`Trainer::step`].
    pub fn estimate_epoch(&mut self, kind: EstimatorKind) -> Result<f64, TrainError> {
        let samples = self.configuration.batch_size.min(self.train.samples());
        let measured = samples.min(FEW);
        let indices: Vec<usize> = (0..measured).collect();
        self.train
            .gather(&indices, &mut self.x, &mut self.targets)?;
        let objective = Objective::new(&self.network, &*self.loss);
        let (scheme, step) = (self.configuration.scheme, T::of(self.configuration.step));
        let mut estimator = kind
            .build(scheme, step, self.configuration.seed)
            .map_err(TrainError::Gradient)?;
        let passes = estimator.loss_evaluations(&self.network) as f64;
        let (progress, batches) = (self.progress, self.batches());
        let failed = |error| TrainError::of_gradient(error, &progress, batches);
        // A pass for each perturbation, which the threads share.
        let by_passes = match kind {
            EstimatorKind::Sweep(Perturb::WeightNaive) | EstimatorKind::Directions(_) => true,
            _ => {
                self.gradient.resize(self.theta.len());
                false
            }
        };
        let batch = Batch {
            x: &self.x,
            targets: &self.targets,
            step: 0,
        };
        let mut fastest = f64::INFINITY;
        // The first time is longer, because memory is taken and threads wake up.
        for _ in 0..2 {
            let started = Instant::now();
            if by_passes {
                objective
                    .loss(&self.theta, batch.x, batch.targets, &mut Trace::new())
                    .map_err(failed)?;
            } else {
                estimator
                    .estimate(&objective, &self.theta, batch, &mut self.gradient)
                    .map_err(failed)?;
            }
            fastest = fastest.min(started.elapsed().as_secs_f64());
        }
        if by_passes {
            fastest *= passes / rayon::current_num_threads() as f64;
        }
        let batch = fastest * samples as f64 / measured as f64;
        Ok(batch * batches as f64)
    }
}
