//! φ of all neurons of a layer, for a tile of samples, at a few moves of their z: along straight
//! lines where there are such, else by partial passes.
use crate::direction::{Directions, Lines};
use crate::output_lines::OutputLines;
use crate::probe::{MOST_MOVES, Neurons, Probe, ProbeScratch, has_corner, reserve};
use crate::straight::Straight;
use numgrad_core::{Activation, Real, Units};
use numgrad_scalar::slices;

/// The memory of a layer's losses.
#[derive(Debug, Default)]
pub(crate) struct LayerScratch<T> {
    /// The moves of z, a number for each sample and neuron, node after node.
    pub(crate) deltas: Vec<T>,
    /// What the loss changes by, in the same order.
    pub(crate) losses: Vec<T>,
    /// The samples' neurons that move their own or another unit across a corner.
    pub(crate) crossed: Vec<bool>,
    /// Which chosen neurons of a sample are rough.
    pub(crate) marks: Vec<bool>,
    /// The moves of a, in the same order.
    distances: Vec<T>,
    /// z, a and memo of the chosen neurons, where not all are measured, and the weights from them
    /// to the outputs.
    gathered: [Vec<T>; 3],
    output_rows: Vec<T>,
    outputs: OutputLines<T>,
    followed: Vec<bool>,
    straight: Straight<T>,
    /// Whether the logits move on no straight line any more, from here down.
    bends: bool,
    probe: ProbeScratch<T>,
    some_deltas: Vec<T>,
    some_losses: Vec<T>,
}

impl<T: Real> LayerScratch<T> {
    /// Fills `losses` for the moves `deltas` of a layer's neurons, or of `some` of a hidden layer's,
    /// in their order. The layers of a tile must be asked for from the last one to the first.
    pub(crate) fn measure(&mut self, probe: &Probe<'_, T>, layer: usize, some: Option<&[usize]>) {
        let network = probe.network();
        let (samples, last) = (probe.trace.samples(), network.layers() - 1);
        let width = some.map_or(network.width(layer), <[usize]>::len);
        let size = samples * width;
        if layer == last {
            self.reserve(probe);
            self.bends = !probe.objective.has_series();
        } else if layer + 1 < last && !self.bends {
            self.bends = !self.straight.descend(probe, layer, some);
        }
        if size == 0 {
            return;
        }
        self.losses.resize(self.deltas.len(), T::zero());
        if let Some(some) = some {
            self.gather(probe, layer, some);
        }
        let units = if some.is_some() {
            let [z, a, memo] = &self.gathered;
            Units { z, a, memo }
        } else {
            probe.trace.layer(network, layer)
        };
        let activation = network.activation(layer);
        self.distances.clear();
        self.distances.extend_from_slice(&self.deltas);
        self.crossed.clear();
        self.crossed.resize(size, false);
        if let Some(activation) = activation {
            move_activations(activation, units, width, &mut self.distances);
            if has_corner(activation) {
                mark_own_corners(units.z, &self.deltas, &mut self.crossed);
            }
        }
        self.followed.clear();
        self.followed.resize(samples, !self.bends);
        if !self.bends {
            self.follow(probe, layer, some);
        }
        for sample in 0..samples {
            if !self.followed[sample] {
                self.pass(probe, layer, sample, (width, size), some);
            }
        }
    }

    /// Takes what is known of the chosen neurons, sample after sample, and the weights from them
    /// to the outputs.
    fn gather(&mut self, probe: &Probe<'_, T>, layer: usize, some: &[usize]) {
        let network = probe.network();
        let width = network.width(layer);
        let Units { z, a, memo } = probe.trace.layer(network, layer);
        for (to, from) in self.gathered.iter_mut().zip([z, a, memo]) {
            to.clear();
            for of_sample in from.chunks_exact(width) {
                to.extend(some.iter().map(|&i| of_sample[i]));
            }
        }
        self.output_rows.clear();
        if layer + 2 == network.layers() {
            for row in probe.weights.output_rows(network).chunks_exact(width) {
                self.output_rows.extend(some.iter().map(|&i| row[i]));
            }
        }
    }

