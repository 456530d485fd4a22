//! What a forward pass leaves behind: z and a of every layer, for every sample.
use crate::product::Matrix;
use crate::{Mlp, Real, ShapeError, Units};

/// The pre-activations z and the activations a of each layer for each sample of a batch.
///
/// It is two buffers with a record for each sample, and they are used again: a forward pass
/// allocates only when a batch is larger than any before it. Cost: 3 numbers a neuron and
/// sample.
#[derive(Debug, Clone, Default)]
pub struct Trace<T> {
    before: Vec<T>,
    after: Vec<T>,
    neurons: usize,
    samples: usize,
}

/// The rooms for a tile of samples: what [`Mlp::forward_tile`] fills.
#[derive(Debug)]
pub struct Tile<'a, T> {
    /// z and the activation's memo of each layer, a sample after the other.
    pub before: &'a mut [T],
    /// a of each layer, a sample after the other.
    pub after: &'a mut [T],
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

    /// Makes room for a batch.
    pub fn resize(&mut self, network: &Mlp<T>, samples: usize) {
        self.neurons = network.neurons();
        self.samples = samples;
        if self.after.len() < self.neurons * samples {
            self.before.resize(2 * self.neurons * samples, T::zero());
            self.after.resize(self.neurons * samples, T::zero());
        }
    }

    /// The rooms of all samples, to be cut into tiles of whole samples: 2 numbers a neuron in
    /// `before` and 1 in `after`.
    pub fn rooms(&mut self) -> Tile<'_, T> {
        let numbers = self.neurons * self.samples;
        Tile {
            before: &mut self.before[..2 * numbers],
            after: &mut self.after[..numbers],
        }
    }

    /// Layer `layer` for sample `b`. Layers count from 0, the one behind the first weights.
    ///
    /// # Panics
    /// If the pass had no such layer or sample.
    pub fn units(&self, network: &Mlp<T>, layer: usize, b: usize) -> Units<'_, T> {
        let start = network.neuron(layer);
        let width = network.width(layer);
        let (z, memo) = self.before[2 * (b * self.neurons + start)..][..2 * width].split_at(width);
        Units {
            z,
            a: &self.after[b * self.neurons + start..][..width],
            memo,
        }
    }

    /// The activations of a layer for all samples: neurons × samples.
    pub fn activations(&self, network: &Mlp<T>, layer: usize) -> Matrix<'_, T> {
        let width = network.width(layer);
        let start = network.neuron(layer);
        Matrix::new(&self.after[start..], width, self.samples, self.neurons)
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
