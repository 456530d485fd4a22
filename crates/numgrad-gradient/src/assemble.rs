//! From what was measured at each neuron to the gradient of each weight:
//! ∂L/∂W = (1/B)·Σ_m C_m·(A^m)ᵀ, one matrix product for each power of the inputs.
use crate::describe::Powers;
use crate::probe::Probe;
use numgrad_core::{Matrix, MatrixMut, Real, multiply};

/// Columns of a weight matrix that one worker computes at a time.
const COLUMNS: usize = 64;

/// The measured coefficients of a batch: a record a sample, in it a run of the layer's neurons
/// for each power, layer after layer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Coefficients<'a, T> {
    pub(crate) entries: &'a [T],
    pub(crate) powers: Powers<T>,
}

/// Some columns of a layer's weights, or its biases.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    layer: usize,
    /// Columns of W; `None` for the biases.
    columns: Option<(usize, usize)>,
    /// Where the part lies in θ.
    start: usize,
    end: usize,
}

/// The parts of a network's gradient, in the order of θ: a fixed tiling, whatever the threads.
pub(crate) fn parts<T: Real>(network: &numgrad_core::Mlp<T>) -> Vec<Part> {
    let mut parts = Vec::new();
    for layer in 0..network.layers() {
        let (width, inputs) = (network.width(layer), network.fan_in(layer));
        let start = network.weights_range(layer).start;
        for first in (0..inputs).step_by(COLUMNS) {
            let last = (first + COLUMNS).min(inputs);
            parts.push(Part {
                layer,
                columns: Some((first, last)),
                start: start + first * width,
                end: start + last * width,
            });
        }
        let biases = network.biases_range(layer);
        parts.push(Part {
            layer,
            columns: None,
            start: biases.start,
            end: biases.end,
        });
    }
    parts
}

/// Fills `gradient`, in parallel over the parts.
pub(crate) fn assemble<T: Real>(
    probe: &Probe<'_, T>,
    coefficients: Coefficients<'_, T>,
    inputs: &InputPowers<'_, T>,
    parts: &[Part],
    gradient: &mut [T],
) {
    match parts {
        [] => {}
        [part] => one(probe, coefficients, inputs, *part, gradient),
        _ => {
            let (left, right) = parts.split_at(parts.len() / 2);
            let cut = left[left.len() - 1].end - left[0].start;
            let (low, high) = gradient.split_at_mut(cut);
            rayon::join(
                || assemble(probe, coefficients, inputs, left, low),
                || assemble(probe, coefficients, inputs, right, high),
            );
        }
    }
}

/// The powers from the second on of every layer's inputs, a record a sample.
#[derive(Debug, Clone, Copy)]
pub(crate) struct InputPowers<'a, T> {
    pub(crate) entries: &'a [T],
}

/// The length of a record of [`InputPowers`]: the inputs of all layers, for each power past the
/// first.
pub(crate) fn input_record<T: Real>(network: &numgrad_core::Mlp<T>, powers: &Powers<T>) -> usize {
    (powers.get().len() - 1) * inputs_before(network, network.layers())
}

fn inputs_before<T: Real>(network: &numgrad_core::Mlp<T>, layer: usize) -> usize {
    (0..layer).map(|l| network.fan_in(l)).sum()
}

/// Fills one sample's record of [`InputPowers`].
pub(crate) fn raise<T: Real>(
    probe: &Probe<'_, T>,
    powers: &Powers<T>,
    sample: usize,
    record: &mut [T],
) {
    let mut rest = record;
    for layer in 0..probe.network().layers() {
        let inputs = probe.inputs(layer, sample);
        for &(power, _) in &powers.get()[1..] {
            let (here, after) = rest.split_at_mut(inputs.len());
            for (to, &a) in here.iter_mut().zip(inputs) {
                *to = small_power(a, power);
            }
            rest = after;
        }
    }
}

fn one<T: Real>(
    probe: &Probe<'_, T>,
    coefficients: Coefficients<'_, T>,
    raised: &InputPowers<'_, T>,
    part: Part,
    gradient: &mut [T],
) {
    let network = probe.network();
    let samples = probe.trace.samples();
    let width = network.width(part.layer);
    let powers = coefficients.powers.get().len();
    let record = powers * network.neurons();
    let here = &coefficients.entries[powers * network.neuron(part.layer)..];
    let mean = T::one() / T::of(samples as f64);
    if let Some((first, last)) = part.columns {
        for m in 0..powers {
            let measured = Matrix::new(&here[m * width..], width, samples, record);
            let inputs = if m > 0 {
                let fan_in = network.fan_in(part.layer);
                let start = (powers - 1) * inputs_before(network, part.layer) + (m - 1) * fan_in;
                let stride = (powers - 1) * inputs_before(network, network.layers());
                Matrix::new(
                    &raised.entries[start + first..],
                    last - first,
                    samples,
                    stride,
                )
            } else if part.layer == 0 {
                Matrix::new(&probe.x[first..], last - first, samples, network.inputs())
            } else {
                let all = probe.trace.activations(network, part.layer - 1);
                all.rows(first, last - first)
            };
            let beta = if m == 0 { T::zero() } else { T::one() };
            let to = MatrixMut::new(gradient, width, last - first, width);
            multiply(measured, inputs.transposed(), beta, to);
        }
    } else {
        gradient.fill(T::zero());
        for sample in 0..samples {
            for m in 0..powers {
                let run = &here[sample * record + m * width..][..width];
                for (gradient, &c) in gradient.iter_mut().zip(run) {
                    *gradient += c;
                }
            }
        }
    }
    for entry in gradient {
        *entry *= mean;
    }
}

/// x to a power of 1 to 4.
fn small_power<T: Real>(x: T, power: i32) -> T {
    match power {
        1 => x,
        2 => x * x,
        3 => x * x * x,
        _ => (x * x) * (x * x),
    }
}
