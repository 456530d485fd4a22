//! The loss of one sample as a function φ(δ) of the move of one neuron's z, described once as a
//! polynomial and then evaluated for every weight that enters the neuron.
use crate::block::Block;
use crate::choice::Choice;
use crate::layer_losses::{LayerScratch, runs_of};
use crate::probe::Probe;
use crate::stencil::Stencil;
use crate::tiles::Slots;
use numgrad_core::{Precision, Real};
use numgrad_scalar::{slices, wide};
use std::ops::Range;

/// The nodes at which φ is evaluated, in units of the largest |δ| that occurs. The polynomial
/// goes through 0 and the first four; the last one checks it.
pub(crate) const NODES: [f64; 5] = [1.0, -1.0, 0.5, -0.5, 0.75];

/// The degree of the polynomial.
pub(crate) const DEGREE: usize = 4;

/// The powers of the polynomial; it has no constant term, as φ(0) = 0.
const POWERS: [i32; DEGREE] = [1, 2, 3, 4];

/// Which powers of the input a scheme's quotient needs, with their factors S_m·h^(m−1).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Powers<T> {
    powers: [(i32, T); DEGREE],
    length: usize,
}

impl<T: Real> Powers<T> {
    /// The powers of a described function: those with S_m ≠ 0.
    pub(crate) fn of(stencil: &Stencil<T>, h: T) -> Self {
        let mut found = Self {
            powers: [(1, T::one()); DEGREE],
            length: 0,
        };
        for power in POWERS {
            let moment = stencil.moment(power);
            if moment != T::zero() {
                found.powers[found.length] = (power, moment * h.powi(power - 1));
                found.length += 1;
            }
        }
        found
    }

    /// The first power alone: what a sweep needs that measures a slope.
    pub(crate) fn linear() -> Self {
        Self {
            powers: [(1, T::one()); DEGREE],
            length: 1,
        }
    }

    pub(crate) fn highest(&self) -> usize {
        self.powers[self.length - 1].0 as usize
    }

    pub(crate) fn get(&self) -> &[(i32, T)] {
        &self.powers[..self.length]
    }
}

/// What a sample's description may differ from φ, as a part of φ's largest value.
pub(crate) fn tolerance<T: Real>(exact: bool, range: T) -> T {
    let known = match T::PRECISION {
        Precision::F64 => 1e-12,
        Precision::F32 => 2e-6,
    };
    // A plain subtraction of values near 1 is off by ε, which the direct evaluation is too.
    let subtracted = if exact {
        0.0
    } else {
        64.0 * T::EPSILON.as_f64() / range.as_f64()
    };
    T::of(known + subtracted)
}

/// How often φ is evaluated to describe so many neurons of so many samples, where no series takes the
/// place of that.
pub(crate) fn evaluations(neurons: usize, samples: usize) -> u64 {
    (NODES.len() * neurons * samples) as u64
}

/// Describes φ for all neurons and some samples. The coefficients of `powers` are written
/// to the samples' records, layer after layer a run of all its neurons for each power, times what
/// the quotient multiplies them with; where there is a corner or the check fails, they are 0 and the
/// neuron is marked as rough. Where a choice is given, only its neurons are described and have
/// places in the records; of a block, only its neurons are, but all have places.
pub(crate) fn describe<T: Real>(
    probe: &Probe<'_, T>,
    (choice, own): (Option<&Choice>, Option<&Block>),
    (reach, powers): (T, &Powers<T>),
    scratch: &mut LayerScratch<T>,
    slots: &mut Slots<'_, T>,
) {
    let network = probe.network();
    let (neurons, runs) = (network.neurons(), powers.get().len());
    let record = runs * choice.map_or(neurons, Choice::neurons);
    for layer in (0..network.layers()).rev() {
        let some = choice.and_then(|choice| choice.of(layer));
        let width = some.map_or(network.width(layer), <[usize]>::len);
        let within = own.map_or(0..width, |own| own.of(layer));
        scratch.descend(probe, layer, some);
        if within.is_empty() {
            continue;
        }
        let neuron = network.neuron(layer);
        let start = runs * choice.map_or(neuron, |choice| choice.start(layer));
        scratch.ranges.clear();
        // The bias's input is 1.
        let largest = |sample| slices::largest(probe.inputs(layer, sample)).max(T::one());
        let ranges = (0..probe.trace.samples()).map(|sample| reach * largest(sample));
        scratch.ranges.extend(ranges);
        let part = (layer, some, &within);
        let coefficients = &mut slots.coefficients[start..];
        let is_expanded = scratch.expand(probe, part, powers, (coefficients, record));
        if !is_expanded || scratch.strays.contains(&true) {
            scratch.measure(probe, part, is_expanded);
        }
        for (sample, rough) in slots.rough.chunks_exact_mut(neurons).enumerate() {
            let coefficients = &mut slots.coefficients[sample * record + start..][..runs * width];
            let places = sample * width..(sample + 1) * width;
            let marks = &mut scratch.crossed[places.clone()];
            let range = scratch.ranges[sample];
            let fits = Fits {
                losses: scratch.losses.get(places.start..).unwrap_or_default(),
                size: scratch.strays.len(),
                range,
                tolerance: tolerance(probe.objective.differences_are_exact(), range),
            };
            if is_expanded {
                let strays = &scratch.strays[places.clone()];
                mark_infinite(coefficients, &within, strays, marks);
                leave_out(marks, coefficients);
                for run in runs_of(&scratch.strays[places]) {
                    let run = run.start.max(within.start)..run.end.min(within.end);
                    fits.keep(run, powers, coefficients, marks);
                }
            } else {
                fits.keep(within.clone(), powers, coefficients, marks);
            }
            match some {
                None => rough[neuron..][within.clone()].copy_from_slice(&marks[within.clone()]),
                Some(some) => {
                    for (&i, &mark) in some.iter().zip(&*marks) {
                        rough[neuron + i] = mark;
                    }
                }
            }
        }
    }
}

