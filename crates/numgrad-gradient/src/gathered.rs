//! What a tile's samples know of chosen neurons, without the others between them.
use crate::probe::Probe;
use numgrad_core::{Real, Units};

/// The memory of the chosen neurons of a layer.
#[derive(Debug, Default)]
pub(crate) struct Gathered<T> {
    /// z, a and memo, sample after sample.
    units: [Vec<T>; 3],
    output_rows: Vec<T>,
}

impl<T: Real> Gathered<T> {
    /// Takes what is known of the chosen neurons, sample after sample, and of those in the last
    /// hidden layer the weights from them to the outputs.
    pub(crate) fn take(
        &mut self,
        probe: &Probe<'_, T>,
        layer: usize,
        some: &[usize],
    ) -> Units<'_, T> {
        let network = probe.network();
        let width = network.width(layer);
        let Units { z, a, memo } = probe.trace.layer(network, layer);
        for (to, from) in self.units.iter_mut().zip([z, a, memo]) {
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
        let [z, a, memo] = &self.units;
        Units { z, a, memo }
    }

    /// The weights to the outputs: for each of these a run of the neurons.
    pub(crate) fn output_rows(&self) -> &[T] {
        &self.output_rows
    }
}
