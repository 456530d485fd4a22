//! The measurements: medians of repeated gradients, on all threads and on one.
use super::case::{Case, Setting};
use super::operations::{Operations, inputs_evaluated};
use super::peak;
use crate::failure::Failure;
use crate::setup::pool;
use numgrad_core::{Aligned, Architecture, NonZeros, Precision, Real, Trace};
use numgrad_diff::Scheme;
use numgrad_gradient::{Backpropagation, Batch, EstimatorKind, GradientError, Objective, Perturb};
use numgrad_train::Prepared;
use numgrad_train::optimizer::{Optimizer, OptimizerKind};
use rayon::ThreadPool;
use std::time::{Duration, Instant};

/// What was measured in one setting.
#[derive(Debug)]
pub(super) struct Figures {
    pub(super) architecture: Architecture,
    pub(super) precision: Precision,
    pub(super) scheme: Scheme,
    pub(super) samples: usize,
    pub(super) threads: usize,
    pub(super) weights: usize,
    /// Fused multiply-adds a second that the threads can do at most.
    pub(super) peak: f64,
    /// None where a function has no derivative.
    pub(super) backpropagation: Option<Timed>,
    /// Seconds of gradient descent's update, which a whole step needs besides.
    pub(super) update: f64,
    pub(super) sweeps: Vec<SweepFigures>,
}

/// One sweep's figures.
#[derive(Debug)]
pub(super) struct SweepFigures {
    pub(super) kind: EstimatorKind,
    pub(super) timed: Timed,
    pub(super) loss_evaluations: u64,
}

/// The time of a gradient.
#[derive(Debug, Clone, Copy)]
pub(super) struct Timed {
    pub(super) seconds: f64,
    /// On one thread, where more are measured.
    pub(super) one_thread: Option<f64>,
    /// From one forward pass, where all of them would take minutes.
    pub(super) is_extrapolated: bool,
    /// Of its matrix products, where they are known.
    pub(super) multiply_adds: Option<f64>,
}

impl Figures {
    /// The part of the peak that a gradient's multiply-adds reach.
    pub(super) fn share_of_peak(&self, timed: Timed) -> Option<f64> {
        Some(timed.multiply_adds? / timed.seconds / self.peak)
    }

    /// How much of N threads a gradient uses: the time of one thread over N times that of N.
    pub(super) fn efficiency(&self, timed: Timed) -> Option<f64> {
        let one_thread = timed.one_thread?;
        Some(one_thread / (self.threads as f64 * timed.seconds))
    }
}

/// The threads, and how long each figure is measured.
#[derive(Debug)]
pub(super) struct Clock {
    all: ThreadPool,
    one: Option<ThreadPool>,
    budget: Duration,
}

impl Clock {
    pub(super) fn start(threads: usize, budget: Duration) -> Result<Self, Failure> {
        let all = pool(threads)?;
        let many = all.current_num_threads() > 1;
        Ok(Self {
            one: many.then(|| pool(1)).transpose()?,
            all,
            budget,
        })
    }

    /// The time of some work on all threads, and right after on one.
    fn time(
        &self,
        multiply_adds: Option<f64>,
        mut work: impl FnMut() -> Result<(), GradientError> + Send,
    ) -> Result<Timed, GradientError> {
        let seconds = self.all.install(|| median(self.budget, &mut work))?;
        let one = self.one.as_ref();
        let one_thread = one.map(|one| one.install(|| median(self.budget, &mut work)));
        Ok(Timed {
            seconds,
            one_thread: one_thread.transpose()?,
            is_extrapolated: false,
            multiply_adds,
        })
    }
}

