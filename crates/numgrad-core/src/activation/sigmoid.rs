//! The logistic sigmoid σ(z) = 1 / (1 + exp −z).
use super::Units;
use crate::Real;

/// σ(z), without overflow: exp is only taken of −|z|.
pub(super) fn value<T: Real>(z: T) -> T {
    let e = (-z.abs()).exp();
    let tail = T::one() / (T::one() + e);
    if z >= T::zero() { tail } else { e * tail }
}

/// σ(z + d) − σ(z) = σ(−z)·σ(z + d)·(−expm1(−d)) for d ≥ 0, and σ(z)·σ(−z − d)·expm1(d) for
/// d < 0: products only, so that no digit cancels.
pub(super) fn difference<T: Real>(z: T, d: T) -> T {
    if d >= T::zero() {
        value(-z) * value(z + d) * -(-d).exp_m1()
    } else {
        value(z) * value(-z - d) * d.exp_m1()
    }
}

/// σ(z), and as memo σ(z)·σ(−z).
pub(super) fn values<T: Real>(z: &[T], a: &mut [T], memo: &mut [T]) {
    for ((a, memo), &z) in a.iter_mut().zip(memo).zip(z) {
        let e = (-z.abs()).exp();
        let tail = T::one() / (T::one() + e);
        *a = if z >= T::zero() { tail } else { e * tail };
        *memo = e * tail * tail;
    }
}

/// With m = expm1(d), σ(z + d) − σ(z) = σ(z)·σ(−z)·m / (1 + σ(z)·m): nothing of z need be
/// computed again. Past |d| = 1 the denominator may cancel, and [`difference`] serves.
pub(super) fn differences<T: Real>(units: Units<'_, T>, moves: &mut [T]) {
    for column in moves.chunks_exact_mut(units.z.len()) {
        for (k, d) in column.iter_mut().enumerate() {
            *d = if d.abs() <= T::one() {
                let m = d.exp_m1();
                units.memo[k] * m / (T::one() + units.a[k] * m)
            } else {
                difference(units.z[k], *d)
            };
        }
    }
}
