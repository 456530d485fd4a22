//! Where the logits move on a straight line: φ(δ) is then the loss along a direction v, at the
//! distance s(δ) that the neuron's own activation moves. Of the softmax cross-entropy this is a
//! short series, whose coefficients are the moments of v under the probabilities.
use crate::head::Head;
use crate::probe::{Neurons, Probe, ProbeScratch};
use numgrad_core::{Precision, Real, Units};
use numgrad_loss::{LossKind, Target};
use numgrad_scalar::{slices, wide};

/// The memory of a direction.
#[derive(Debug, Default)]
pub(crate) struct DirectionScratch<T> {
    /// v for some neurons: a run of the neurons for each output.
    directions: Vec<T>,
    /// The target's own entry of v, or its mean.
    centres: Vec<T>,
    /// Σ p·u, Σ p·u², Σ p·u³, Σ p·u⁴ with u = v − centre, and the largest |u|.
    moments: [Vec<T>; 5],
}

/// The largest |u·s| for which the series of degree 4 is exact: its remainder is of the fourth
/// power of that.
fn series_reach<T: Real>() -> T {
    T::of(match T::PRECISION {
        Precision::F64 => 3e-4,
        Precision::F32 => 8e-3,
    })
}

/// φ of some neurons at moves of their z, grouped by node as in [`Probe::losses`]: along a straight
/// line where there is one, else by the partial pass.
pub(crate) fn losses_at<T: Real>(
    probe: &Probe<'_, T>,
    neurons: Neurons,
    deltas: &[T],
    scratch: &mut DirectionScratch<T>,
    memory: &mut ProbeScratch<T>,
    losses: &mut Vec<T>,
) {
    losses.clear();
    losses.extend_from_slice(deltas);
    if neurons.layer + 1 < probe.network().layers() {
        probe.activate(neurons, losses, memory);
    }
    if !along_directions(probe, neurons, scratch, memory, losses) {
        probe.losses(neurons, deltas, memory, losses);
    }
}

/// φ at moves of the logits by s·v, for neurons whose v is a straight line: writes over `losses`,
/// which comes in as the distances s, a run of the neurons for each node. `false`, with the
/// distances as they were, where the line bends or the loss has no such series.
fn along_directions<T: Real>(
    probe: &Probe<'_, T>,
    neurons: Neurons,
    scratch: &mut DirectionScratch<T>,
    memory: &mut ProbeScratch<T>,
    losses: &mut [T],
) -> bool {
    let network = probe.network();
    let last = network.layers() - 1;
    let is_series = matches!(probe.objective.head, Head::Logits(loss)
        if loss.kind() == Some(LossKind::SoftmaxCrossEntropy));
    if !is_series {
        return false;
    }
    let count = neurons.count;
    let outputs = network.outputs();
    let furthest = slices::largest(losses);
    if furthest == T::zero() {
        return true; // a dead ReLU moves nothing
    }
    let target = probe.targets.get(neurons.sample);
    let units = probe.trace.units(network, last, neurons.sample);
    match last - neurons.layer {
        0 => output_moments(neurons, units.a, target, &mut scratch.moments),
        1 => {
            scratch.directions.resize(outputs * count, T::zero());
            let width = network.width(neurons.layer);
            let rows = probe.last_transposed.chunks_exact(width);
            for (to, row) in scratch.directions.chunks_exact_mut(count).zip(rows) {
                to.copy_from_slice(&row[neurons.first..][..count]);
            }
            moments(scratch, units.a, target, count);
        }
        _ => {
            scratch.directions.resize(outputs * count, T::zero());
            if !probe.straight_through(neurons, furthest, memory, &mut scratch.directions) {
                return false;
            }
            moments(scratch, units.a, target, count);
        }
    }
    let [.., largest] = &scratch.moments;
    let widest = slices::largest(&largest[..count]);
    // A NaN is within no reach.
    let is_within = widest * furthest <= series_reach();
    if is_within {
        series(scratch, count, scale(target), losses);
    }
    is_within
}

fn scale<T: Real>(target: Target<'_, T>) -> T {
    match target {
        Target::Label(_) => T::one(),
        Target::Values(t) => t.iter().fold(T::zero(), |sum, &t| sum + t),
    }
}

