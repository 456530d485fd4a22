//! The gradient of a network's mean loss, measured.
use crate::assemble::{Coefficients, InputPowers, assemble, input_record, raise};
use crate::chain::{Slopes, chain};
use crate::describe::{Powers, describe};
use crate::direct::quotients;
use crate::engine::{Engine, Room};
use crate::naive::{NaiveScratch, naive};
use crate::neuron::neuron_quotients;
use crate::probe::Probe;
use crate::stencil::Stencil;
use crate::workers::Workers;
use crate::{GradientError, Objective, Perturb};
use numgrad_core::{Mlp, Real, SAMPLE_TILE, Trace};
use numgrad_diff::Scheme;
use numgrad_loss::Targets;
use rayon::prelude::*;

/// Measures gradients of networks by finite differences, in parallel on the current rayon pool.
///
/// It holds the memory that a gradient needs and uses it again. The gradient's bits do not
/// depend on the number of threads.
#[derive(Debug)]
pub struct FiniteDifferences<T> {
    perturb: Perturb,
    scheme: Scheme,
    step: T,
    stencil: Stencil<T>,
    engine: Engine<T>,
    naive: Workers<NaiveScratch<T>>,
}

/// What a gradient's measurement found besides the gradient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measurement<T> {
    /// The mean loss of the batch, unperturbed.
    pub loss: T,
    /// The batch losses that the sweep measures, counted as if each were evaluated in full.
    pub loss_evaluations: u64,
    /// The per-sample losses really evaluated.
    pub sample_evaluations: u64,
}

impl<T: Real> FiniteDifferences<T> {
    /// A way to measure with the step h: see [`default_step`](crate::default_step).
    ///
    /// # Errors
    /// [`GradientError::Step`] if h is not positive and finite.
    pub fn new(perturb: Perturb, scheme: Scheme, step: T) -> Result<Self, GradientError> {
        if !(step.is_finite() && step > T::zero()) {
            return Err(GradientError::Step(step.as_f64()));
        }
        Ok(Self {
            perturb,
            scheme,
            step,
            stencil: Stencil::new(scheme),
            engine: Engine::default(),
            naive: Workers::default(),
        })
    }

    /// What is perturbed.
    pub fn perturb(&self) -> Perturb {
        self.perturb
    }

    /// The difference scheme.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The step h.
    pub fn step(&self) -> T {
        self.step
    }

    /// The forward pass of the batch last measured, unperturbed.
    pub fn trace(&self) -> &Trace<T> {
        self.engine.trace()
    }

    /// How many batch losses a gradient of this network measures.
    ///
    /// With e = 2 for central differences (4 for five-point, 1 for forward and backward, which
    /// add the unperturbed loss once): P·e for the weight sweeps, N·e for `neuron`, and for
    /// `layer` e for each hidden layer's function and for each output.
    pub fn loss_evaluations(&self, network: &Mlp<T>) -> u64 {
        let perturbed = match self.perturb {
            Perturb::Neuron => network.neurons(),
            Perturb::Layer => network.layers() - 1 + network.outputs(),
            _ => network.parameters(),
        };
        perturbed as u64 * self.stencil.evaluations() + u64::from(self.stencil.uses_centre())
    }

    /// Measures ∂L/∂θ of a batch: inputs × samples values in `x`, a sample after the other.
    ///
    /// # Errors
    /// If θ, the batch, the targets or `gradient` do not fit the network, or the loss or an
    /// entry of the gradient is not finite.
    pub fn measure(
        &mut self,
        objective: &Objective<'_, T>,
        theta: &[T],
        x: &[T],
        targets: &Targets<T>,
        gradient: &mut [T],
    ) -> Result<Measurement<T>, GradientError> {
        let network = objective.network();
        numgrad_core::ShapeError::check_length(
            "the gradient",
            network.parameters(),
            gradient.len(),
        )?;
        let loss_evaluations = self.loss_evaluations(network);
        let (stencil, h) = (self.stencil, self.step);
        let (probe, loss, room) = self.engine.pass(objective, theta, x, targets)?;
        let samples = probe.trace.samples() as u64;
        let sample_evaluations = match self.perturb {
            Perturb::WeightNaive => {
                self.naive.prepare();
                let centre = loss;
                let how = (&stencil, h, centre);
                naive(objective, theta, x, targets, how, &self.naive, gradient)?;
                samples * loss_evaluations
            }
            Perturb::Weight if objective.is_piecewise_smooth() => {
                let described = describe_all(&probe, &stencil, h, room, gradient);
                described + direct_where_rough(&probe, &stencil, h, room, gradient)
            }
            // A function that may jump cannot be described by a few of its values.
            Perturb::Weight | Perturb::WeightDirect => {
                room.rough.clear();
                let neurons = network.neurons() * probe.trace.samples();
                room.rough.resize(neurons, true);
                gradient.fill(T::zero());
                direct_where_rough(&probe, &stencil, h, room, gradient)
            }
            Perturb::Neuron => {
                measure_neurons(&probe, &stencil, h, room, gradient);
                samples * network.neurons() as u64 * stencil.evaluations()
            }
            Perturb::Layer => {
                chain_all(&probe, Slopes::Measured(stencil, h), room, gradient)?;
                samples * network.outputs() as u64 * stencil.evaluations()
            }
        };
        match gradient.iter().position(|entry| !entry.is_finite()) {
            Some(index) => Err(GradientError::Infinite {
                parameter: network.parameter(index),
            }),
            None => Ok(Measurement {
                loss,
                loss_evaluations,
                sample_evaluations,
            }),
        }
    }
}

