//! The hyperbolic tangent.
use super::{Units, sigmoid};
use crate::Real;

/// tanh' z = 1 − tanh² z = 4·σ(2z)·σ(−2z), which does not cancel where tanh² z is near 1.
pub(super) fn slope<T: Real>(z: T) -> T {
    let two = T::of(2.0);
    T::of(4.0) * sigmoid::value(two * z) * sigmoid::value(-two * z)
}

/// tanh(z + d) − tanh z = 2·[σ(2z + 2d) − σ(2z)].
pub(super) fn difference<T: Real>(z: T, d: T) -> T {
    let two = T::of(2.0);
    two * sigmoid::difference(two * z, two * d)
}

/// tanh z, and as memo 1 − tanh² z.
pub(super) fn values<T: Real>(z: &[T], a: &mut [T], memo: &mut [T]) {
    for ((a, memo), &z) in a.iter_mut().zip(memo).zip(z) {
        *a = z.tanh();
        *memo = slope(z);
    }
}

/// tanh(z + d) − tanh z = (1 − tanh² z)·tanh d / (1 + tanh z·tanh d): nothing of z need be
/// computed again. Past |d| = 1/2 the denominator may cancel, and [`difference`] serves.
pub(super) fn differences<T: Real>(units: Units<'_, T>, moves: &mut [T]) {
    let limit = T::of(0.5);
    for column in moves.chunks_exact_mut(units.z.len()) {
        for (k, d) in column.iter_mut().enumerate() {
            *d = if d.abs() <= limit {
                let t = d.tanh();
                units.memo[k] * t / (T::one() + units.a[k] * t)
            } else {
                difference(units.z[k], *d)
            };
        }
    }
}
