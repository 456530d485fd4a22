//! The gradient of a function of many variables, in parallel over its coordinates.
use crate::derivative::quotient;
use crate::{DiffError, Real, Scheme, Step};
use rayon::prelude::*;

/// Coordinates that are measured one after the other, with one copy of x.
const CHUNK: usize = 8;

/// ∇f(x) by differences of f's values, one coordinate at a time, on the current rayon pool.
///
/// x is never changed: each worker perturbs a copy of its own, and puts every coordinate back.
/// The bits do not depend on the number of threads. Cost: [`Scheme::evaluations`] of f.
///
/// ```
/// use numgrad_diff::{Scheme, Step, gradient};
///
/// let f = |x: &[f64]| x[0] * x[1] + x[1].sin();
/// let g = gradient(f, &[2.0, 0.5], Scheme::Central, Step::Auto)?;
/// assert!((g[0] - 0.5).abs() < 1e-9);
/// assert!((g[1] - (2.0 + 0.5_f64.cos())).abs() < 1e-9);
/// # Ok::<(), numgrad_diff::DiffError>(())
/// ```
///
/// # Errors
/// [`DiffError::Step`] or [`DiffError::Point`] if the step or a coordinate is no number to work
/// with.
pub fn gradient<T: Real>(
    f: impl Fn(&[T]) -> T + Sync,
    x: &[T],
    scheme: Scheme,
    step: Step<T>,
) -> Result<Vec<T>, DiffError> {
    let mut gradient = vec![T::default(); x.len()];
    gradient_into(f, x, scheme, step, &mut gradient)?;
    Ok(gradient)
}

/// [`gradient`], into a slice.
///
/// # Errors
/// As [`gradient`], and [`DiffError::Length`] if the slice has another length than x.
pub fn gradient_into<T: Real>(
    f: impl Fn(&[T]) -> T + Sync,
    x: &[T],
    scheme: Scheme,
    step: Step<T>,
    gradient: &mut [T],
) -> Result<(), DiffError> {
    if gradient.len() != x.len() {
        return Err(DiffError::Length {
            expected: x.len(),
            found: gradient.len(),
        });
    }
    if let Some(index) = x.iter().position(|x| !x.is_number()) {
        return Err(DiffError::Point {
            index,
            value: x[index].as_f64(),
        });
    }
    // A step that cannot be is the same for all coordinates: it is found before f is called.
    step.at(T::default(), scheme)?;
    let centre = if scheme.uses_centre() {
        f(x)
    } else {
        T::default()
    };
    gradient
        .par_chunks_mut(CHUNK)
        .enumerate()
        .try_for_each_init(
            || x.to_vec(),
            |point, (chunk, slots)| {
                for (k, slot) in (chunk * CHUNK..).zip(slots) {
                    let h = step.at(x[k], scheme)?;
                    let along = |moved: T| {
                        point[k] = moved;
                        f(point)
                    };
                    *slot = quotient(along, x[k], h, scheme, centre);
                    point[k] = x[k];
                }
                Ok(())
            },
        )
}
