//! The directions in which a layer's neurons move the logits, where every layer behind them is
//! linear on each side of its corners (ReLU, leaky ReLU, identity): v = W_L·S·…·S·W_{l+1}, with the
//! slopes S of the units' sides, exact as long as no unit crosses its corner.
use crate::corners::slopes;
use crate::probe::{Probe, has_corner, stays_on_its_side};
use numgrad_core::{Matrix, MatrixMut, PackedColumns, Real, multiply_packed};
use numgrad_scalar::slices;

/// The directions of a tile of samples, from the last hidden layer down.
#[derive(Debug, Default)]
pub(crate) struct Straight<T> {
    /// For each sample and output a run of the layer's neurons.
    runs: Vec<T>,
    /// The directions behind a layer's activations, times the slopes of these: without the units
    /// that let nothing through.
    sides: PackedColumns<T>,
    /// The weights from the chosen neurons, transposed (neurons × units behind), and their runs.
    some_weights: Vec<T>,
    some_runs: Vec<T>,
    slopes: Vec<T>,
    /// The largest |slope| of each hidden layer passed, sample by sample: no bit may depend on the
    /// others of the tile.
    steepest: Vec<T>,
}

impl<T: Real> Straight<T> {
    /// From the directions of the layer behind to those of `layer`; layers must be asked for from
    /// the one before the last hidden layer down. Where only `some` neurons are asked for, theirs
    /// are found too, and all only where there is a layer further down. `false` if a layer on the
    /// way bends.
    pub(crate) fn descend(
        &mut self,
        probe: &Probe<'_, T>,
        layer: usize,
        some: Option<&[usize]>,
    ) -> bool {
        let network = probe.network();
        let (behind, outputs) = (layer + 1, network.outputs());
        let (inner, width) = (network.width(behind), network.width(layer));
        let activation = network
            .activation(behind)
            .expect("the layer behind is hidden");
        if !activation.is_piecewise_linear() {
            return false;
        }
        let samples = probe.trace.samples();
        slopes(
            probe.trace.layer(network, behind),
            activation,
            &mut self.slopes,
        );
        let is_last = behind + 1 == network.layers() - 1;
        if is_last {
            self.steepest.clear();
        }
        let of_samples = self.slopes.chunks_exact(inner).map(slices::largest);
        self.steepest.extend(of_samples);
        self.sides.clear(inner, outputs, samples);
        let shared = probe.weights.output_rows(network);
        for (sample, slopes) in self.slopes.chunks_exact(inner).enumerate() {
            let length = outputs * inner;
            let runs = if is_last {
                shared
            } else {
                &self.runs[sample * length..][..length]
            };
            self.sides.push(runs.chunks_exact(inner), slopes);
        }
        let columns = samples * outputs;
        if let Some(some) = some {
            self.descend_to_some(probe, behind, some, columns);
            if layer == 0 {
                return true;
            }
        }
        self.runs.resize(columns * width, T::zero());
        multiply_packed(
            probe.weights.transposed(network, behind),
            &self.sides,
            MatrixMut::new(&mut self.runs, width, columns, width),
        );
        true
    }

    /// The chosen neurons' directions.
    fn descend_to_some(
        &mut self,
        probe: &Probe<'_, T>,
        behind: usize,
        some: &[usize],
        columns: usize,
    ) {
        let network = probe.network();
        let inner = network.width(behind);
        let weights = &probe.theta[network.weights_range(behind)];
        self.some_weights.clear();
        for k in 0..inner {
            let of_unit = some.iter().map(|&i| weights[i * inner + k]);
            self.some_weights.extend(of_unit);
        }
        let count = some.len();
        self.some_runs.resize(columns * count, T::zero());
        if count > 0 {
            multiply_packed(
                Matrix::new(&self.some_weights, count, inner, count),
                &self.sides,
                MatrixMut::new(&mut self.some_runs, count, columns, count),
            );
        }
    }

    /// The directions: for each sample and output a run of the layer's neurons, or of the chosen
    /// ones.
    pub(crate) fn runs(&self, are_chosen: bool) -> &[T] {
        if are_chosen {
            &self.some_runs
        } else {
            &self.runs
        }
    }

    /// Whether no unit behind `layer` can cross its corner when one neuron of the layer moves its
    /// activation by up to `furthest`: by bounds on the moves, not by the moves themselves.
    pub(crate) fn holds(
        &self,
        probe: &Probe<'_, T>,
        layer: usize,
        sample: usize,
        furthest: T,
    ) -> bool {
        let bounds = probe.weights.bounds(probe.network(), layer, layer + 1);
        self.holds_behind(probe, (layer, bounds), sample, furthest)
    }

    /// The same of one neuron, by its own weights into the layer behind.
    pub(crate) fn holds_for(
        &self,
        probe: &Probe<'_, T>,
        (layer, neuron): (usize, usize),
        sample: usize,
        furthest: T,
    ) -> bool {
        let network = probe.network();
        let behind = network.width(layer + 1);
        let weights = &probe.theta[network.weights_range(layer + 1)];
        let own = &weights[neuron * behind..][..behind];
        self.holds_behind(probe, (layer, own), sample, furthest)
    }

    /// `first` are the moves of the units right behind the layer when its activation moves by 1.
    fn holds_behind(
        &self,
        probe: &Probe<'_, T>,
        (layer, first): (usize, &[T]),
        sample: usize,
        furthest: T,
    ) -> bool {
        let network = probe.network();
        let mut reach = furthest;
        let last_hidden = network.layers() - 2;
        (layer + 1..=last_hidden).all(|behind| {
            let z = probe.trace.units(network, behind, sample).z;
            let bounds = if behind == layer + 1 {
                first
            } else {
                probe.weights.bounds(network, layer, behind)
            };
            let bends = network.activation(behind).is_some_and(has_corner);
            let stays = !bends || stays_on_its_side(z, bounds, reach);
            // `steepest` begins with the last hidden layer's.
            reach *= self.steepest[(last_hidden - behind) * probe.trace.samples() + sample];
            stays
        })
    }
}
