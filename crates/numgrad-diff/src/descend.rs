//! Gradient descent on a function, by its measured gradient.
use crate::{DiffError, Real, Scheme, Step, gradient};

/// A descent, step by step.
#[derive(Debug, Clone, PartialEq)]
pub struct Descent<T> {
    /// The points, from the start on.
    pub points: Vec<Vec<T>>,
    /// f at each of them.
    pub values: Vec<T>,
    /// Why it ended.
    pub stop: Stop,
}

/// Why a descent ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// All steps were done.
    Steps,
    /// The gradient is 0: there is nowhere to go.
    Flat,
    /// f or the point is not finite any more: the rate is too large, or f has no minimum.
    Diverged,
}

/// x ← x − η·∇f(x), so many times, with five-point differences and the automatic step: a
/// path then keeps 12 digits or so.
///
/// Cost: 4n + 1 evaluations a step, for n variables.
///
/// ```
/// use numgrad_diff::descend;
///
/// let path = descend(|x: &[f64]| x[0] * x[0] / 2.0, &[2.0], 0.1, 2)?;
/// assert!((path.points[1][0] - 1.80).abs() < 1e-12 && (path.values[1] - 1.62).abs() < 1e-12);
/// assert!((path.points[2][0] - 1.62).abs() < 1e-12 && (path.values[2] - 1.3122).abs() < 1e-12);
/// # Ok::<(), numgrad_diff::DiffError>(())
/// ```
///
/// # Errors
/// [`DiffError::Point`] or [`DiffError::Rate`] if the start or the rate is not finite.
pub fn descend<T: Real>(
    f: impl Fn(&[T]) -> T + Sync,
    start: &[T],
    rate: T,
    steps: usize,
) -> Result<Descent<T>, DiffError> {
    if !rate.is_number() {
        return Err(DiffError::Rate(rate.as_f64()));
    }
    let mut x = start.to_vec();
    let mut descent = Descent {
        points: vec![x.clone()],
        values: vec![f(&x)],
        stop: Stop::Steps,
    };
    for _ in 0..steps {
        let slope = gradient(&f, &x, Scheme::FivePoint, Step::Auto)?;
        if slope.iter().all(|&g| g == T::default()) {
            descent.stop = Stop::Flat;
            break;
        }
        for (x, g) in x.iter_mut().zip(slope) {
            *x = *x - rate * g;
        }
        let value = f(&x);
        descent.points.push(x.clone());
        descent.values.push(value);
        if !value.is_number() || x.iter().any(|x| !x.is_number()) {
            descent.stop = Stop::Diverged;
            break;
        }
    }
    Ok(descent)
}
