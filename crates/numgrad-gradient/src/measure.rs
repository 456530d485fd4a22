//! The gradient of a network's mean loss, measured.
use crate::chain::{Slopes, chain};
use crate::conclude::{From, measured_alone};
use crate::describe::{Powers, describe, evaluations};
use crate::engine::{Engine, Given, Records};
use crate::exchange::Needs;
use crate::naive::{NaiveScratch, naive};
use crate::neuron::neuron_quotients;
use crate::stencil::{Quotient, Stencil};
use crate::team::Team;
use crate::workers::Workers;
use crate::{GradientError, Objective, Perturb, Split};
use numgrad_core::{Mlp, Real, Trace};
use numgrad_diff::Scheme;
use numgrad_loss::Targets;
use numgrad_scalar::slices;
use rayon::prelude::*;
use std::ops::Range;

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
    /// The per-sample losses evaluated, or those whose place a series has taken.
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

    /// The forward pass of the batch last measured, unperturbed: of the samples that were
    /// [looked at](Self::looks_at).
    pub fn trace(&self) -> &Trace<T> {
        self.engine.trace()
    }

    /// Measures together with other ranks from now on.
    ///
    /// # Errors
    /// [`GradientError::Split`] if the sweep cannot be split so: `weight-naive` only by
    /// coordinates, the others by coordinates or samples.
    pub fn share(&mut self, team: Team) -> Result<(), GradientError> {
        let by_samples = self.perturb != Perturb::WeightNaive && team.split() == Split::Samples;
        if !by_samples && team.split() != Split::Coordinates {
            return Err(GradientError::Split {
                what: self.perturb.to_string(),
                split: team.split(),
                instead: Split::of(self.perturb.into()),
            });
        }
        self.engine.share(team);
        Ok(())
    }

    /// Which samples of a batch of so many a measurement looks at: see
    /// [`Estimator::looks_at`](crate::Estimator::looks_at).
    pub fn looks_at(&self, objective: &Objective<'_, T>, samples: usize) -> Range<usize> {
        self.engine.looks_at(self.needs(objective), samples)
    }

    /// What the gradient needs of samples that other ranks have measured.
    fn needs(&self, objective: &Objective<'_, T>) -> Needs {
        match self.perturb {
            Perturb::Weight if objective.is_piecewise_smooth() => Needs::Pairs,
            Perturb::Neuron | Perturb::Layer => Needs::Activations,
            _ => Needs::Pass,
        }
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
        let how = |is_described| Quotient {
            stencil: &stencil,
            h,
            is_described,
        };
        let neurons = network.neurons();
        let given = Given {
            objective: *objective,
            theta,
            x,
            targets,
        };
        let needs = self.needs(objective);
        let engine = &mut self.engine;
        let team = engine.team().cloned();
        let team = team.as_ref();
        let (loss, sample_evaluations) = match self.perturb {
            Perturb::WeightNaive => {
                let loss = self.measure_naive(given, gradient)?;
                (loss, targets.len() as u64 * loss_evaluations)
            }
            Perturb::Weight if objective.is_piecewise_smooth() => {
                let powers = Powers::of(&stencil, h);
                let from = From {
                    powers: Some(&powers),
                    direct: Some(how(true)),
                };
                let blocks = from.blocks(network, team);
                let own = measured_alone(team, blocks.as_deref());
                let records = Records {
                    numbers: powers.get().len() * neurons,
                    needs,
                    follows: true,
                };
                let reach = stencil.reach() * h;
                let pass = engine.pass(given, records, |probe, scratch, mut slots| {
                    let (how, scratch) = ((reach, &powers), &mut scratch.layer);
                    describe(probe, (None, own), how, scratch, &mut slots);
                    Ok(())
                })?;
                let (loss, direct) = from.conclude(pass, blocks.as_deref(), gradient)?;
                (loss, evaluations(neurons, targets.len()) + direct)
            }
            // A function that may jump cannot be described by a few of its values.
            Perturb::Weight | Perturb::WeightDirect => {
                let from = From {
                    powers: None,
                    direct: Some(how(false)),
                };
                let blocks = from.blocks(network, team);
                let pass = engine.forward(given)?;
                pass.room.rough.fill(true);
                from.conclude(pass, blocks.as_deref(), gradient)?
            }
            Perturb::Neuron => {
                let powers = Powers::linear();
                let from = From {
                    powers: Some(&powers),
                    direct: None,
                };
                let blocks = from.blocks(network, team);
                let own = measured_alone(team, blocks.as_deref());
                let records = Records {
                    numbers: neurons,
                    needs,
                    follows: true,
                };
                let pass = engine.pass(given, records, |probe, scratch, slots| {
                    let (how, scratch) = ((&stencil, h), &mut scratch.layer);
                    neuron_quotients(probe, own, how, scratch, slots.coefficients);
                    Ok(())
                })?;
                let (loss, _) = from.conclude(pass, blocks.as_deref(), gradient)?;
                let evaluations = neurons as u64 * stencil.evaluations();
                (loss, targets.len() as u64 * evaluations)
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

    /// By full passes: of a part of the weights, where ranks share them. Returns the mean loss.
    fn measure_naive(
        &mut self,
        given: Given<'_, T>,
        gradient: &mut [T],
    ) -> Result<T, GradientError> {
        let Given {
            objective,
            theta,
            x,
            targets,
        } = given;
        let team = self.engine.team().cloned();
        let pass = self.engine.forward(given)?;
        let loss = pass.loss()?;
        self.naive.prepare();
        // By the loss of the moved passes, so that nothing but the move differs.
        let centre = objective.mean_loss(targets, pass.batch.trace)?;
        let how = (&self.stencil, self.step, centre);
        let parameters = gradient.len();
        let own = (team.as_ref()).map_or(0..parameters, |team| team.own_part(parameters));
        let slots = (own.start, &mut gradient[own]);
        let found = naive(&objective, theta, x, targets, how, &self.naive, slots);
        match team {
            None => found?,
            Some(team) => {
                team.agree(found)?;
                team.gather(gradient, |rank| team.part(parameters, rank).len());
            }
        }
        Ok(loss)
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
    let network = given.objective.network();
    let powers = Powers::linear();
    let from = From {
        powers: Some(&powers),
        direct: None,
    };
    let blocks = from.blocks(network, engine.team());
    let records = Records {
        numbers: network.neurons(),
        needs: Needs::Activations,
        follows: false,
    };
    let pass = engine.pass(given, records, |probe, scratch, slots| {
        chain(probe, slopes, scratch, slots.coefficients)
    })?;
    let (loss, _) = from.conclude(pass, blocks.as_deref(), gradient)?;
    Ok(loss)
}
