//! Losses that are a sum of a term for each output: for each sample the terms are described by a few
//! of their values, as polynomials in the moves of their logits.
use crate::describe::{DEGREE, NODES, Powers, evaluate, fit, tolerance};
use crate::layer_losses::larger;
use crate::probe::Probe;
use crate::series::SumOfTerms;
use crate::stencil::Stencil;
use numgrad_core::Real;
use numgrad_scalar::{slices, wide};

/// The powers that are always followed. The others are where they are not below the tolerance.
const USUAL: usize = 2;

/// The terms of a few samples.
#[derive(Debug, Default)]
pub(crate) struct Terms<T> {
    /// c_km of Σ_m c_km·d^m: for each sample and power m a run of the outputs.
    coefficients: Vec<T>,
    /// The highest power of each sample.
    orders: Vec<usize>,
}

impl<T: Real> Terms<T> {
    /// Describes the terms for moves of the logits by up to each sample's `reach`. Samples of which
    /// one is no polynomial so far are not `followed`.
    pub(crate) fn describe(&mut self, probe: &Probe<'_, T>, reaches: &[T], followed: &mut [bool]) {
        let outputs = probe.network().outputs();
        self.coefficients
            .resize(followed.len() * DEGREE * outputs, T::zero());
        self.orders.clear();
        let of_samples = self.coefficients.chunks_exact_mut(DEGREE * outputs);
        for (sample, ((followed, &reach), coefficients)) in
            followed.iter_mut().zip(reaches).zip(of_samples).enumerate()
        {
            let order = if *followed {
                describe_sample(probe, sample, reach, coefficients)
            } else {
                None
            };
            *followed = order.is_some();
            self.orders.push(order.unwrap_or(0));
        }
    }

    /// The series of a sample, and its degree.
    pub(crate) fn of(&self, sample: usize) -> (usize, SumOfTerms<'_, T>) {
        let outputs = self.coefficients.len() / (DEGREE * self.orders.len());
        let coefficients = &self.coefficients[sample * DEGREE * outputs..];
        let of_power = |power: usize| &coefficients[power * outputs..][..outputs];
        let series = SumOfTerms {
            coefficients: std::array::from_fn(of_power),
        };
        (self.orders[sample], series)
    }

    /// Writes the coefficients of `powers` of the output layer's neurons, times the powers' factors,
    /// into the samples' `slots`, which are `stride` apart.
    pub(crate) fn expand(&self, powers: &Powers<T>, (slots, stride): (&mut [T], usize)) {
        for (sample, slot) in slots.chunks_mut(stride).enumerate() {
            let (_, SumOfTerms { coefficients }) = self.of(sample);
            let outputs = coefficients[0].len();
            for (run, &(power, factor)) in slot.chunks_exact_mut(outputs).zip(powers.get()) {
                for (to, &c) in run.iter_mut().zip(coefficients[power as usize - 1]) {
                    *to = factor * c;
                }
            }
        }
    }

    /// Writes the quotients Σ_m S_m·h^(m−1)·c_m of the output layer's neurons into the samples'
    /// `slots`, which are `stride` apart.
    pub(crate) fn quotients(
        &self,
        (stencil, h): (&Stencil<T>, T),
        (slots, stride): (&mut [T], usize),
    ) {
        let factors = [1, 2, 3, 4].map(|m| stencil.moment(m) * h.powi(m - 1));
        for (sample, slot) in slots.chunks_mut(stride).enumerate() {
            let (_, SumOfTerms { coefficients }) = self.of(sample);
            let slot = &mut slot[..coefficients[0].len()];
            slot.fill(T::zero());
            wide(
                #[inline(always)]
                || {
                    for (run, factor) in coefficients.into_iter().zip(factors) {
                        for (to, &c) in slot.iter_mut().zip(run) {
                            *to = c.fused(factor, *to);
                        }
                    }
                },
            );
        }
    }
}

/// Writes the coefficients of a sample's terms, for each power a run of the outputs. Returns the highest
/// power that counts, or `None` if the terms are no polynomials so far.
fn describe_sample<T: Real>(
    probe: &Probe<'_, T>,
    sample: usize,
    reach: T,
    coefficients: &mut [T],
) -> Option<usize> {
    let network = probe.network();
    let units = probe.trace.units(network, network.layers() - 1, sample);
    let (head, target) = (&probe.objective.head, probe.target(sample));
    let outputs = network.outputs();
    // Of all terms together: one that is nearly flat has no digits of its own to keep.
    let (mut largest, mut off) = (T::zero(), T::zero());
    for k in 0..outputs {
        let mut values = NODES.map(|node| T::of(node) * reach);
        head.term_differences(units, k, target, &mut values);
        let [up, down, half_up, half_down, check] = values;
        let polynomial = fit([up, down, half_up, half_down]);
        let here = (evaluate(&polynomial, T::of(NODES[4])) - check).magnitude();
        off = larger(off, here);
        largest = larger(largest, larger(up.magnitude(), down.magnitude()));
        for (run, c) in coefficients.chunks_exact_mut(outputs).zip(polynomial) {
            run[k] = c;
        }
    }
    let most = tolerance(head.difference_is_exact(), reach) * largest;
    // Written so that a NaN fails.
    let is_good = off <= most && largest.is_finite();
    if !is_good {
        return None;
    }
    let (mut order, mut scale) = (USUAL, T::one());
    for (m, run) in coefficients.chunks_exact_mut(outputs).enumerate() {
        scale /= reach;
        let counts = m < USUAL || slices::largest(run) > most;
        if !counts {
            run.fill(T::zero());
            continue;
        }
        order = order.max(m + 1);
        for c in &mut *run {
            *c *= scale;
        }
        if !slices::largest(run).is_finite() {
            return None;
        }
    }
    Some(order)
}
