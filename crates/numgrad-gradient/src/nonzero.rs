//! Which inputs of each layer are not 0, sample by sample: what a direct evaluation goes through.
use crate::probe::Batch;
use numgrad_core::Real;
use rayon::prelude::*;

/// The inputs of every layer and sample that are not 0.
#[derive(Debug, Default)]
pub(crate) struct Inputs {
    /// A record of all layers' inputs for each sample; the first of a layer's room are in use.
    indices: Vec<u32>,
    /// How many are, for each sample and layer.
    counts: Vec<u32>,
    layers: usize,
    record: usize,
}

impl Inputs {
    /// Finds the nonzero inputs. With `sorted`, those of the first layer come by their values, so
    /// that equal ones (8-bit pixels have 255 values) stand side by side.
    pub(crate) fn find<T: Real>(&mut self, batch: &Batch<'_, T>, sorted: bool) {
        let network = batch.network();
        let samples = batch.samples();
        self.layers = network.layers();
        self.record = (0..self.layers).map(|layer| network.fan_in(layer)).sum();
        self.indices.resize(samples * self.record, 0);
        self.counts.resize(samples * self.layers, 0);
        self.indices
            .par_chunks_mut(self.record)
            .zip(self.counts.par_chunks_mut(self.layers))
            .enumerate()
            .for_each(|(sample, (mut room, counts))| {
                for (layer, count) in counts.iter_mut().enumerate() {
                    let a = batch.inputs(layer, sample);
                    let (here, rest) = room.split_at_mut(a.len());
                    let mut found = 0;
                    for (j, &a) in a.iter().enumerate() {
                        // Without a branch: an index that is not kept is written over.
                        here[found] = j as u32;
                        found += usize::from(a != T::zero());
                    }
                    if sorted && layer == 0 {
                        let value = |&j: &u32| a[j as usize].as_f64();
                        here[..found].sort_unstable_by(|i, j| value(i).total_cmp(&value(j)));
                    }
                    *count = found as u32;
                    room = rest;
                }
            });
    }

    /// The nonzero inputs of a layer for a sample; `start` is the number of inputs of all layers
    /// before it.
    pub(crate) fn of(&self, layer: usize, start: usize, sample: usize) -> &[u32] {
        let count = self.counts[sample * self.layers + layer] as usize;
        &self.indices[sample * self.record + start..][..count]
    }
}
