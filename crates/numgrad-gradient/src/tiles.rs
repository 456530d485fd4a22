//! What is known of the tiles of a batch, cut into single ones that workers fill.
use crate::GradientError;
use crate::probe::Probe;
use numgrad_core::{Mlp, NonZeros, Real, Tile};
use std::ops::Range;

/// What a sweep fills for the samples of a tile: a record a sample.
#[derive(Debug)]
pub(crate) struct Slots<'a, T> {
    pub(crate) coefficients: &'a mut [T],
    pub(crate) rough: &'a mut [bool],
}

/// Some tiles of samples, to be cut into single ones.
#[derive(Debug)]
pub(crate) struct Tiles<'a, T> {
    /// The samples of the batch before them.
    pub(crate) first: usize,
    pub(crate) samples: usize,
    pub(crate) x: &'a [T],
    pub(crate) trace: Tile<'a, T>,
    pub(crate) losses: &'a mut [T],
    pub(crate) sparse: &'a mut [NonZeros],
    pub(crate) slots: Slots<'a, T>,
}

impl<T: Real> Tiles<'_, T> {
    /// Calls `work` on each tile, in parallel. Of several errors it returns the first tile's.
    pub(crate) fn each<F>(
        self,
        network: &Mlp<T>,
        record: usize,
        tile: usize,
        work: &F,
    ) -> Result<(), GradientError>
    where
        F: Fn(Self) -> Result<(), GradientError> + Sync,
    {
        if self.samples == 0 {
            return Ok(());
        }
        if self.samples <= tile {
            return work(self);
        }
        let half = self.samples.div_ceil(tile) / 2;
        let (left, right) = self.cut(network, record, half * tile, half);
        let (left, right) = rayon::join(
            || left.each(network, record, tile, work),
            || right.each(network, record, tile, work),
        );
        left.and(right)
    }

    /// Some of the tiles.
    pub(crate) fn some(
        self,
        network: &Mlp<T>,
        record: usize,
        tile: usize,
        own: &Range<usize>,
    ) -> Self {
        let up_to = |count: usize| (count * tile).min(self.samples);
        let (first, end) = (up_to(own.start), up_to(own.end));
        let (_, rest) = self.cut(network, record, first, own.start);
        rest.cut(network, record, end - first, own.len()).0
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

impl<T: Real> Slots<'_, T> {
    /// Calls `work` on so many samples of a tile at a time, in parallel: a worker that is done with
    /// its tiles helps with another's. Of several errors it returns the first part's.
    pub(crate) fn each<F>(
        self,
        probe: Probe<'_, T>,
        record: usize,
        size: usize,
        work: &F,
    ) -> Result<(), GradientError>
    where
        F: Fn(&Probe<'_, T>, Self) -> Result<(), GradientError> + Sync,
    {
        let samples = probe.trace.samples();
        if samples <= size {
            return work(&probe, self);
        }
        let half = samples.div_ceil(size) / 2 * size;
        let (left, right) = self.cut(record, half, half * probe.network().neurons());
        let (left_probe, right_probe) = (probe.some(0, half), probe.some(half, samples - half));
        let (left, right) = rayon::join(
            || left.each(left_probe, record, size, work),
            || right.each(right_probe, record, size, work),
        );
        left.and(right)
    }

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
