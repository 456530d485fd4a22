//! Softplus, ln(1 + exp z): a ReLU without a corner.
use super::Units;
use crate::Real;
use numgrad_scalar::{
    exp_m1, exp_m1_near_zero, exp_m1_within, ln_1p, ln_1p_near_zero, slices, softplus,
    softplus_difference, wide,
};

pub(super) fn value<T: Real>(z: T) -> T {
    softplus(z).0
}

/// softplus' z = σ(z).
pub(super) fn slope<T: Real>(z: T) -> T {
    softplus(z).1
}

/// softplus(z + d) − softplus(z) = ln(1 + σ(z)·expm1 d).
pub(super) fn difference<T: Real>(z: T, d: T) -> T {
    softplus_difference(z, d)
}

/// softplus z, and as memo σ(z).
pub(super) fn values<T: Real>(z: &[T], a: &mut [T], memo: &mut [T]) {
    slices::softplus(z, a, memo);
}

/// Up to |d| = 1, σ(z) is all that need be known of z.
pub(super) fn differences<T: Real>(units: Units<'_, T>, moves: &mut [T]) {
    let Units { z, memo, .. } = units;
    let reach = slices::largest(moves);
    if reach <= T::of(1.0 / 1024.0) {
        each(memo, moves, |sigma, d| {
            ln_1p_near_zero(sigma * exp_m1_near_zero(d))
        });
    } else if reach <= T::of(1.0 / 32.0) {
        each(memo, moves, |sigma, d| ln_1p(sigma * exp_m1_within(d)));
    } else if reach <= T::one() {
        each(memo, moves, |sigma, d| ln_1p(sigma * exp_m1(d)));
    } else {
        each(z, moves, softplus_difference);
    }
}

/// Replaces each move of some units by a function of what is known of the unit and of the move.
#[inline(always)]
pub(super) fn each<T: Real>(units: &[T], moves: &mut [T], difference: impl Fn(T, T) -> T) {
    wide(
        #[inline(always)]
        || {
            for column in moves.chunks_exact_mut(units.len()) {
                for (d, &unit) in column.iter_mut().zip(units) {
                    *d = difference(unit, *d);
                }
            }
        },
    );
}
