//! Gradient descent with momentum: a ball that rolls, with friction.
use super::assert_lengths;
use numgrad_core::Real;

/// v ← μ·v − η·(g + λ·θ), and θ ← θ + v.
///
/// Polyak, "Some methods of speeding up the convergence of iteration methods", USSR Computational
/// Mathematics and Mathematical Physics 4, 1964.
///
/// # Panics
/// If the slices are not all of one length.
pub fn momentum<T: Real>(
    theta: &mut [T],
    gradient: &[T],
    velocity: &mut [T],
    friction: T,
    rate: T,
    decay: T,
) {
    assert_lengths(theta, &[gradient, velocity]);
    for ((theta, v), &g) in theta.iter_mut().zip(velocity).zip(gradient) {
        *v = friction * *v - rate * (g + decay * *theta);
        *theta += *v;
    }
}
