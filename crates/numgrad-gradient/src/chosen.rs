//! Full-pass differences of a few chosen parameters: what an audit holds an estimate against.
use crate::{Batch, GradientError, Objective};
use numgrad_core::{Real, Trace};
use rayon::prelude::*;

/// Parameters that a worker perturbs one after the other, with one copy of θ.
const CHUNK: usize = 8;

/// \[L(θ + h·e_k) − L(θ − h·e_k)\] / 2h of each chosen k, by two full forward passes each, in
/// parallel over them. It assumes nothing and shares nothing with the sweeps but the forward pass.
///
/// # Errors
/// If θ, the batch or the targets do not fit the network, or a loss is not finite.
///
/// # Panics
/// If θ has no entry k.
pub fn differences_at<T: Real>(
    objective: &Objective<'_, T>,
    theta: &[T],
    batch: Batch<'_, T>,
    chosen: &[usize],
    h: T,
) -> Result<Vec<f64>, GradientError> {
    let found: Vec<Result<Vec<f64>, GradientError>> = chosen
        .par_chunks(CHUNK)
        .map(|chosen| {
            let (mut moved, mut trace) = (theta.to_vec(), Trace::new());
            let mut loss_at = |k: usize, value: T| {
                moved[k] = value;
                let loss = objective.loss(&moved, batch.x, batch.targets, &mut trace);
                moved[k] = theta[k];
                loss.map(T::as_f64)
            };
            let quotient = |&k: &usize| {
                let (up, down) = (loss_at(k, theta[k] + h)?, loss_at(k, theta[k] - h)?);
                Ok((up - down) / (2.0 * h.as_f64()))
            };
            chosen.iter().map(quotient).collect()
        })
        .collect();
    let found: Result<Vec<Vec<f64>>, GradientError> = found.into_iter().collect();
    Ok(found?.concat())
}
