//! Slopes of each layer's own function, chained through the weights: the `layer` sweep, where the
//! slopes are measured, and backpropagation, where they are derived.
use crate::GradientError;
use crate::engine::Scratch;
use crate::neuron::layer_quotients;
use crate::probe::Probe;
use crate::stencil::Stencil;
use numgrad_core::{Activation, Matrix, MatrixMut, Onto, Real, Units, multiply};

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
}

/// Writes ∂L/∂z of every neuron into the samples' records, for a tile of samples.
pub(crate) fn chain<T: Real>(
    probe: &Probe<'_, T>,
    slopes: Slopes<T>,
    scratch: &mut Scratch<T>,
    slots: &mut [T],
) -> Result<(), GradientError> {
    let network = probe.network();
    let Scratch {
        chain: scratch,
        layer: layer_scratch,
        ..
    } = scratch;
    let (neurons, last) = (network.neurons(), network.layers() - 1);
    let samples = probe.trace.samples();
    match slopes {
        Slopes::Measured(stencil, h) => {
            let all = (last, &(0..network.outputs()));
            layer_quotients(probe, all, (&stencil, h), layer_scratch, slots);
        }
        Slopes::Derived => {
            for (sample, slot) in slots.chunks_exact_mut(neurons).enumerate() {
                let units = probe.trace.units(network, last, sample);
                let slot = &mut slot[network.neuron(last)..];
                let head = probe.objective.head;
                head.gradient(units, probe.target(sample), slot)
                    .map_err(GradientError::NoDerivative)?;
            }
        }
    }
    for layer in (0..last).rev() {
        let (width, above) = (network.width(layer), network.width(layer + 1));
        scratch.product.resize(width * samples, T::zero());
        multiply(
            probe.weights.transposed(network, layer + 1),
            Matrix::new(&slots[network.neuron(layer + 1)..], above, samples, neurons),
            Onto::Nothing,
            MatrixMut::new(&mut scratch.product, width, samples, width),
        );
        let activation = network.activation(layer).expect("the layer is hidden");
        scratch.slopes.resize(width * samples, T::zero());
        of_activation(
            activation,
            slopes,
            probe.trace.layer(network, layer),
            &mut scratch.slopes,
            &mut scratch.moves,
        )?;
        let columns = scratch.product.chunks_exact(width);
        let slopes = scratch.slopes.chunks_exact(width);
        for (slot, (column, slopes)) in slots.chunks_exact_mut(neurons).zip(columns.zip(slopes)) {
            let slot = &mut slot[network.neuron(layer)..][..width];
            for ((slot, &chained), &slope) in slot.iter_mut().zip(column).zip(slopes) {
                *slot = slope * chained;
            }
        }
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
