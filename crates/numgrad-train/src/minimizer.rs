//! Any function minimised: its gradient measured, and the same optimizers' steps.
use crate::black_box::BlackBox;
use crate::optimizer::{Optimizer, OptimizerKind};
use numgrad_core::Real;
use numgrad_diff::{DiffError, Differences, Directions, Failure, RandomDirections, Scheme, Step};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Points that a function is asked at a time; a multiple of every scheme's points.
const BATCH: usize = 256;

/// How a function is minimised: all that the path depends on besides the start.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Minimization {
    /// What is perturbed: each coordinate by itself, or random directions.
    #[serde(default)]
    pub directions: Option<Directions>,
    /// The difference scheme.
    pub scheme: Scheme,
    /// The step h. Without one, coordinates take ε^(1/(p+1))·max(|θ_k|, 1), and directions 1e-4.
    #[serde(default)]
    pub step: Option<f64>,
    /// The optimizer.
    pub optimizer: OptimizerKind,
    /// η.
    pub learning_rate: f64,
    /// The steps to take.
    pub steps: u64,
    /// The seed of the directions.
    pub seed: u64,
}

/// What a step began with and spent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepRecord {
    /// The steps before it.
    pub step: u64,
    /// f(θ) before it.
    pub value: f64,
    /// ‖ĝ‖ of the gradient that it followed.
    pub gradient_norm: f64,
    /// Evaluations of f since the run began.
    pub loss_evaluations: u64,
    /// Those of them that came to nothing.
    pub left_out: u64,
}

/// Why a function is minimised no further.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MinimizeError<E> {
    /// The function could not be evaluated.
    #[error(transparent)]
    Function(E),
    /// The function has no finite value at θ itself.
    #[error("the function is {value} before step {step}: try a smaller learning rate")]
    NotFinite {
        /// The steps done.
        step: u64,
        /// Its value.
        value: f64,
    },
    /// The start, the step or the directions cannot be.
    #[error(transparent)]
    Difference(#[from] DiffError),
    /// A setting that cannot be.
    #[error("{0}")]
    Setting(String),
}

/// A minimisation under way. Its path follows from the start, the settings and the function's
/// values alone: whoever keeps the values can walk it again, to the same bits.
///
/// ```
/// use numgrad_train::optimizer::OptimizerKind;
/// use numgrad_train::{Minimization, Minimizer};
///
/// let settings = Minimization {
///     directions: None,
///     scheme: "central".parse()?,
///     step: None,
///     optimizer: OptimizerKind::Adam,
///     learning_rate: 0.05,
///     steps: 400,
///     seed: 0,
/// };
/// let bowl = |x: &[f64]| (x[0] - 1.0).powi(2) + x[1].abs();
/// let mut minimizer = Minimizer::new(settings, vec![3.0, 0.5])?;
/// while !minimizer.is_finished() {
///     minimizer.step(&bowl)?;
/// }
/// let (value, theta) = minimizer.end(&bowl)?;
/// assert!(value < 0.1 && (theta[0] - 1.0).abs() < 0.1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Minimizer<T: Real> {
    settings: Minimization,
    random: Option<RandomDirections>,
    optimizer: Optimizer<T>,
    theta: Vec<T>,
    best: Option<(T, Vec<T>)>,
    evaluations: u64,
    left_out: u64,
    history: Vec<StepRecord>,
}

impl<T: Real + numgrad_diff::Real> Minimizer<T> {
    /// A minimisation from `start`.
    ///
    /// # Errors
    /// If the start or a setting cannot be.
    pub fn new(
        settings: Minimization,
        start: Vec<T>,
    ) -> Result<Self, MinimizeError<std::convert::Infallible>> {
        let Minimization {
            directions,
            scheme,
            step,
            optimizer,
            learning_rate,
            seed,
            ..
        } = settings;
        if !(learning_rate.is_finite() && learning_rate > 0.0) {
            return Err(MinimizeError::Setting(format!(
                "the learning rate must be positive and finite, but it is {learning_rate}"
            )));
        }
        if start.is_empty() {
            return Err(MinimizeError::Setting("there is no parameter".to_owned()));
        }
        if let Some(step) = step.filter(|step| !(step.is_finite() && *step > 0.0)) {
            return Err(DiffError::Step(step).into());
        }
        if let Some(index) = start.iter().position(|x| !x.is_finite()) {
            let value = numgrad_core::Real::as_f64(start[index]);
            return Err(DiffError::Point { index, value }.into());
        }
        let random = directions
            .map(|directions| RandomDirections::new(directions, scheme, step.unwrap_or(1e-4), seed))
            .transpose()?;
        Ok(Self {
            optimizer: Optimizer::new(optimizer, learning_rate, 0.0, start.len()),
            theta: start,
            best: None,
            evaluations: 0,
            left_out: 0,
            history: Vec::new(),
            settings,
            random,
        })
    }

