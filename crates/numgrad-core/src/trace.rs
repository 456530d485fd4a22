//! What a forward pass leaves behind: z and a of every layer, for every sample.
use crate::{Mlp, Real, ShapeError, Units};

/// The pre-activations z and the activations a of each layer for each sample of a batch.
///
/// The batch is cut into tiles of samples. In a tile each layer lies in one piece, a sample after
/// the other, so that an activation is asked about a whole layer at once. The buffers are used
/// again: a forward pass allocates only when a batch is larger than any before it. Cost: 3 numbers
/// a neuron and sample.
#[derive(Debug, Clone, Default)]
pub struct Trace<T> {
    before: Vec<T>,
    after: Vec<T>,
    neurons: usize,
    samples: usize,
    tile: usize,
}

/// The rooms for a tile of samples: what [`Mlp::forward_tile`] fills.
#[derive(Debug)]
pub struct Tile<'a, T> {
    /// z and then the activation's memo of each layer, layer after layer.
    pub before: &'a mut [T],
    /// a of each layer, layer after layer.
    pub after: &'a mut [T],
}

/// Some or all samples of a tile after its forward pass.
#[derive(Debug, Clone, Copy)]
pub struct TileTrace<'a, T> {
    before: &'a [T],
    after: &'a [T],
    /// The samples of the whole tile.
    tile: usize,
    first: usize,
    samples: usize,
}

impl<'a, T: Real> TileTrace<'a, T> {
    /// What [`Mlp::forward_tile`] has filled: z and memos, and a.
    pub fn new(network: &Mlp<T>, before: &'a [T], after: &'a [T]) -> Self {
        let samples = after.len() / network.neurons();
        Self {
            before,
            after,
            tile: samples,
            first: 0,
            samples,
        }
    }

    /// The number of samples.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// Some of the samples.
    ///
    /// # Panics
    /// If there are fewer.
    #[must_use]
    pub fn some(self, first: usize, samples: usize) -> Self {
        assert!(first + samples <= self.samples, "there are fewer samples");
        Self {
            first: self.first + first,
            samples,
            ..self
        }
    }

    /// A layer for all samples, one after the other.
    pub fn layer(&self, network: &Mlp<T>, layer: usize) -> Units<'a, T> {
        let width = network.width(layer);
        let (start, size) = (self.tile * network.neuron(layer), self.tile * width);
        let (z, memo) = self.before[2 * start..][..2 * size].split_at(size);
        let a = &self.after[start..][..size];
        Units { z, a, memo }.some(self.first * width, self.samples * width)
    }

    /// A layer for one of the samples.
    pub fn units(&self, network: &Mlp<T>, layer: usize, sample: usize) -> Units<'a, T> {
        let width = network.width(layer);
        self.layer(network, layer).some(sample * width, width)
    }
}

impl<T: Real> Trace<T> {
    /// A trace that no pass has been written to.
    pub fn new() -> Self {
        Self::default()
    }

    /// The number of samples of the last pass.
    pub fn samples(&self) -> usize {
        self.samples
    }

    /// Makes room for a batch that is cut into tiles of this many samples; the last may be
    /// smaller. No number depends on how it is cut.
    ///
    /// # Panics
    /// If a tile has no sample.
    pub fn resize(&mut self, network: &Mlp<T>, samples: usize, tile: usize) {
        assert!(tile > 0, "a tile has at least one sample");
        self.neurons = network.neurons();
        self.samples = samples;
        self.tile = tile;
        if self.after.len() < self.neurons * samples {
            self.before.resize(2 * self.neurons * samples, T::zero());
            self.after.resize(self.neurons * samples, T::zero());
        }
    }

    /// The number of samples of a tile; the last may have fewer.
    pub fn tile_size(&self) -> usize {
        self.tile
    }

    /// The rooms of all tiles in their order, to be filled by [`Mlp::forward_tile`].
    pub fn tiles_mut(&mut self) -> impl Iterator<Item = Tile<'_, T>> {
        let (numbers, tile) = (self.neurons * self.samples, self.neurons * self.tile);
        let before = self.before[..2 * numbers].chunks_mut(2 * tile);
        let after = self.after[..numbers].chunks_mut(tile);
        before
            .zip(after)
            .map(|(before, after)| Tile { before, after })
    }

    /// The rooms of all tiles: 2 numbers a neuron and sample of z and memos, and 1 of a.
    pub fn rooms(&mut self) -> Tile<'_, T> {
        let numbers = self.neurons * self.samples;
        Tile {
            before: &mut self.before[..2 * numbers],
            after: &mut self.after[..numbers],
        }
    }

    /// A tile of the last pass.
    ///
    /// # Panics
    /// If there is no such tile.
    pub fn tile(&self, tile: usize) -> TileTrace<'_, T> {
        let first = tile * self.tile;
        let samples = self.tile.min(self.samples - first);
        let (start, numbers) = (self.neurons * first, self.neurons * samples);
        TileTrace {
            before: &self.before[2 * start..][..2 * numbers],
            after: &self.after[start..][..numbers],
            tile: samples,
            first: 0,
            samples,
        }
    }

    /// All tiles of the last pass, in their order.
    pub fn tiles(&self) -> impl Iterator<Item = TileTrace<'_, T>> {
        (0..self.samples.div_ceil(self.tile.max(1))).map(|tile| self.tile(tile))
    }

    /// Layer `layer` for sample `b`. Layers count from 0, the one behind the first weights.
    ///
    /// # Panics
    /// If the pass had no such layer or sample.
    pub fn units(&self, network: &Mlp<T>, layer: usize, b: usize) -> Units<'_, T> {
        self.tile(b / self.tile)
            .units(network, layer, b % self.tile)
    }

    /// The outputs for sample `b`.
    ///
    /// # Panics
    /// If the pass had no such sample.
    pub fn output(&self, network: &Mlp<T>, b: usize) -> &[T] {
        self.units(network, network.layers() - 1, b).a
    }

    /// Copies the outputs into a matrix, a sample a column.
    ///
    /// # Errors
    /// [`ShapeError::Length`] if it has another shape than outputs × samples.
    pub fn copy_outputs(
        &self,
        network: &Mlp<T>,
        outputs: &mut nalgebra::DMatrix<T>,
    ) -> Result<(), ShapeError> {
        let expected = network.outputs() * self.samples;
        ShapeError::check_length("the matrix of outputs", expected, outputs.len())?;
        for (b, mut column) in outputs.column_iter_mut().enumerate() {
            column.copy_from_slice(self.output(network, b));
        }
        Ok(())
    }
}
