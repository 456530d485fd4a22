//! Every single perturbation of a weight evaluated by itself: the reference of the descriptions,
//! and what serves where they fail.
mod moves;

use crate::block::Which;
use crate::engine::Scratch;
use crate::nonzero::{Groups, Inputs};
use crate::pairwise::{Node, chunks};
use crate::probe::{Batch, Probe, has_corner, reserve};
use crate::stencil::{Quotient, Stencil};
use crate::workers::Workers;
use numgrad_core::{Mlp, Real};
use numgrad_scalar::slices;
use rayon::prelude::*;

pub(crate) use moves::DirectScratch;

/// Entries that are worth a second worker to add them.
const ADDED: usize = 1 << 10;

/// What the neurons marked as rough measure, and the memory to find it.
#[derive(Debug, Default)]
pub(crate) struct DirectRows<T> {
    /// The nonzero inputs of the samples for which a neuron is rough.
    pub(crate) inputs: Inputs<T>,
    /// Which neurons are rough for some sample.
    is_rough: Vec<bool>,
    /// Those of them that are asked for, as places among these, layer after layer, and where each
    /// layer's end.
    neurons: Vec<usize>,
    ends: Vec<usize>,
    /// For each of them a row of weights and a bias, one behind the other.
    pub(crate) rows: Vec<T>,
}

impl<T: Real> DirectRows<T> {
    /// Takes the memory, and that of the workers, before any of it is needed.
    pub(crate) fn reserve(
        &mut self,
        batch: &Batch<'_, T>,
        stencil: &Stencil<T>,
        (rough, workers): (&[bool], &mut Workers<Scratch<T>>),
    ) {
        let network = batch.network();
        // Where there are corners, some neuron will meet one: nothing is to be allocated then.
        if has_corners(network) || rough.contains(&true) {
            reserve_direct(batch, stencil, (&mut self.inputs, workers));
            self.rows.resize(network.parameters(), T::zero());
            reserve(&mut self.neurons, network.neurons());
            reserve(&mut self.is_rough, network.neurons());
            reserve(&mut self.ends, network.layers());
        }
    }

    /// Measures the rough neurons among some, in parallel, the samples of each in their order.
    /// Returns how often a sample's loss was evaluated.
    pub(crate) fn measure(
        &mut self,
        batch: &Batch<'_, T>,
        how: Quotient<'_, T>,
        (rough, workers): (&[bool], &Workers<Scratch<T>>),
        which: Which<'_>,
    ) -> u64 {
        self.neurons.clear();
        self.ends.clear();
        if !rough.contains(&true) {
            return 0;
        }
        let (network, neurons) = (batch.network(), batch.network().neurons());
        let is_needed = |b: usize| rough[b * neurons..][..neurons].contains(&true);
        self.inputs.find(batch, is_needed, workers);
        self.mark(rough, neurons);
        let direct = Direct {
            batch,
            how,
            rough,
            nonzeros: &self.inputs,
            workers,
        };
        let root = Node::root(chunks(batch.samples()));
        let (mut evaluations, mut rows) = (0, &mut self.rows[..]);
        for layer in 0..network.layers() {
            let neuron = |i: usize| which.neuron(layer, i);
            let is_rough = |&i: &usize| self.is_rough[network.neuron(layer) + neuron(i)];
            let first = self.neurons.len();
            (self.neurons).extend((0..which.width(network, layer)).filter(is_rough));
            self.ends.push(self.neurons.len());
            let here = &self.neurons[first..];
            let length = network.fan_in(layer) + 1;
            let (own, behind) = rows.split_at_mut(here.len() * length);
            rows = behind;
            evaluations += own
                .par_chunks_mut(length)
                .zip(here)
                .map(|(row, &i)| direct.row((layer, neuron(i)), root, row))
                .sum::<u64>();
        }
        evaluations
    }

    fn mark(&mut self, rough: &[bool], neurons: usize) {
        self.is_rough.clear();
        self.is_rough.resize(neurons, false);
        for of_sample in rough.chunks_exact(neurons) {
            for (is_rough, &here) in self.is_rough.iter_mut().zip(of_sample) {
                *is_rough |= here;
            }
        }
    }

    /// Adds what was measured to the gradient of the neurons that were asked for: their rows, one
    /// layer behind the other.
    pub(crate) fn add(&self, batch: &Batch<'_, T>, which: Which<'_>, mut gradient: &mut [T]) {
        let network = batch.network();
        let mean = T::one() / T::of(batch.samples() as f64);
        let (mut first, mut rows) = (0, &self.rows[..]);
        for (layer, &end) in self.ends.iter().enumerate() {
            let (width, length) = (which.width(network, layer), network.fan_in(layer) + 1);
            let here = &self.neurons[first..end];
            first = end;
            let (own, behind) = rows.split_at(here.len() * length);
            rows = behind;
            let (columns, behind) = gradient.split_at_mut(width * length);
            gradient = behind;
            if here.is_empty() {
                continue;
            }
            // A row's last entry is the bias, whose column follows the weights' in θ.
            columns
                .par_chunks_mut(width)
                .with_min_len((ADDED / here.len()).max(16))
                .enumerate()
                .for_each(|(j, column)| {
                    for (&i, row) in here.iter().zip(own.chunks_exact(length)) {
                        column[i] += row[j] * mean;
                    }
                });
        }
    }
}

