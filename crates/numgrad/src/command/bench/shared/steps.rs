//! Steps of a training that are taken again and again, and how long each took.
use super::Case;
use crate::failure::Failure;
use numgrad_core::Real;
use numgrad_gradient::{Batch, Estimator, EstimatorKind, Objective, Team};
use numgrad_train::Configuration;
use numgrad_train::optimizer::Optimizer;
use std::time::{Duration, Instant};

/// The steps of one estimator, all from the same parameters.
pub(super) struct Steps<'a, T: Real> {
    case: &'a Case<T>,
    estimator: Box<dyn Estimator<T>>,
    gradient: Vec<T>,
    /// What the optimizer moves, so that every gradient is measured where the first was.
    moved: Vec<T>,
    optimizer: Optimizer<T>,
    taken: u64,
    /// Seconds of the gradients, and of the moves.
    gradients: Vec<f64>,
    moves: Vec<f64>,
}

impl<'a, T: Real> Steps<'a, T> {
    /// The steps of a training, which a team shares if there is one.
    pub(super) fn of(
        kind: EstimatorKind,
        run: &Configuration,
        case: &'a Case<T>,
        team: Option<Team>,
    ) -> Result<Self, Failure> {
        let mut estimator = kind.build(run.scheme, T::of(run.step), run.seed)?;
        let batch = Batch {
            x: &case.x,
            targets: &case.targets,
            step: 0,
        };
        let objective = Objective::new(&case.network, &*case.loss);
        estimator.prepare(&objective, &case.theta, batch, 1)?;
        if let Some(team) = team {
            estimator.share(team)?;
        }
        Ok(Self {
            case,
            estimator,
            gradient: vec![T::zero(); case.theta.len()],
            moved: case.theta.to_vec(),
            // A rate that moves nothing out of sight.
            optimizer: Optimizer::new(run.optimizer, 1e-12, 0.0, case.theta.len()),
            taken: 0,
            gradients: Vec::new(),
            moves: Vec::new(),
        })
    }

    /// Takes a step. Returns its seconds.
    pub(super) fn take(&mut self) -> Result<f64, Failure> {
        let case = self.case;
        let objective = Objective::new(&case.network, &*case.loss);
        let batch = Batch {
            x: &case.x,
            targets: &case.targets,
            step: self.taken,
        };
        let gradient = &mut self.gradient;
        let started = Instant::now();
        (self.estimator).estimate(&objective, &case.theta, batch, gradient)?;
        let measured = started.elapsed();
        self.optimizer.step(&mut self.moved, gradient);
        let whole = started.elapsed();
        self.taken += 1;
        self.gradients.push(measured.as_secs_f64());
        self.moves
            .push(whole.saturating_sub(measured).as_secs_f64());
        Ok(whole.as_secs_f64())
    }

    /// Takes steps for about so long, and at least one.
    pub(super) fn take_for(&mut self, time: Duration) -> Result<(), Failure> {
        let started = Instant::now();
        self.take()?;
        while started.elapsed() < time {
            self.take()?;
        }
        Ok(())
    }

    /// The median seconds of a step.
    pub(super) fn whole(&self) -> f64 {
        median(self.steps().collect())
    }

    /// The seconds of the fastest step: what a busy machine takes in a quiet moment.
    pub(super) fn least(&self) -> f64 {
        self.steps().fold(f64::INFINITY, f64::min)
    }

    fn steps(&self) -> impl Iterator<Item = f64> {
        let steps = self.gradients.iter().zip(&self.moves);
        steps.map(|(gradient, moved)| gradient + moved)
    }

    /// The median seconds of a gradient.
    pub(super) fn gradient(&self) -> f64 {
        median(self.gradients.clone())
    }

    /// The median seconds of the optimizer's move.
    pub(super) fn update(&self) -> f64 {
        median(self.moves.clone())
    }
}

/// The median of times, of which there is at least one.
pub(super) fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
