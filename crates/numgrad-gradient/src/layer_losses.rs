//! φ of all neurons of a layer, for a tile of samples, at a few moves of their z: along straight
//! lines or curves where there are such, else by partial passes.
mod lines;

use crate::along_curves::AlongCurves;
use crate::curves::Curves;
use crate::describe::NODES;
use crate::direction::{Asked, Known};
use crate::gathered::Gathered;
use crate::head::Form;
use crate::objective::Paths;
use crate::output_lines::OutputLines;
use crate::own_moves::{mark_own_corners, move_activations};
use crate::probe::{MOST_MOVES, Neurons, Probe, ProbeScratch, has_corner, reserve};
use crate::reaches::Reaches;
use crate::sink::Sink;
use crate::stencil::Stencil;
use crate::straight::Straight;
use crate::terms::Terms;
use numgrad_core::Real;
use std::ops::Range;

/// The memory of a layer's losses.
#[derive(Debug, Default)]
pub(crate) struct LayerScratch<T> {
    /// The moves of z, a number for each sample and neuron, node after node.
    deltas: Vec<T>,
    /// What the loss changes by, in the same order.
    pub(crate) losses: Vec<T>,
    /// The samples' neurons that move their own or another unit across a corner; then those that are
    /// rough.
    pub(crate) crossed: Vec<bool>,
    /// The moves of a, in the order of z's that they were found for.
    distances: Vec<T>,
    /// The chosen neurons, where not all are measured.
    gathered: Gathered<T>,
    outputs: OutputLines<T>,
    /// The samples whose neurons are followed along lines or curves, and the samples' neurons that
    /// leave theirs.
    followed: Vec<bool>,
    pub(crate) strays: Vec<bool>,
    straight: Straight<T>,
    curves: Curves<T>,
    /// How far each sample's z move.
    pub(crate) ranges: Vec<T>,
    /// On what the layer's neurons move the logits.
    paths: Paths,
    form: Option<Form>,
    /// The terms of the loss, and how far they are described for each sample.
    terms: Terms<T>,
    reaches: Reaches<T>,
    /// The directions of the output layer's own neurons, where they are followed like others.
    identity: Vec<T>,
    probe: ProbeScratch<T>,
    some_deltas: Vec<T>,
    some_losses: Vec<T>,
}

impl<T: Real> LayerScratch<T> {
    /// Fills `losses` for the moves of a layer's neurons, or of `some` of a hidden layer's, in their
    /// order, as far as they are in the range: these have the bits that they have among all. They move
    /// by each of the [`NODES`] of their sample's range. Where the layer was expanded, what it left is
    /// filled alone.
    pub(crate) fn measure(
        &mut self,
        probe: &Probe<'_, T>,
        (layer, some, range): (usize, Option<&[usize]>, &Range<usize>),
        is_expanded: bool,
    ) {
        let network = probe.network();
        let width = some.map_or(network.width(layer), <[usize]>::len);
        let size = self.move_by(&NODES, width);
        self.losses.resize(self.deltas.len(), T::zero());
        if !is_expanded {
            self.begin(self.ranges.len(), width);
            self.move_units(probe, layer, some);
            if self.paths != Paths::Unknown {
                let mut losses = std::mem::take(&mut self.losses);
                self.follow(probe, layer, (some, range), Sink::Losses(&mut losses));
                self.losses = losses;
            }
        }
        self.pass_strays(probe, layer, (range, width, size), some);
    }

    /// Moves z by each of the `nodes` of a sample's range, the same for so many neurons. Returns the
    /// number of a node's moves.
    fn move_by(&mut self, nodes: &[f64], width: usize) -> usize {
        let size = self.ranges.len() * width;
        self.deltas.resize(nodes.len() * size, T::zero());
        for (deltas, &node) in self.deltas.chunks_exact_mut(size).zip(nodes) {
            for (deltas, &range) in deltas.chunks_exact_mut(width).zip(&self.ranges) {
                deltas.fill(T::of(node) * range);
            }
        }
        size
    }

    /// From the moves of z to those of a, with the neurons that cross their own corner.
    fn move_units(&mut self, probe: &Probe<'_, T>, layer: usize, some: Option<&[usize]>) {
        let network = probe.network();
        let units = match some {
            None => probe.trace.layer(network, layer),
            Some(some) => self.gathered.take(probe, layer, some),
        };
        self.distances.clear();
        self.distances.extend_from_slice(&self.deltas);
        self.crossed.clear();
        self.crossed.resize(units.z.len(), false);
        let Some(activation) = network.activation(layer) else {
            return;
        };
        let width = units.z.len() / probe.trace.samples();
        move_activations(activation, units, width, &mut self.distances);
        if has_corner(activation) {
            mark_own_corners(units.z, &self.deltas, &mut self.crossed);
        }
    }

