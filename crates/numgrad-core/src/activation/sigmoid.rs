//! The logistic sigmoid σ(z) = 1 / (1 + exp −z).
use super::Units;
use crate::Real;
use numgrad_scalar::{exp_m1, exp_m1_near_zero, exp_m1_within, sigmoid, slices, wide};

/// σ(z), without overflow.
#[inline(always)]
pub(super) fn value<T: Real>(z: T) -> T {
    sigmoid(z).0
}

/// σ(z + d) − σ(z) = σ(−z)·σ(z + d)·(−expm1(−d)) for d ≥ 0, and σ(z)·σ(−z − d)·expm1(d) for
/// d < 0: products only, so that no digit cancels.
#[inline(always)]
pub(super) fn difference<T: Real>(z: T, d: T) -> T {
    if d >= T::zero() {
        value(-z) * value(z + d) * -exp_m1(-d)
    } else {
        value(z) * value(-z - d) * exp_m1(d)
    }
}

/// σ(z), and as memo σ'(z) = σ(z)·σ(−z).
pub(super) fn values<T: Real>(z: &[T], a: &mut [T], memo: &mut [T]) {
    slices::sigmoid(z, a, memo);
}

/// With m = expm1(d), σ(z + d) − σ(z) = σ'(z)·m / (1 + σ(z)·m): nothing of z need be computed
/// again. Past |d| = 1 the denominator may cancel, and [`difference`] serves.
pub(super) fn differences<T: Real>(units: Units<'_, T>, moves: &mut [T]) {
    let Units { z, a, memo } = units;
    let reach = slices::largest(moves);
    if reach <= T::of(1.0 / 1024.0) {
        near_zero(a, memo, moves, T::one(), |a| a);
    } else if reach <= T::of(1.0 / 32.0) {
        quotients(a, memo, moves, T::one(), |a| a, exp_m1_within);
    } else if reach <= T::one() {
        quotients(a, memo, moves, T::one(), |a| a, exp_m1);
    } else {
        wide(
            #[inline(always)]
            || {
                for column in moves.chunks_exact_mut(z.len()) {
                    for (d, &z) in column.iter_mut().zip(z) {
                        *d = difference(z, *d);
                    }
                }
            },
        );
    }
}

/// scale·σ'·m / (1 + σ·m) with m = expm1(d / scale), for σ and σ' of the units.
#[inline(always)]
pub(super) fn quotients<T: Real>(
    a: &[T],
    slope: &[T],
    moves: &mut [T],
    stretch: T,
    sigma: impl Fn(T) -> T + Copy,
    exp_m1: impl Fn(T) -> T + Copy,
) {
    wide(
        #[inline(always)]
        || {
            for column in moves.chunks_exact_mut(a.len()) {
                for ((d, &a), &slope) in column.iter_mut().zip(a).zip(slope) {
                    let m = exp_m1(stretch * *d);
                    *d = slope * m / (stretch * sigma(a).fused(m, T::ONE));
                }
            }
        },
    );
}

/// The same for |m| ≤ 2⁻⁹: 1 / (1 + q) is then 1 − q + q² − … + q⁶ to the last bit.
#[inline(always)]
pub(super) fn near_zero<T: Real>(
    a: &[T],
    slope: &[T],
    moves: &mut [T],
    stretch: T,
    sigma: impl Fn(T) -> T + Copy,
) {
    let inverse = T::ONE / stretch;
    wide(
        #[inline(always)]
        || {
            for column in moves.chunks_exact_mut(a.len()) {
                for ((d, &a), &slope) in column.iter_mut().zip(a).zip(slope) {
                    let m = exp_m1_near_zero(stretch * *d);
                    let q = -sigma(a) * m;
                    let square = q * q;
                    let high = square.fused(T::ONE + q, T::ONE + q);
                    let series = (square * square).fused(square + q + T::ONE, high);
                    *d = slope * inverse * m * series;
                }
            }
        },
    );
}