    /// Takes the memory of partial passes, which one sample among many may need.
    fn reserve(&mut self, probe: &Probe<'_, T>) {
        self.probe.reserve(probe.network());
        reserve(&mut self.some_deltas, MOST_MOVES);
        reserve(&mut self.some_losses, MOST_MOVES);
    }

    /// The samples along straight lines, where there are such and the series reaches.
    fn follow(&mut self, probe: &Probe<'_, T>, layer: usize, some: Option<&[usize]>) {
        let network = probe.network();
        let last = network.layers() - 1;
        let width = some.map_or(network.width(layer), <[usize]>::len);
        let directions = match last - layer {
            0 => {
                let (deltas, losses) = (&self.deltas, &mut self.losses);
                return self
                    .outputs
                    .follow(probe, deltas, losses, &mut self.followed);
            }
            1 => {
                let rows = match some {
                    None => probe.weights.output_rows(network),
                    Some(_) => &self.output_rows,
                };
                Directions::Shared(rows, probe.weights.largest_of_output())
            }
            _ => {
                for (sample, followed) in self.followed.iter_mut().enumerate() {
                    let nodes = self.distances.chunks_exact(probe.trace.samples() * width);
                    let furthest = nodes.fold(T::zero(), |most, node| {
                        let here = slices::largest(&node[sample * width..][..width]);
                        if here <= most { most } else { here }
                    });
                    *followed = self.straight.holds(probe, layer, sample, furthest);
                }
                Directions::Each(self.straight.runs(some.is_some()))
            }
        };
        Lines {
            p: probe.trace.layer(network, last).a,
            targets: (probe.targets, probe.first),
            directions,
            neurons: width,
            distances: &self.distances,
            losses: &mut self.losses,
            followed: &mut self.followed,
        }
        .follow();
    }

    /// One sample by partial passes.
    fn pass(
        &mut self,
        probe: &Probe<'_, T>,
        layer: usize,
        sample: usize,
        (width, size): (usize, usize),
        some: Option<&[usize]>,
    ) {
        let nodes = self.deltas.len() / size;
        let most = (probe.capacity(layer) / nodes).max(1);
        let mut first = 0;
        while first < width {
            let mut count = most.min(width - first);
            if let Some(some) = some {
                // Neighbours go together.
                let pairs = some[first..first + count].windows(2);
                count = 1 + pairs.take_while(|pair| pair[1] == pair[0] + 1).count();
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

/// From the moves of z to those of a.
fn move_activations<T: Real>(
    activation: &dyn Activation<T>,
    units: Units<'_, T>,
    width: usize,
    moves: &mut [T],
) {
    // An activation may choose its series by the largest move it is asked about. Samples of equal
    // moves are asked about together, so that no bit depends on the others in the tile.
    let size = units.z.len();
    let mut first = 0;
    while first < size / width {
        let next = (first + 1..size / width)
            .take_while(|&sample| moves[sample * width] == moves[first * width]);
        let count = 1 + next.count();
        let units = units.some(first * width, count * width);
        for node in moves.chunks_exact_mut(size) {
            activation.differences(units, &mut node[first * width..][..count * width]);
        }
        first += count;
    }
}

/// The neurons that cross their own corner. As z moves straight from node to node, no other is
/// between the furthest ones.
fn mark_own_corners<T: Real>(z: &[T], deltas: &[T], crossed: &mut [bool]) {
    for node in deltas.chunks_exact(z.len()) {
        for ((crossed, &delta), &z) in crossed.iter_mut().zip(node).zip(z) {
            let stays = delta.magnitude() < z.magnitude();
            // A NaN crosses.
            *crossed |= !stays;
        }
    }
}
