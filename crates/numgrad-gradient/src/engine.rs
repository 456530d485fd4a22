//! The memory of a gradient, and the pass over tiles of samples that every sweep is made of.
use crate::assemble::{Part, parts};
use crate::chain::ChainScratch;
use crate::direct::DirectScratch;
use crate::layer_losses::LayerScratch;
use crate::nonzero::Inputs;
use crate::objective::mean;
use crate::probe::{Batch, Probe};
use crate::weights::Weights;
use crate::workers::Workers;
use crate::{GradientError, Objective};
use numgrad_core::{Mlp, NonZeros, Real, SparseRows, Tile, TileTrace, Trace};
use numgrad_loss::Targets;

/// The most samples of a tile: enough columns for a matrix product to be compute-bound.
const LARGEST_TILE: usize = 32;

/// Tiles for each thread, so that none waits long for another.
const TILES: usize = 4;

/// Memory that is used again from one gradient to the next.
#[derive(Debug, Default)]
pub(crate) struct Engine<T> {
    trace: Trace<T>,
    weights: Weights<T>,
    losses: Vec<T>,
    room: Room<T>,
}

/// What is measured at each neuron, and the memory to measure it.
#[derive(Debug, Default)]
pub(crate) struct Room<T> {
    /// What the sweep measured: see [`Coefficients`](crate::assemble::Coefficients).
    pub(crate) coefficients: Vec<T>,
    /// The neurons whose description failed, a record a sample.
    pub(crate) rough: Vec<bool>,
    /// Which inputs of each tile of samples are not 0, and whether all tiles are mostly 0.
    pub(crate) sparse: Vec<NonZeros>,
    pub(crate) is_sparse: bool,
    /// The nonzero inputs, for what is evaluated directly.
    pub(crate) nonzero_inputs: Inputs<T>,
    /// A row of weights and a bias for each neuron: what is evaluated directly.
    pub(crate) rows: Vec<T>,
    /// The tiling of the gradient, for the network of this shape.
    pub(crate) parts: Vec<Part>,
    shape: Vec<usize>,
    pub(crate) workers: Workers<Scratch<T>>,
}

/// The memory of one worker.
#[derive(Debug, Default)]
pub(crate) struct Scratch<T> {
    pub(crate) layer: LayerScratch<T>,
    pub(crate) direct: DirectScratch<T>,
    pub(crate) chain: ChainScratch<T>,
    pub(crate) gathered: SparseRows<T>,
    pub(crate) raised: Vec<T>,
}

/// A batch whose gradient is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Given<'a, T: Real> {
    pub(crate) objective: Objective<'a, T>,
    pub(crate) theta: &'a [T],
    pub(crate) x: &'a [T],
    pub(crate) targets: &'a Targets<T>,
}

/// What a sweep fills for the samples of a tile: a record a sample.
#[derive(Debug)]
pub(crate) struct Slots<'a, T> {
    pub(crate) coefficients: &'a mut [T],
    pub(crate) rough: &'a mut [bool],
}

/// What a pass found: what can be asked about the batch, its mean loss, the room that the sweep
/// filled, and the sum of what it counted.
#[derive(Debug)]
pub(crate) struct Pass<'a, T: Real> {
    pub(crate) batch: Batch<'a, T>,
    pub(crate) loss: T,
    pub(crate) room: &'a mut Room<T>,
    pub(crate) counted: u64,
}

impl<T> Engine<T> {
    /// The last forward pass.
    pub(crate) fn trace(&self) -> &Trace<T> {
        &self.trace
    }
}

impl<T: Real> Engine<T> {
    /// The forward pass alone.
    pub(crate) fn forward<'a>(
        &'a mut self,
        given: Given<'a, T>,
    ) -> Result<Pass<'a, T>, GradientError> {
        self.pass(given, 0, |_, _, _| Ok(0))
    }

    /// The forward pass and, behind it, a sweep's `work` on each tile of samples: one task a
    /// tile, in parallel over tiles. The sweep has room for `record` numbers a sample.
    pub(crate) fn pass<'a>(
        &'a mut self,
        given: Given<'a, T>,
        record: usize,
        work: impl Fn(&Probe<'_, T>, &mut Scratch<T>, Slots<'_, T>) -> Result<u64, GradientError> + Sync,
    ) -> Result<Pass<'a, T>, GradientError> {
        let Given {
            objective,
            theta,
            x,
            targets,
        } = given;
        let network = objective.network();
        let samples = objective.check(theta, x, targets)?;
        let tile = tile_size(samples);
        self.trace.resize(network, samples, tile);
        self.weights
            .prepare(network, theta, objective.has_straight_lines());
        self.losses.resize(samples, T::zero());
        self.room.prepare(network, samples, tile, record);
        let room = &mut self.room;
        let tiles = Tiles {
            first: 0,
            samples,
            x,
            trace: self.trace.rooms(),
            losses: &mut self.losses[..samples],
            sparse: &mut room.sparse,
            slots: Slots {
                coefficients: &mut room.coefficients[..samples * record],
                rough: &mut room.rough[..samples * network.neurons()],
            },
        };
        let (weights, workers) = (&self.weights, &room.workers);
        let on_tile = |tile: Tiles<'_, T>| {
            let is_sparse = tile.sparse[0].find(tile.x, network.inputs());
            let nonzeros = is_sparse.then_some(&tile.sparse[0]);
            let Tile { before, after } = tile.trace;
            let room = Tile {
                before: &mut *before,
                after: &mut *after,
            };
            network.forward_tile(theta, tile.x, nonzeros, room);
            let probe = Probe {
                objective,
                theta,
                x: tile.x,
                targets,
                first: tile.first,
                trace: TileTrace::new(network, before, after),
                weights,
            };
            objective.sample_losses(&probe.trace, targets, tile.first, tile.losses);
            work(&probe, &mut workers.own(), tile.slots)
        };
        let counted = tiles.each(network, record, tile, &on_tile)?;
        room.is_sparse = room.sparse.iter().all(NonZeros::is_sparse);
        let loss = mean(self.losses[..samples].iter().copied())?;
        Ok(Pass {
            batch: Batch {
                given,
                trace: &self.trace,
                weights: &self.weights,
            },
            loss,
            room: &mut self.room,
            counted,
        })
    }
}

