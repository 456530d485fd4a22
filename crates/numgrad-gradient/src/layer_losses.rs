//! φ of all neurons of a layer, for a tile of samples, at a few moves of their z: along straight
//! lines where there are such, else by partial passes.
use crate::direction::{Directions, Lines};
use crate::output_lines::OutputLines;
use crate::probe::{MOST_MOVES, Neurons, Probe, ProbeScratch, has_corner, reserve};
use crate::straight::Straight;
use numgrad_core::Real;
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
    /// The moves of a, in the same order.
    distances: Vec<T>,
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
    /// Fills `losses` for the moves `deltas` of a layer's neurons. The layers of a tile must be
    /// asked for from the last one to the first.
    pub(crate) fn measure(&mut self, probe: &Probe<'_, T>, layer: usize) {
        let network = probe.network();
        let (samples, last) = (probe.trace.samples(), network.layers() - 1);
        let size = samples * network.width(layer);
        self.losses.resize(self.deltas.len(), T::zero());
        self.move_activations(probe, layer, size);
        self.mark_own_corners(probe, layer, size);
        if layer == last {
            self.reserve(probe);
            self.bends = !probe.objective.has_series();
        } else if layer + 1 < last && !self.bends {
            self.bends = !self.straight.descend(probe, layer);
        }
        self.followed.clear();
        self.followed.resize(samples, !self.bends);
        if !self.bends {
            self.follow(probe, layer);
        }
        for sample in 0..samples {
            if !self.followed[sample] {
                self.pass(probe, layer, sample, (network.width(layer), size));
            }
        }
    }

    /// Takes the memory of partial passes, which one sample among many may need.
    fn reserve(&mut self, probe: &Probe<'_, T>) {
        self.probe.reserve(probe.network());
        reserve(&mut self.some_deltas, MOST_MOVES);
        reserve(&mut self.some_losses, MOST_MOVES);
    }

    /// What the activations move by; in the output layer, where the function is the head's, z.
    fn move_activations(&mut self, probe: &Probe<'_, T>, layer: usize, size: usize) {
        let network = probe.network();
        self.distances.clear();
        self.distances.extend_from_slice(&self.deltas);
        let Some(activation) = network.activation(layer) else {
            return;
        };
        let width = network.width(layer);
        let units = probe.trace.layer(network, layer);
        // An activation may choose its series by the largest move it is asked about. Samples of
        // equal moves are asked about together, so that no bit depends on the others in the tile.
        let of_sample = |sample: usize| self.deltas[sample * width];
        let mut first = 0;
        while first < size / width {
            let equal = (first + 1..size / width).take_while(|&b| of_sample(b) == of_sample(first));
            let count = 1 + equal.count();
            let units = units.some(first * width, count * width);
            for node in self.distances.chunks_exact_mut(size) {
                activation.differences(units, &mut node[first * width..][..count * width]);
            }
            first += count;
        }
    }

    /// The neurons that cross their own corner. As z moves straight from node to node, no other is
    /// between the furthest ones.
    fn mark_own_corners(&mut self, probe: &Probe<'_, T>, layer: usize, size: usize) {
        self.crossed.clear();
        self.crossed.resize(size, false);
        let network = probe.network();
        if network.activation(layer).is_some_and(has_corner) {
            let z = probe.trace.layer(network, layer).z;
            for node in self.deltas.chunks_exact(size) {
                for ((crossed, &delta), &z) in self.crossed.iter_mut().zip(node).zip(z) {
                    let stays = delta.magnitude() < z.magnitude();
                    // A NaN crosses.
                    *crossed |= !stays;
                }
            }
        }
    }

    /// The samples along straight lines, where there are such and the series reaches.
    fn follow(&mut self, probe: &Probe<'_, T>, layer: usize) {
        let network = probe.network();
        let (width, last) = (network.width(layer), network.layers() - 1);
        let directions = match last - layer {
            0 => {
                let (deltas, losses) = (&self.deltas, &mut self.losses);
                return self
                    .outputs
                    .follow(probe, deltas, losses, &mut self.followed);
            }
            1 => {
                let rows = probe.weights.output_rows(network);
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
                Directions::Each(self.straight.runs())
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
    ) {
        let nodes = self.deltas.len() / size;
        let most = (probe.capacity(layer) / nodes).max(1);
        for first in (0..width).step_by(most) {
            let count = most.min(width - first);
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
                first,
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
        }
    }
}
