//! Softmax and cross-entropy as one function of the logits.
use crate::{Loss, LossError, LossKind, Target};
use numgrad_scalar::{
    Real, exp, exp_m1, exp_m1_near_zero, exp_m1_within, ln_1p, ln_1p_near_zero, slices, wide,
};

/// E(z) = −Σ_k t_k·log p_k with p = softmax z: cross-entropy from logits.
///
/// By log-sum-exp: E = Σ_k t_k·(log Σ_c exp z_c − z_k), with the largest logit taken out, so that
/// nothing overflows and no ε is added to a logarithm. Targets need not sum to 1, but each must
/// be at least 0 and their sum s positive.
///
/// The difference for moves d, with c = Σ_k t_k·d_k / s, is
/// ΔE = s·log1p(Σ_k p_k·expm1(d_k − c)): for a class label c is that class's own move and its
/// term vanishes exactly. Where |d_k − c| > 1 for some k, it is log-sum-exp of both sides.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SoftmaxCrossEntropy;

impl SoftmaxCrossEntropy {
    /// The losses of samples whose logits z and probabilities p = softmax z are both known, of
    /// `classes` numbers each, one sample after the other: E = log1p(Σ_{k≠t} p_k / p_t), which
    /// keeps a confident sample's digits, and from z where p_t is too small to divide by.
    ///
    /// # Panics
    /// If a label is not below `classes`, or the lengths do not fit.
    pub fn of_labels<T: Real>(
        z: &[T],
        p: &[T],
        classes: usize,
        labels: impl Iterator<Item = usize> + Clone,
        losses: &mut [T],
    ) {
        let odds = p.chunks_exact(classes).zip(labels.clone());
        for (loss, (p, label)) in losses.iter_mut().zip(odds) {
            let sum = |sum, &p: &T| sum + p;
            let rest = p[..label].iter().fold(T::zero(), sum);
            let rest = p[label + 1..].iter().fold(rest, sum);
            *loss = rest / p[label];
        }
        slices::ln_1p(losses);
        let smallest = T::EPSILON * T::EPSILON;
        for (b, (loss, label)) in losses.iter_mut().zip(labels).enumerate() {
            let divides = p[b * classes + label] > smallest;
            // A NaN is computed again too.
            if !divides {
                *loss = Self.value(&z[b * classes..][..classes], Target::Label(label));
            }
        }
    }
}

/// Moves that are computed together.
const LANES: usize = 128;

impl<T: Real> Loss<T> for SoftmaxCrossEntropy {
    fn value(&self, z: &[T], target: Target<'_, T>) -> T {
        let (log_sum, largest) = log_sum_exp(z.iter().copied());
        match target {
            Target::Label(label) => log_sum + (largest - z[label]),
            Target::Values(t) => t.iter().zip(z).fold(T::zero(), |sum, (&t, &z)| {
                sum + t * (log_sum + (largest - z))
            }),
        }
    }

    fn differences(&self, z: &[T], moves: &[T], target: Target<'_, T>, p: &mut [T], out: &mut [T]) {
        probabilities(z, p);
        let lanes = out.len();
        for first in (0..lanes).step_by(LANES) {
            let here = LANES.min(lanes - first);
            let moves = Moves {
                entries: moves,
                lanes,
                first,
            };
            let (mut sums, mut centres) = ([T::zero(); LANES], [T::zero(); LANES]);
            let scale = moves.centres(here, target, &mut centres);
            let reach = moves.largest(here, p.len(), &centres);
            let out = &mut out[first..first + here];
            if reach <= T::of(1.0 / 1024.0) {
                moves.sum(here, p, &centres, &mut sums, exp_m1_near_zero);
                finish(&sums, scale, out, ln_1p_near_zero);
            } else if reach <= T::of(1.0 / 32.0) {
                moves.sum(here, p, &centres, &mut sums, exp_m1_within);
                finish(&sums, scale, out, ln_1p);
            } else if reach <= T::one() {
                moves.sum(here, p, &centres, &mut sums, exp_m1);
                finish(&sums, scale, out, ln_1p);
            } else {
                for (lane, out) in out.iter_mut().enumerate() {
                    let d = |k: usize| moves.entries[k * lanes + first + lane] - centres[lane];
                    *out = scale * both_sides(z, d);
                }
            }
        }
    }

    fn difference_is_exact(&self) -> bool {
        true
    }

    fn is_piecewise_smooth(&self) -> bool {
        true
    }

    fn gradient(&self, z: &[T], target: Target<'_, T>, gradient: &mut [T]) -> bool {
        probabilities(z, gradient);
        let scale = target.total();
        for (k, g) in gradient.iter_mut().enumerate() {
            *g = scale * *g - target.at(k);
        }
        true
    }

    fn check_target(&self, target: Target<'_, T>) -> Result<(), LossError> {
        check_weights(target)
    }

    fn kind(&self) -> Option<LossKind> {
        Some(LossKind::SoftmaxCrossEntropy)
    }
}

