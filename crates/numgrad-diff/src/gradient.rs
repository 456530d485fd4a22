//! The gradient of a function of many variables, in parallel over its coordinates.
use crate::differences::check_numbers;
use crate::scratch::Scratch;
use crate::stencil::{Placed, Stencil};
use crate::sweep::try_sweep;
use crate::{DiffError, Differences, Failure, Real, Scheme, Step};
use std::convert::Infallible;

/// ∇f(x) by differences of f's values, one coordinate at a time, on the current rayon pool.
///
/// x is never changed: each worker perturbs a copy of its own, and puts every coordinate back.
/// The bits do not depend on the number of threads. The error of each entry is the scheme's.
/// Cost: [`Scheme::evaluations`] of f, without an allocation for any of them.
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
    Differences::new(scheme).step(step).gradient(f, x)
}

/// [`gradient`](gradient()), into a slice.
///
/// # Errors
/// As [`gradient`](gradient()), and [`DiffError::Length`] if the slice has another length than x.
pub fn gradient_into<T: Real>(
    f: impl Fn(&[T]) -> T + Sync,
    x: &[T],
    scheme: Scheme,
    step: Step<T>,
    gradient: &mut [T],
) -> Result<(), DiffError> {
    Differences::new(scheme)
        .step(step)
        .gradient_into(f, x, gradient)
}

impl<T: Real> Differences<'_, T> {
    /// ∇f(x): see [`gradient`](gradient()).
    ///
    /// # Errors
    /// [`DiffError`] if x, the steps or the bounds do not fit each other.
    pub fn gradient(&self, f: impl Fn(&[T]) -> T + Sync, x: &[T]) -> Result<Vec<T>, DiffError> {
        let mut gradient = x.to_vec();
        self.gradient_into(f, x, &mut gradient)?;
        Ok(gradient)
    }

    /// ∇f(x), into a slice.
    ///
    /// # Errors
    /// As [`gradient`](Self::gradient), and [`DiffError::Length`] if the slice has another
    /// length than x.
    pub fn gradient_into(
        &self,
        f: impl Fn(&[T]) -> T + Sync,
        x: &[T],
        gradient: &mut [T],
    ) -> Result<(), DiffError> {
        let f = |x: &[T]| Ok::<T, Infallible>(f(x));
        Ok(self.try_gradient_into(f, x, gradient)?)
    }

    /// ∇f(x) of a function that can fail.
    ///
    /// ```
    /// use numgrad_diff::{Differences, Failure};
    ///
    /// let f = |x: &[f64]| if x[1] > 1.0 { Err("too far") } else { Ok(x[0] + x[1]) };
    /// let found = Differences::default().try_gradient(f, &[0.5, 1.0]);
    /// assert_eq!(
    ///     found,
    ///     Err(Failure::Objective { coordinate: Some(1), error: "too far" })
    /// );
    /// ```
    ///
    /// # Errors
    /// [`Failure::Objective`] with the function's error at the lowest coordinate that failed,
    /// whatever the threads did; [`Failure::Difference`] as [`gradient`](Self::gradient).
    pub fn try_gradient<E: Send>(
        &self,
        f: impl Fn(&[T]) -> Result<T, E> + Sync,
        x: &[T],
    ) -> Result<Vec<T>, Failure<E>> {
        let mut gradient = x.to_vec();
        self.try_gradient_into(f, x, &mut gradient)?;
        Ok(gradient)
    }

    /// [`try_gradient`](Self::try_gradient), into a slice, which is unspecified after an error.
    ///
    /// # Errors
    /// As [`try_gradient`](Self::try_gradient), and [`DiffError::Length`] if the slice has
    /// another length than x.
    pub fn try_gradient_into<E: Send>(
        &self,
        f: impl Fn(&[T]) -> Result<T, E> + Sync,
        x: &[T],
        gradient: &mut [T],
    ) -> Result<(), Failure<E>> {
        DiffError::expect_length(x.len(), gradient.len())?;
        if self.is_free() {
            check_numbers(x)?;
            self.free_steps(x, gradient)?;
            return match self.scheme() {
                Scheme::Central => free_gradient::<Central, T, E>(f, x, gradient),
                Scheme::FivePoint => free_gradient::<FivePoint, T, E>(f, x, gradient),
                Scheme::Forward | Scheme::Backward => {
                    free_gradient::<Forward, T, E>(f, x, gradient)
                }
            };
        }
        self.check(x)?;
        let centre = if self.needs_centre(x) {
            f(x).map_err(Failure::at_centre)?
        } else {
            T::default()
        };
        let measured = try_sweep(
            gradient,
            1,
            || Scratch::copy(x),
            |point, k, slot| {
                let placed = self.placed(x, k);
                let along = |moved: T| {
                    point[k] = moved;
                    f(point)
                };
                let quotient = self.quotient_in_domain(placed, k, along, centre);
                point[k] = x[k];
                slot[0] = quotient?;
                Ok(())
            },
        );
        measured.map_err(|(k, error)| Failure::at_coordinate(k, error))
    }
}

/// The gradient by one stencil everywhere, with the steps that stand in its slots.
///
/// The stencil is part of the type, so that its loop is unrolled and every scheme has a sweep of
/// its own: for a function of nanoseconds the arithmetic around it is what a gradient costs.
fn free_gradient<S: Fixed, T: Real, E: Send>(
    f: impl Fn(&[T]) -> Result<T, E> + Sync,
    x: &[T],
    gradient: &mut [T],
) -> Result<(), Failure<E>> {
    let stencil = S::STENCIL;
    let centre = if stencil.uses_centre() {
        f(x).map_err(Failure::at_centre)?
    } else {
        T::default()
    };
    let measured = try_sweep(
        gradient,
        1,
        || Scratch::copy(x),
        |point, k, slot| {
            let point: &mut [T] = point;
            let (x, h) = (x[k], slot[0]);
            let along = |moved: T| {
                point[k] = moved;
                f(point)
            };
            let quotient = Placed { stencil, x, h }.weigh(along, centre);
            point[k] = x;
            slot[0] = quotient?;
            Ok(())
        },
    );
    measured.map_err(|(k, error)| Failure::at_coordinate(k, error))
}

/// A stencil that is known where the sweep is compiled.
trait Fixed {
    const STENCIL: Stencil;
}

struct Forward;
struct Central;
struct FivePoint;

impl Fixed for Forward {
    const STENCIL: Stencil = Stencil::Forward;
}

impl Fixed for Central {
    const STENCIL: Stencil = Stencil::Central;
}

impl Fixed for FivePoint {
    const STENCIL: Stencil = Stencil::FivePoint;
}
