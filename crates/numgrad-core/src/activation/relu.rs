//! ReLU and leaky ReLU: z for z > 0, and leak·z elsewhere.
use super::Units;
use crate::Real;
use numgrad_scalar::wide;

/// The slope of leaky ReLU left of 0.
pub(super) fn leak<T: Real>() -> T {
    T::of(0.01)
}

pub(super) fn value<T: Real>(z: T, leak: T) -> T {
    if z > T::zero() { z } else { leak * z }
}

/// [`value`] of each z, without a branch.
pub(super) fn values<T: Real>(z: &[T], a: &mut [T], leak: T) {
    wide(
        #[inline(always)]
        || {
            for (a, &z) in a.iter_mut().zip(z) {
                *a = T::choose(z > T::ZERO, z, leak * z);
            }
        },
    );
}

pub(super) fn slope<T: Real>(z: T, leak: T) -> T {
    if z > T::zero() { T::one() } else { leak }
}

pub(super) fn slopes<T: Real>(z: &[T], leak: T, out: &mut [T]) {
    for (out, &z) in out.iter_mut().zip(z) {
        *out = slope(z, leak);
    }
}

/// φ(z + d) − φ(z), case by case on the signs of z and z + d. On one side of the corner it is
/// slope·d exactly; across it the part of d on each side has its own slope.
pub(super) fn difference<T: Real>(z: T, d: T, leak: T) -> T {
    let end = z + d;
    match (z > T::zero(), end > T::zero()) {
        (true, true) => d,
        (false, false) => leak * d,
        (true, false) => leak * end - z,
        (false, true) => end - leak * z,
    }
}

/// [`difference`], without a branch.
#[inline(always)]
fn chosen<T: Real>(z: T, d: T, leak: T) -> T {
    let end = z + d;
    let from_right = T::choose(end > T::ZERO, d, leak * end - z);
    let from_left = T::choose(end > T::ZERO, end - leak * z, leak * d);
    T::choose(z > T::ZERO, from_right, from_left)
}

pub(super) fn differences<T: Real>(units: Units<'_, T>, moves: &mut [T], leak: T) {
    wide(
        #[inline(always)]
        || {
            for column in moves.chunks_exact_mut(units.z.len()) {
                for (d, &z) in column.iter_mut().zip(units.z) {
                    *d = chosen(z, *d, leak);
                }
            }
        },
    );
}
