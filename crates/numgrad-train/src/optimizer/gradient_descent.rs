//! Gradient descent.
use super::assert_lengths;
use numgrad_core::Real;

/// θ ← θ − η·(g + λ·θ).
///
/// # Panics
/// If the slices are not of one length.
pub fn gradient_descent<T: Real>(theta: &mut [T], gradient: &[T], rate: T, decay: T) {
    assert_lengths(theta, &[gradient]);
    for (theta, &g) in theta.iter_mut().zip(gradient) {
        *theta -= rate * (g + decay * *theta);
    }
}
