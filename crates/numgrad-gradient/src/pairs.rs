//! The rough neurons of ranks that split the samples: who has a sample evaluates its rough neurons
//! directly, and hands over a row of quotients for each.
use crate::direct::{quotients, reserve_direct};
use crate::engine::Room;
use crate::pairwise::{Node, chunks};
use crate::probe::Batch;
use crate::stencil::Quotient;
use crate::team::Team;
use crate::tiling::columns_of_run;
use numgrad_core::{Mlp, Real};
use rayon::prelude::*;
use std::ops::Range;

/// A neuron that is rough in a place, which is a sample or a node of samples, and where its row
/// begins among those of all pairs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair {
    pub(crate) place: usize,
    pub(crate) layer: usize,
    pub(crate) neuron: usize,
    start: usize,
}

/// The place, layer and neuron of each mark, place after place.
fn marked<'a, T: Real>(
    network: &'a Mlp<T>,
    rough: &'a [bool],
) -> impl Iterator<Item = (usize, usize, usize)> + 'a {
    let places = rough.chunks_exact(network.neurons()).enumerate();
    let with_marks = places.filter(|(_, marks)| marks.contains(&true));
    with_marks.flat_map(move |(place, marks)| {
        (0..network.layers()).flat_map(move |layer| {
            let of_layer = &marks[network.neuron(layer)..][..network.width(layer)];
            let neurons = of_layer.iter().enumerate().filter(|(_, mark)| **mark);
            neurons.map(move |(neuron, _)| (place, layer, neuron))
        })
    })
}

/// The pairs that are marked, place after place.
pub(crate) fn find<T: Real>(network: &Mlp<T>, rough: &[bool], pairs: &mut Vec<Pair>) {
    pairs.clear();
    let mut start = 0;
    for (place, layer, neuron) in marked(network, rough) {
        pairs.push(Pair {
            place,
            layer,
            neuron,
            start,
        });
        start += network.fan_in(layer) + 1;
    }
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
    how: Quotient<'_, T>,
    room: &mut Room<T>,
    team: &Team,
    (run, gradient): (&Range<usize>, &mut [T]),
) -> u64 {
    let network = batch.network();
    let (samples, neurons) = (batch.samples(), network.neurons());
    let mut pairs = std::mem::take(&mut room.pairs);
    find(network, &room.rough[..samples * neurons], &mut pairs);
    let held = std::mem::take(&mut room.held);
    let evaluations = gather(network, &pairs, (team, &held), room, |room, own, rows| {
        evaluate(batch, how, room, own, rows)
    });
    pairs.sort_by_key(|pair| (pair.layer, pair.neuron));
    let of_chunk = |node: Node| node.chunk().map(|_| node.samples(samples));
    add(batch, &pairs, &room.blocks, of_chunk, (run, gradient));
    (room.pairs, room.held) = (pairs, held);
    evaluations
}

/// Leaves the rows of all pairs in the room: `fill` writes those of this rank's places, of which
/// each rank has those up to its end. Returns the evaluations of all ranks.
pub(crate) fn gather<T: Real>(
    network: &Mlp<T>,
    pairs: &[Pair],
    (team, ends): (&Team, &[usize]),
    room: &mut Room<T>,
    fill: impl FnOnce(&mut Room<T>, &[Pair], &mut [T]) -> u64,
) -> u64 {
    if pairs.is_empty() {
        return 0;
    }
    let numbers = numbers(network, pairs);
    let mut rows = std::mem::take(&mut room.blocks);
    rows.clear();
    rows.resize(numbers, T::zero());
    let first = |rank: usize| match rank {
        0 => 0,
        _ => pairs.partition_point(|pair| pair.place < ends[rank - 1]),
    };
    let start = |rank: usize| pairs.get(first(rank)).map_or(numbers, |pair| pair.start);
    let end = |rank: usize| {
        if rank + 1 == team.size() {
            numbers
        } else {
            start(rank + 1)
        }
    };
    let rank = team.comm().rank();
    let own = &pairs[first(rank)..];
    let own = &own[..own.partition_point(|pair| pair.place < ends[rank])];
    let evaluations = fill(room, own, &mut rows[start(rank)..end(rank)]);
    team.gather(&mut rows, |rank| end(rank) - start(rank));
    room.blocks = rows;
    team.sum(evaluations)
}

