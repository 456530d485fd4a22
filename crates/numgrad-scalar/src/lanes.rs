//! Vectors of a scalar type, for kernels that keep their sums in registers.
//!
//! A kernel is a [`WithSimd`] that [`dispatch`] compiles for the widest vector instructions of the
//! CPU. Every operation here rounds once, as its scalar twin does, so that a kernel whose sums run
//! in a fixed order has equal bits on every CPU.
use crate::instructions::in_use;
use crate::{Elementary, Real};
use pulp::{Simd, WithSimd};
use std::marker::PhantomData;

/// Runs a kernel with the vector instructions in use: the widest of this CPU.
#[inline]
pub fn dispatch<K: WithSimd>(kernel: K) -> K::Output {
    in_use().dispatch(kernel)
}

/// A scalar whose vectors a kernel can compute with: lane by lane, with one rounding each.
pub trait Lanes: Elementary {
    /// A register of the instructions S.
    type Vector<S: Simd>: Copy;

    /// The number of lanes of a vector.
    fn lanes<S: Simd>() -> usize;

    /// x in every lane.
    fn spread<S: Simd>(simd: S, x: Self) -> Self::Vector<S>;

    /// The vectors that a slice begins with, and the rest of it.
    fn vectors<S: Simd>(x: &[Self]) -> (&[Self::Vector<S>], &[Self]);

    /// The same, to be written to.
    fn vectors_mut<S: Simd>(x: &mut [Self]) -> (&mut [Self::Vector<S>], &mut [Self]);

    /// The first lanes from a slice that may be shorter than a vector, the others 0.
    fn load<S: Simd>(simd: S, x: &[Self]) -> Self::Vector<S>;

    /// As many lanes as the slice has room for.
    fn store<S: Simd>(simd: S, x: &mut [Self], v: Self::Vector<S>);

    /// a + b.
    fn plus<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;

    /// a − b.
    fn minus<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;

    /// a·b.
    fn times<S: Simd>(simd: S, a: Self::Vector<S>, b: Self::Vector<S>) -> Self::Vector<S>;

    /// a·b + c, rounded once.
    fn fused_lanes<S: Simd>(
        simd: S,
        a: Self::Vector<S>,
        b: Self::Vector<S>,
        c: Self::Vector<S>,
    ) -> Self::Vector<S>;

    /// |a| where that is not at most `most`, else `most`: a running largest magnitude. A NaN is
    /// taken, and left again for the next number: whoever must know of it looks at the sums too.
    fn largest_lanes<S: Simd>(
        simd: S,
        a: Self::Vector<S>,
        most: Self::Vector<S>,
    ) -> Self::Vector<S>;

    /// The largest lane, where none is NaN.
    fn largest_of<S: Simd>(simd: S, a: Self::Vector<S>) -> Self;

    /// The sum of all lanes. Its order, and so its rounding, is that of the instructions.
    fn sum_of<S: Simd>(simd: S, a: Self::Vector<S>) -> Self;
}

/// The operations of the instructions S on vectors of T, for formulas that read as such. A closure
/// in a kernel is not compiled for S unless it is inlined; these always are.
#[derive(Debug, Clone, Copy)]
pub struct Arithmetic<S, T> {
    simd: S,
    scalar: PhantomData<T>,
}

impl<S: Simd, T: Real> Arithmetic<S, T> {
    /// By these instructions.
    #[inline(always)]
    pub fn new(simd: S) -> Self {
        Self {
            simd,
            scalar: PhantomData,
        }
    }

    /// The nearest number to x in every lane.
    #[inline(always)]
    pub fn at(self, x: f64) -> T::Vector<S> {
        T::spread(self.simd, T::of(x))
    }

    /// a·b.
    #[inline(always)]
    pub fn times(self, a: T::Vector<S>, b: T::Vector<S>) -> T::Vector<S> {
        T::times(self.simd, a, b)
    }

    /// a·b + c, rounded once.
    #[inline(always)]
    pub fn fused(self, a: T::Vector<S>, b: T::Vector<S>, c: T::Vector<S>) -> T::Vector<S> {
        T::fused_lanes(self.simd, a, b, c)
    }
}

/// A run of numbers in V vectors. The last one overlaps the one before where the run ends: both
/// then compute the same bits there. Only a run shorter than a vector is filled up with 0.
#[inline(always)]
pub fn load_run<S: Simd, T: Lanes, const V: usize>(simd: S, run: &[T]) -> [T::Vector<S>; V] {
    let lanes = T::lanes::<S>();
    if V == 1 && run.len() < lanes {
        return [T::load(simd, run); V];
    }
    let last = T::vectors::<S>(&run[run.len() - lanes..]).0[0];
    let (full, _) = T::vectors::<S>(run);
    let mut vectors = [last; V];
    vectors[..V - 1].copy_from_slice(&full[..V - 1]);
    vectors
}

