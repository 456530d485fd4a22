//! What a neuron does with its pre-activation z.
mod gelu;
mod kind;
mod relu;
mod sigmoid;
mod softplus;
mod step;
mod tanh;

pub use kind::ActivationKind;

use crate::Real;

/// An elementwise activation a = φ(z).
///
/// Only [`value`](Self::value) must be written, and a closure `Fn(T) -> T` is an activation: a
/// network trains with it as it is, differentiable or not.
///
/// ```
/// use numgrad_core::Activation;
///
/// let sine = |z: f64| z.sin();
/// assert_eq!(sine.value(0.0), 0.0);
/// assert_eq!(sine.difference(1.0, 0.5), 1.5_f64.sin() - 1.0_f64.sin());
/// ```
pub trait Activation<T: Real>: Send + Sync {
    /// φ(z).
    fn value(&self, z: T) -> T;

    /// φ(z + d) − φ(z).
    ///
    /// The default subtracts, and so loses the digits that the two values share. A known
    /// function computes the difference itself; that is the same difference, in better
    /// arithmetic.
    fn difference(&self, z: T, d: T) -> T {
        self.value(z + d) - self.value(z)
    }

    /// Whether [`difference`](Self::difference) keeps its digits for small d. Where it is a
    /// plain subtraction (the default), f32 needs a larger step.
    fn difference_is_exact(&self) -> bool {
        false
    }

    /// φ'(z), if the function has a derivative and knows it.
    ///
    /// Nothing trains by it. It serves the hand-derived backpropagation that the measured
    /// gradients are checked against.
    fn derivative(&self, _z: T) -> Option<T> {
        None
    }

    /// φ' of some units: `false` if there is no derivative.
    fn derivatives(&self, units: Units<'_, T>, out: &mut [T]) -> bool {
        for (out, &z) in out.iter_mut().zip(units.z) {
            match self.derivative(z) {
                Some(slope) => *out = slope,
                None => return false,
            }
        }
        true
    }

    /// Whether φ is linear on each side of 0, as ReLU is: φ(z + d) − φ(z) is then proportional
    /// to d as long as |d| < |z|.
    fn is_piecewise_linear(&self) -> bool {
        false
    }

    /// Whether φ is continuous, and smooth but for isolated corners. The `weight` sweep may then
    /// describe what follows a neuron by a few of its values; of any other function it evaluates
    /// every perturbation by itself. A closure is not taken to be smooth unless it is wrapped in
    /// [`Smooth`].
    fn is_piecewise_smooth(&self) -> bool {
        false
    }

    /// φ of a slice, and beside it whatever [`differences`](Self::differences) can use again
    /// for the same z: one number a unit.
    fn values(&self, z: &[T], a: &mut [T], _memo: &mut [T]) {
        for (a, &z) in a.iter_mut().zip(z) {
            *a = self.value(z);
        }
    }

    /// Replaces each move d by φ(z + d) − φ(z). `moves` holds one or more columns, each as long
    /// as `units`.
    fn differences(&self, units: Units<'_, T>, moves: &mut [T]) {
        for column in moves.chunks_exact_mut(units.z.len()) {
            for (d, &z) in column.iter_mut().zip(units.z) {
                *d = self.difference(z, *d);
            }
        }
    }

    /// Which of this crate's own activations this is.
    fn kind(&self) -> Option<ActivationKind> {
        None
    }
}

/// Some units of one layer for one sample, as [`Activation::values`] left them.
#[derive(Debug, Clone, Copy)]
pub struct Units<'a, T> {
    /// The pre-activations.
    pub z: &'a [T],
    /// φ(z).
    pub a: &'a [T],
    /// What the activation stored beside them.
    pub memo: &'a [T],
}

impl<T> Units<'_, T> {
    /// Some of the units.
    ///
    /// # Panics
    /// If there are fewer.
    #[must_use]
    pub fn some(self, first: usize, count: usize) -> Self {
        Self {
            z: &self.z[first..first + count],
            a: &self.a[first..first + count],
            memo: &self.memo[first..first + count],
        }
    }
}

/// A closure that is known to be continuous, and smooth but for isolated corners: the `weight`
/// sweep is then as fast as with an activation of this crate.
///
/// ```
/// use numgrad_core::{Activation, Smooth};
///
/// let swish = Smooth(|z: f64| z / (1.0 + (-z).exp()));
/// assert!(swish.is_piecewise_smooth());
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Smooth<F>(pub F);

impl<T: Real, F: Fn(T) -> T + Send + Sync> Activation<T> for Smooth<F> {
    fn value(&self, z: T) -> T {
        (self.0)(z)
    }

    fn is_piecewise_smooth(&self) -> bool {
        true
    }
}

impl<T: Real, F: Fn(T) -> T + Send + Sync> Activation<T> for F {
    fn value(&self, z: T) -> T {
        self(z)
    }
}
