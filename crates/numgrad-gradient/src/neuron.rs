//! The `neuron` sweep: each neuron's z perturbed by h, for all samples at once.
use crate::direction::{DirectionScratch, losses_at};
use crate::probe::{Neurons, Probe, ProbeScratch};
use crate::stencil::Stencil;
use numgrad_core::Real;

/// The memory of the sweep.
#[derive(Debug, Default)]
pub(crate) struct NeuronScratch<T> {
    probe: ProbeScratch<T>,
    direction: DirectionScratch<T>,
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
                direction,
                deltas,
                losses,
            } = scratch;
            let count = slots.len();
            deltas.clear();
            for &(offset, _) in points {
                deltas.resize(deltas.len() + count, offset * h);
            }
            let neurons = Neurons {
                layer,
                sample,
                first: chunk * most,
                count,
            };
            // In the last hidden layer the moments of a direction cost more than two losses.
            if layer + 2 == network.layers() && points.len() <= 2 {
                losses.resize(deltas.len(), T::zero());
                probe.losses(neurons, deltas, memory, losses);
            } else {
                losses_at(probe, neurons, deltas, direction, memory, losses);
            }
            for (i, slot) in slots.iter_mut().enumerate() {
                let quotient = points.iter().enumerate();
                *slot = quotient.fold(T::zero(), |sum, (k, &(_, weight))| {
                    sum + weight * losses[k * count + i]
                }) / h;
            }
        }
    }
}
