//! Softmax, and how it changes when its inputs move.
use crate::Real;
use numgrad_scalar::{exp, exp_m1, wide};

/// p_k = exp(z_k − max z) / Σ_c exp(z_c − max z), for one sample or several of `outputs` numbers
/// each, one after the other.
pub fn softmax<T: Real>(z: &[T], outputs: usize, p: &mut [T]) {
    wide(
        #[inline(always)]
        || {
            for (z, p) in z.chunks_exact(outputs).zip(p.chunks_exact_mut(outputs)) {
                let largest = z.iter().fold(z[0], |m, &z| T::choose(z > m, z, m));
                for (p, &z) in p.iter_mut().zip(z) {
                    *p = z - largest;
                }
            }
            for p in p.iter_mut() {
                *p = exp(*p);
            }
            for p in p.chunks_exact_mut(outputs) {
                let inverse = T::ONE / p.iter().fold(T::ZERO, |sum, &p| sum + p);
                for p in p {
                    *p *= inverse;
                }
            }
        },
    );
}

/// Replaces the moves d of the inputs by p(z + d) − p(z), for many moves at once: the move of
/// input k in lane m is `moves[k * lanes + m]`. `moved` has room for one vector of inputs.
///
/// With c one of the moves, e_k = expm1(d_k − c) and s = Σ_k p_k·e_k, the difference is
/// p_k·(e_k − s) / (1 + s): no digit of p cancels. Where some |d_k − c| > 1 the softmax is
/// computed again instead.
pub fn softmax_differences<T: Real>(
    z: &[T],
    p: &[T],
    moves: &mut [T],
    lanes: usize,
    moved: &mut [T],
) {
    wide(
        #[inline(always)]
        || each_lane(z, p, moves, lanes, moved),
    );
}

#[inline(always)]
fn each_lane<T: Real>(z: &[T], p: &[T], moves: &mut [T], lanes: usize, moved: &mut [T]) {
    for lane in 0..lanes {
        let shift = moves[lane];
        let mut sum = T::zero();
        let mut small = true;
        for (k, &p) in p.iter().enumerate() {
            let d = moves[k * lanes + lane] - shift;
            small &= d.abs() <= T::one();
            sum += p * exp_m1(d);
        }
        if small {
            for (k, &p) in p.iter().enumerate() {
                let e = exp_m1(moves[k * lanes + lane] - shift);
                moves[k * lanes + lane] = p * (e - sum) / (T::one() + sum);
            }
        } else {
            again(z, p, moves, lanes, lane, moved);
        }
    }
}

/// p(z + d) − p(z) by computing p(z + d).
fn again<T: Real>(z: &[T], p: &[T], moves: &mut [T], lanes: usize, lane: usize, moved: &mut [T]) {
    for (k, &z) in z.iter().enumerate() {
        moved[k] = z + moves[k * lanes + lane];
    }
    let largest = moved
        .iter()
        .fold(moved[0], |m, &z| if z > m { z } else { m });
    let sum = moved
        .iter()
        .fold(T::zero(), |sum, &z| sum + exp(z - largest));
    for (k, &p) in p.iter().enumerate() {
        moves[k * lanes + lane] = exp(moved[k] - largest) / sum - p;
    }
}