/// The `weight` sweep: φ of every neuron and sample described, and evaluated for every weight by
/// matrix products.
fn describe_all<T: Real>(
    probe: &Probe<'_, T>,
    stencil: &Stencil<T>,
    h: T,
    room: &mut Room<T>,
    gradient: &mut [T],
) -> u64 {
    let network = probe.network();
    let (samples, neurons) = (probe.trace.samples(), network.neurons());
    let powers = Powers::of(stencil, h);
    let (record, reach) = (powers.get().len() * neurons, stencil.reach() * h);
    room.coefficients.resize(samples * record, T::zero());
    room.rough.resize(samples * neurons, false);
    let workers = &room.workers;
    let evaluations = room.coefficients[..samples * record]
        .par_chunks_mut(record)
        .zip(room.rough[..samples * neurons].par_chunks_mut(neurons))
        .enumerate()
        .map(|(sample, (coefficients, rough))| {
            let scratch = &mut workers.own().describe;
            let mut evaluations = 0;
            for layer in 0..network.layers() {
                let (start, width) = (network.neuron(layer), network.width(layer));
                let runs = powers.get().len();
                let coefficients = &mut coefficients[runs * start..runs * (start + width)];
                let rough = &mut rough[start..start + width];
                evaluations += describe(
                    probe,
                    layer,
                    sample,
                    reach,
                    &powers,
                    scratch,
                    coefficients,
                    rough,
                );
            }
            evaluations
        })
        .sum();
    let inputs = input_record(network, &powers);
    room.raised.resize(samples * inputs, T::zero());
    if inputs > 0 {
        room.raised[..samples * inputs]
            .par_chunks_mut(inputs)
            .enumerate()
            .for_each(|(sample, record)| raise(probe, &powers, sample, record));
    }
    assemble_all(probe, powers, room, gradient);
    evaluations
}

/// Adds what the descriptions left out: in parallel over neurons, each with its own row, the
/// samples in their order.
fn direct_where_rough<T: Real>(
    probe: &Probe<'_, T>,
    stencil: &Stencil<T>,
    h: T,
    room: &mut Room<T>,
    gradient: &mut [T],
) -> u64 {
    let network = probe.network();
    let (samples, neurons) = (probe.trace.samples(), network.neurons());
    let rough = &room.rough[..samples * neurons];
    let count = rough.iter().filter(|&&rough| rough).count();
    if count == 0 {
        return 0;
    }
    // Sorting costs about as much as evaluating a few neurons.
    room.nonzeros.find(probe, count > 4 * samples);
    room.rows.resize(network.parameters(), T::zero());
    let mut start = 0;
    let (workers, nonzeros) = (&room.workers, &room.nonzeros);
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
                        quotients(probe, (layer, i, b), inputs, (stencil, h), scratch, row)
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

/// The `neuron` sweep, in parallel over samples.
fn measure_neurons<T: Real>(
    probe: &Probe<'_, T>,
    stencil: &Stencil<T>,
    h: T,
    room: &mut Room<T>,
    gradient: &mut [T],
) {
    let (samples, neurons) = (probe.trace.samples(), probe.network().neurons());
    room.coefficients.resize(samples * neurons, T::zero());
    let workers = &room.workers;
    room.coefficients[..samples * neurons]
        .par_chunks_mut(neurons)
        .enumerate()
        .for_each(|(sample, slots)| {
            let scratch = &mut workers.own().neuron;
            neuron_quotients(probe, sample, (stencil, h), scratch, slots);
        });
    assemble_all(probe, Powers::linear(), room, gradient);
}

/// The `layer` sweep, or backpropagation: in parallel over tiles of samples.
pub(crate) fn chain_all<T: Real>(
    probe: &Probe<'_, T>,
    slopes: Slopes<T>,
    room: &mut Room<T>,
    gradient: &mut [T],
) -> Result<(), GradientError> {
    let (samples, neurons) = (probe.trace.samples(), probe.network().neurons());
    room.coefficients.resize(samples * neurons, T::zero());
    let workers = &room.workers;
    room.coefficients[..samples * neurons]
        .par_chunks_mut(SAMPLE_TILE * neurons)
        .enumerate()
        .try_for_each(|(tile, slots)| {
            let scratch = &mut workers.own().chain;
            chain(probe, slopes, tile * SAMPLE_TILE, slots, scratch)
        })?;
    assemble_all(probe, Powers::linear(), room, gradient);
    Ok(())
}

fn assemble_all<T: Real>(
    probe: &Probe<'_, T>,
    powers: Powers<T>,
    room: &Room<T>,
    gradient: &mut [T],
) {
    let coefficients = Coefficients {
        entries: &room.coefficients,
        powers,
    };
    let raised = InputPowers {
        entries: &room.raised,
    };
    assemble(probe, coefficients, &raised, &room.parts, gradient);
}
