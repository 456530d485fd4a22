//! How a batch and a gradient are cut into tasks: tiles of samples, and parts of the layers'
//! weights. No bit of a result depends on it, for every sum runs in an order of its own.
use crate::block::Which;
use crate::pairwise::CHUNK;
use numgrad_core::{Mlp, Real, SPARSE_BLOCK};
use std::ops::Range;

/// The most samples of a tile: enough columns for a matrix product to be compute-bound.
const LARGEST_TILE: usize = 64;

/// Columns that a matrix product takes at a time.
const TOGETHER: usize = 8;

/// Tiles for each thread, so that none waits long for another.
const TILES: usize = 4;

/// The same where more of them would be smaller than `SMALL` samples, whose products take longer.
const FEWEST_TILES: usize = 2;
const SMALL: usize = 32;

/// How much longer than the mean the longest worker may take for the sake of larger tiles, as a
/// part of it.
const TOLERANCE: usize = 20;

/// Columns of a weight matrix that one worker computes at a time.
const COLUMNS: usize = SPARSE_BLOCK;

/// Parts of the first layer's weights for each of several threads, of at least `FEW_COLUMNS`: its
/// inputs may be 0 more often in some columns than in others.
const UNEVEN_PARTS: usize = 12;
const FEW_COLUMNS: usize = 16;

/// How many samples go together: as many as leave no worker much more than the others. Where a
/// batch has several chunks, each begins with a tile.
pub(crate) fn tile_size(samples: usize, threads: usize) -> usize {
    let cut = |tiles: usize| samples.div_ceil(tiles * threads).next_multiple_of(4);
    let usual = cut(TILES).max(cut(FEWEST_TILES).min(SMALL));
    let most = usual.clamp(TOGETHER, LARGEST_TILE);
    let best = samples.div_ceil(threads);
    let is_even = |&size: &usize| longest(samples, size, threads) <= best + best / TOLERANCE;
    let fits = |size: &usize| samples <= CHUNK || CHUNK.is_multiple_of(*size);
    let mut sizes = (1..=most).rev().filter(fits);
    sizes.find(is_even).unwrap_or(1)
}

/// The samples of the longest of several workers, each of which takes the next tile when it is
/// done with one. The last tile may be a short one.
fn longest(samples: usize, size: usize, threads: usize) -> usize {
    let tiles = samples.div_ceil(size);
    let rounds = tiles.div_ceil(threads);
    if tiles % threads == 1 {
        return samples - (tiles - rounds) * size;
    }
    (rounds * size).min(samples)
}

/// Some columns of a layer's weights, or its biases.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    pub(crate) layer: usize,
    /// Columns of W; `None` for the biases.
    pub(crate) columns: Option<(usize, usize)>,
    /// Where the part lies in θ.
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// The parts of a network's gradient, in the order of θ: of each layer as many for every worker.
/// Of some neurons, those of their rows, one layer behind the other.
pub(crate) fn parts<T: Real>(network: &Mlp<T>, which: Which<'_>, threads: usize) -> Vec<Part> {
    let (mut parts, mut start) = (Vec::new(), 0);
    for layer in 0..network.layers() {
        let (width, inputs) = (which.width(network, layer), network.fan_in(layer));
        let columns = 0..inputs + 1;
        add_parts(
            &mut parts,
            (layer, inputs, columns),
            (start, width),
            threads,
        );
        start += width * (inputs + 1);
    }
    parts
}

/// The parts of a run of θ, from column to column.
pub(crate) fn parts_of_run<T: Real>(
    network: &Mlp<T>,
    run: &Range<usize>,
    threads: usize,
) -> Vec<Part> {
    let mut parts = Vec::new();
    for layer in 0..network.layers() {
        let (width, inputs) = (network.width(layer), network.fan_in(layer));
        let start = network.weights_range(layer).start;
        let columns = columns_of_run(network, layer, run);
        add_parts(
            &mut parts,
            (layer, inputs, columns),
            (start, width),
            threads,
        );
    }
    parts
}

/// The columns of a layer in a run of θ, of which the one behind the inputs' is the biases.
pub(crate) fn columns_of_run<T: Real>(
    network: &Mlp<T>,
    layer: usize,
    run: &Range<usize>,
) -> Range<usize> {
    let (width, inputs) = (network.width(layer), network.fan_in(layer));
    let start = network.weights_range(layer).start;
    let column = |at: usize| (at.max(start) - start).min(width * (inputs + 1)) / width;
    column(run.start)..column(run.end)
}

