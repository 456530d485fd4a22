//! Neurons of the output layer: each moves its own logit, and the loss is the series of
//! [`direction`](crate::direction) with u = 1 − c at that logit and −c elsewhere.
use crate::direction::series_reach;
use crate::probe::Probe;
use numgrad_core::Real;
use numgrad_loss::Target;
use numgrad_scalar::wide;

/// The memory of the output layer's lines: the four moments of each sample and neuron, and the sum
/// of the target's weights.
#[derive(Debug, Default)]
pub(crate) struct OutputLines<T> {
    moments: [Vec<T>; 4],
    scales: Vec<T>,
}

impl<T: Real> OutputLines<T> {
    /// Writes over `losses` what the loss changes by when the logits of a tile of samples move by
    /// `deltas`, node after node, and marks the samples whose series reaches so far.
    pub(crate) fn follow(
        &mut self,
        probe: &Probe<'_, T>,
        deltas: &[T],
        losses: &mut [T],
        followed: &mut [bool],
    ) {
        let network = probe.network();
        let (outputs, last) = (network.outputs(), network.layers() - 1);
        let p = probe.trace.layer(network, last).a;
        for (sample, followed) in followed.iter_mut().enumerate() {
            let nodes = deltas.chunks_exact(p.len());
            let of_sample = nodes.map(|node| &node[sample * outputs..][..outputs]);
            // |u| is at most 1. Written so that a NaN fails.
            let mut moves = of_sample.flatten();
            *followed = moves.all(|delta| delta.magnitude() <= series_reach());
        }
        self.find_moments(probe, p, outputs);
        self.find_cumulants();
        let [k1, k2, k3, k4] = &self.moments;
        wide(
            #[inline(always)]
            || {
                let nodes = deltas.chunks_exact(p.len());
                for (losses, deltas) in losses.chunks_exact_mut(p.len()).zip(nodes) {
                    for (i, (loss, &s)) in losses.iter_mut().zip(deltas).enumerate() {
                        let tail = k4[i].fused(s, k3[i]).fused(s, k2[i]).fused(s, k1[i]);
                        *loss = self.scales[i] * s * tail;
                    }
                }
            },
        );
    }

    /// Σ p·u^r for r from 1 to 4.
    fn find_moments(&mut self, probe: &Probe<'_, T>, p: &[T], outputs: usize) {
        for moment in &mut self.moments {
            moment.clear();
            moment.extend_from_slice(p);
        }
        self.scales.clear();
        self.scales.resize(p.len(), T::one());
        for (sample, p) in p.chunks_exact(outputs).enumerate() {
            // 1 − p_i is summed, for it may cancel.
            let rest = |i: usize| {
                let sum = |sum, &p: &T| sum + p;
                p[i + 1..]
                    .iter()
                    .fold(p[..i].iter().fold(T::zero(), sum), sum)
            };
            let start = sample * outputs;
            match probe.target(sample) {
                // c is 1 at the label, where u is 0 and −1 elsewhere; for the others u is 1 and 0.
                Target::Label(label) => {
                    let mut rest = rest(label);
                    for moment in &mut self.moments {
                        rest = -rest;
                        moment[start + label] = rest;
                    }
                }
                Target::Values(t) => {
                    let total = probe.target(sample).total();
                    self.scales[start..start + outputs].fill(total);
                    for (i, (&p, &t)) in p.iter().zip(t).enumerate() {
                        let centre = t / total;
                        let (mut up, mut down) = (p, rest(i));
                        for moment in &mut self.moments {
                            up *= T::one() - centre;
                            down *= -centre;
                            moment[start + i] = up + down;
                        }
                    }
                }
            }
        }
    }

    /// From the moments to κ₁, κ₂/2, κ₃/6 and κ₄/24.
    fn find_cumulants(&mut self) {
        let [m1, m2, m3, m4] = &mut self.moments;
        let (half, sixth, last) = (T::of(0.5), T::of(1.0 / 6.0), T::of(1.0 / 24.0));
        let [two, three, four, six, twelve] = [2.0, 3.0, 4.0, 6.0, 12.0].map(T::of);
        wide(
            #[inline(always)]
            || {
                let pairs = m1.iter().zip(m2).zip(m3.iter_mut().zip(m4));
                for ((&m1, m2), (m3, m4)) in pairs {
                    let square = m1 * m1;
                    let k4 = *m4 - four * m1 * *m3 - three * *m2 * *m2 + twelve * square * *m2
                        - six * square * square;
                    let k3 = *m3 - three * m1 * *m2 + two * m1 * square;
                    *m2 = half * (*m2 - square);
                    *m3 = sixth * k3;
                    *m4 = last * k4;
                }
            },
        );
    }
}
