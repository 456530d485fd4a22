//! A small network with its parameters and a batch, none of them drawn.
use numgrad_gradient::numgrad_core::{ActivationKind, Architecture, Mlp, OutputKind};
use numgrad_gradient::numgrad_loss::{LossKind, Targets};
use numgrad_gradient::{Batch, Estimator, GradientError, Measurement, Objective};

#[derive(Clone)]
pub(crate) struct Case {
    pub(crate) network: Mlp<f64>,
    pub(crate) theta: Vec<f64>,
    pub(crate) x: Vec<f64>,
    pub(crate) targets: Targets<f64>,
    pub(crate) loss: LossKind,
}

impl Case {
    /// Softmax with cross-entropy; every third input is 0.
    pub(crate) fn new(widths: &[usize], activation: ActivationKind, samples: usize) -> Self {
        let network = Architecture::new(widths, activation, OutputKind::Softmax)
            .build()
            .unwrap();
        let wave = |k: usize, by: f64| (by * (k as f64 + 1.0)).sin();
        let theta = (0..network.parameters()).map(|k| 0.7 * wave(k, 1.7));
        let x = (0..widths[0] * samples).map(|k| {
            if k % 3 == 1 {
                0.0
            } else {
                0.5 + 0.5 * wave(k, 0.9)
            }
        });
        let classes = network.outputs() as u32;
        Self {
            theta: theta.collect(),
            x: x.collect(),
            targets: Targets::Labels((0..samples as u32).map(|k| k * k % classes).collect()),
            loss: LossKind::CrossEntropy,
            network,
        }
    }

    pub(crate) fn batch(&self, step: u64) -> Batch<'_, f64> {
        Batch {
            x: &self.x,
            targets: &self.targets,
            step,
        }
    }

    /// What some work finds with the objective.
    pub(crate) fn with<R>(&self, work: impl FnOnce(&Objective<'_, f64>) -> R) -> R {
        let loss = self.loss.build().unwrap();
        work(&Objective::new(&self.network, &*loss))
    }

    pub(crate) fn try_estimate(
        &self,
        by: &mut dyn Estimator<f64>,
        step: u64,
    ) -> Result<(Measurement<f64>, Vec<f64>), GradientError> {
        let mut gradient = vec![f64::NAN; self.theta.len()];
        self.with(|objective| by.estimate(objective, &self.theta, self.batch(step), &mut gradient))
            .map(|measured| (measured, gradient))
    }

    pub(crate) fn estimate(
        &self,
        by: &mut dyn Estimator<f64>,
        step: u64,
    ) -> (Measurement<f64>, Vec<f64>) {
        self.try_estimate(by, step).unwrap()
    }
}
