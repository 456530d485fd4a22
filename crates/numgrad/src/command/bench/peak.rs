//! The most multiply-adds a second that this machine's threads can do: what a share of the peak
//! is a share of.
use numgrad_core::{Precision, Real};
use pulp::{Arch, Simd, WithSimd};
use rayon::ThreadPool;
use std::hint::black_box;
use std::time::Instant;

/// Sums that do not wait for each other: two units that answer after four cycles need eight.
const SUMS: usize = 12;

/// Multiply-adds of each sum in one measurement, which takes about a tenth of a millisecond.
const ROUNDS: usize = 20_000;

/// Measurements; the fastest is the peak, for nothing can make one too fast.
const TIMES: usize = 100;

/// Fused multiply-adds a second of all threads of a pool at once, by the widest vector
/// instructions of this CPU, on registers alone.
pub(super) fn multiply_adds_per_second<T: Real>(pool: &ThreadPool) -> f64 {
    let rates = pool.broadcast(|_| {
        let fastest = (0..TIMES).map(|_| rate(T::PRECISION));
        fastest.fold(0.0, f64::max)
    });
    rates.iter().sum()
}

fn rate(precision: Precision) -> f64 {
    let arch = Arch::new();
    let started = Instant::now();
    let done = match precision {
        Precision::F32 => arch.dispatch(Singles(black_box(0.5))),
        Precision::F64 => arch.dispatch(Doubles(black_box(0.5))),
    };
    done as f64 / started.elapsed().as_secs_f64()
}

/// x ← a·x + a in f64, many times; its result is how many were done.
struct Doubles(f64);

impl WithSimd for Doubles {
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> usize {
        let a = simd.splat_f64s(self.0);
        let mut sums = [a; SUMS];
        for _ in 0..ROUNDS {
            for sum in &mut sums {
                *sum = simd.mul_add_f64s(*sum, a, a);
            }
        }
        for sum in sums {
            black_box(simd.reduce_sum_f64s(sum));
        }
        ROUNDS * SUMS * S::F64_LANES
    }
}

/// The same in f32.
struct Singles(f32);

impl WithSimd for Singles {
    type Output = usize;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> usize {
        let a = simd.splat_f32s(self.0);
        let mut sums = [a; SUMS];
        for _ in 0..ROUNDS {
            for sum in &mut sums {
                *sum = simd.mul_add_f32s(*sum, a, a);
            }
        }
        for sum in sums {
            black_box(simd.reduce_sum_f32s(sum));
        }
        ROUNDS * SUMS * S::F32_LANES
    }
}