/// The numbers of the rows of all pairs.
pub(crate) fn numbers<T: Real>(network: &Mlp<T>, pairs: &[Pair]) -> usize {
    let last = pairs.last();
    last.map_or(0, |last| last.start + network.fan_in(last.layer) + 1)
}

/// Fills the rows of some pairs, one behind the other.
fn evaluate<T: Real>(
    batch: &Batch<'_, T>,
    how: Quotient<'_, T>,
    room: &mut Room<T>,
    pairs: &[Pair],
    rows: &mut [T],
) -> u64 {
    let network = batch.network();
    reserve_direct(
        batch,
        how.stencil,
        (&mut room.direct.inputs, &mut room.workers),
    );
    let is_needed = |b: usize| pairs.binary_search_by_key(&b, |pair| pair.place).is_ok();
    (room.direct.inputs).find(batch, is_needed, &room.workers);
    let (workers, nonzeros) = (&room.workers, &room.direct.inputs);
    let one = |(pair, row): (Pair, &mut [T])| {
        let (probe, sample) = batch.probe(pair.place);
        let which = (pair.layer, pair.neuron, sample);
        let inputs = nonzeros.of(pair.layer, pair.place);
        let scratch = &mut workers.own().direct;
        quotients(&probe, which, inputs, how, scratch, row)
    };
    with_rows(network, pairs, rows).map(one).sum()
}

/// Each pair with its row, of which one stands behind the other, in parallel.
pub(crate) fn with_rows<'a, T: Real>(
    network: &Mlp<T>,
    pairs: &[Pair],
    rows: &'a mut [T],
) -> impl ParallelIterator<Item = (Pair, &'a mut [T])> {
    let mut rest = rows;
    let mut each = Vec::with_capacity(pairs.len());
    for &pair in pairs {
        let (row, behind) = rest.split_at_mut(network.fan_in(pair.layer) + 1);
        each.push((pair, row));
        rest = behind;
    }
    each.into_par_iter()
}

/// Adds rows to a run of the gradient. A neuron's are added up first, as one process does: `known`
/// are the places whose rows make up a node.
pub(crate) fn add<T: Real>(
    batch: &Batch<'_, T>,
    pairs: &[Pair],
    rows: &[T],
    known: impl Fn(Node) -> Option<Range<usize>>,
    (run, gradient): (&Range<usize>, &mut [T]),
) {
    let network = batch.network();
    let chunks = chunks(batch.samples());
    let root = Node::root(chunks);
    let mean = T::one() / T::of(batch.samples() as f64);
    let (mut sum, mut waiting) = (Vec::new(), Vec::new());
    for of_neuron in pairs.chunk_by(|a, b| (a.layer, a.neuron) == (b.layer, b.neuron)) {
        let Pair { layer, neuron, .. } = of_neuron[0];
        let columns = columns_of_run(network, layer, run);
        sum.resize(columns.len(), T::zero());
        let mut of_places = |node: Node, sum: &mut [T]| {
            let places = known(node)?;
            let pairs = of_neuron.iter().filter(|pair| places.contains(&pair.place));
            let mut pairs = pairs.peekable();
            if pairs.peek().is_none() {
                return Some(false);
            }
            sum.fill(T::zero());
            for pair in pairs {
                let row = &rows[pair.start..][columns.clone()];
                for (sum, &quotient) in sum.iter_mut().zip(row) {
                    *sum += quotient;
                }
            }
            Some(true)
        };
        root.add_up(chunks, &mut of_places, &mut sum, &mut waiting);
        let width = network.width(layer);
        let first = network.weights_range(layer).start + columns.start * width;
        for (j, &sum) in sum.iter().enumerate() {
            gradient[first - run.start + j * width + neuron] += sum * mean;
        }
    }
}
