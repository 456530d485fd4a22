//! Adam: a step of its own size for each parameter.
use super::assert_lengths;
use numgrad_core::Real;
use numgrad_scalar::wide;

/// The constants of Adam.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Adam {
    /// How much of the mean gradient is kept: β₁.
    pub first: f64,
    /// How much of the mean squared gradient is kept: β₂.
    pub second: f64,
    /// What keeps the quotient finite: ε.
    pub epsilon: f64,
}

impl Default for Adam {
    /// β₁ = 0.9, β₂ = 0.999 and ε = 1e-8.
    fn default() -> Self {
        Self {
            first: 0.9,
            second: 0.999,
            epsilon: 1e-8,
        }
    }
}

/// With g the gradient plus λ·θ: m ← β₁·m + (1 − β₁)·g, v ← β₂·v + (1 − β₂)·g², and
/// θ ← θ − η·m̂ / (√v̂ + ε) with m̂ = m / (1 − β₁ᵗ) and v̂ = v / (1 − β₂ᵗ) at step t = 1, 2, …
///
/// Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015, algorithm 1.
///
/// # Panics
/// If the slices are not all of one length.
pub fn adam<T: Real>(
    theta: &mut [T],
    gradient: &[T],
    (mean, square): (&mut [T], &mut [T]),
    rule: Adam,
    step: u64,
    rate: T,
    decay: T,
) {
    assert_lengths(theta, &[gradient, mean, square]);
    let (first, second) = (T::of(rule.first), T::of(rule.second));
    let (new, new_square) = (T::of(1.0 - rule.first), T::of(1.0 - rule.second));
    let rate = rate / T::of(1.0 - power(rule.first, step));
    let correction = T::of(1.0 / (1.0 - power(rule.second, step)));
    let epsilon = T::of(rule.epsilon);
    let memories = mean.iter_mut().zip(square);
    wide(
        #[inline(always)]
        || {
            for ((theta, (m, v)), &g) in theta.iter_mut().zip(memories).zip(gradient) {
                let g = g + decay * *theta;
                *m = first * *m + new * g;
                *v = second * *v + new_square * (g * g);
                *theta -= rate * *m / ((*v * correction).sqrt() + epsilon);
            }
        },
    );
}

/// θ ← θ − η·λ·θ, then [`adam`] without a penalty: the decay does not go through the memories.
///
/// Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019, algorithm 2.
///
/// # Panics
/// If the slices are not all of one length.
pub fn adamw<T: Real>(
    theta: &mut [T],
    gradient: &[T],
    memories: (&mut [T], &mut [T]),
    rule: Adam,
    step: u64,
    rate: T,
    decay: T,
) {
    let left = T::one() - rate * decay;
    for theta in &mut *theta {
        *theta *= left;
    }
    adam(theta, gradient, memories, rule, step, rate, T::zero());
}

/// βᵗ by squaring: the standard library's `powi` promises no bits across machines.
pub(crate) fn power(mut base: f64, mut exponent: u64) -> f64 {
    let mut power = 1.0;
    while exponent > 0 {
        if exponent % 2 == 1 {
            power *= base;
        }
        base *= base;
        exponent /= 2;
    }
    power
}
