//! Every single perturbation of a weight evaluated by itself: the reference of the descriptions,
//! and what serves where they fail.
mod moves;

use crate::block::Which;
use crate::engine::{Room, Scratch};
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
const ADDED: usize = 1 << 12;

/// Adds to the gradient what the neurons marked as rough measure: in parallel over neurons, each
/// with its own row, the samples in their order. Of some neurons, the gradient is that of their
/// rows, one layer behind the other. Returns how often a sample's loss was evaluated.
pub(crate) fn add_direct<T: Real>(
    batch: &Batch<'_, T>,
    how: Quotient<'_, T>,
    room: &mut Room<T>,
    which: Which<'_>,
    gradient: &mut [T],
) -> u64 {
    let network = batch.network();
    let (samples, neurons) = (batch.samples(), network.neurons());
    let is_any = room.rough[..samples * neurons].contains(&true);
    if is_any || has_corners(network) {
        // Where there are corners, some neuron will meet one: nothing is to be allocated then.
        reserve_direct(batch, how.stencil, room);
        room.rows.resize(network.parameters(), T::zero());
        reserve(&mut room.rough_neurons, neurons);
        reserve(&mut room.is_rough, neurons);
    }
    let rough = &room.rough[..samples * neurons];
    if !is_any {
        return 0;
    }
    let is_needed = |b: usize| rough[b * neurons..][..neurons].contains(&true);
    (room.nonzero_inputs).find(batch, is_needed, &room.workers);
    room.is_rough.clear();
    room.is_rough.resize(neurons, false);
    for of_sample in rough.chunks_exact(neurons) {
        for (is_rough, &here) in room.is_rough.iter_mut().zip(of_sample) {
            *is_rough |= here;
        }
    }
    let root = Node::root(chunks(samples));
    let direct = Direct {
        batch,
        how,
        rough,
        nonzeros: &room.nonzero_inputs,
        workers: &room.workers,
    };
    let mean = T::one() / T::of(samples as f64);
    let (mut evaluations, mut end) = (0, 0);
    for layer in 0..network.layers() {
        let (width, inputs) = (which.width(network, layer), network.fan_in(layer));
        let range = end..end + width * (inputs + 1);
        end = range.end;
        let neuron = |i: usize| which.neuron(layer, i);
        let here = &mut room.rough_neurons;
        here.clear();
        here.extend((0..width).filter(|&i| room.is_rough[network.neuron(layer) + neuron(i)]));
        if here.is_empty() {
            continue;
        }
        let rows = &mut room.rows[..here.len() * (inputs + 1)];
        evaluations += rows
            .par_chunks_mut(inputs + 1)
            .zip(here.par_iter())
            .map(|(row, &i)| direct.row((layer, neuron(i)), root, row))
            .sum::<u64>();
        // A row's last entry is the bias, whose column follows the weights' in θ.
        let rows = &room.rows[..here.len() * (inputs + 1)];
        gradient[range]
            .par_chunks_mut(width)
            .with_min_len((ADDED / here.len()).max(16))
            .enumerate()
            .for_each(|(j, column)| {
                for (&i, row) in here.iter().zip(rows.chunks_exact(inputs + 1)) {
                    column[i] += row[j] * mean;
                }
            });
    }
    evaluations
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
    room: &mut Room<T>,
) {
    let network = batch.network();
    let inputs = (0..network.layers()).map(|layer| network.fan_in(layer) + 1);
    let row = inputs.fold(0, usize::max);
    room.nonzero_inputs.reserve(batch);
    for scratch in room.workers.all() {
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
