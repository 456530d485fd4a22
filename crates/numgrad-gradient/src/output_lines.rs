//! Neurons of the output layer: each moves its own logit, and the loss is the series of
//! [`series`](crate::series) with u = 1 − c at that logit and −c elsewhere: the logarithm of
//! what a coin of probability p does, whose cumulants are known.
use crate::describe::Powers;
use crate::probe::Probe;
use crate::series::series_reach;
use crate::stencil::Stencil;
use numgrad_core::Real;
use numgrad_loss::{Target, Targets};
use numgrad_scalar::wide;

/// The memory of the output layer's lines, a number for each sample and neuron.
#[derive(Debug, Default)]
pub(crate) struct OutputLines<T> {
    /// 1 − p.
    rest: Vec<T>,
    /// κ₁ = p·(1 − c) − (1 − p)·c.
    means: Vec<T>,
    /// Σ t, where it is not 1.
    scales: Vec<T>,
    quotients: Vec<T>,
}

/// κ₂/2, κ₃/6 and κ₄/24 of a coin: κ₂ = p·q, κ₃ = κ₂·(q − p), κ₄ = κ₂·(1 − 6·κ₂).
#[inline(always)]
fn cumulants<T: Real>(p: T, q: T) -> [T; 3] {
    let k2 = p * q;
    let k4 = k2 * T::of(-6.0).fused(k2, T::ONE);
    [
        T::HALF * k2,
        T::of(1.0 / 6.0) * (k2 * (q - p)),
        T::of(1.0 / 24.0) * k4,
    ]
}

impl<T: Real> OutputLines<T> {
    /// Writes the coefficients of `powers` of a tile's samples, times the powers' factors, into their
    /// `slots`, which are `stride` apart: Σ t·κ_m/m! of a logit that moves by δ. Marks the samples whose
    /// series reaches as far as their logits move.
    pub(crate) fn expand(
        &mut self,
        probe: &Probe<'_, T>,
        ranges: &[T],
        powers: &Powers<T>,
        (slots, stride): (&mut [T], usize),
        followed: &mut [bool],
    ) {
        let p = outputs_of(probe);
        let outputs = probe.network().outputs();
        for (followed, &range) in followed.iter_mut().zip(ranges) {
            // |u| is at most 1. Written so that a NaN fails.
            *followed = range <= series_reach();
        }
        self.prepare(probe, p, outputs);
        let rest = self.rest.chunks_exact(outputs);
        let means = self.means.chunks_exact(outputs);
        let samples = p.chunks_exact(outputs).zip(rest).zip(means).enumerate();
        wide(
            #[inline(always)]
            || {
                for ((sample, ((p, rest), means)), slot) in samples.zip(slots.chunks_mut(stride)) {
                    let scale = self.scales.get(sample * outputs).copied();
                    let scale = scale.unwrap_or(T::ONE);
                    for (run, &(power, factor)) in slot.chunks_exact_mut(outputs).zip(powers.get())
                    {
                        let factor = factor * scale;
                        for (to, ((&p, &rest), &k1)) in
                            run.iter_mut().zip(p.iter().zip(rest).zip(means))
                        {
                            let [k2, k3, k4] = cumulants(p, rest);
                            *to = factor * [k1, k2, k3, k4][power as usize - 1];
                        }
                    }
                }
            },
        );
    }

    /// Writes the quotients Σ_o w_o·[L(z + o·h) − L(z)] / h into the samples' `slots`, which are
    /// `stride` apart: with the scheme's moments S_m they are Σ_m S_m·h^(m−1)·κ_m/m!. `false` if
    /// the series does not reach so far.
    pub(crate) fn quotients(
        &mut self,
        probe: &Probe<'_, T>,
        (stencil, h): (&Stencil<T>, T),
        (slots, stride): (&mut [T], usize),
    ) -> bool {
        // Written so that a NaN fails.
        let reaches = stencil.reach() * h <= series_reach();
        if !reaches {
            return false;
        }
        let p = outputs_of(probe);
        let outputs = probe.network().outputs();
        self.prepare(probe, p, outputs);
        self.quotients.resize(p.len(), T::zero());
        let [f1, f2, f3, f4] = [1, 2, 3, 4].map(|m| stencil.moment(m) * h.powi(m - 1));
        let quotients = &mut self.quotients[..p.len()];
        wide(
            #[inline(always)]
            || {
                let moments = p.iter().zip(&self.rest).zip(&self.means);
                for (quotient, ((&p, &q), &k1)) in quotients.iter_mut().zip(moments) {
                    let [k2, k3, k4] = cumulants(p, q);
                    *quotient = k1.fused(f1, k2.fused(f2, k3.fused(f3, k4 * f4)));
                }
                scale(&self.scales, quotients);
            },
        );
        for (slot, quotients) in slots
            .chunks_mut(stride)
            .zip(quotients.chunks_exact(outputs))
        {
            slot[..outputs].copy_from_slice(quotients);
        }
        true
    }

    /// 1 − p, κ₁ and the scales.
    fn prepare(&mut self, probe: &Probe<'_, T>, p: &[T], outputs: usize) {
        self.rest.resize(p.len(), T::zero());
        self.means.resize(p.len(), T::zero());
        self.scales.clear();
        let (rest, means) = (&mut self.rest[..p.len()], &mut self.means[..p.len()]);
        wide(
            #[inline(always)]
            || {
                for ((rest, mean), &p) in rest.iter_mut().zip(means.iter_mut()).zip(p) {
                    *rest = T::ONE - p;
                    *mean = p;
                }
            },
        );
        let softens = probe.objective.head.softens_labels();
        if let (false, Targets::Labels(labels)) = (softens, probe.targets) {
            let places = (0..p.len()).step_by(outputs);
            for (start, &label) in places.zip(&labels[probe.first..]) {
                // 1 − p of the label is summed, for it may cancel; c is 1 there, and 0 elsewhere.
                let label = label as usize;
                let sum = sum_without(&p[start..start + outputs], label);
                rest[start + label] = sum;
                means[start + label] = -sum;
            }
            return;
        }
        self.scales.resize(p.len(), T::one());
        for (sample, of_sample) in p.chunks_exact(outputs).enumerate() {
            let start = sample * outputs;
            let target = probe.target(sample);
            let Target::Values(t) = target else { continue };
            let total = target.total();
            self.scales[start..start + outputs].fill(total);
            for (i, (&p, &t)) in of_sample.iter().zip(t).enumerate() {
                if p > T::HALF {
                    rest[start + i] = sum_without(of_sample, i);
                }
                let centre = t / total;
                means[start + i] = p * (T::one() - centre) - rest[start + i] * centre;
            }
        }
    }
}

/// The probabilities of a tile of samples.
fn outputs_of<'a, T: Real>(probe: &Probe<'a, T>) -> &'a [T] {
    let network = probe.network();
    probe.trace.layer(network, network.layers() - 1).a
}

/// The sum of all entries but one.
fn sum_without<T: Real>(p: &[T], without: usize) -> T {
    let sum = |sum, &p: &T| sum + p;
    let before = p[..without].iter().fold(T::zero(), sum);
    p[without + 1..].iter().fold(before, sum)
}

/// Multiplies each run of numbers by the scales, if there are any.
#[inline(always)]
fn scale<T: Real>(scales: &[T], numbers: &mut [T]) {
    if scales.is_empty() {
        return;
    }
    for numbers in numbers.chunks_exact_mut(scales.len()) {
        for (number, &scale) in numbers.iter_mut().zip(scales) {
            *number *= scale;
        }
    }
}
