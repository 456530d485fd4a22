//! The elementary functions on slices, by the widest vector instructions that the CPU has.
//!
//! One polynomial, with the same order of operations and explicit fused multiply-adds, serves
//! every instruction set: the bits are equal on every CPU.
use crate::Elementary;
use crate::instructions::in_use;

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

/// The largest |x|, 0 for no x; NaN if some x is not finite.
pub fn largest<T: Elementary>(x: &[T]) -> T {
    const LANES: usize = 32;
    let (mut lanes, mut nothing) = ([T::ZERO; LANES], [T::ZERO; LANES]);
    wide(
        #[inline(always)]
        || {
            let (chunks, rest) = x.as_chunks::<LANES>();
            for chunk in chunks {
                for k in 0..LANES {
                    let size = chunk[k].magnitude();
                    lanes[k] = T::choose(size > lanes[k], size, lanes[k]);
                    // 0 times what is not finite is NaN, which no comparison sees.
                    nothing[k] = nothing[k] + T::ZERO * size;
                }
            }
            for (k, x) in rest.iter().enumerate() {
                let size = x.magnitude();
                lanes[k] = T::choose(size > lanes[k], size, lanes[k]);
                nothing[k] = nothing[k] + T::ZERO * size;
            }
        },
    );
    let larger = |m: T, &lane: &T| if lane > m { lane } else { m };
    let largest = lanes.iter().fold(T::ZERO, larger);
    nothing.iter().fold(largest, |sum, &nothing| sum + nothing)
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
