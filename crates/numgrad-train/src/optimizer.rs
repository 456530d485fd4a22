//! From a gradient to the next parameters.
mod adam;
mod gradient_descent;
mod momentum;

pub use adam::{Adam, adam};
pub use gradient_descent::gradient_descent;
pub use momentum::momentum;

use numgrad_core::Real;
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// An optimizer of this crate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum OptimizerKind {
    /// θ ← θ − η·g.
    GradientDescent,
    /// v ← μ·v − η·g and θ ← θ + v, with μ = 0.9.
    Momentum,
    /// Adam with β₁ = 0.9, β₂ = 0.999 and ε = 1e-8.
    Adam,
}

impl OptimizerKind {
    /// A learning rate that suits most networks.
    pub fn default_learning_rate(self) -> f64 {
        match self {
            Self::Adam => 0.01,
            Self::GradientDescent | Self::Momentum => 0.1,
        }
    }

    /// The vectors as long as θ that the rule remembers from step to step.
    pub(crate) fn memories(self) -> usize {
        match self {
            Self::GradientDescent => 0,
            Self::Momentum => 1,
            Self::Adam => 2,
        }
    }
}

impl fmt::Display for OptimizerKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::GradientDescent => "gd",
            Self::Momentum => "momentum",
            Self::Adam => "adam",
        })
    }
}

impl FromStr for OptimizerKind {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "gd" | "sgd" | "gradient-descent" => Ok(Self::GradientDescent),
            "momentum" => Ok(Self::Momentum),
            "adam" => Ok(Self::Adam),
            _ => Err(format!(
                "unknown optimizer '{name}': one of gd, momentum, adam"
            )),
        }
    }
}

/// An optimizer with its state: data, and a step.
///
/// With a weight decay λ the gradient is that of the loss with the penalty λ/2·‖θ‖²: λ·θ is
/// added to it.
///
/// ```
/// use numgrad_train::optimizer::{Optimizer, OptimizerKind};
///
/// let mut descent = Optimizer::new(OptimizerKind::GradientDescent, 0.1, 0.0, 1);
/// let mut x = [2.0];
/// let slope = x; // of x²/2
/// descent.step(&mut x, &slope);
/// assert_eq!(x, [1.8]);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Optimizer<T> {
    kind: OptimizerKind,
    /// η.
    pub learning_rate: f64,
    /// λ.
    pub weight_decay: f64,
    steps: u64,
    memories: Vec<Vec<T>>,
}

/// Parameters that one worker updates at a time.
const PART: usize = 1 << 14;

impl<T: Real> Optimizer<T> {
    /// An optimizer for this many parameters, before its first step.
    pub fn new(
        kind: OptimizerKind,
        learning_rate: f64,
        weight_decay: f64,
        parameters: usize,
    ) -> Self {
        Self {
            kind,
            learning_rate,
            weight_decay,
            steps: 0,
            memories: vec![vec![T::zero(); parameters]; kind.memories()],
        }
    }

    /// An optimizer that goes on where another was: after so many steps, with these memories.
    /// `None` if they are not as many or as long as the rule's.
    pub fn resumed(self, steps: u64, memories: Vec<Vec<T>>) -> Option<Self> {
        let lengths = |m: &[Vec<T>]| m.iter().map(Vec::len).collect::<Vec<_>>();
        (lengths(&memories) == lengths(&self.memories)).then_some(Self {
            steps,
            memories,
            ..self
        })
    }

    /// The rule.
    pub fn kind(&self) -> OptimizerKind {
        self.kind
    }

    /// The number of steps so far.
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// What the rule remembers: vectors as long as θ.
    pub fn memories(&self) -> &[Vec<T>] {
        &self.memories
    }

    /// Counts a step of gradient descent that was taken elsewhere, without a gradient vector.
    pub(crate) fn count(&mut self) {
        self.steps += 1;
    }

    /// One step, in place, on the current rayon pool: every entry is computed by itself, so that
    /// no bit depends on the threads. It allocates nothing.
    ///
    /// # Panics
    /// If θ, the gradient and the memories are not all of one length.
    pub fn step(&mut self, theta: &mut [T], gradient: &[T]) {
        assert_lengths(theta, &[gradient]);
        for memory in &self.memories {
            assert_lengths(theta, &[memory]);
        }
        self.steps += 1;
        let (rate, decay) = (T::of(self.learning_rate), T::of(self.weight_decay));
        let slopes = gradient.par_chunks(PART);
        let parts = theta.par_chunks_mut(PART).zip(slopes);
        match (self.kind, self.memories.as_mut_slice()) {
            (OptimizerKind::GradientDescent, []) => {
                parts.for_each(|(theta, gradient)| gradient_descent(theta, gradient, rate, decay));
            }
            (OptimizerKind::Momentum, [velocity]) => parts
                .zip(velocity.par_chunks_mut(PART))
                .for_each(|((theta, gradient), velocity)| {
                    momentum(theta, gradient, velocity, T::of(0.9), rate, decay);
                }),
            (OptimizerKind::Adam, [first, second]) => {
                let (rule, steps) = (Adam::default(), self.steps);
                let memories = first.par_chunks_mut(PART).zip(second.par_chunks_mut(PART));
                parts
                    .zip(memories)
                    .for_each(|((theta, gradient), memories)| {
                        adam(theta, gradient, memories, rule, steps, rate, decay);
                    });
            }
            _ => unreachable!("every rule is made with its memories"),
        }
    }
}

/// A rule over slices of other lengths would leave parameters untouched and say nothing.
fn assert_lengths<T>(theta: &[T], others: &[&[T]]) {
    for other in others {
        let (parameters, found) = (theta.len(), other.len());
        assert_eq!(
            found, parameters,
            "{found} numbers for {parameters} parameters"
        );
    }
}
