//! The `neuron` sweep: each neuron's z perturbed by h, for all samples at once.
use crate::probe::{Neurons, Probe, ProbeScratch};
use crate::stencil::Stencil;
use numgrad_core::Real;

/// The memory of the sweep.
#[derive(Debug, Default)]
pub(crate) struct NeuronScratch<T> {
    probe: ProbeScratch<T>,
    deltas: Vec<T>,
    losses: Vec<T>,
}

/// Writes the quotient Σ_o w_o·[L(z + o·h) − L(z)] / h of each neuron of the network over `slots`,
/// for one sample.
pub(crate) fn neuron_quotients<T: Real>(
    probe: &Probe<'_, T>,
    sample: usize,
    (stencil, h): (&Stencil<T>, T),
    scratch: &mut NeuronScratch<T>,
    slots: &mut [T],
) {
    let network = probe.network();
    let points = stencil.points();
    for layer in 0..network.layers() {
        let slots = &mut slots[network.neuron(layer)..][..network.width(layer)];
        let most = (probe.capacity(layer) / points.len()).max(1);
        for (chunk, slots) in slots.chunks_mut(most).enumerate() {
            let NeuronScratch {
                probe: memory,
                deltas,
                losses,
            } = scratch;
            let count = slots.len();
            deltas.clear();
            for &(offset, _) in points {
                deltas.resize(deltas.len() + count, offset * h);
            }
            losses.resize(deltas.len(), T::zero());
            let neurons = Neurons {
                layer,
                sample,
                first: chunk * most,
                count,
            };
            probe.losses(neurons, deltas, memory, losses);
            for (i, slot) in slots.iter_mut().enumerate() {
                let quotient = points.iter().enumerate();
                *slot = quotient.fold(T::zero(), |sum, (k, &(_, weight))| {
                    sum + weight * losses[k * count + i]
                }) / h;
            }
        }
    }
}
