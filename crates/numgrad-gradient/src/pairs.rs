//! The rough neurons of ranks that split the samples: who has a sample evaluates its rough neurons
//! directly, and hands over a row of quotients for each.
use crate::direct::{quotients, reserve_direct};
use crate::engine::Room;
use crate::probe::Batch;
use crate::stencil::Stencil;
use crate::team::Team;
use crate::tiling::columns_of_run;
use numgrad_core::{Mlp, Real};
use rayon::prelude::*;
use std::ops::Range;

/// A neuron that is rough for a sample, and where its row begins among those of all pairs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair {
    sample: usize,
    layer: usize,
    neuron: usize,
    start: usize,
}

/// The sample, layer and neuron of each mark, sample after sample.
fn marked<'a, T: Real>(
    network: &'a Mlp<T>,
    rough: &'a [bool],
) -> impl Iterator<Item = (usize, usize, usize)> + 'a {
    let samples = rough.chunks_exact(network.neurons()).enumerate();
    let with_marks = samples.filter(|(_, marks)| marks.contains(&true));
    with_marks.flat_map(move |(sample, marks)| {
        (0..network.layers()).flat_map(move |layer| {
            let of_layer = &marks[network.neuron(layer)..][..network.width(layer)];
            let neurons = of_layer.iter().enumerate().filter(|(_, mark)| **mark);
            neurons.map(move |(neuron, _)| (sample, layer, neuron))
        })
    })
}

/// The pairs that are marked, sample after sample, and the numbers of all their rows.
fn find<T: Real>(network: &Mlp<T>, rough: &[bool], pairs: &mut Vec<Pair>) -> usize {
    pairs.clear();
    let mut start = 0;
    for (sample, layer, neuron) in marked(network, rough) {
        pairs.push(Pair {
            sample,
            layer,
            neuron,
            start,
        });
        start += network.fan_in(layer) + 1;
    }
    start
}

/// Whether the rows of all marked pairs are no more numbers than the rest of the forward pass, with
/// which every rank could evaluate them.
pub(crate) fn are_few<T: Real>(network: &Mlp<T>, samples: usize, rough: &[bool]) -> bool {
    let rows = marked(network, rough).map(|(_, layer, _)| network.fan_in(layer) + 1);
    rows.sum::<usize>() <= 2 * samples * network.neurons()
}

/// Adds to a run of the gradient what the rough neurons measure: those of each sample on the rank
/// that has it, each neuron's samples in their order. Returns how often a sample's loss was
/// evaluated, on all ranks.
pub(crate) fn add_pairs<T: Real>(
    batch: &Batch<'_, T>,
    (stencil, h): (&Stencil<T>, T),
    room: &mut Room<T>,
    team: &Team,
    (run, gradient): (&Range<usize>, &mut [T]),
) -> u64 {
    let network = batch.network();
    let (samples, neurons) = (batch.samples(), network.neurons());
    let mut pairs = std::mem::take(&mut room.pairs);
    let numbers = find(network, &room.rough[..samples * neurons], &mut pairs);
    let mut evaluations = 0;
    if !pairs.is_empty() {
        let mut rows = std::mem::take(&mut room.blocks);
        rows.clear();
        rows.resize(numbers, T::zero());
        // Where the rows of a rank's samples end.
        let end = |rank: usize| {
            let behind = pairs.partition_point(|pair| pair.sample < room.held[rank]);
            pairs.get(behind).map_or(numbers, |pair| pair.start)
        };
        let ends: Vec<usize> = (0..team.size()).map(end).collect();
        let start = |rank: usize| if rank == 0 { 0 } else { ends[rank - 1] };
        let rank = team.comm().rank();
        let own = start(rank)..ends[rank];
        let of_rank = |pair: &&Pair| own.contains(&pair.start);
        let own_pairs: Vec<&Pair> = pairs.iter().filter(of_rank).collect();
        evaluations = evaluate(
            batch,
            (stencil, h),
            room,
            (&own_pairs, pairs.len()),
            &mut rows[own],
        );
        team.gather(&mut rows, |rank| ends[rank] - start(rank));
        evaluations = team.sum(evaluations);
        pairs.sort_by_key(|pair| (pair.layer, pair.neuron));
        add(batch, &pairs, &rows, (run, gradient));
        room.blocks = rows;
    }
    room.pairs = pairs;
    evaluations
}

/// Fills the rows of some pairs, one behind the other. `count` is the number of all pairs.
fn evaluate<T: Real>(
    batch: &Batch<'_, T>,
    (stencil, h): (&Stencil<T>, T),
    room: &mut Room<T>,
    (pairs, count): (&[&Pair], usize),
    rows: &mut [T],
) -> u64 {
    let network = batch.network();
    reserve_direct(batch, stencil, room);
    let is_needed = |b: usize| pairs.binary_search_by_key(&b, |pair| pair.sample).is_ok();
    let is_sorted = count > 4 * batch.samples();
    room.nonzero_inputs.find(batch, is_needed, is_sorted);
    let (workers, nonzeros) = (&room.workers, &room.nonzero_inputs);
    let mut rest = rows;
    let mut each = Vec::with_capacity(pairs.len());
    for &&pair in pairs {
        let (row, behind) = rest.split_at_mut(network.fan_in(pair.layer) + 1);
        each.push((pair, row));
        rest = behind;
    }
    let one = |(pair, row): (Pair, &mut [T])| {
        let (probe, sample) = batch.probe(pair.sample);
        let which = (pair.layer, pair.neuron, sample);
        let inputs = nonzeros.of(pair.layer, pair.sample);
        let scratch = &mut workers.own().direct;
        quotients(&probe, which, inputs, (stencil, h), scratch, row)
    };
    each.into_par_iter().map(one).sum()
}

/// Adds rows to a run of the gradient. A neuron's are added up first, as one process does.
fn add<T: Real>(
    batch: &Batch<'_, T>,
    pairs: &[Pair],
    rows: &[T],
    (run, gradient): (&Range<usize>, &mut [T]),
) {
    let network = batch.network();
    let mean = T::one() / T::of(batch.samples() as f64);
    let mut sum = Vec::new();
    for of_neuron in pairs.chunk_by(|a, b| (a.layer, a.neuron) == (b.layer, b.neuron)) {
        let Pair { layer, neuron, .. } = of_neuron[0];
        let columns = columns_of_run(network, layer, run);
        sum.clear();
        sum.resize(columns.len(), T::zero());
        for pair in of_neuron {
            let row = &rows[pair.start..][columns.clone()];
            for (sum, &quotient) in sum.iter_mut().zip(row) {
                *sum += quotient;
            }
        }
        let width = network.width(layer);
        let first = network.weights_range(layer).start + columns.start * width;
        for (j, &sum) in sum.iter().enumerate() {
            gradient[first - run.start + j * width + neuron] += sum * mean;
        }
    }
}