/// The parts of some columns of a layer, whose first one begins at `start` and has `width` entries.
fn add_parts(
    parts: &mut Vec<Part>,
    (layer, inputs, columns): (usize, usize, Range<usize>),
    (start, width): (usize, usize),
    threads: usize,
) {
    if width == 0 {
        return;
    }
    let (first, last) = (columns.start, columns.end.min(inputs));
    let some = last.saturating_sub(first);
    let mut count = some.div_ceil(COLUMNS);
    if layer == 0 && threads > 1 {
        count = count.max((UNEVEN_PARTS * threads).min(some / FEW_COLUMNS));
    }
    let count = count.next_multiple_of(threads).min(some);
    for k in 0..count {
        let (first, last) = (first + k * some / count, first + (k + 1) * some / count);
        parts.push(Part {
            layer,
            columns: Some((first, last)),
            start: start + first * width,
            end: start + last * width,
        });
    }
    if columns.contains(&inputs) {
        let biases = start + inputs * width;
        parts.push(Part {
            layer,
            columns: None,
            start: biases,
            end: biases + width,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use numgrad_core::{ActivationKind, Architecture, OutputKind};

    /// The multiply-adds of the workers that take one task after the other as they are done.
    fn spread(tasks: impl Iterator<Item = usize>, workers: &mut [usize]) {
        let start = workers.iter().copied().max().unwrap_or_default();
        // A barrier: nobody begins before the last phase's longest is done.
        let mut ends = vec![start; workers.len()];
        for task in tasks {
            let next = (0..ends.len()).min_by_key(|&w| ends[w]).expect("a worker");
            ends[next] += task;
        }
        workers.copy_from_slice(&ends);
    }

    /// The longest worker over the mean one, by the multiply-adds of a gradient whose inputs'
    /// products are counted `powers` times.
    fn imbalance(widths: &[usize], samples: usize, threads: usize, powers: usize) -> f64 {
        let network = Architecture::new(widths, ActivationKind::Relu, OutputKind::Softmax)
            .build::<f64>()
            .unwrap();
        let size = tile_size(samples, threads);
        // A forward pass, and a line of logits for each neuron, of eight operations an output.
        let of_sample = network.parameters() + 8 * network.neurons() * network.outputs();
        let tiles = (0..samples)
            .step_by(size)
            .map(|first| size.min(samples - first) * of_sample);
        let parts = parts(&network, Which::All, threads);
        let parts = parts
            .iter()
            .map(|part| (part.end - part.start) * samples * powers);
        let total = tiles.clone().sum::<usize>() + parts.clone().sum::<usize>();
        let mut workers = vec![0; threads];
        spread(tiles, &mut workers);
        spread(parts, &mut workers);
        let longest = workers.iter().copied().max().unwrap();
        longest as f64 / (total as f64 / threads as f64)
    }

    #[test]
    fn the_longest_of_up_to_sixteen_workers_has_at_most_a_tenth_more_than_the_mean() {
        let nets: [(&[usize], usize); 4] = [
            (&[784, 50, 10], 100),
            (&[784, 128, 64, 10], 128),
            (&[784, 1024, 1024, 10], 128),
            (&[784, 1024, 1024, 10], 256),
        ];
        for (widths, samples) in nets {
            for threads in [1, 2, 3, 4, 8, 16] {
                for powers in [1, 2] {
                    let found = imbalance(widths, samples, threads, powers);
                    assert!(
                        (1.0..=1.1).contains(&found),
                        "{widths:?} on {threads} threads: {found}"
                    );
                }
            }
        }
    }

    #[test]
    fn inputs_that_are_0_at_the_edges_leave_no_worker_much_more_than_the_mean() {
        let network = Architecture::new(&[784, 50, 10], ActivationKind::Relu, OutputKind::Softmax);
        let network = network.build::<f64>().unwrap();
        // As in images: nothing at the first and the last, the most in the middle.
        let entries = |column: usize| column.min(783 - column).saturating_sub(50);
        for threads in [2, 3, 4, 8, 16] {
            let parts = parts(&network, Which::All, threads);
            let parts = parts.iter().filter(|part| part.layer == 0);
            let costs = parts.filter_map(|part| part.columns);
            let costs = costs.map(|(first, last)| (first..last).map(entries).sum::<usize>());
            let total: usize = costs.clone().sum();
            let mut workers = vec![0; threads];
            spread(costs, &mut workers);
            let longest = workers.into_iter().max().unwrap();
            let found = longest as f64 * threads as f64 / total as f64;
            assert!(found < 1.15, "{threads} threads: {found}");
        }
    }

    #[test]
    fn parts_of_runs_are_those_of_the_whole_whatever_the_cuts_between_columns() {
        let network = Architecture::new(&[7, 5, 3], ActivationKind::Relu, OutputKind::Softmax);
        let network = network.build::<f64>().unwrap();
        // The ends of the columns, biases included.
        let of_layers = [(5, 8), (3, 6)].into_iter();
        let mut ends: Vec<usize> = of_layers.flat_map(|(w, n)| vec![w; n]).collect();
        for k in 1..ends.len() {
            ends[k] += ends[k - 1];
        }
        for &first in &ends {
            for &second in ends.iter().filter(|&&second| second >= first) {
                let cuts = [0, first, second, network.parameters()];
                let runs = cuts.windows(2).map(|cut| cut[0]..cut[1]);
                let found: Vec<Part> = runs
                    .flat_map(|run| {
                        let parts = parts_of_run(&network, &run, 2);
                        let (start, end) = (parts.first(), parts.last());
                        assert!(start.is_none_or(|part| part.start == run.start));
                        assert!(end.is_none_or(|part| part.end == run.end));
                        parts
                    })
                    .collect();
                assert!(found.windows(2).all(|two| two[0].end == two[1].start));
                let biases = found.iter().filter(|part| part.columns.is_none());
                let layers: Vec<usize> = biases.map(|part| part.layer).collect();
                assert_eq!(layers, [0, 1], "{cuts:?}");
                for part in found {
                    let (width, start) = [(5, 0), (3, 40)][part.layer];
                    if let Some((first, last)) = part.columns {
                        assert_eq!(part.start, start + first * width);
                        assert_eq!(part.end, start + last * width);
                    }
                }
            }
        }
    }

    #[test]
    fn tiles_leave_no_worker_much_more_than_the_best_cut_does() {
        for samples in 1..300 {
            for threads in [1, 2, 3, 4, 7, 16, 64] {
                let size = tile_size(samples, threads);
                let mut workers = vec![0; threads];
                let tiles = (0..samples).step_by(size);
                spread(tiles.map(|first| size.min(samples - first)), &mut workers);
                let longest = workers.iter().copied().max().unwrap();
                let best = samples.div_ceil(threads);
                assert!(
                    longest <= best + best / TOLERANCE,
                    "{samples} samples on {threads} threads by {size}: {longest}"
                );
            }
        }
    }
}