    /// Writes the quotient Σ_o w_o·[L(z + o·h) − L(z)] / h of each of a layer's neurons into the
    /// samples' slots, in which the layer's neurons begin and which are `stride` apart, as far as
    /// the neurons are in the range. The layers of a tile must be asked for from the last one to
    /// the first.
    pub(crate) fn quotients(
        &mut self,
        probe: &Probe<'_, T>,
        layer: usize,
        (stencil, h): (&Stencil<T>, T),
        (slots, stride): (&mut [T], usize),
        range: &Range<usize>,
    ) {
        let network = probe.network();
        let (samples, width) = (probe.trace.samples(), network.width(layer));
        self.descend(probe, layer, None);
        if range.is_empty() {
            return;
        }
        self.begin(samples, width);
        // What partial passes need, before a sample is the first to need it.
        let moves = stencil.points().len() * samples * width;
        reserve(&mut self.deltas, moves);
        reserve(&mut self.losses, moves);
        reserve(&mut self.crossed, samples * width);
        let weights = &stencil.weights_over(h)[..stencil.points().len()];
        match (network.activation(layer), self.form) {
            _ if self.paths == Paths::Unknown => {}
            (None, Some(Form::Terms)) => {
                self.ranges.clear();
                self.ranges.resize(samples, stencil.reach() * h);
                let (ranges, followed) = (&self.ranges, &mut self.followed);
                self.terms.describe(probe, ranges, followed);
                self.terms.quotients((stencil, h), (slots, stride));
            }
            (None, Some(Form::SoftmaxCrossEntropy)) => {
                let how = (stencil, h);
                let followed = self.outputs.quotients(probe, how, (slots, stride));
                self.followed.fill(followed);
            }
            (activation, _) => {
                self.ranges.clear();
                self.ranges.resize(samples, stencil.reach() * h);
                self.distances.clear();
                for &(offset, _) in stencil.points() {
                    let length = self.distances.len() + samples * width;
                    self.distances.resize(length, offset * h);
                }
                if let Some(activation) = activation {
                    activation.differences(probe.trace.layer(network, layer), &mut self.distances);
                }
                let sums = Sink::Sums {
                    weights,
                    to: &mut *slots,
                    stride,
                };
                self.follow(probe, layer, (None, range), sums);
            }
        }
        if self.followed.contains(&false) || self.strays.contains(&true) {
            let how = (stencil, h, weights);
            self.pass_quotients(probe, layer, how, (slots, stride), range);
        }
    }

    /// The quotients of the neurons that no line or curve serves, by partial passes.
    fn pass_quotients(
        &mut self,
        probe: &Probe<'_, T>,
        layer: usize,
        (stencil, h, weights): (&Stencil<T>, T, &[T]),
        (slots, stride): (&mut [T], usize),
        range: &Range<usize>,
    ) {
        let width = probe.network().width(layer);
        let size = probe.trace.samples() * width;
        self.deltas.clear();
        for &(offset, _) in stencil.points() {
            self.deltas.resize(self.deltas.len() + size, offset * h);
        }
        self.losses.resize(self.deltas.len(), T::zero());
        self.crossed.resize(size, false);
        self.pass_strays(probe, layer, (range, width, size), None);
        let strays = self.strays.chunks_exact(width);
        for (sample, (slot, strays)) in slots.chunks_mut(stride).zip(strays).enumerate() {
            for i in range.clone().filter(|&i| strays[i]) {
                let losses = self.losses[sample * width + i..].iter().step_by(size);
                let terms = losses.zip(weights);
                slot[i] = terms.fold(T::zero(), |sum, (&loss, &w)| w.fused(loss, sum));
            }
        }
    }

    /// Before a layer is followed: every sample is, if it is known on what the logits move.
    fn begin(&mut self, samples: usize, width: usize) {
        self.followed.clear();
        self.followed.resize(samples, self.paths != Paths::Unknown);
        self.strays.clear();
        self.strays.resize(samples * width, false);
    }

    /// Goes on to a layer, from the one behind it: finds out on what the logits move.
    /// The layers of a tile must be entered from the last one to the first.
    pub(crate) fn descend(&mut self, probe: &Probe<'_, T>, layer: usize, some: Option<&[usize]>) {
        let last = probe.network().layers() - 1;
        if layer == last {
            self.reserve(probe);
            self.form = probe.objective.head.form();
            self.paths = if probe.objective.has_series() {
                Paths::Lines
            } else {
                Paths::Unknown
            };
        } else if layer + 1 < last {
            let is_straight =
                self.paths == Paths::Lines && self.straight.descend(probe, layer, some);
            self.paths = match probe.objective.paths() {
                _ if is_straight => Paths::Lines,
                Paths::Curves if layer + 2 == last => Paths::Curves,
                _ => Paths::Unknown,
            };
        }
    }

