//! The gradient of a network's mean loss, measured.
use crate::assemble::assemble;
use crate::chain::{Slopes, chain};
use crate::describe::{Powers, describe};
use crate::direct::add_direct;
use crate::engine::{Engine, Given};
use crate::naive::{NaiveScratch, naive};
use crate::neuron::neuron_quotients;
use crate::stencil::Stencil;
use crate::workers::Workers;
use crate::{GradientError, Objective, Perturb};
use numgrad_core::{Mlp, Real, Trace};
use numgrad_diff::Scheme;
use numgrad_loss::Targets;
use numgrad_scalar::slices;
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
        let neurons = network.neurons();
        let given = Given {
            objective: *objective,
            theta,
            x,
            targets,
        };
        let engine = &mut self.engine;
        let (loss, sample_evaluations) = match self.perturb {
            Perturb::WeightNaive => {
                let pass = engine.forward(given)?;
                let samples = pass.batch.samples() as u64;
                self.naive.prepare();
                // By the loss of the moved passes, so that nothing but the move differs.
                let centre = objective.mean_loss(targets, pass.batch.trace)?;
                let how = (&stencil, h, centre);
                naive(objective, theta, x, targets, how, &self.naive, gradient)?;
                (pass.loss, samples * loss_evaluations)
            }
            Perturb::Weight if objective.is_piecewise_smooth() => {
                let powers = Powers::of(&stencil, h);
                let record = powers.get().len() * neurons;
                let reach = stencil.reach() * h;
                let pass = engine.pass(given, record, |probe, scratch, mut slots| {
                    Ok(describe(
                        probe,
                        None,
                        (reach, &powers),
                        &mut scratch.layer,
                        &mut slots,
                    ))
                })?;
                assemble(&pass.batch, &powers, pass.room, gradient);
                let direct = add_direct(&pass.batch, (&stencil, h), pass.room, None, gradient);
                (pass.loss, pass.counted + direct)
            }
            // A function that may jump cannot be described by a few of its values.
            Perturb::Weight | Perturb::WeightDirect => {
                let pass = engine.forward(given)?;
                pass.room.rough.fill(true);
                gradient.fill(T::zero());
                let direct = add_direct(&pass.batch, (&stencil, h), pass.room, None, gradient);
                (pass.loss, direct)
            }
            Perturb::Neuron => {
                let pass = engine.pass(given, neurons, |probe, scratch, slots| {
                    let how = (&stencil, h);
                    neuron_quotients(probe, how, &mut scratch.layer, slots.coefficients);
                    Ok(0)
                })?;
                assemble(&pass.batch, &Powers::linear(), pass.room, gradient);
                let evaluations = neurons as u64 * stencil.evaluations();
                (pass.loss, pass.batch.samples() as u64 * evaluations)
            }
            Perturb::Layer => {
                let loss = chain_all(engine, given, Slopes::Measured(stencil, h), gradient)?;
                let evaluations = network.outputs() as u64 * stencil.evaluations();
                (loss, targets.len() as u64 * evaluations)
            }
        };
        check_finite(network, gradient)?;
        Ok(Measurement {
            loss,
            loss_evaluations,
            sample_evaluations,
        })
    }
}

/// Entries that one worker looks at.
const LOOKED_AT: usize = 1 << 16;

/// Names the first entry of a gradient that is not finite.
pub(crate) fn check_finite<T: Real>(network: &Mlp<T>, gradient: &[T]) -> Result<(), GradientError> {
    let is_finite = gradient
        .par_chunks(LOOKED_AT)
        .all(|entries| slices::largest(entries).is_finite());
    if is_finite {
        return Ok(());
    }
    let mut entries = gradient.iter();
    match entries.position(|entry| !entry.is_finite()) {
        Some(index) => Err(GradientError::Infinite {
            parameter: network.parameter(index),
        }),
        None => Ok(()),
    }
}

/// The `layer` sweep, or backpropagation. Returns the mean loss.
pub(crate) fn chain_all<T: Real>(
    engine: &mut Engine<T>,
    given: Given<'_, T>,
    slopes: Slopes<T>,
    gradient: &mut [T],
) -> Result<T, GradientError> {
    let neurons = given.objective.network().neurons();
    let pass = engine.pass(given, neurons, |probe, scratch, slots| {
        chain(probe, slopes, scratch, slots.coefficients)?;
        Ok(0)
    })?;
    assemble(&pass.batch, &Powers::linear(), pass.room, gradient);
    Ok(pass.loss)
}