/// Samples whose rough neurons are evaluated directly.
#[derive(Debug)]
pub(crate) struct Direct<'a, T: Real> {
    pub(crate) batch: &'a Batch<'a, T>,
    pub(crate) how: Quotient<'a, T>,
    /// A mark for each neuron, sample after sample.
    pub(crate) rough: &'a [bool],
    pub(crate) nonzeros: &'a Inputs<T>,
    pub(crate) workers: &'a Workers<Scratch<T>>,
}

impl<T: Real> Direct<'_, T> {
    /// Writes the sum of a neuron's quotients over the samples of a node for which it is rough, of
    /// which there is one. Returns how often a sample's loss was evaluated.
    pub(crate) fn row(&self, (layer, neuron): (usize, usize), node: Node, row: &mut [T]) -> u64 {
        let (network, samples) = (self.batch.network(), self.batch.samples());
        let place = network.neuron(layer) + neuron;
        let is_rough = |b: &usize| self.rough[b * network.neurons() + place];
        let own = &mut *self.workers.own();
        let (scratch, waiting) = (&mut own.direct, &mut own.sums);
        let mut evaluations = 0;
        let mut chunk = |node: Node, sum: &mut [T]| {
            node.chunk()?;
            let mut rough = node.samples(samples).filter(is_rough).peekable();
            if rough.peek().is_none() {
                return Some(false);
            }
            sum.fill(T::zero());
            for b in rough {
                let inputs = self.nonzeros.of(layer, b);
                let (probe, sample) = self.batch.probe(b);
                let which = (layer, neuron, sample);
                evaluations += quotients(&probe, which, inputs, self.how, scratch, sum);
            }
            Some(true)
        };
        node.add_up(chunks(samples), &mut chunk, row, waiting);
        evaluations
    }
}

/// Takes the memory that any direct evaluation may need.
pub(crate) fn reserve_direct<T: Real>(
    batch: &Batch<'_, T>,
    stencil: &Stencil<T>,
    (inputs, workers): (&mut Inputs<T>, &mut Workers<Scratch<T>>),
) {
    let network = batch.network();
    let rows = (0..network.layers()).map(|layer| network.fan_in(layer) + 1);
    let row = rows.fold(0, usize::max);
    inputs.reserve(batch);
    for scratch in workers.all() {
        (scratch.direct).reserve(network, stencil.points().len());
        scratch.groups.clear();
        scratch.groups.reserve(network.inputs());
        let depth = Node::root(chunks(batch.samples())).depth();
        reserve(&mut scratch.sums, depth * row);
    }
}

/// Whether a hidden layer has units with a corner.
fn has_corners<T: Real>(network: &Mlp<T>) -> bool {
    let mut hidden = (0..network.layers()).filter_map(|layer| network.activation(layer));
    hidden.any(has_corner)
}

/// Adds to `row` the quotients of one neuron for one sample: one for each of its weights, and
/// the bias's last. The inputs that are 0 change nothing, and equal ones are evaluated once.
/// Returns how often the sample's loss was evaluated.
pub(crate) fn quotients<T: Real>(
    probe: &Probe<'_, T>,
    (layer, neuron, sample): (usize, usize, usize),
    inputs: Groups<'_, T>,
    Quotient {
        stencil,
        h,
        is_described,
    }: Quotient<'_, T>,
    scratch: &mut DirectScratch<T>,
    row: &mut [T],
) -> u64 {
    let points = stencil.points();
    let most = (probe.capacity(layer) / points.len()).max(1);
    let which = (layer, neuron, sample);
    let mut evaluations = 0;
    let by_pieces = is_described && {
        let furthest = stencil.reach() * h * slices::largest(inputs.values);
        let moves = inputs.values.len() * points.len();
        scratch.describe(probe, which, (furthest, moves), &mut evaluations)
    };
    scratch.quotients.clear();
    for values in inputs.values.chunks(most) {
        scratch.deltas.clear();
        for &(offset, _) in points {
            let step = offset * h;
            scratch.deltas.extend(values.iter().map(|&a| step * a));
        }
        if by_pieces {
            scratch.losses.resize(scratch.deltas.len(), T::zero());
            scratch
                .pieces
                .evaluate(&scratch.deltas, &mut scratch.losses);
        } else {
            evaluations += scratch.evaluate_ends(probe, which);
        }
        let start = scratch.quotients.len();
        scratch.quotients.resize(start + values.len(), T::zero());
        let losses = scratch.losses.chunks_exact(values.len());
        for (losses, &(_, weight)) in losses.zip(points) {
            let weight = weight / h;
            for (quotient, &loss) in scratch.quotients[start..].iter_mut().zip(losses) {
                *quotient += weight * loss;
            }
        }
    }
    let quotients = &scratch.quotients[..];
    for (&j, &group) in inputs.indices.iter().zip(inputs.which) {
        row[j as usize] += quotients[group as usize];
    }
    row[row.len() - 1] += quotients[quotients.len() - 1];
    evaluations
}
