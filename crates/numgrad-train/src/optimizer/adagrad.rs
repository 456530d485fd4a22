//! AdaGrad: what has moved much moves less.
use super::assert_lengths;
use numgrad_core::Real;
use numgrad_scalar::wide;

/// What keeps the quotient finite.
const EPSILON: f64 = 1e-10;

/// With g the gradient plus λ·θ: s ← s + g², and θ ← θ − η·g / (√s + 10⁻¹⁰).
///
/// Duchi, Hazan and Singer, "Adaptive subgradient methods for online learning and stochastic
/// optimization", JMLR 12, 2011, with a diagonal matrix.
///
/// # Panics
/// If the slices are not all of one length.
pub fn adagrad<T: Real>(theta: &mut [T], gradient: &[T], squares: &mut [T], rate: T, decay: T) {
    assert_lengths(theta, &[gradient, squares]);
    let epsilon = T::of(EPSILON);
    wide(
        #[inline(always)]
        || {
            for ((theta, s), &g) in theta.iter_mut().zip(squares).zip(gradient) {
                let g = g + decay * *theta;
                *s += g * g;
                *theta -= rate * g / (s.sqrt() + epsilon);
            }
        },
    );
}
