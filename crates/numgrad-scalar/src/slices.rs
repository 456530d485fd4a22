//! The elementary functions on slices, by the widest vector instructions that the CPU has.
//!
//! One polynomial, with the same order of operations and explicit fused multiply-adds, serves
//! every instruction set: the bits are equal on every CPU.
use crate::Elementary;
use crate::instructions::in_use;
use crate::lanes::{Lanes, dispatch};
use pulp::{Simd, WithSimd};

/// Runs a loop compiled for the widest vector instructions of this CPU (AVX-512, AVX2 with FMA,
/// or what every CPU has). The closure must be small enough to be inlined.
#[inline]
pub fn wide<R>(work: impl FnOnce() -> R) -> R {
    in_use().dispatch(work)
}

/// Replaces each x by exp x.
pub fn exp<T: Elementary>(x: &mut [T]) {
    map(x, crate::exp);
}

/// Replaces each x by exp x − 1.
pub fn exp_m1<T: Elementary>(x: &mut [T]) {
    map(x, crate::exp_m1);
}

/// Replaces each x by ln(1 + x).
pub fn ln_1p<T: Elementary>(x: &mut [T]) {
    map(x, crate::ln_1p);
}

/// σ(z) into `value` and σ(z)·σ(−z) into `slope`.
///
/// # Panics
/// If the slices differ in length.
pub fn sigmoid<T: Elementary>(z: &[T], value: &mut [T], slope: &mut [T]) {
    map_pair(z, value, slope, crate::sigmoid);
}

/// tanh z into `value` and 1 − tanh² z into `slope`.
///
/// # Panics
/// If the slices differ in length.
pub fn tanh<T: Elementary>(z: &[T], value: &mut [T], slope: &mut [T]) {
    map_pair(z, value, slope, crate::tanh);
}

/// softplus z = ln(1 + exp z) into `value` and its slope σ(z) into `slope`.
///
/// # Panics
/// If the slices differ in length.
pub fn softplus<T: Elementary>(z: &[T], value: &mut [T], slope: &mut [T]) {
    map_pair(z, value, slope, crate::softplus);
}

/// z·Φ(z) into `value` and the normal distribution's density φ(z) into `density`.
///
/// # Panics
/// If the slices differ in length.
pub fn gelu<T: Elementary>(z: &[T], value: &mut [T], density: &mut [T]) {
    map_pair(z, value, density, crate::gelu);
}

/// The largest |x|, 0 for no x; NaN if some x is not finite.
pub fn largest<T: Lanes>(x: &[T]) -> T {
    dispatch(Largest(x))
}

struct Largest<'a, T>(&'a [T]);

impl<T: Lanes> WithSimd for Largest<'_, T> {
    type Output = T;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> T {
        const CHAINS: usize = 4;
        let zero = T::spread(simd, T::ZERO);
        let (mut most, mut nothing) = ([zero; CHAINS], [zero; CHAINS]);
        let (vectors, rest) = T::vectors::<S>(self.0);
        for vectors in vectors.chunks(CHAINS) {
            for (k, &x) in vectors.iter().enumerate() {
                most[k] = T::largest_lanes(simd, x, most[k]);
                // 0 times what is not finite is NaN, which no comparison sees.
                nothing[k] = T::fused_lanes(simd, zero, x, nothing[k]);
            }
        }
        let (mut largest, mut sum) = (T::ZERO, T::ZERO);
        for &x in rest {
            let size = x.magnitude();
            largest = T::choose(size > largest, size, largest);
            sum = T::ZERO.fused(size, sum);
        }
        for k in 1..CHAINS {
            most[0] = T::largest_lanes(simd, most[k], most[0]);
            nothing[0] = T::plus(simd, nothing[0], nothing[k]);
        }
        let of_vectors = T::largest_of(simd, most[0]);
        largest = T::choose(of_vectors > largest, of_vectors, largest);
        largest + sum + T::sum_of(simd, nothing[0])
    }
}

#[inline(always)]
fn map<T: Elementary>(x: &mut [T], function: impl Fn(T) -> T) {
    wide(
        #[inline(always)]
        || {
            for x in x {
                *x = function(*x);
            }
        },
    );
}

#[inline(always)]
fn map_pair<T: Elementary>(z: &[T], value: &mut [T], slope: &mut [T], f: impl Fn(T) -> (T, T)) {
    assert!(z.len() == value.len() && z.len() == slope.len());
    wide(
        #[inline(always)]
        || {
            for ((&z, value), slope) in z.iter().zip(value).zip(slope) {
                (*value, *slope) = f(z);
            }
        },
    );
}

/// The name of the widest vector instructions in use, such as "V4" for AVX-512.
pub fn instruction_set() -> String {
    format!("{:?}", in_use())
        .split(['(', ' '])
        .next()
        .unwrap_or_default()
        .to_owned()
}