    /// Takes the memory of partial passes, which one sample among many may need.
    fn reserve(&mut self, probe: &Probe<'_, T>) {
        self.probe.reserve(probe.network());
        reserve(&mut self.some_deltas, MOST_MOVES);
        reserve(&mut self.some_losses, MOST_MOVES);
    }

    /// The samples of a hidden layer along lines or curves, where the series reaches.
    fn follow(
        &mut self,
        probe: &Probe<'_, T>,
        layer: usize,
        (some, range): (Option<&[usize]>, &Range<usize>),
        sink: Sink<'_, T>,
    ) {
        if self.paths == Paths::Lines {
            let ranges = std::mem::take(&mut self.ranges);
            let asked = Asked::Losses(sink);
            self.follow_lines(probe, layer, (some, range), &ranges, asked);
            self.ranges = ranges;
            return;
        }
        let network = probe.network();
        let moves = (&self.ranges[..], &self.distances[..]);
        let followed = &mut self.followed;
        self.curves.find(probe, (layer, some), moves, followed);
        let neurons = some.map_or(network.width(layer), <[usize]>::len);
        if self.form != Some(Form::SoftmaxCrossEntropy) {
            let along = (&self.curves, network.outputs());
            self.reaches.along_curves(moves, along, neurons);
            let reaches = self.reaches.of_samples();
            self.terms.describe(probe, reaches, followed);
        }
        let known = Known::of(self.form, probe, &self.terms);
        AlongCurves {
            known,
            probe,
            curves: &self.curves,
            neurons,
            distances: &self.distances,
            sink,
            followed,
        }
        .follow();
    }

    /// The neurons that no line or curve serves, by partial passes. They are the strays then.
    fn pass_strays(
        &mut self,
        probe: &Probe<'_, T>,
        layer: usize,
        (range, width, size): (&Range<usize>, usize, usize),
        some: Option<&[usize]>,
    ) {
        let mut strays = std::mem::take(&mut self.strays);
        for (sample, strays) in strays.chunks_exact_mut(width).enumerate() {
            if !self.followed[sample] {
                strays.fill(true);
            }
            for neurons in runs_of(strays) {
                self.pass(probe, (layer, sample), neurons, (range, width, size), some);
            }
        }
        self.strays = strays;
    }

    /// Some neurons of a sample by partial passes: all that go together with one in the range.
    fn pass(
        &mut self,
        probe: &Probe<'_, T>,
        (layer, sample): (usize, usize),
        neurons: Range<usize>,
        (range, width, size): (&Range<usize>, usize, usize),
        some: Option<&[usize]>,
    ) {
        let nodes = self.deltas.len() / size;
        let most = (probe.capacity(layer) / nodes).max(1);
        let mut first = neurons.start;
        while first < neurons.end {
            let mut count = most.min(neurons.end - first);
            if let Some(some) = some {
                // Neighbours go together.
                let pairs = some[first..first + count].windows(2);
                count = 1 + pairs.take_while(|pair| pair[1] == pair[0] + 1).count();
            }
            if first >= range.end || first + count <= range.start {
                first += count;
                continue;
            }
            let start = sample * width + first;
            self.some_deltas.clear();
            for node in self.deltas.chunks_exact(size) {
                self.some_deltas
                    .extend_from_slice(&node[start..start + count]);
            }
            self.some_losses.resize(nodes * count, T::zero());
            let neurons = Neurons {
                layer,
                sample,
                first: some.map_or(first, |some| some[first]),
                count,
            };
            let losses = &mut self.some_losses;
            let crossed = &mut self.crossed[start..start + count];
            probe.losses(neurons, &self.some_deltas, &mut self.probe, losses, crossed);
            for (node, losses) in self
                .losses
                .chunks_exact_mut(size)
                .zip(losses.chunks_exact(count))
            {
                node[start..start + count].copy_from_slice(losses);
            }
            first += count;
        }
    }
}

/// The runs of what is marked.
pub(crate) fn runs_of(marks: &[bool]) -> impl Iterator<Item = Range<usize>> {
    let mut end = 0;
    let runs = marks.chunk_by(|one, next| one == next).map(move |run| {
        let start = end;
        end += run.len();
        (run[0], start..end)
    });
    runs.filter_map(|(is_marked, run)| is_marked.then_some(run))
}

/// The larger one; a NaN is larger than any number.
pub(crate) fn larger<T: Real>(most: T, here: T) -> T {
    let is_larger = here > most || here.partial_cmp(&here).is_none();
    if is_larger { here } else { most }
}
