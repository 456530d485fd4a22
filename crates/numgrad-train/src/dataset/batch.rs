//! Some of the samples of a dataset as a batch: in the order and the precision that are asked for.
use super::{DataError, Dataset, Features, Labels};
use nalgebra::DMatrix;
use numgrad_core::Real;
use numgrad_loss::Targets;
use rayon::prelude::*;
use std::ops::Range;

/// Inputs that are worth a second worker.
const LEAST: usize = 1 << 14;

impl Dataset {
    /// Copies some of the samples into a batch, widened to `T`: their inputs a sample after the
    /// other, and their targets, on the current rayon pool. The memory of `x` and `targets` is used
    /// again.
    ///
    /// # Errors
    /// If the inputs are in a file that cannot be read (any more), or a number in it is not finite.
    ///
    /// # Panics
    /// If an index is past the last sample.
    pub fn gather<T: Real>(
        &self,
        indices: &[usize],
        x: &mut Vec<T>,
        targets: &mut Targets<T>,
    ) -> Result<(), DataError> {
        self.gather_some(indices, 0..indices.len(), x, targets)
    }

    /// The same, but of the inputs those of `some` of the batch's samples alone: the others are
    /// what they were.
    ///
    /// # Errors
    /// As [`gather`](Self::gather).
    ///
    /// # Panics
    /// If an index is past the last sample, or `some` past the last index.
    pub fn gather_some<T: Real>(
        &self,
        indices: &[usize],
        some: Range<usize>,
        x: &mut Vec<T>,
        targets: &mut Targets<T>,
    ) -> Result<(), DataError> {
        let n = self.inputs;
        x.resize(indices.len() * n, T::zero());
        let samples = (indices[some.clone()].par_iter()).with_min_len(LEAST.div_ceil(n));
        let rooms = samples.zip(x[some.start * n..some.end * n].par_chunks_exact_mut(n));
        match &self.features {
            Features::Bytes(all) => {
                let levels: [T; 256] = std::array::from_fn(|level| T::of(level as f64 / 255.0));
                rooms.for_each(|(&b, room)| {
                    for (to, &byte) in room.iter_mut().zip(&all[b * n..(b + 1) * n]) {
                        *to = levels[usize::from(byte)];
                    }
                });
            }
            Features::Numbers(all) => rooms.for_each(|(&b, room)| {
                for (to, &value) in room.iter_mut().zip(&all[b * n..(b + 1) * n]) {
                    *to = T::of(value);
                }
            }),
            Features::Stored(stored) => rooms
                .try_for_each_init(Vec::new, |bytes, (&b, room)| stored.read(b, bytes, room))?,
        }
        self.gather_targets(indices, targets);
        Ok(())
    }

    /// Copies the targets of some of the samples into a batch. The memory of `targets` is used
    /// again, for as many samples.
    ///
    /// # Panics
    /// If an index is past the last sample.
    pub fn gather_targets<T: Real>(&self, indices: &[usize], targets: &mut Targets<T>) {
        match (&self.labels, &mut *targets) {
            (Labels::Classes { labels: all, .. }, Targets::Labels(labels)) => {
                labels.clear();
                labels.extend(indices.iter().map(|&b| all[b]));
            }
            (Labels::Classes { labels: all, .. }, _) => {
                *targets = Targets::Labels(indices.iter().map(|&b| all[b]).collect());
            }
            (Labels::Values(all), Targets::Values(values))
                if values.shape() == (1, indices.len()) =>
            {
                for (value, &b) in values.iter_mut().zip(indices) {
                    *value = T::of(all[b]);
                }
            }
            (Labels::Values(all), _) => {
                let values = indices.iter().map(|&b| T::of(all[b]));
                *targets = Targets::Values(DMatrix::from_iterator(1, indices.len(), values));
            }
            (Labels::Unknown(_), _) => *targets = Targets::Labels(Vec::new()),
        }
    }
}
