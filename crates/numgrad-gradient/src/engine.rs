//! The memory of a gradient, and the pass over tiles of samples that every sweep is made of.
use crate::block::Which;
use crate::chain::ChainScratch;
use crate::direct::{DirectRows, DirectScratch};
use crate::exchange::{Exchange, Needs};
use crate::layer_losses::LayerScratch;
use crate::nonzero::GroupsOfValues;
use crate::objective::{Paths, mean};
use crate::pairs::Pair;
use crate::pairwise::samples_of;
use crate::probe::{Batch, Probe};
use crate::team::Team;
use crate::tiles::{Slots, Tiles};
use crate::tiling::{Part, parts, tile_size};
use crate::weights::Weights;
use crate::workers::Workers;
use crate::{GradientError, Objective, Split};
use numgrad_core::{Aligned, Mlp, NonZeros, Real, SparseRows, Tile, TileTrace, Trace};
use numgrad_loss::Targets;
use rayon::prelude::*;
use std::ops::Range;

/// Memory that is used again from one gradient to the next.
#[derive(Debug, Default)]
pub(crate) struct Engine<T> {
    trace: Trace<T>,
    weights: Weights<T>,
    losses: Vec<T>,
    room: Room<T>,
    /// The ranks that measure together, if there are others.
    team: Option<Team>,
}

/// What is measured at each neuron, and the memory to measure it.
#[derive(Debug, Default)]
pub(crate) struct Room<T> {
    /// What the sweep measured, from which [`assemble`](crate::assemble) finds the gradient.
    pub(crate) coefficients: Aligned<T>,
    /// The neurons whose description failed, a record a sample.
    pub(crate) rough: Vec<bool>,
    /// Which inputs of each tile of samples are not 0, and whether all tiles are mostly 0.
    sparse: Vec<NonZeros>,
    tiles: usize,
    pub(crate) is_sparse: bool,
    /// What the rough neurons measure.
    pub(crate) direct: DirectRows<T>,
    /// The blocks of all ranks, one behind the other.
    pub(crate) blocks: Vec<T>,
    /// The sums of this rank's samples, and those of all ranks for its part of θ.
    pub(crate) sums: Vec<T>,
    pub(crate) sums_of_ranks: Vec<T>,
    /// The marks as bytes, to be sent.
    pub(crate) marks: Vec<u8>,
    /// Where the samples of each rank end, which of them are rough, and whether every rank has all
    /// of the forward pass.
    pub(crate) held: Vec<usize>,
    pub(crate) pairs: Vec<Pair>,
    pub(crate) has_pass: bool,
    /// The tiling of the gradient, for the network of this shape and so many threads.
    pub(crate) parts: Vec<Part>,
    shape: Vec<usize>,
    threads: usize,
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
    /// Sums of chunks that wait for others.
    pub(crate) sums: Vec<T>,
    pub(crate) groups: GroupsOfValues,
}

/// A batch whose gradient is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Given<'a, T: Real> {
    pub(crate) objective: Objective<'a, T>,
    pub(crate) theta: &'a [T],
    pub(crate) x: &'a [T],
    pub(crate) targets: &'a Targets<T>,
}

/// What a sweep leaves of each sample.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Records {
    /// How many numbers.
    pub(crate) numbers: usize,
    /// What the gradient needs of it and of the forward pass.
    pub(crate) needs: Needs,
    /// Whether neurons are followed along what they move the logits on.
    pub(crate) follows: bool,
}

/// What a pass found: what can be asked about the batch, the samples' losses, the room that the
/// sweep filled, and the ranks that fill the gradient together.
#[derive(Debug)]
pub(crate) struct Pass<'a, T: Real> {
    pub(crate) batch: Batch<'a, T>,
    pub(crate) losses: &'a mut [T],
    pub(crate) room: &'a mut Room<T>,
    pub(crate) team: Option<&'a Team>,
    /// The chunks of each rank, where each knows its own samples alone.
    pub(crate) shares: Option<Vec<Range<usize>>>,
}

impl<T: Real> Pass<'_, T> {
    /// The mean loss, where all samples are known.
    pub(crate) fn loss(&self) -> Result<T, GradientError> {
        mean(self.losses.iter().copied())
    }
}

impl<T> Engine<T> {
    /// The last forward pass.
    pub(crate) fn trace(&self) -> &Trace<T> {
        &self.trace
    }

    /// The ranks that measure together.
    pub(crate) fn team(&self) -> Option<&Team> {
        self.team.as_ref()
    }

    /// Measures together with other ranks from now on.
    pub(crate) fn share(&mut self, team: Team) {
        self.team = Some(team);
    }
}

impl<T: Real> Engine<T> {
    /// The chunks of each rank, where ranks split such a batch and tell each other sums alone.
    fn shares(&self, needs: Needs, samples: usize) -> Option<Vec<Range<usize>>> {
        let team = self.team.as_ref()?;
        if team.split() != Split::Samples || !needs.are_sums() {
            return None;
        }
        team.chunks(samples)
    }

    /// The samples of a batch that this rank looks at.
    pub(crate) fn looks_at(&self, needs: Needs, samples: usize) -> Range<usize> {
        match (&self.team, self.shares(needs, samples)) {
            (Some(team), Some(shares)) => samples_of(&shares[team.comm().rank()], samples),
            _ => 0..samples,
        }
    }

