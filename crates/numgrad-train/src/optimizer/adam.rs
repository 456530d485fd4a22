//! Adam: a step of its own size for each parameter.
use numgrad_core::Real;

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
pub fn adam<T: Real>(
    theta: &mut [T],
    gradient: &[T],
    (mean, square): (&mut [T], &mut [T]),
    rule: Adam,
    step: u64,
    rate: T,
    decay: T,
) {
    // Past 2³¹ steps the corrections are 1.
    let t = i32::try_from(step).unwrap_or(i32::MAX);
    let (first, second) = (T::of(rule.first), T::of(rule.second));
    let (new, new_square) = (T::of(1.0 - rule.first), T::of(1.0 - rule.second));
    let rate = rate / T::of(1.0 - rule.first.powi(t));
    let correction = T::of(1.0 / (1.0 - rule.second.powi(t)));
    let epsilon = T::of(rule.epsilon);
    let memories = mean.iter_mut().zip(square);
    for ((theta, (m, v)), &g) in theta.iter_mut().zip(memories).zip(gradient) {
        let g = g + decay * *theta;
        *m = first * *m + new * g;
        *v = second * *v + new_square * (g * g);
        *theta -= rate * *m / ((*v * correction).sqrt() + epsilon);
    }
}