/// The run of numbers that a slice begins with. One that is shorter than a vector is read past its
/// end where the slice goes on, which is cheaper than to fill it up: what the other lanes hold must
/// not be stored.
#[inline(always)]
pub fn load_first<S: Simd, T: Lanes, const V: usize>(
    simd: S,
    from: &[T],
    count: usize,
) -> [T::Vector<S>; V] {
    let lanes = T::lanes::<S>();
    if V == 1 && count < lanes && from.len() >= lanes {
        return load_run(simd, &from[..lanes]);
    }
    load_run(simd, &from[..count])
}

/// Writes what [`load_run`] reads.
#[inline(always)]
pub fn store_run<S: Simd, T: Lanes, const V: usize>(
    simd: S,
    run: &mut [T],
    vectors: [T::Vector<S>; V],
) {
    let lanes = T::lanes::<S>();
    if V == 1 && run.len() < lanes {
        return T::store(simd, run, vectors[0]);
    }
    let (full, _) = T::vectors_mut::<S>(run);
    full[..V - 1].copy_from_slice(&vectors[..V - 1]);
    let last = run.len() - lanes;
    T::vectors_mut::<S>(&mut run[last..]).0[0] = vectors[V - 1];
}

macro_rules! lanes {
    ($scalar:ty, $vector:ident, $lanes:ident, $splat:ident, $split:ident, $split_mut:ident,
     $load:ident, $store:ident, $add:ident, $sub:ident, $mul:ident, $fma:ident, $abs:ident,
     $le:ident, $select:ident, $largest:ident, $sum:ident) => {
        impl Lanes for $scalar {
            type Vector<S: Simd> = S::$vector;

            #[inline(always)]
            fn lanes<S: Simd>() -> usize {
                S::$lanes
            }

            #[inline(always)]
            fn spread<S: Simd>(simd: S, x: Self) -> S::$vector {
                simd.$splat(x)
            }

            #[inline(always)]
            fn vectors<S: Simd>(x: &[Self]) -> (&[S::$vector], &[Self]) {
                S::$split(x)
            }

            #[inline(always)]
            fn vectors_mut<S: Simd>(x: &mut [Self]) -> (&mut [S::$vector], &mut [Self]) {
                S::$split_mut(x)
            }

            #[inline(always)]
            fn load<S: Simd>(simd: S, x: &[Self]) -> S::$vector {
                simd.$load(x)
            }

            #[inline(always)]
            fn store<S: Simd>(simd: S, x: &mut [Self], v: S::$vector) {
                simd.$store(x, v);
            }

            #[inline(always)]
            fn plus<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$vector {
                simd.$add(a, b)
            }

            #[inline(always)]
            fn minus<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$vector {
                simd.$sub(a, b)
            }

            #[inline(always)]
            fn times<S: Simd>(simd: S, a: S::$vector, b: S::$vector) -> S::$vector {
                simd.$mul(a, b)
            }

            #[inline(always)]
            fn fused_lanes<S: Simd>(
                simd: S,
                a: S::$vector,
                b: S::$vector,
                c: S::$vector,
            ) -> S::$vector {
                simd.$fma(a, b, c)
            }

            #[inline(always)]
            fn largest_lanes<S: Simd>(simd: S, a: S::$vector, most: S::$vector) -> S::$vector {
                let size = simd.$abs(a);
                simd.$select(simd.$le(size, most), most, size)
            }

            #[inline(always)]
            fn largest_of<S: Simd>(simd: S, a: S::$vector) -> Self {
                simd.$largest(a)
            }

            #[inline(always)]
            fn sum_of<S: Simd>(simd: S, a: S::$vector) -> Self {
                simd.$sum(a)
            }
        }
    };
}

lanes!(
    f64,
    f64s,
    F64_LANES,
    splat_f64s,
    as_simd_f64s,
    as_mut_simd_f64s,
    partial_load_f64s,
    partial_store_f64s,
    add_f64s,
    sub_f64s,
    mul_f64s,
    mul_add_f64s,
    abs_f64s,
    less_than_or_equal_f64s,
    select_f64s,
    reduce_max_f64s,
    reduce_sum_f64s
);
lanes!(
    f32,
    f32s,
    F32_LANES,
    splat_f32s,
    as_simd_f32s,
    as_mut_simd_f32s,
    partial_load_f32s,
    partial_store_f32s,
    add_f32s,
    sub_f32s,
    mul_f32s,
    mul_add_f32s,
    abs_f32s,
    less_than_or_equal_f32s,
    select_f32s,
    reduce_max_f32s,
    reduce_sum_f32s
);
