//! Softmax cross-entropy along a straight line of the logits.
use crate::{SoftmaxCrossEntropy, Target};
use numgrad_scalar::{
    Real, Simd, WithSimd, exp_m1, exp_m1_within,
    lanes::{Arithmetic, dispatch},
    ln_1p, slices, wide,
};

impl SoftmaxCrossEntropy {
    /// Replaces each distance s by E(z + s·v) − E(z), for p = softmax z and a direction v of the
    /// logits: s·log1p(Σ_k p_k·expm1(u_k·s)) with u_k = v_k − Σ_c t_c·v_c / Σ t, each evaluated by
    /// itself. `false`, and the distances as they were, where some |u_k·s| > 1: there the form
    /// would cancel, and [`Loss::differences`](crate::Loss::differences) serves.
    ///
    /// `scratch` is used again. Cost: an expm1 for each class and distance, of a short polynomial
    /// where all |u_k·s| ≤ 2⁻¹⁰.
    ///
    /// # Panics
    /// If v is shorter than p, or a label is not below their length.
    pub fn along<T: Real>(
        p: &[T],
        v: &[T],
        target: Target<'_, T>,
        distances: &mut [T],
        scratch: &mut Vec<T>,
    ) -> bool {
        let total = target.total();
        let centre = match target {
            Target::Label(label) => v[label],
            Target::Values(t) => {
                let parts = t.iter().zip(v);
                parts.fold(T::zero(), |sum, (&t, &v)| sum + t / total * v)
            }
        };
        scratch.clear();
        scratch.extend(v[..p.len()].iter().map(|&v| v - centre));
        let widest = scratch.iter().fold(T::zero(), |most, u| {
            if u.magnitude() <= most {
                most
            } else {
                u.magnitude()
            }
        });
        let reach = widest * slices::largest(distances);
        if reach <= T::of(1.0 / 1024.0) {
            dispatch(Near {
                p,
                u: scratch,
                total,
                distances,
            });
        } else if reach <= T::of(1.0 / 32.0) {
            each(p, scratch, total, distances, exp_m1_within);
        } else if reach <= T::one() {
            each(p, scratch, total, distances, exp_m1);
        } else {
            return false;
        }
        true
    }
}

/// The distances by the functions of one number.
#[inline(always)]
fn each<T: Real>(p: &[T], u: &[T], total: T, distances: &mut [T], exp_m1: impl Fn(T) -> T + Copy) {
    const LANES: usize = 16;
    wide(
        #[inline(always)]
        || {
            for distances in distances.chunks_mut(LANES) {
                let mut sums = [T::ZERO; LANES];
                for (&p, &u) in p.iter().zip(u) {
                    for (sum, &s) in sums.iter_mut().zip(distances.iter()) {
                        *sum = p.fused(exp_m1(u * s), *sum);
                    }
                }
                for (s, sum) in distances.iter_mut().zip(sums) {
                    *s = total * ln_1p(sum);
                }
            }
        },
    );
}

/// Distances with |u·s| ≤ 2⁻¹⁰, whose sums stay in registers.
struct Near<'a, T> {
    p: &'a [T],
    u: &'a [T],
    total: T,
    distances: &'a mut [T],
}

/// Vectors of distances at a time: enough to hide the latency of a polynomial.
const TOGETHER: usize = 4;

impl<T: Real> WithSimd for Near<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self {
            p,
            u,
            total,
            distances,
        } = self;
        let lanes = T::lanes::<S>();
        let (whole, rest) = T::vectors_mut::<S>(distances);
        let (groups, singles) = whole.as_chunks_mut::<TOGETHER>();
        for group in groups {
            *group = Self::vectors::<S, TOGETHER>(simd, p, u, total, *group);
        }
        for s in singles {
            [*s] = Self::vectors::<S, 1>(simd, p, u, total, [*s]);
        }
        if !rest.is_empty() {
            debug_assert!(rest.len() < lanes);
            let [s] = Self::vectors::<S, 1>(simd, p, u, total, [T::load(simd, rest)]);
            T::store(simd, rest, s);
        }
    }
}

impl<T: Real> Near<'_, T> {
    #[inline(always)]
    fn vectors<S: Simd, const V: usize>(
        simd: S,
        p: &[T],
        u: &[T],
        total: T,
        distances: [T::Vector<S>; V],
    ) -> [T::Vector<S>; V] {
        let by = Arithmetic::<S, T>::new(simd);
        let (half, sixth) = (by.at(0.5), by.at(1.0 / 6.0));
        let (fourth, fifth) = (by.at(1.0 / 24.0), by.at(1.0 / 120.0));
        let mut sums = [by.at(0.0); V];
        for (&p, &u) in p.iter().zip(u) {
            let (p, u) = (T::spread(simd, p), T::spread(simd, u));
            for (sum, s) in sums.iter_mut().zip(distances) {
                // expm1(x) = x + x²·(1/2 + x/6 + x²/24 + x³/120)
                let x = by.times(u, s);
                let tail = by.fused(by.fused(by.fused(fifth, x, fourth), x, sixth), x, half);
                *sum = by.fused(p, by.fused(by.times(x, x), tail, x), *sum);
            }
        }
        for sum in &mut sums {
            // log1p(x) = x − x²·(1/2 − x/3 + x²/4 − x³/5)
            let x = *sum;
            let tail = by.fused(by.at(1.0 / 5.0), x, by.at(-1.0 / 4.0));
            let tail = by.fused(by.fused(tail, x, by.at(1.0 / 3.0)), x, by.at(-1.0 / 2.0));
            *sum = by.times(T::spread(simd, total), by.fused(by.times(x, x), tail, x));
        }
        sums
    }
}