/// How many samples go together. No bit of a result depends on it: every sum runs in an order of
/// its own.
fn tile_size(samples: usize) -> usize {
    let size = samples.div_ceil(TILES * rayon::current_num_threads());
    // The matrix product takes columns by fours.
    let size = if size > 4 {
        size.next_multiple_of(4)
    } else {
        size
    };
    size.clamp(1, LARGEST_TILE)
}

/// Some tiles of samples, to be cut into single ones.
struct Tiles<'a, T> {
    first: usize,
    samples: usize,
    x: &'a [T],
    trace: Tile<'a, T>,
    losses: &'a mut [T],
    sparse: &'a mut [NonZeros],
    slots: Slots<'a, T>,
}

impl<T: Real> Tiles<'_, T> {
    /// Calls `work` on each tile, in parallel. Of several errors it returns the first tile's.
    fn each<F>(
        self,
        network: &Mlp<T>,
        record: usize,
        tile: usize,
        work: &F,
    ) -> Result<u64, GradientError>
    where
        F: Fn(Self) -> Result<u64, GradientError> + Sync,
    {
        if self.samples <= tile {
            return work(self);
        }
        let half = self.samples.div_ceil(tile) / 2;
        let (left, right) = self.cut(network, record, half * tile, half);
        let (left, right) = rayon::join(
            || left.each(network, record, tile, work),
            || right.each(network, record, tile, work),
        );
        Ok(left? + right?)
    }

    fn cut(self, network: &Mlp<T>, record: usize, samples: usize, tiles: usize) -> (Self, Self) {
        let neurons = samples * network.neurons();
        let (x, x_right) = self.x.split_at(samples * network.inputs());
        let (before, before_right) = self.trace.before.split_at_mut(2 * neurons);
        let (after, after_right) = self.trace.after.split_at_mut(neurons);
        let (losses, losses_right) = self.losses.split_at_mut(samples);
        let (sparse, sparse_right) = self.sparse.split_at_mut(tiles);
        let (slots, slots_right) = self.slots.cut(record, samples, neurons);
        let left = Self {
            first: self.first,
            samples,
            x,
            trace: Tile { before, after },
            losses,
            sparse,
            slots,
        };
        let right = Self {
            first: self.first + samples,
            samples: self.samples - samples,
            x: x_right,
            trace: Tile {
                before: before_right,
                after: after_right,
            },
            losses: losses_right,
            sparse: sparse_right,
            slots: slots_right,
        };
        (left, right)
    }
}

impl<T> Slots<'_, T> {
    fn cut(self, record: usize, samples: usize, neurons: usize) -> (Self, Self) {
        let coefficients = samples * record;
        let (coefficients, coefficients_right) = self.coefficients.split_at_mut(coefficients);
        let (rough, rough_right) = self.rough.split_at_mut(neurons);
        let left = Self {
            coefficients,
            rough,
        };
        let right = Self {
            coefficients: coefficients_right,
            rough: rough_right,
        };
        (left, right)
    }
}

impl<T: Real> Room<T> {
    fn prepare(&mut self, network: &Mlp<T>, samples: usize, tile: usize, record: usize) {
        self.workers.prepare();
        self.coefficients.resize(samples * record, T::zero());
        self.rough.resize(samples * network.neurons(), false);
        self.sparse
            .resize_with(samples.div_ceil(tile), NonZeros::default);
        let shape = || {
            let widths = (0..network.layers()).map(|layer| network.width(layer));
            std::iter::once(network.inputs()).chain(widths)
        };
        if !shape().eq(self.shape.iter().copied()) {
            self.shape.clear();
            self.shape.extend(shape());
            self.parts = parts(network, None);
        }
    }
}