/// The moments of v = e_i for the output neurons i: only one logit moves.
fn output_moments<T: Real>(
    neurons: Neurons,
    p: &[T],
    target: Target<'_, T>,
    moments: &mut [Vec<T>; 5],
) {
    for moment in moments.iter_mut() {
        moment.clear();
    }
    let total = scale(target);
    for i in neurons.first..neurons.first + neurons.count {
        let centre = target.at(i) / total;
        // u is 1 − centre at i and −centre elsewhere; 1 − p_i is summed, for it may cancel.
        let others = p.iter().enumerate().filter(|&(k, _)| k != i);
        let rest = others.fold(T::zero(), |sum, (_, &p)| sum + p);
        let (high, low) = (T::one() - centre, -centre);
        let (mut up, mut down) = (p[i], rest);
        for moment in &mut moments[..4] {
            up *= high;
            down *= low;
            moment.push(up + down);
        }
        let largest = if high >= centre { high } else { centre };
        moments[4].push(largest);
    }
}

fn moments<T: Real>(
    scratch: &mut DirectionScratch<T>,
    p: &[T],
    target: Target<'_, T>,
    count: usize,
) {
    let DirectionScratch {
        directions,
        centres,
        moments,
    } = scratch;
    for moment in moments.iter_mut() {
        moment.clear();
        moment.resize(count, T::zero());
    }
    centres.clear();
    centres.resize(count, T::zero());
    match target {
        Target::Label(label) => centres.copy_from_slice(&directions[label * count..][..count]),
        Target::Values(t) => {
            let total = scale(target);
            for (&t, run) in t.iter().zip(directions.chunks_exact(count)) {
                for (centre, &v) in centres.iter_mut().zip(run) {
                    *centre += t / total * v;
                }
            }
        }
    }
    let [first, second, third, fourth, largest] = moments;
    wide(
        #[inline(always)]
        || {
            for (&p, run) in p.iter().zip(directions.chunks_exact(count)) {
                for i in 0..count {
                    let u = run[i] - centres[i];
                    let size = u.magnitude();
                    let (pu, square) = (p * u, u * u);
                    first[i] += pu;
                    second[i] = p.fused(square, second[i]);
                    third[i] = pu.fused(square, third[i]);
                    fourth[i] = (p * square).fused(square, fourth[i]);
                    largest[i] = T::choose(size <= largest[i], largest[i], size);
                }
            }
        },
    );
}

/// K(s) = log Σ p·exp(u·s) = κ₁·s + κ₂·s²/2 + κ₃·s³/6 + κ₄·s⁴/24, with the cumulants κ of the
/// moments.
fn series<T: Real>(scratch: &DirectionScratch<T>, count: usize, scale: T, losses: &mut [T]) {
    let [first, second, third, fourth, _] = &scratch.moments;
    let (two, three, four) = (T::of(2.0), T::of(3.0), T::of(4.0));
    let (six, twelve) = (T::of(6.0), T::of(12.0));
    let (half, sixth, last) = (T::of(0.5), T::of(1.0 / 6.0), T::of(1.0 / 24.0));
    wide(
        #[inline(always)]
        || {
            for run in losses.chunks_exact_mut(count) {
                for i in 0..count {
                    let (m1, m2, m3, m4) = (first[i], second[i], third[i], fourth[i]);
                    let square = m1 * m1;
                    let k2 = m2 - square;
                    let k3 = m3 - three * m1 * m2 + two * m1 * square;
                    let k4 = m4 - four * m1 * m3 - three * m2 * m2 + twelve * square * m2
                        - six * square * square;
                    let s = run[i];
                    let tail = (last * k4).fused(s, sixth * k3).fused(s, half * k2);
                    run[i] = scale * s * tail.fused(s, m1);
                }
            }
        },
    );
}

/// Some units of a layer.
pub(crate) fn some<'a, T>(all: &Units<'a, T>, first: usize, count: usize) -> Units<'a, T> {
    Units {
        z: &all.z[first..first + count],
        a: &all.a[first..first + count],
        memo: &all.memo[first..first + count],
    }
}
