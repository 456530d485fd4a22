//! RMSprop: a gradient divided by the running root of its mean square.
use super::assert_lengths;
use numgrad_core::Real;
use numgrad_scalar::wide;

/// How much of the mean square is kept: ρ.
const KEPT: f64 = 0.9;

/// What keeps the quotient finite.
const EPSILON: f64 = 1e-8;

/// With g the gradient plus λ·θ: s ← ρ·s + (1 − ρ)·g², and θ ← θ − η·g / (√s + 10⁻⁸), ρ = 0.9.
///
/// Tieleman and Hinton, "Neural networks for machine learning", lecture 6e, 2012.
///
/// # Panics
/// If the slices are not all of one length.
pub fn rmsprop<T: Real>(theta: &mut [T], gradient: &[T], squares: &mut [T], rate: T, decay: T) {
    assert_lengths(theta, &[gradient, squares]);
    let (kept, new, epsilon) = (T::of(KEPT), T::of(1.0 - KEPT), T::of(EPSILON));
    wide(
        #[inline(always)]
        || {
            for ((theta, s), &g) in theta.iter_mut().zip(squares).zip(gradient) {
                let g = g + decay * *theta;
                *s = kept * *s + new * (g * g);
                *theta -= rate * g / (s.sqrt() + epsilon);
            }
        },
    );
}