/// Measures sweeps, and backpropagation beside them.
pub(super) fn measure<T: Real>(
    setting: &Setting,
    data: &Prepared,
    sweeps: &[EstimatorKind],
    clock: &Clock,
) -> Result<Figures, Failure> {
    let run = &setting.run;
    let case = Case::<T>::new(setting, data)?;
    let Case {
        network,
        theta,
        x,
        targets,
        ..
    } = &case;
    let objective = Objective::new(network, &*case.loss);
    let mut gradient = Aligned::zeros(theta.len());
    let operations = Operations {
        architecture: &run.architecture,
        samples: setting.samples,
        scheme: run.scheme,
        inputs: inputs_of(&case, &objective)?,
        first_part: NonZeros::default().part(x, network.inputs()),
    };
    let mut reference = Backpropagation::new();
    let derived = clock.time(Some(operations.of_backpropagation()), || {
        reference.derive(&objective, theta, x, targets, &mut gradient)?;
        Ok(())
    });
    let backpropagation = match derived {
        Err(GradientError::NoDerivative(_)) => None,
        derived => Some(derived?),
    };
    let mut figures = Figures {
        architecture: run.architecture.clone(),
        precision: run.precision,
        scheme: run.scheme,
        samples: setting.samples,
        threads: clock.all.current_num_threads(),
        weights: theta.len(),
        peak: peak::multiply_adds_per_second::<T>(&clock.all),
        backpropagation,
        update: update(theta, &gradient, clock.budget / 10)?,
        sweeps: Vec::new(),
    };
    let mut batch = Batch {
        x,
        targets,
        step: 0,
    };
    for &kind in sweeps {
        let mut estimator = kind.build(run.scheme, T::of(run.step), run.seed)?;
        // As if each gradient were an epoch: what is kept for some is drawn again now and then.
        estimator.prepare(&objective, theta, batch, 1)?;
        let loss_evaluations = estimator.loss_evaluations(network);
        let multiply_adds = operations.of(kind);
        let timed = if kind == Perturb::WeightNaive.into() {
            let mut trace = Trace::new();
            let pass = clock.all.install(|| {
                median(clock.budget, || {
                    objective.loss(theta, x, targets, &mut trace)?;
                    Ok(())
                })
            })?;
            Timed {
                seconds: pass * loss_evaluations as f64 / figures.threads as f64,
                one_thread: None,
                is_extrapolated: true,
                multiply_adds,
            }
        } else {
            clock.time(multiply_adds, || {
                batch.step += 1;
                estimator.estimate(&objective, theta, batch, &mut gradient)?;
                Ok(())
            })?
        };
        figures.sweeps.push(SweepFigures {
            kind,
            timed,
            loss_evaluations,
        });
    }
    Ok(figures)
}

/// The inputs of each layer that a direct evaluation moves, for the whole batch.
fn inputs_of<T: Real>(
    case: &Case<T>,
    objective: &Objective<'_, T>,
) -> Result<Vec<usize>, GradientError> {
    let network = &case.network;
    let mut trace = Trace::new();
    objective.loss(&case.theta, &case.x, &case.targets, &mut trace)?;
    let of_layer = |layer: usize| -> usize {
        let samples = case.x.chunks_exact(network.inputs()).enumerate();
        let of_samples = samples.map(|(b, x)| match layer {
            0 => inputs_evaluated(x, true),
            _ => inputs_evaluated(trace.units(network, layer - 1, b).a, false),
        });
        of_samples.sum()
    };
    Ok((0..network.layers()).map(of_layer).collect())
}

/// The time of an update with a rate that leaves θ as it is.
fn update<T: Real>(theta: &[T], gradient: &[T], budget: Duration) -> Result<f64, GradientError> {
    let mut theta = theta.to_vec();
    let kind = OptimizerKind::GradientDescent;
    let mut descent = Optimizer::new(kind, 1e-12, 0.0, theta.len());
    median(budget, || {
        descent.step(&mut theta, gradient);
        Ok(())
    })
}

/// The median of repeated runs over about this time, after one that warms up.
fn median(
    budget: Duration,
    mut work: impl FnMut() -> Result<(), GradientError>,
) -> Result<f64, GradientError> {
    work()?;
    let (start, mut times) = (Instant::now(), Vec::new());
    while times.is_empty() || (start.elapsed() < budget && times.len() < 10_000) {
        let started = Instant::now();
        work()?;
        times.push(started.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}
