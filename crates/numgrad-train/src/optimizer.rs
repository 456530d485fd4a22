//! From a gradient to the next parameters.
mod adagrad;
mod adam;
mod gradient_descent;
mod kind;
mod momentum;
mod nesterov;
mod rmsprop;

pub use adagrad::adagrad;
pub(crate) use adam::power;
pub use adam::{Adam, adam, adamw};
pub use gradient_descent::gradient_descent;
pub use kind::OptimizerKind;
pub use momentum::momentum;
pub use nesterov::nesterov;
pub use rmsprop::rmsprop;

use numgrad_core::Real;
use rayon::prelude::*;

/// An optimizer with its state: data, and a step.
///
/// With a weight decay λ the gradient is that of the loss with the penalty λ/2·‖θ‖²: λ·θ is
/// added to it, but by AdamW, which takes η·λ·θ from θ itself.
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

/// μ of momentum and of Nesterov's.
const FRICTION: f64 = 0.9;

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
                    momentum(theta, gradient, velocity, T::of(FRICTION), rate, decay);
                }),
            (OptimizerKind::Nesterov, [velocity]) => parts
                .zip(velocity.par_chunks_mut(PART))
                .for_each(|((theta, gradient), velocity)| {
                    nesterov(theta, gradient, velocity, T::of(FRICTION), rate, decay);
                }),
            (OptimizerKind::Adagrad | OptimizerKind::Rmsprop, [squares]) => {
                let rule = match self.kind {
                    OptimizerKind::Adagrad => adagrad,
                    _ => rmsprop,
                };
                parts
                    .zip(squares.par_chunks_mut(PART))
                    .for_each(|((theta, gradient), squares)| {
                        rule(theta, gradient, squares, rate, decay);
                    });
            }
            (OptimizerKind::Adam | OptimizerKind::Adamw, [first, second]) => {
                let (constants, steps) = (Adam::default(), self.steps);
                let rule = match self.kind {
                    OptimizerKind::Adamw => adamw,
                    _ => adam,
                };
                let memories = first.par_chunks_mut(PART).zip(second.par_chunks_mut(PART));
                parts
                    .zip(memories)
                    .for_each(|((theta, gradient), memories)| {
                        rule(theta, gradient, memories, constants, steps, rate, decay);
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
