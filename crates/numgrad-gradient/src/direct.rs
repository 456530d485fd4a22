//! Every single perturbation of a weight evaluated by itself: the reference of the descriptions,
//! and what serves where they fail.
use crate::probe::{Neurons, Probe, ProbeScratch};
use crate::stencil::Stencil;
use numgrad_core::Real;

/// The memory of a direct evaluation.
#[derive(Debug, Default)]
pub(crate) struct DirectScratch<T> {
    probe: ProbeScratch<T>,
    inputs: Vec<usize>,
    deltas: Vec<T>,
    losses: Vec<T>,
}

/// Adds to `row` the quotients of one neuron for one sample: one for each of its weights, and
/// the bias's last. Inputs that are 0 change nothing and are skipped. Returns how often the
/// sample's loss was evaluated.
pub(crate) fn quotients<T: Real>(
    probe: &Probe<'_, T>,
    (layer, neuron, sample): (usize, usize, usize),
    stencil: &Stencil<T>,
    h: T,
    scratch: &mut DirectScratch<T>,
    row: &mut [T],
) -> u64 {
    let DirectScratch {
        probe: memory,
        inputs,
        deltas,
        losses,
    } = scratch;
    let a = probe.inputs(layer, sample);
    // The bias's input is the constant 1.
    let bias = a.len();
    inputs.clear();
    inputs.extend((0..bias).filter(|&j| a[j] != T::zero()));
    inputs.push(bias);
    let points = stencil.points();
    let neurons = Neurons {
        layer,
        sample,
        first: neuron,
        count: 1,
    };
    let most = (probe.capacity(layer) / points.len()).max(1);
    for some in inputs.chunks(most) {
        deltas.clear();
        for &j in some {
            let step = h * a.get(j).copied().unwrap_or(T::one());
            deltas.extend(points.iter().map(|&(offset, _)| offset * step));
        }
        losses.resize(deltas.len(), T::zero());
        probe.losses(neurons, deltas, memory, losses);
        for (&j, losses) in some.iter().zip(losses.chunks_exact(points.len())) {
            let quotient = (losses.iter().zip(points))
                .fold(T::zero(), |sum, (&loss, &(_, weight))| sum + weight * loss);
            row[j] += quotient / h;
        }
    }
    (inputs.len() * points.len()) as u64
}
