//! Gradient descent on a function, by its measured gradient.
use crate::differences::check_numbers;
use crate::{DiffError, Differences, Real, Scheme};

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
#[non_exhaustive]
pub enum Stop {
    /// All steps were done.
    Steps,
    /// The gradient is 0: there is nowhere to go.
    Flat,
    /// f or the point is not finite any more: the rate is too large, or f has no minimum. The
    /// last point is the one where it happened.
    Diverged,
    /// The gradient is not finite although f is: f ends within a step's reach of the last point.
    NotFinite,
}

/// x ← x − η·∇f(x), so many times, with five-point differences and the automatic step.
///
/// Five points, so that the path is the one of the exact gradient to about 12 digits; cost:
/// 4n + 1 evaluations a step, for n variables. [`Differences::descend`] takes any scheme.
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
    x0: &[T],
    rate: T,
    steps: usize,
) -> Result<Descent<T>, DiffError> {
    Differences::new(Scheme::FivePoint).descend(f, x0, rate, steps)
}

impl<T: Real> Differences<'_, T> {
    /// x ← x − η·∇f(x), so many times: see [`descend`](descend()). Bounds are kept by
    /// projection: a coordinate that would leave them stops at them.
    ///
    /// # Errors
    /// As [`descend`](descend()), and [`DiffError`] if the steps or the bounds do not fit x.
    pub fn descend(
        &self,
        f: impl Fn(&[T]) -> T + Sync,
        x0: &[T],
        rate: T,
        steps: usize,
    ) -> Result<Descent<T>, DiffError> {
        if !rate.is_number() {
            return Err(DiffError::Rate(rate.as_f64()));
        }
        self.check(x0)?;
        let mut x = x0.to_vec();
        let mut slope = x0.to_vec();
        let mut descent = Descent {
            points: vec![x.clone()],
            values: vec![f(&x)],
            stop: Stop::Steps,
        };
        for _ in 0..steps {
            self.gradient_into(&f, &x, &mut slope)?;
            if let Some(stop) = no_way_down(&slope) {
                descent.stop = stop;
                break;
            }
            for (k, (x, &slope)) in x.iter_mut().zip(&slope).enumerate() {
                *x = self.inside(k, *x - rate * slope);
            }
            let value = f(&x);
            descent.points.push(x.clone());
            descent.values.push(value);
            if !value.is_number() || check_numbers(&x).is_err() {
                descent.stop = Stop::Diverged;
                break;
            }
        }
        Ok(descent)
    }
}

/// Why this gradient leads nowhere, if it does.
fn no_way_down<T: Real>(slope: &[T]) -> Option<Stop> {
    if slope.iter().all(|&g| g == T::default()) {
        Some(Stop::Flat)
    } else if check_numbers(slope).is_err() {
        Some(Stop::NotFinite)
    } else {
        None
    }
}
