//! Slopes of each layer's own function, chained through the weights: the `layer` sweep, where the
//! slopes are measured, and backpropagation, where they are derived.
use crate::GradientError;
use crate::probe::Probe;
use crate::stencil::Stencil;
use numgrad_core::{Activation, Matrix, MatrixMut, Real, Units, multiply};

/// Where the slopes come from.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Slopes<T> {
    /// Difference quotients with this h.
    Measured(Stencil<T>, T),
    /// Derivatives, by hand.
    Derived,
}

/// The memory of a chain.
#[derive(Debug, Default)]
pub(crate) struct ChainScratch<T> {
    product: Vec<T>,
    slopes: Vec<T>,
    moves: Vec<T>,
    outputs: Vec<T>,
    losses: Vec<T>,
}

/// Writes ∂L/∂z of every neuron for the samples first.. into `slots`, a record of all neurons a
/// sample.
pub(crate) fn chain<T: Real>(
    probe: &Probe<'_, T>,
    slopes: Slopes<T>,
    first: usize,
    slots: &mut [T],
    scratch: &mut ChainScratch<T>,
) -> Result<(), GradientError> {
    let network = probe.network();
    let (neurons, last) = (network.neurons(), network.layers() - 1);
    let samples = slots.len() / neurons;
    for (b, slot) in slots.chunks_exact_mut(neurons).enumerate() {
        let slot = &mut slot[network.neuron(last)..];
        at_outputs(probe, slopes, first + b, slot, scratch)?;
    }
    for layer in (0..last).rev() {
        let (width, above) = (network.width(layer), network.width(layer + 1));
        scratch.product.resize(width * samples, T::zero());
        let from = Matrix::new(&slots[network.neuron(layer + 1)..], above, samples, neurons);
        let to = MatrixMut::new(&mut scratch.product, width, samples, width);
        let weights = network.matrix(probe.theta, layer + 1).transposed();
        multiply(weights, from, T::zero(), to);
        let activation = network.activation(layer).expect("the layer is hidden");
        let columns = scratch.product.chunks_exact(width);
        for (b, (slot, column)) in slots.chunks_exact_mut(neurons).zip(columns).enumerate() {
            let slot = &mut slot[network.neuron(layer)..][..width];
            let units = probe.trace.units(network, layer, first + b);
            of_activation(activation, slopes, units, slot, &mut scratch.slopes)?;
            for (slot, &chained) in slot.iter_mut().zip(column) {
                *slot *= chained;
            }
        }
    }
    Ok(())
}

/// The slope of the loss in each logit of a sample.
fn at_outputs<T: Real>(
    probe: &Probe<'_, T>,
    slopes: Slopes<T>,
    sample: usize,
    slot: &mut [T],
    scratch: &mut ChainScratch<T>,
) -> Result<(), GradientError> {
    let network = probe.network();
    let units = probe.trace.units(network, network.layers() - 1, sample);
    let (head, target) = (probe.objective.head, probe.targets.get(sample));
    let (stencil, h) = match slopes {
        Slopes::Derived => {
            return head
                .gradient(units, target, slot)
                .map_err(GradientError::NoDerivative);
        }
        Slopes::Measured(stencil, h) => (stencil, h),
    };
    let outputs = slot.len();
    scratch.losses.resize(outputs, T::zero());
    scratch.outputs.resize(outputs, T::zero());
    scratch.moves.resize(outputs * outputs, T::zero());
    slot.fill(T::zero());
    for &(offset, weight) in stencil.points() {
        scratch.moves.fill(T::zero());
        for k in 0..outputs {
            scratch.moves[k * outputs + k] = offset * h;
        }
        let (moves, memory) = (&mut scratch.moves, &mut scratch.outputs);
        head.differences(units, moves, target, memory, &mut scratch.losses);
        for (slot, &loss) in slot.iter_mut().zip(&scratch.losses) {
            *slot += weight * loss;
        }
    }
    for slot in slot {
        *slot /= h;
    }
    Ok(())
}

/// The slope of a hidden layer's activation at each z.
fn of_activation<T: Real>(
    activation: &dyn Activation<T>,
    slopes: Slopes<T>,
    units: Units<'_, T>,
    slot: &mut [T],
    moves: &mut Vec<T>,
) -> Result<(), GradientError> {
    match slopes {
        Slopes::Derived => {
            if !activation.derivatives(units, slot) {
                return Err(GradientError::NoDerivative("a hidden layer's activation"));
            }
        }
        Slopes::Measured(stencil, h) => {
            slot.fill(T::zero());
            for &(offset, weight) in stencil.points() {
                moves.clear();
                moves.resize(slot.len(), offset * h);
                activation.differences(units, moves);
                for (slot, &moved) in slot.iter_mut().zip(moves.iter()) {
                    *slot += weight * moved;
                }
            }
            for slot in slot {
                *slot /= h;
            }
        }
    }
    Ok(())
}
