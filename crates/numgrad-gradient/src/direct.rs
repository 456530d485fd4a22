//! Every single perturbation of a weight evaluated by itself: the reference of the descriptions,
//! and what serves where they fail.
use crate::engine::Room;
use crate::probe::{Batch, Neurons, Probe, ProbeScratch};
use crate::stencil::Stencil;
use numgrad_core::Real;
use rayon::prelude::*;

/// The memory of a direct evaluation.
#[derive(Debug, Default)]
pub(crate) struct DirectScratch<T> {
    probe: ProbeScratch<T>,
    /// Where each group of equal inputs begins, and where the last one ends.
    groups: Vec<usize>,
    deltas: Vec<T>,
    losses: Vec<T>,
}

/// Adds to the gradient what the neurons marked as rough measure: in parallel over neurons, each
/// with its own row, the samples in their order. Returns how often a sample's loss was evaluated.
pub(crate) fn add_direct<T: Real>(
    batch: &Batch<'_, T>,
    (stencil, h): (&Stencil<T>, T),
    room: &mut Room<T>,
    gradient: &mut [T],
) -> u64 {
    let network = batch.network();
    let (samples, neurons) = (batch.samples(), network.neurons());
    let rough = &room.rough[..samples * neurons];
    let count = rough.iter().filter(|&&rough| rough).count();
    if count == 0 {
        return 0;
    }
    // Sorting costs about as much as evaluating a few neurons.
    room.nonzero_inputs.find(batch, count > 4 * samples);
    room.rows.resize(network.parameters(), T::zero());
    let mut start = 0;
    let (workers, nonzeros) = (&room.workers, &room.nonzero_inputs);
    let mean = T::one() / T::of(samples as f64);
    let mut evaluations = 0;
    for layer in 0..network.layers() {
        let (width, inputs) = (network.width(layer), network.fan_in(layer));
        let range = network.weights_range(layer).start..network.biases_range(layer).end;
        let is_rough = |i: usize, b: usize| rough[b * neurons + network.neuron(layer) + i];
        let rows = &mut room.rows[range.clone()];
        evaluations += rows
            .par_chunks_mut(inputs + 1)
            .enumerate()
            .map(|(i, row)| {
                row.fill(T::zero());
                let scratch = &mut workers.own().direct;
                (0..samples)
                    .filter(|&b| is_rough(i, b))
                    .map(|b| {
                        let inputs = nonzeros.of(layer, start, b);
                        let (probe, sample) = batch.probe(b);
                        let which = (layer, i, sample);
                        quotients(&probe, which, inputs, (stencil, h), scratch, row)
                    })
                    .sum::<u64>()
            })
            .sum::<u64>();
        start += inputs;
        let gradient = &mut gradient[range];
        for (i, row) in rows.chunks_exact(inputs + 1).enumerate() {
            if (0..samples).any(|b| is_rough(i, b)) {
                // A row's last entry is the bias, whose column follows the weights' in θ.
                for (j, &sum) in row.iter().enumerate() {
                    gradient[j * width + i] += sum * mean;
                }
            }
        }
    }
    evaluations
}

/// Adds to `row` the quotients of one neuron for one sample: one for each of its weights, and
/// the bias's last. `inputs` are those that are not 0: the others change nothing. Equal inputs
/// that stand side by side are evaluated once. Returns how often the sample's loss was evaluated.
fn quotients<T: Real>(
    probe: &Probe<'_, T>,
    (layer, neuron, sample): (usize, usize, usize),
    inputs: &[u32],
    (stencil, h): (&Stencil<T>, T),
    scratch: &mut DirectScratch<T>,
    row: &mut [T],
) -> u64 {
    let a = probe.inputs(layer, sample);
    let points = stencil.points();
    let most = (probe.capacity(layer) / points.len()).max(1);
    let (mut evaluations, mut rest) = (0, inputs);
    while !rest.is_empty() {
        scratch.deltas.clear();
        scratch.groups.clear();
        let mut value = T::zero();
        let mut taken = 0;
        for &j in rest {
            let next = a[j as usize];
            if next != value {
                if scratch.groups.len() == most {
                    break;
                }
                value = next;
                scratch.groups.push(taken);
                scratch
                    .deltas
                    .extend(points.iter().map(|&(offset, _)| offset * (h * next)));
            }
            taken += 1;
        }
        scratch.groups.push(taken);
        evaluations += scratch.deltas.len();
        scratch.evaluate(probe, (layer, neuron, sample));
        let groups = scratch.groups.windows(2);
        for (group, losses) in groups.zip(scratch.losses.chunks_exact(points.len())) {
            let quotient = quotient(losses, points, h);
            for &j in &rest[group[0]..group[1]] {
                row[j as usize] += quotient;
            }
        }
        rest = &rest[taken..];
    }
    // The bias's input is the constant 1.
    scratch.deltas.clear();
    scratch
        .deltas
        .extend(points.iter().map(|&(offset, _)| offset * h));
    scratch.evaluate(probe, (layer, neuron, sample));
    row[a.len()] += quotient(&scratch.losses, points, h);
    (evaluations + points.len()) as u64
}

fn quotient<T: Real>(losses: &[T], points: &[(T, T)], h: T) -> T {
    let weighted = losses.iter().zip(points);
    weighted.fold(T::zero(), |sum, (&loss, &(_, weight))| sum + weight * loss) / h
}

impl<T: Real> DirectScratch<T> {
    fn evaluate(&mut self, probe: &Probe<'_, T>, (layer, neuron, sample): (usize, usize, usize)) {
        let neurons = Neurons {
            layer,
            sample,
            first: neuron,
            count: 1,
        };
        self.losses.resize(self.deltas.len(), T::zero());
        probe.losses(neurons, &self.deltas, &mut self.probe, &mut self.losses);
    }
}
