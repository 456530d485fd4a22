//! What becomes of the losses along lines and curves: of those at nodes, or of the series itself.
use crate::describe::{DEGREE, Powers};
use numgrad_core::Real;
use numgrad_scalar::{Simd, lanes::store_run};
use std::ops::Range;

/// What becomes of the losses.
pub(crate) enum Sink<'a, T> {
    /// They are written to the places of their distances.
    Losses(&'a mut [T]),
    /// The losses of a neuron's nodes are added up with these weights: for each sample a run of
    /// the neurons, `stride` entries from one to the next.
    Sums {
        weights: &'a [T],
        to: &'a mut [T],
        stride: usize,
    },
}

impl<T> Sink<'_, T> {
    /// From a sample's first neuron on, of so many a sample.
    #[inline(always)]
    pub(crate) fn from(&mut self, sample: usize, neurons: usize) -> Sink<'_, T> {
        match self {
            Sink::Losses(losses) => Sink::Losses(&mut losses[sample * neurons..]),
            Sink::Sums {
                weights,
                to,
                stride,
            } => Sink::Sums {
                weights,
                to: &mut to[sample * *stride..],
                stride: *stride,
            },
        }
    }
}

impl<T: Real> Sink<'_, T> {
    /// Takes the losses of some neurons at the k-th node, whose losses begin at `start`, or adds
    /// them to the neurons' sums.
    #[inline(always)]
    pub(crate) fn take<S: Simd, const V: usize>(
        &mut self,
        simd: S,
        (k, start): (usize, usize),
        neurons: &Range<usize>,
        losses: [T::Vector<S>; V],
        sums: &mut [T::Vector<S>; V],
    ) {
        match self {
            Self::Losses(to) => store_run(simd, &mut to[start..][neurons.clone()], losses),
            Self::Sums { weights, .. } => {
                let weight = T::spread(simd, weights[k]);
                for j in 0..V {
                    sums[j] = T::fused_lanes(simd, weight, losses[j], sums[j]);
                }
            }
        }
    }

    /// Behind the last node, the sums of some neurons.
    #[inline(always)]
    pub(crate) fn end<S: Simd, const V: usize>(
        &mut self,
        simd: S,
        neurons: Range<usize>,
        sums: [T::Vector<S>; V],
    ) {
        if let Self::Sums { to, .. } = self {
            store_run(simd, &mut to[neurons], sums);
        }
    }
}

/// Where the coefficients go of neurons whose s is in proportion to δ: those of K(s(δ)) in powers of
/// δ, each times its power's factor.
pub(crate) struct PowerSink<'a, T> {
    pub(crate) powers: &'a Powers<T>,
    /// For each sample the δ of the one node.
    pub(crate) ranges: &'a [T],
    /// For each power a run of all neurons, `apart` entries from the next one, and `stride` from one
    /// sample to the next.
    pub(crate) to: &'a mut [T],
    pub(crate) stride: usize,
    pub(crate) apart: usize,
}

impl<T: Real> PowerSink<'_, T> {
    /// From a sample's first neuron on.
    #[inline(always)]
    pub(crate) fn from(&mut self, sample: usize) -> PowerSink<'_, T> {
        PowerSink {
            powers: self.powers,
            ranges: &self.ranges[sample..],
            to: &mut self.to[sample * self.stride..],
            stride: self.stride,
            apart: self.apart,
        }
    }

    /// Takes the coefficients of some neurons, from the series in s, which `scale` multiplies, and s
    /// at the node.
    #[inline(always)]
    pub(crate) fn take<S: Simd, const V: usize>(
        &mut self,
        simd: S,
        neurons: &Range<usize>,
        series: &[[T::Vector<S>; DEGREE]; V],
        (s, scale): ([T::Vector<S>; V], T::Vector<S>),
    ) {
        let over_range = T::spread(simd, T::ONE / self.ranges[0]);
        let slopes = s.map(|s| T::times(simd, s, over_range));
        let mut raised = slopes.map(|slope| T::times(simd, scale, slope));
        let mut reached = 1;
        for (run, &(power, factor)) in self.to.chunks_mut(self.apart).zip(self.powers.get()) {
            while reached < power {
                for j in 0..V {
                    raised[j] = T::times(simd, raised[j], slopes[j]);
                }
                reached += 1;
            }
            let factor = T::spread(simd, factor);
            let mut coefficients = raised;
            for j in 0..V {
                let coefficient = T::times(simd, factor, series[j][power as usize - 1]);
                coefficients[j] = T::times(simd, coefficient, raised[j]);
            }
            store_run(simd, &mut run[neurons.clone()], coefficients);
        }
    }
}
