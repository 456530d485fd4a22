//! The hyperbolic tangent.
use super::{Units, sigmoid};
use crate::Real;
use numgrad_scalar::{exp_m1, exp_m1_within, slices, tanh, wide};

/// tanh z.
pub(super) fn value<T: Real>(z: T) -> T {
    tanh(z).0
}

/// tanh' z = 1 − tanh² z, which does not cancel where tanh² z is near 1.
pub(super) fn slope<T: Real>(z: T) -> T {
    tanh(z).1
}

/// tanh(z + d) − tanh z = 2·[σ(2z + 2d) − σ(2z)].
#[inline(always)]
pub(super) fn difference<T: Real>(z: T, d: T) -> T {
    T::TWO * sigmoid::difference(T::TWO * z, T::TWO * d)
}

/// tanh z, and as memo 1 − tanh² z.
pub(super) fn values<T: Real>(z: &[T], a: &mut [T], memo: &mut [T]) {
    slices::tanh(z, a, memo);
}

/// The sigmoid's differences at 2z, with σ(2z) = (1 + tanh z) / 2 and
/// σ'(2z) = (1 − tanh² z) / 4.
pub(super) fn differences<T: Real>(units: Units<'_, T>, moves: &mut [T]) {
    let Units { z, a, memo } = units;
    let reach = T::TWO * slices::largest(moves);
    let sigma = |a: T| a.fused(T::HALF, T::HALF);
    if reach <= T::of(1.0 / 1024.0) {
        sigmoid::near_zero(a, memo, moves, T::TWO, sigma);
    } else if reach <= T::of(1.0 / 32.0) {
        sigmoid::quotients(a, memo, moves, T::TWO, sigma, exp_m1_within);
    } else if reach <= T::one() {
        sigmoid::quotients(a, memo, moves, T::TWO, sigma, exp_m1);
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
