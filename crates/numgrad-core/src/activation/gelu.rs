//! The Gaussian error linear unit z·Φ(z) in its exact form, with the normal distribution's Φ.
use super::Units;
use crate::Real;
use numgrad_scalar::{gelu, normal, slices, wide};

/// Terms of the series for moves up to [`NEAR`] and up to [`WITHIN`]: its remainder is then below
/// 1e-17·|d|.
const NEAR_TERMS: usize = 5;
const WITHIN_TERMS: usize = 11;
const NEAR: f64 = 1.0 / 1024.0;
const WITHIN: f64 = 1.0 / 16.0;

/// Past this the density is 0, and every term of the series with it.
const MOST: f64 = 40.0;

pub(super) fn value<T: Real>(z: T) -> T {
    gelu(z).0
}

/// Φ(z) + z·φ(z).
pub(super) fn slope<T: Real>(z: T) -> T {
    let (below, density) = normal(z);
    density.fused(z, below)
}

/// The series up to |d| = 1/16. Past it, where the two values share few digits, their difference.
pub(super) fn difference<T: Real>(z: T, d: T) -> T {
    if d.magnitude() <= T::of(WITHIN) {
        let (below, density) = normal(z);
        series::<T, WITHIN_TERMS>(z, below, density, d)
    } else {
        value(z + d) - value(z)
    }
}

/// z·Φ(z), and as memo φ(z).
pub(super) fn values<T: Real>(z: &[T], a: &mut [T], memo: &mut [T]) {
    slices::gelu(z, a, memo);
}

pub(super) fn slopes<T: Real>(units: Units<'_, T>, out: &mut [T]) {
    let Units { z, a, memo } = units;
    for (out, ((&z, &a), &density)) in out.iter_mut().zip(z.iter().zip(a).zip(memo)) {
        *out = density.fused(z, below(z, a));
    }
}

pub(super) fn differences<T: Real>(units: Units<'_, T>, moves: &mut [T]) {
    let reach = slices::largest(moves);
    if reach <= T::of(NEAR) {
        by_series::<T, NEAR_TERMS>(units, moves);
    } else if reach <= T::of(WITHIN) {
        by_series::<T, WITHIN_TERMS>(units, moves);
    } else {
        super::softplus::each(units.z, moves, difference);
    }
}

fn by_series<T: Real, const TERMS: usize>(units: Units<'_, T>, moves: &mut [T]) {
    let Units { z, a, memo } = units;
    wide(
        #[inline(always)]
        || {
            for column in moves.chunks_exact_mut(z.len()) {
                let units = z.iter().zip(a).zip(memo);
                for (d, ((&z, &a), &density)) in column.iter_mut().zip(units) {
                    *d = series::<T, TERMS>(z, below(z, a), density, *d);
                }
            }
        },
    );
}

/// Φ(z) of a = z·Φ(z), which is ½ to the last bit where z is too small to divide by.
#[inline(always)]
fn below<T: Real>(z: T, a: T) -> T {
    let is_small = z.magnitude() < T::EPSILON * T::EPSILON;
    let quotient = a / T::choose(is_small, T::ONE, z);
    T::choose(is_small, T::HALF, quotient)
}

/// (z + d)·Φ(z + d) − z·Φ(z) by Taylor's series in d:
/// d·(Φ + zφ) + φ·[d²·Σ_m u_m / ((m+1)(m+2)) − Σ_{n≥2} u_n] with u_n = (−d)ⁿ·He_n(z) / n!, because the
/// n-th derivative is (−1)ⁿ·φ·(He_{n−2} − He_n) from n = 2 on. Hermite's polynomials follow from
/// each other: (n + 1)·u_{n+1} = −d·z·u_n − d²·u_{n−1}.
#[inline(always)]
fn series<T: Real, const TERMS: usize>(z: T, below: T, density: T, d: T) -> T {
    let near = T::choose(z > T::of(MOST), T::of(MOST), z);
    let near = T::choose(near < T::of(-MOST), T::of(-MOST), near);
    let (by_z, square) = (-d * near, d * d);
    let (mut last, mut term) = (T::ONE, by_z);
    let mut twice = T::HALF.fused(last, T::of(1.0 / 6.0) * term);
    let mut rest = T::ZERO;
    for n in 1..TERMS {
        let next = by_z.fused(term, -(square * last)) * T::of(1.0 / (n as f64 + 1.0));
        (last, term) = (term, next);
        rest += term;
        if n + 1 < TERMS - 1 {
            let weight = 1.0 / ((n as f64 + 2.0) * (n as f64 + 3.0));
            twice = T::of(weight).fused(term, twice);
        }
    }
    let curved = density * square.fused(twice, -rest);
    d.fused(density.fused(z, below), curved)
}