    /// Measures f and its gradient at θ, and takes the optimizer's step.
    ///
    /// # Errors
    /// What the function failed with; or f(θ) is not finite. θ is then as it was.
    pub fn step<B: BlackBox<T>>(
        &mut self,
        function: &B,
    ) -> Result<&StepRecord, MinimizeError<B::Error>> {
        let value = self.look(function)?;
        let mut gradient = vec![T::zero(); self.theta.len()];
        self.measure(function, value, &mut gradient)?;
        let square = |g: &T| numgrad_core::Real::as_f64(*g).powi(2);
        self.history.push(StepRecord {
            step: self.optimizer.steps(),
            value: numgrad_core::Real::as_f64(value),
            gradient_norm: gradient.iter().map(square).sum::<f64>().sqrt(),
            loss_evaluations: self.evaluations,
            left_out: self.left_out,
        });
        self.optimizer.step(&mut self.theta, &gradient);
        Ok(&self.history[self.history.len() - 1])
    }

    /// f at the last θ, then the least value that f had at any θ on the path, and that θ.
    ///
    /// # Errors
    /// As [`step`](Self::step).
    pub fn end<B: BlackBox<T>>(
        &mut self,
        function: &B,
    ) -> Result<(T, &[T]), MinimizeError<B::Error>> {
        let last = self.look(function)?;
        Ok(match &self.best {
            Some((value, theta)) => (*value, theta),
            None => (last, &self.theta),
        })
    }

    /// Whether all steps are done.
    pub fn is_finished(&self) -> bool {
        self.optimizer.steps() >= self.settings.steps
    }

    /// A record for each step done.
    pub fn history(&self) -> &[StepRecord] {
        &self.history
    }

    /// θ as it is.
    pub fn theta(&self) -> &[T] {
        &self.theta
    }

    /// Evaluations of f since the run began.
    pub fn loss_evaluations(&self) -> u64 {
        self.evaluations
    }

    /// Those of them that came to nothing.
    pub fn left_out(&self) -> u64 {
        self.left_out
    }

    /// f(θ), which must be finite.
    fn look<B: BlackBox<T>>(&mut self, function: &B) -> Result<T, MinimizeError<B::Error>> {
        let mut value = [T::zero()];
        let asked = function.values(self.evaluations, &self.theta, &mut value);
        asked.map_err(MinimizeError::Function)?;
        self.evaluations += 1;
        let [value] = value;
        if !value.is_finite() {
            return Err(MinimizeError::NotFinite {
                step: self.optimizer.steps(),
                value: numgrad_core::Real::as_f64(value),
            });
        }
        if self.best.as_ref().is_none_or(|(best, _)| value < *best) {
            self.best = Some((value, self.theta.clone()));
        }
        Ok(value)
    }

    /// The gradient at θ, where f is `centre`. A coordinate or a direction of which a value is
    /// missing is left out.
    fn measure<B: BlackBox<T>>(
        &mut self,
        function: &B,
        centre: T,
        gradient: &mut Vec<T>,
    ) -> Result<(), MinimizeError<B::Error>> {
        let mut evaluations = self.evaluations;
        let mut left_out = 0;
        let mut ask = |points: &[T], values: &mut [T]| {
            function.values(evaluations, points, values)?;
            evaluations += values.len() as u64;
            left_out += values.iter().filter(|value| !value.is_finite()).count() as u64;
            Ok(())
        };
        if let Some(random) = &self.random {
            let moves = random.moves().len();
            let values = |points: &[T], values: &mut [T]| {
                ask(points, values)?;
                for values in values.chunks_mut(moves) {
                    if values.iter().any(|value| !value.is_finite()) {
                        values.fill(centre);
                    }
                }
                Ok(())
            };
            let (x, number) = ((&self.theta[..], centre), self.optimizer.steps());
            random
                .try_gradient_batched(values, x, number, BATCH / moves, gradient)
                .map_err(|failure| match failure {
                    Failure::Difference(error) => MinimizeError::Difference(error),
                    Failure::Objective { error, .. } => MinimizeError::Function(error),
                })?;
        } else {
            let step = self.settings.step;
            let step = step.map_or(Step::Auto, |h| {
                Step::Absolute(<T as numgrad_core::Real>::of(h))
            });
            let mut failed = None;
            let values = |points: &[T], values: &mut [T]| {
                if failed.is_none() {
                    failed = ask(points, values).err();
                }
            };
            let differences = Differences::new(self.settings.scheme).step(step);
            let measured = differences.gradient_batched(values, &self.theta, BATCH)?;
            if let Some(error) = failed {
                return Err(MinimizeError::Function(error));
            }
            *gradient = measured;
            for entry in gradient.iter_mut().filter(|entry| !entry.is_finite()) {
                *entry = T::zero();
            }
        }
        self.evaluations = evaluations;
        self.left_out += left_out;
        Ok(())
    }
}