    /// The forward pass alone.
    pub(crate) fn forward<'a>(
        &'a mut self,
        given: Given<'a, T>,
    ) -> Result<Pass<'a, T>, GradientError> {
        let records = Records {
            numbers: 0,
            needs: Needs::Pass,
            follows: false,
        };
        self.pass(given, records, |_, _, _| Ok(()))
    }

    /// The forward pass and, behind it, a sweep's `work` on each tile of samples: one task a
    /// tile, in parallel over tiles. Ranks that split the samples do it for their own tiles, and
    /// tell each other what came of it, but where they have whole chunks.
    pub(crate) fn pass<'a>(
        &'a mut self,
        given: Given<'a, T>,
        Records {
            numbers: record,
            needs,
            follows,
        }: Records,
        work: impl Fn(&Probe<'_, T>, &mut Scratch<T>, Slots<'_, T>) -> Result<(), GradientError> + Sync,
    ) -> Result<Pass<'a, T>, GradientError> {
        let Given {
            objective,
            theta,
            x,
            targets,
        } = given;
        let network = objective.network();
        let samples = objective.check(theta, x, targets)?;
        let splits = |team: &&Team| team.split() == Split::Samples;
        let sharers = self.team.as_ref().filter(splits);
        // The ranks' traces lie alike.
        let tile = tile_size(
            samples,
            sharers.map_or_else(rayon::current_num_threads, Team::threads),
        );
        let count = samples.div_ceil(tile);
        let shares = self.shares(needs, samples);
        let own = match (sharers, &shares) {
            (None, _) => 0..count,
            (Some(team), None) => team.own_part(count),
            (Some(team), Some(shares)) => {
                let own = samples_of(&shares[team.comm().rank()], samples);
                own.start / tile..own.end.div_ceil(tile)
            }
        };
        self.trace.resize(network, samples, tile);
        let paths = if follows {
            objective.paths()
        } else {
            Paths::Unknown
        };
        self.weights.prepare(network, theta, paths);
        self.losses.resize(samples, T::zero());
        self.room.prepare(network, samples, tile, record);
        let room = &mut self.room;
        let tiles = Tiles {
            first: 0,
            samples,
            x,
            trace: self.trace.rooms(),
            losses: &mut self.losses[..samples],
            sparse: &mut room.sparse[..count],
            slots: Slots {
                coefficients: &mut room.coefficients[..samples * record],
                rough: &mut room.rough[..samples * network.neurons()],
            },
        };
        let tiles = tiles.some(network, record, tile, &own);
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
            let size = probe.part_size(follows);
            let on_part =
                |probe: &Probe<'_, T>, slots: Slots<'_, T>| work(probe, &mut workers.own(), slots);
            tile.slots.each(probe, record, size, &on_part)
        };
        tiles.each(network, record, tile, &on_tile)?;
        let losses = &mut self.losses[..samples];
        if let (Some(team), None) = (sharers, &shares) {
            let exchange = Exchange {
                team,
                network,
                samples,
                tile,
            };
            room.find_others(x, tile * network.inputs(), network.inputs(), &own);
            exchange.all(needs, record, losses, &mut self.trace.rooms(), room);
        }
        let known = if shares.is_some() { own } else { 0..count };
        room.is_sparse = room.tiles_in_use()[known].iter().all(NonZeros::is_sparse);
        Ok(Pass {
            batch: Batch {
                given,
                trace: &self.trace,
                weights: &self.weights,
            },
            losses,
            room: &mut self.room,
            team: self.team.as_ref(),
            shares,
        })
    }
}

impl<T: Real> Room<T> {
    /// Looks for what is not 0 in the tiles of other ranks: the gradient is assembled by it.
    fn find_others(&mut self, x: &[T], tile: usize, inputs: usize, own: &Range<usize>) {
        let tiles = self.sparse[..self.tiles].par_iter_mut();
        let tiles = tiles.zip(x.par_chunks(tile)).enumerate();
        let others = tiles.filter(|(k, _)| !own.contains(k));
        others.for_each(|(_, (sparse, x))| {
            sparse.find(x, inputs);
        });
    }

    /// The marks of the last batch's tiles.
    pub(crate) fn tiles_in_use(&self) -> &[NonZeros] {
        &self.sparse[..self.tiles]
    }

    fn prepare(&mut self, network: &Mlp<T>, samples: usize, tile: usize, record: usize) {
        self.workers.prepare();
        self.coefficients.resize(samples * record);
        self.rough.resize(samples * network.neurons(), false);
        // A smaller batch keeps the room of a larger one.
        self.tiles = samples.div_ceil(tile);
        let length = self.sparse.len().max(self.tiles);
        self.sparse.resize_with(length, NonZeros::default);
        let shape = || {
            let widths = (0..network.layers()).map(|layer| network.width(layer));
            std::iter::once(network.inputs()).chain(widths)
        };
        let threads = rayon::current_num_threads();
        if self.threads != threads || !shape().eq(self.shape.iter().copied()) {
            self.shape.clear();
            self.shape.extend(shape());
            self.threads = threads;
            self.parts = parts(network, Which::All, threads);
        }
    }
}
