//! The `neuron` sweep: each neuron's z perturbed by h, for all samples at once.
use crate::layer_losses::LayerScratch;
use crate::probe::Probe;
use crate::stencil::Stencil;
use numgrad_core::Real;
use numgrad_scalar::wide;

/// Writes the quotient Σ_o w_o·[L(z + o·h) − L(z)] / h of each neuron of the network into the
/// samples' records, for a tile of samples.
pub(crate) fn neuron_quotients<T: Real>(
    probe: &Probe<'_, T>,
    (stencil, h): (&Stencil<T>, T),
    scratch: &mut LayerScratch<T>,
    slots: &mut [T],
) {
    let network = probe.network();
    let slots = slots.chunks_mut(probe.part_size().saturating_mul(network.neurons()));
    for (probe, slots) in probe.parts().zip(slots) {
        for layer in (0..network.layers()).rev() {
            layer_quotients(&probe, layer, (stencil, h), scratch, slots);
        }
    }
}

/// The same for the neurons of one layer; the layers must be asked for from the last one on.
pub(crate) fn layer_quotients<T: Real>(
    probe: &Probe<'_, T>,
    layer: usize,
    (stencil, h): (&Stencil<T>, T),
    scratch: &mut LayerScratch<T>,
    slots: &mut [T],
) {
    let network = probe.network();
    let (neurons, width) = (network.neurons(), network.width(layer));
    let size = probe.trace.samples() * width;
    scratch.deltas.clear();
    for &(offset, _) in stencil.points() {
        scratch
            .deltas
            .resize(scratch.deltas.len() + size, offset * h);
    }
    scratch.measure(probe, layer, None);
    let (inverse, start) = (T::one() / h, network.neuron(layer));
    wide(
        #[inline(always)]
        || {
            for (sample, slots) in slots.chunks_exact_mut(neurons).enumerate() {
                let slots = &mut slots[start..][..width];
                slots.fill(T::ZERO);
                let nodes = scratch.losses.chunks_exact(size);
                for (losses, &(_, weight)) in nodes.zip(stencil.points()) {
                    let weight = weight * inverse;
                    let losses = &losses[sample * width..][..width];
                    for (slot, &loss) in slots.iter_mut().zip(losses) {
                        *slot = weight.fused(loss, *slot);
                    }
                }
            }
        },
    );
}