/// Marks the neurons whose series has coefficients that are not finite: where one moves nothing, the
/// others' may be too large and their product no number.
fn mark_infinite<T: Real>(
    coefficients: &[T],
    within: &Range<usize>,
    strays: &[bool],
    rough: &mut [bool],
) {
    for run in coefficients.chunks_exact(rough.len()) {
        if slices::largest(&run[within.clone()]).is_finite() {
            continue;
        }
        for i in within.clone() {
            rough[i] |= !(run[i].is_finite() || strays[i]);
        }
    }
}

/// Neurons that are evaluated directly have no coefficients.
fn leave_out<T: Real>(rough: &[bool], coefficients: &mut [T]) {
    if !rough.contains(&true) {
        return;
    }
    for run in coefficients.chunks_exact_mut(rough.len()) {
        for (coefficient, &rough) in run.iter_mut().zip(rough) {
            *coefficient = T::choose(rough, T::ZERO, *coefficient);
        }
    }
}

/// φ of the neurons of one layer and sample at the nodes.
struct Fits<'a, T> {
    /// The neurons' losses at one node after the other, which are `size` apart.
    losses: &'a [T],
    size: usize,
    range: T,
    tolerance: T,
}

impl<T: Real> Fits<'_, T> {
    /// Fits the polynomials of some neurons, and keeps the coefficients of those that pass the check,
    /// in a run of all neurons for each power. `rough` are those that cross a corner, for what they
    /// do between two nodes might go unseen; then those, too, that fail.
    fn keep(
        &self,
        some: Range<usize>,
        powers: &Powers<T>,
        coefficients: &mut [T],
        rough: &mut [bool],
    ) {
        let (count, apart) = (some.len(), rough.len());
        if count == 0 {
            return;
        }
        let nodes: [&[T]; NODES.len()] =
            std::array::from_fn(|k| &self.losses[k * self.size..][some.clone()]);
        let rough = &mut rough[some.clone()];
        wide(
            #[inline(always)]
            || {
                for (i, rough) in rough.iter_mut().enumerate() {
                    let polynomial = fit([nodes[0][i], nodes[1][i], nodes[2][i], nodes[3][i]]);
                    let check = evaluate(&polynomial, T::of(NODES[4]));
                    let (up, down) = (nodes[0][i].magnitude(), nodes[1][i].magnitude());
                    let scale = T::choose(up >= down, up, down);
                    // Written so that a NaN fails.
                    let good = (check - nodes[4][i]).magnitude() <= self.tolerance * scale;
                    *rough |= !good;
                }
                for (run, &(power, factor)) in
                    coefficients.chunks_exact_mut(apart).zip(powers.get())
                {
                    let run = &mut run[some.clone()];
                    let factor = factor / self.range.powi(power);
                    let at = power as usize - 1;
                    for i in 0..count {
                        let polynomial = fit([nodes[0][i], nodes[1][i], nodes[2][i], nodes[3][i]]);
                        run[i] = T::choose(rough[i], T::ZERO, polynomial[at] * factor);
                    }
                }
            },
        );
    }
}

/// The coefficients of t, t², t³ and t⁴ of the polynomial through 0 at t = 0 and through these
/// values at t = 1, −1, ½ and −½.
#[inline(always)]
pub(crate) fn fit<T: Real>([up, down, half_up, half_down]: [T; 4]) -> [T; DEGREE] {
    let half = T::of(0.5);
    let (odd, half_odd) = ((up - down) * half, (half_up - half_down) * half);
    let (even, half_even) = ((up + down) * half, (half_up + half_down) * half);
    let third = T::of(1.0 / 3.0);
    let first = (T::of(8.0) * half_odd - odd) * third;
    let second = (T::of(16.0) * half_even - even) * third;
    [first, second, odd - first, even - second]
}

#[inline(always)]
pub(crate) fn evaluate<T: Real>(polynomial: &[T; DEGREE], t: T) -> T {
    polynomial
        .iter()
        .rev()
        .fold(T::zero(), |sum, &c| (sum + c) * t)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quartic_through_zero_is_found_again() {
        let quartic = [3.0, -2.0, 0.5, 0.25];
        let at = |t: f64| evaluate(&quartic, t);
        let found = fit([at(1.0), at(-1.0), at(0.5), at(-0.5)]);
        for (found, expected) in found.iter().zip(quartic) {
            assert!((found - expected).abs() < 1e-14, "{found} {expected}");
        }
    }
}
