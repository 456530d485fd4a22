//! Nesterov's accelerated gradient: a ball that looks where it will roll.
use super::assert_lengths;
use numgrad_core::Real;

/// v ← μ·v − η·(g + λ·θ), and θ ← θ + μ·v − η·(g + λ·θ).
///
/// Sutskever, Martens, Dahl and Hinton, "On the importance of initialization and momentum in deep
/// learning", ICML 2013, section 2; written for the point that is looked at, after Bengio,
/// Boulanger-Lewandowski and Pascanu, arXiv:1212.0901, (7).
///
/// # Panics
/// If the slices are not all of one length.
pub fn nesterov<T: Real>(
    theta: &mut [T],
    gradient: &[T],
    velocity: &mut [T],
    friction: T,
    rate: T,
    decay: T,
) {
    assert_lengths(theta, &[gradient, velocity]);
    for ((theta, v), &g) in theta.iter_mut().zip(velocity).zip(gradient) {
        let step = rate * (g + decay * *theta);
        *v = friction * *v - step;
        *theta += friction * *v - step;
    }
}
