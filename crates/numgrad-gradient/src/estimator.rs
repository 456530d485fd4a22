//! Everything that estimates a gradient, behind one trait and with one currency.
use crate::team::Team;
use crate::{FiniteDifferences, GradientError, Measurement, Objective};
use numgrad_core::{Mlp, Real, Trace};
use numgrad_loss::Targets;
use std::fmt;
use std::ops::Range;

/// A mini-batch, and the number of the step that it is for.
#[derive(Debug, Clone, Copy)]
pub struct Batch<'a, T: Real> {
    /// Inputs × samples values, a sample after the other.
    pub x: &'a [T],
    /// What the network should say.
    pub targets: &'a Targets<T>,
    /// The steps done before: with the seed, all that a random estimator's draws depend on.
    pub step: u64,
}

/// A way to estimate the gradient of a network's mean loss from values of the loss.
///
/// An estimator holds memory that it uses again, and no state: an estimate follows from θ, the
/// batch, the number of the step and what [`prepare`](Self::prepare) saw alone, so that a resumed
/// run goes on bit for bit. Its bits do not depend on the number of threads. What all spend is counted in one currency:
/// [`Measurement::loss_evaluations`].
///
/// ```
/// use numgrad_gradient::numgrad_core::{ActivationKind, Architecture, Mlp, OutputKind};
/// use numgrad_gradient::numgrad_diff::Scheme;
/// use numgrad_gradient::numgrad_loss::{CrossEntropy, Targets};
/// use numgrad_gradient::{Batch, EstimatorKind, Objective};
///
/// let network: Mlp<f64> =
///     Architecture::new(&[2, 3, 2], ActivationKind::Tanh, OutputKind::Softmax).build()?;
/// let objective = Objective::new(&network, &CrossEntropy);
/// let theta = vec![0.5; network.parameters()];
/// let targets = Targets::Labels(vec![0, 1]);
/// let batch = Batch { x: &[1.0, 0.0, 0.5, -0.5], targets: &targets, step: 0 };
///
/// for (name, spent) in [("weight", 2 * 17), ("neuron", 2 * 5), ("directions", 2 * 16)] {
///     let kind: EstimatorKind = name.parse()?;
///     let mut estimator = kind.build(Scheme::Central, 1e-4, 0)?;
///     let mut gradient = vec![0.0; network.parameters()];
///     let measured = estimator.estimate(&objective, &theta, batch, &mut gradient)?;
///     assert_eq!(measured.loss_evaluations, spent);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait Estimator<T: Real>: fmt::Debug + Send {
    /// Estimates ∂L/∂θ of a batch, and writes it over `gradient`.
    ///
    /// # Errors
    /// If θ, the batch, the targets or `gradient` do not fit the network, or the loss or the
    /// estimate is not finite.
    fn estimate(
        &mut self,
        objective: &Objective<'_, T>,
        theta: &[T],
        batch: Batch<'_, T>,
        gradient: &mut [T],
    ) -> Result<Measurement<T>, GradientError>;

    /// θ ← θ − η·(ĝ + λ·θ) without a gradient being written down, for networks whose gradient
    /// would be as large as what is left of the memory. `None`, with θ as it was, if this
    /// estimator has no such way; after an error, too, θ is as it was.
    ///
    /// The bits are those of [`estimate`](Self::estimate) and plain gradient descent.
    fn descend(
        &mut self,
        _objective: &Objective<'_, T>,
        _theta: &mut [T],
        _batch: Batch<'_, T>,
        _rate: T,
        _decay: T,
    ) -> Option<Result<Measurement<T>, GradientError>> {
        None
    }

    /// Looks at a network before its first step, once, at the θ that the run starts from: so that
    /// what is found out follows from the configuration and the data, and a resumed run finds it
    /// again. It is told the `steps` of an epoch too. Returns the batch losses that it took, which
    /// are 0 where there is nothing to find.
    ///
    /// # Errors
    /// As [`estimate`](Self::estimate).
    fn prepare(
        &mut self,
        _objective: &Objective<'_, T>,
        _theta: &[T],
        _batch: Batch<'_, T>,
        _steps: u64,
    ) -> Result<u64, GradientError> {
        Ok(0)
    }

    /// Estimates together with other ranks from now on: each has the same θ and asks about the
    /// same batches in the same order, and each ends with the bits of one process.
    ///
    /// # Errors
    /// [`GradientError::Split`] if the estimator cannot be split as the team wants it.
    fn share(&mut self, team: Team) -> Result<(), GradientError>;

    /// Which samples of a batch of so many an estimate looks at: all, or those of this rank where
    /// ranks add up their own. The inputs of the others may be anything, and the forward pass knows
    /// nothing of them; the targets are those of all.
    fn looks_at(&self, _objective: &Objective<'_, T>, samples: usize) -> Range<usize> {
        0..samples
    }

    /// The batch losses that an estimate spends.
    fn loss_evaluations(&self, network: &Mlp<T>) -> u64;

    /// The forward pass of the batch last looked at, unperturbed: of the samples that were looked at.
    fn trace(&self) -> &Trace<T>;

    /// E‖ĝ − g‖² / ‖g‖² of an estimate for a given batch: 0 of a sweep, which draws nothing.
    fn relative_variance(&self, _network: &Mlp<T>) -> f64 {
        0.0
    }
}

impl<T: Real> Estimator<T> for FiniteDifferences<T> {
    fn estimate(
        &mut self,
        objective: &Objective<'_, T>,
        theta: &[T],
        batch: Batch<'_, T>,
        gradient: &mut [T],
    ) -> Result<Measurement<T>, GradientError> {
        self.measure(objective, theta, batch.x, batch.targets, gradient)
    }

    fn share(&mut self, team: Team) -> Result<(), GradientError> {
        FiniteDifferences::share(self, team)
    }

    fn looks_at(&self, objective: &Objective<'_, T>, samples: usize) -> Range<usize> {
        FiniteDifferences::looks_at(self, objective, samples)
    }

    fn loss_evaluations(&self, network: &Mlp<T>) -> u64 {
        FiniteDifferences::loss_evaluations(self, network)
    }

    fn trace(&self) -> &Trace<T> {
        FiniteDifferences::trace(self)
    }
}
