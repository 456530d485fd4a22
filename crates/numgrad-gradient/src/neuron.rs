//! The `neuron` sweep: each neuron's z perturbed by h, for all samples at once.
use crate::block::Block;
use crate::layer_losses::LayerScratch;
use crate::probe::Probe;
use crate::stencil::Stencil;
use numgrad_core::Real;
use std::ops::Range;

/// Writes the quotient Σ_o w_o·[L(z + o·h) − L(z)] / h of each neuron of the network, or of a block
/// of them, into the samples' records.
pub(crate) fn neuron_quotients<T: Real>(
    probe: &Probe<'_, T>,
    own: Option<&Block>,
    how: (&Stencil<T>, T),
    scratch: &mut LayerScratch<T>,
    slots: &mut [T],
) {
    let network = probe.network();
    for layer in (0..network.layers()).rev() {
        let within = own.map_or(0..network.width(layer), |own| own.of(layer));
        layer_quotients(probe, (layer, &within), how, scratch, slots);
    }
}

/// The same for some neurons of one layer; the layers must be asked for from the last one on.
pub(crate) fn layer_quotients<T: Real>(
    probe: &Probe<'_, T>,
    (layer, within): (usize, &Range<usize>),
    how: (&Stencil<T>, T),
    scratch: &mut LayerScratch<T>,
    slots: &mut [T],
) {
    let network = probe.network();
    let slots = &mut slots[network.neuron(layer)..];
    scratch.quotients(probe, layer, how, (slots, network.neurons()), within);
}
