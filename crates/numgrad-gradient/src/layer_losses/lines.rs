//! Neurons that move the logits on straight lines: what their losses are, and their φ as a power
//! series, whose coefficients follow from the cumulants where activations move in proportion to z until
//! their corner.
use super::{LayerScratch, larger};
use crate::describe::{NODES, Powers};
use crate::direction::{Asked, Directions, Known, Lines};
use crate::head::Form;
use crate::objective::Paths;
use crate::probe::{Probe, reserve};
use crate::sink::PowerSink;
use numgrad_core::{Activation, Real};
use numgrad_scalar::slices;
use std::ops::Range;

/// The most outputs of a softmax whose own neurons are followed: their directions are a square matrix.
const MOST_OUTPUTS: usize = 512;

impl<T: Real> LayerScratch<T> {
    /// The samples of a layer, whose z move by up to the `ranges`, where the series reaches.
    pub(super) fn follow_lines(
        &mut self,
        probe: &Probe<'_, T>,
        layer: usize,
        (some, range): (Option<&[usize]>, &Range<usize>),
        ranges: &[T],
        asked: Asked<'_, T>,
    ) {
        let network = probe.network();
        let last = network.layers() - 1;
        let width = some.map_or(network.width(layer), <[usize]>::len);
        if layer + 1 < last {
            // A bound on a move through one layer is the move itself.
            let cross = layer + 2 == last && matches!(asked, Asked::Powers(_));
            self.find_strays(probe, layer, (some, width), cross);
        } else if layer == last {
            if width > MOST_OUTPUTS {
                return self.followed.fill(false);
            }
            self.identity.clear();
            self.identity.resize(width * width, T::zero());
            self.identity
                .iter_mut()
                .step_by(width + 1)
                .for_each(|entry| *entry = T::one());
        }
        let directions = if layer == last {
            Directions::Shared(&self.identity, T::one())
        } else if layer + 1 == last {
            let rows = match some {
                None => probe.weights.output_rows(network),
                Some(_) => self.gathered.output_rows(),
            };
            Directions::Shared(rows, probe.weights.largest_of_output())
        } else {
            Directions::Each(self.straight.runs(some.is_some()))
        };
        if self.form != Some(Form::SoftmaxCrossEntropy) {
            let moves = (ranges, &self.distances[..]);
            self.reaches.along_lines(moves, directions, width);
            let reaches = self.reaches.of_samples();
            self.terms.describe(probe, reaches, &mut self.followed);
        }
        Lines {
            known: Known::of(self.form, probe, &self.terms),
            probe,
            directions,
            neurons: width,
            range: range.clone(),
            distances: &self.distances,
            asked,
            followed: &mut self.followed,
        }
        .follow();
    }

    /// The neurons that may move a unit behind them across its corner; where it is known that they
    /// do, those that `cross`, for which nothing needs to be measured.
    fn find_strays(
        &mut self,
        probe: &Probe<'_, T>,
        layer: usize,
        (some, width): (Option<&[usize]>, usize),
        cross: bool,
    ) {
        let found = if cross {
            &mut self.crossed
        } else {
            &mut self.strays
        };
        for (sample, found) in found.chunks_exact_mut(width).enumerate() {
            let nodes = self.distances.chunks_exact(probe.trace.samples() * width);
            let nodes = nodes.map(|node| &node[sample * width..][..width]);
            let furthest = nodes.clone().map(slices::largest).fold(T::zero(), larger);
            if self.straight.holds(probe, layer, sample, furthest) {
                continue;
            }
            for (i, found) in found.iter_mut().enumerate() {
                let distances = nodes.clone().map(|node| node[i].magnitude());
                let furthest = distances.fold(T::zero(), larger);
                let neuron = some.map_or(i, |some| some[i]);
                let straight = &self.straight;
                *found |= furthest != T::zero()
                    && !straight.holds_for(probe, (layer, neuron), sample, furthest);
            }
        }
    }

    /// Writes the coefficients of φ's `powers`, times their factors, of a layer's neurons or of
    /// `some`, as far as they are in the range: into the samples' slots, in which the layer begins and
    /// which are `stride` apart, a run of the neurons for each power. Neurons that cross their own
    /// corner are marked; those that the series does not serve are strays. `false` if the layer has no
    /// such series.
    pub(crate) fn expand(
        &mut self,
        probe: &Probe<'_, T>,
        (layer, some, range): (usize, Option<&[usize]>, &Range<usize>),
        powers: &Powers<T>,
        (slots, stride): (&mut [T], usize),
    ) -> bool {
        let network = probe.network();
        let activation = network.activation(layer);
        let is_linear = activation.is_none_or(Activation::is_piecewise_linear);
        if self.paths != Paths::Lines || !is_linear {
            return false;
        }
        let width = some.map_or(network.width(layer), <[usize]>::len);
        let samples = probe.trace.samples();
        self.begin(samples, width);
        let size = self.move_by(&NODES[..1], width);
        // What partial passes need, before a sample is the first to need it.
        reserve(&mut self.deltas, NODES.len() * size);
        reserve(&mut self.losses, NODES.len() * size);
        self.move_units(probe, layer, some);
        match self.form {
            Some(Form::SoftmaxCrossEntropy) if activation.is_none() => {
                let (ranges, followed) = (&self.ranges, &mut self.followed);
                self.outputs
                    .expand(probe, ranges, powers, (slots, stride), followed);
            }
            Some(Form::Terms) if activation.is_none() => {
                self.terms.describe(probe, &self.ranges, &mut self.followed);
                self.terms.expand(powers, (slots, stride));
            }
            _ => {
                let ranges = std::mem::take(&mut self.ranges);
                let asked = Asked::Powers(PowerSink {
                    powers,
                    ranges: &ranges,
                    to: slots,
                    stride,
                    apart: width,
                });
                self.follow_lines(probe, layer, (some, range), &ranges, asked);
                self.ranges = ranges;
            }
        }
        for (strays, &followed) in self.strays.chunks_exact_mut(width).zip(&self.followed) {
            if !followed {
                strays.fill(true);
            }
        }
        true
    }
}
