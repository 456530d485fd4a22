//! Each weight perturbed, with a full forward pass of the batch for each perturbation: the
//! definition that everything else is checked against.
use crate::stencil::Stencil;
use crate::workers::Workers;
use crate::{GradientError, Objective};
use numgrad_core::{Real, Trace};
use numgrad_loss::Targets;
use rayon::prelude::*;

/// Weights that a worker perturbs one after the other, with one copy of θ.
const CHUNK: usize = 16;

/// The memory of a worker: its own θ to perturb, and its own trace.
#[derive(Debug, Default)]
pub(crate) struct NaiveScratch<T> {
    theta: Vec<T>,
    trace: Trace<T>,
}

/// ∂L/∂θ_k ≈ Σ_o w_o·L(θ + o·h·e_k) / h for every k from `first` on that the gradient has a place
/// for, in parallel over k.
pub(crate) fn naive<T: Real>(
    objective: &Objective<'_, T>,
    theta: &[T],
    x: &[T],
    targets: &Targets<T>,
    (stencil, h, centre): (&Stencil<T>, T, T),
    workers: &Workers<NaiveScratch<T>>,
    (first, gradient): (usize, &mut [T]),
) -> Result<(), GradientError> {
    gradient
        .par_chunks_mut(CHUNK)
        .enumerate()
        .try_for_each(|(chunk, slots)| {
            let mut scratch = workers.own();
            let NaiveScratch { theta: own, trace } = &mut *scratch;
            own.clear();
            own.extend_from_slice(theta);
            for (k, slot) in (first + chunk * CHUNK..).zip(slots) {
                let mut sum = T::zero();
                for &(offset, weight) in stencil.points() {
                    own[k] = theta[k] + offset * h;
                    objective.network().forward(own, x, trace)?;
                    sum += weight * objective.mean_loss(targets, trace)?;
                }
                own[k] = theta[k];
                if stencil.uses_centre() {
                    sum -= stencil.points()[0].1 * centre;
                }
                *slot = sum / h;
            }
            Ok(())
        })
}