/// Targets of a cross-entropy are weights: at least 0, with a positive sum.
pub(crate) fn check_weights<T: Real>(target: Target<'_, T>) -> Result<(), LossError> {
    let Target::Values(t) = target else {
        return Ok(());
    };
    let error = |output: usize, requirement| LossError::Domain {
        sample: 0,
        output,
        value: t[output].as_f64(),
        requirement,
    };
    // Written so that a NaN is found too.
    if let Some(k) = t.iter().position(|&t| !(t >= T::zero() && t.is_finite())) {
        return Err(error(k, "cross-entropy needs finite targets of at least 0"));
    }
    if target.total() == T::zero() {
        return Err(error(0, "cross-entropy needs targets with a positive sum"));
    }
    Ok(())
}

/// log Σ exp(z_k − m) and m, the largest z: their sum is log Σ exp z. The largest term is a 1 of
/// its own, so that a confident sample's small loss keeps its digits.
fn log_sum_exp<T: Real>(z: impl Iterator<Item = T> + Clone) -> (T, T) {
    let (mut at, mut largest) = (0, T::of(f64::NEG_INFINITY));
    for (k, z) in z.clone().enumerate() {
        if z > largest {
            (at, largest) = (k, z);
        }
    }
    wide(
        #[inline(always)]
        || {
            let others = z.enumerate().filter(|&(k, _)| k != at);
            let sum = others.fold(T::zero(), |sum, (_, z)| sum + exp(z - largest));
            (ln_1p(sum), largest)
        },
    )
}

/// p = softmax z.
fn probabilities<T: Real>(z: &[T], p: &mut [T]) {
    let largest = z.iter().fold(z[0], |m, &z| if z > m { z } else { m });
    let mut sum = T::zero();
    wide(
        #[inline(always)]
        || {
            for (p, &z) in p.iter_mut().zip(z) {
                *p = exp(z - largest);
            }
        },
    );
    for &p in p.iter() {
        sum += p;
    }
    let inverse = T::one() / sum;
    for p in p {
        *p *= inverse;
    }
}

/// log Σ exp(z + d) − log Σ exp z.
fn both_sides<T: Real>(z: &[T], d: impl Fn(usize) -> T + Copy) -> T {
    let (before, largest_before) = log_sum_exp(z.iter().copied());
    let (after, largest_after) = log_sum_exp(z.iter().enumerate().map(move |(k, &z)| z + d(k)));
    (after - before) + (largest_after - largest_before)
}

fn finish<T: Real>(sums: &[T; LANES], scale: T, out: &mut [T], log: impl Fn(T) -> T) {
    wide(
        #[inline(always)]
        || {
            for (out, &sum) in out.iter_mut().zip(sums) {
                *out = scale * log(sum);
            }
        },
    );
}

/// Some lanes of the moves of all outputs.
#[derive(Clone, Copy)]
struct Moves<'a, T> {
    entries: &'a [T],
    lanes: usize,
    first: usize,
}

impl<'a, T: Real> Moves<'a, T> {
    fn of_output(self, k: usize, here: usize) -> &'a [T] {
        &self.entries[k * self.lanes + self.first..][..here]
    }

    /// c = Σ t_k·d_k / s of each lane. Returns s.
    fn centres(self, here: usize, target: Target<'_, T>, centres: &mut [T; LANES]) -> T {
        match target {
            Target::Label(label) => {
                centres[..here].copy_from_slice(self.of_output(label, here));
                T::one()
            }
            Target::Values(t) => {
                let scale = target.total();
                for (k, &t) in t.iter().enumerate() {
                    let part = t / scale;
                    for (centre, &d) in centres.iter_mut().zip(self.of_output(k, here)) {
                        *centre += part * d;
                    }
                }
                scale
            }
        }
    }

    /// The largest |d_k − c|; NaN if some is not finite.
    fn largest(self, here: usize, outputs: usize, centres: &[T; LANES]) -> T {
        let (mut largest, mut nothing) = ([T::zero(); LANES], [T::zero(); LANES]);
        wide(
            #[inline(always)]
            || {
                for k in 0..outputs {
                    let moves = self.of_output(k, here);
                    for lane in 0..here {
                        let distance = (moves[lane] - centres[lane]).magnitude();
                        let is_larger = distance > largest[lane];
                        largest[lane] = T::choose(is_larger, distance, largest[lane]);
                        // 0 times what is not finite is NaN, which no comparison sees.
                        nothing[lane] += T::ZERO * distance;
                    }
                }
            },
        );
        let larger = |m: T, &d: &T| if d > m { d } else { m };
        let all = largest[..here].iter().fold(T::zero(), larger);
        nothing[..here]
            .iter()
            .fold(all, |sum, &nothing| sum + nothing)
    }

    /// Σ_k p_k·expm1(d_k − c) of each lane.
    #[inline(always)]
    fn sum(
        self,
        here: usize,
        p: &[T],
        centres: &[T; LANES],
        sums: &mut [T; LANES],
        exp_m1: impl Fn(T) -> T,
    ) {
        wide(
            #[inline(always)]
            || {
                for (k, &p) in p.iter().enumerate() {
                    let lanes = sums.iter_mut().zip(self.of_output(k, here));
                    for ((sum, &d), &centre) in lanes.zip(centres) {
                        *sum = p.fused(exp_m1(d - centre), *sum);
                    }
                }
            },
        );
    }
}
