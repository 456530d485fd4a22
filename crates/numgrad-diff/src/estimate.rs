//! A derivative with what is known about it.
use crate::stencil::Placed;
use crate::sweep::sweep;
use crate::{DiffError, Differences, Real};
use std::convert::Infallible;

/// A measured derivative, its error, and how it was come by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Estimate<T> {
    /// The derivative; NaN where none could be measured.
    pub value: T,
    /// About how far it is from the true one: truncation seen, plus rounding if f is good to a
    /// rounding of its result.
    pub error: T,
    /// The step h that it was measured with, the smallest of several; negative to the left.
    pub step: T,
    /// How often f was called.
    pub evaluations: usize,
    /// What the value is worth.
    pub status: Status,
}

/// What an [`Estimate`] is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Status {
    /// The error is within the tolerance, or follows from the scheme as it should.
    Converged,
    /// Rounding or noise in f keeps the error above the tolerance: no step does better.
    NoiseFloor,
    /// The quotients did not settle over all steps that were tried: start with a smaller one.
    Unsettled,
    /// f is NaN or infinite where it had to be looked at.
    NotFinite,
    /// The slopes to the left and to the right disagree, or f jumps: there is no derivative.
    KinkSuspected,
}

impl<T: Real> Estimate<T> {
    /// No value: f is not finite where it is needed.
    pub(crate) fn not_finite(step: T, evaluations: usize) -> Self {
        Self {
            value: T::of(f64::NAN),
            error: T::of(f64::INFINITY),
            step,
            evaluations,
            status: Status::NotFinite,
        }
    }
}

impl<T: Real> Differences<'_, T> {
    /// f′(x) with its error, from the quotients at h and at 2h.
    ///
    /// If D(h) = f′ + C·h^p, then D(2h) − D(h) = (2^p − 1)·C·h^p shows the truncation error
    /// C·h^p, which is doubled for the terms after it; the rounding error is bounded by
    /// ε·Σ|wⱼ|·(|f| + |x·f′|) / (d·h), and both are added. Bounds are kept at both steps. Cost: twice the evaluations of the scheme, less one where f(x)
    /// serves both. Source: Press et al., "Numerical Recipes", 3rd edition, section 5.7.
    ///
    /// The status is [`Status::NoiseFloor`] where rounding is the greater part by ten times. Where the
    /// error is more than a tenth of the value, the quotient at 4h is looked at as well, for at most as
    /// many evaluations more: it is [`Status::Unsettled`] unless the three follow the scheme's order.
    ///
    /// ```
    /// use numgrad_diff::{Differences, Scheme, Status};
    ///
    /// let found = Differences::new(Scheme::Forward).estimate(f64::exp, 0.0)?;
    /// assert!((found.value - 1.0).abs() <= found.error && found.error < 1e-7);
    /// assert_eq!((found.status, found.evaluations), (Status::Converged, 3));
    /// # Ok::<(), numgrad_diff::DiffError>(())
    /// ```
    ///
    /// # Errors
    /// [`DiffError`] if x, the step or the bounds do not fit each other.
    pub fn estimate(&self, f: impl Fn(T) -> T, x: T) -> Result<Estimate<T>, DiffError> {
        self.check(&[x])?;
        Ok(self.estimate_along(f, &[x], 0, None))
    }

    /// ∂f/∂xₖ with their errors, each as [`estimate`](Self::estimate), in parallel over k.
    ///
    /// Each entry's count includes f(x) if it looks at it, although that is called only once
    /// for all.
    ///
    /// # Errors
    /// [`DiffError`] if x, the steps or the bounds do not fit each other.
    pub fn gradient_estimates(
        &self,
        f: impl Fn(&[T]) -> T + Sync,
        x: &[T],
    ) -> Result<Vec<Estimate<T>>, DiffError> {
        self.check(x)?;
        let centre = self.needs_centre(x).then(|| f(x));
        let mut estimates = vec![Estimate::not_finite(T::default(), 0); x.len()];
        sweep(
            &mut estimates,
            1,
            || x.to_vec(),
            |point, k, slot| {
                let along = |moved: T| f(moved_to(point, k, moved));
                slot[0] = self.estimate_along(along, x, k, centre);
                point[k] = x[k];
            },
        );
        Ok(estimates)
    }

    fn estimate_along(
        &self,
        mut f: impl FnMut(T) -> T,
        x: &[T],
        k: usize,
        centre: Option<T>,
    ) -> Estimate<T> {
        let near = self.placed(x, k);
        let shared = near.stencil.uses_centre();
        let centre = match centre {
            _ if !shared => T::default(),
            None => f(near.x),
            Some(centre) => centre,
        };
        let mut evaluations = 2 * (near.stencil.terms().len() + 1) - usize::from(shared);
        let far = self.twice(near, k);
        let (value, rounding) = measured(near, &mut f, centre);
        let (coarse, _) = measured(far, &mut f, centre);
        let longer = far.h / near.h > T::of(1.0);
        let order = self.scheme().order() as usize;
        let (error, mut status) = judged(value, coarse, longer, order, rounding);
        if status == Status::Converged && longer && error > value.magnitude() * T::of(DOUBTFUL) {
            let farther = self.twice(far, k);
            if farther.h / far.h > T::of(1.0) {
                let (coarsest, _) = measured(farther, &mut f, centre);
                evaluations += near.stencil.terms().len() + 1 - usize::from(shared);
                if !settles(value, coarse, coarsest, order) {
                    status = Status::Unsettled;
                }
            }
        }
        if status == Status::NotFinite {
            return Estimate::not_finite(near.h, evaluations);
        }
        Estimate {
            value,
            error,
            step: near.h,
            evaluations,
            status,
        }
    }

    /// The same stencil with twice the step, or half of it where bounds forbid that.
    pub(crate) fn twice(&self, near: Placed<T>, k: usize) -> Placed<T> {
        let far = Placed {
            h: near.h + near.h,
            ..near
        };
        if self.allows(far, k) {
            return far;
        }
        Placed {
            h: near.h / T::of(2.0),
            ..near
        }
    }
}

/// An error of more than this part of the value is a reason to doubt the scheme's order.
const DOUBTFUL: f64 = 0.1;

/// Whether quotients at h, 2h and 4h move apart by about 2^p from one pair to the next, as they do
/// where D(h) = f′ + C·h^p; across a jump or a corner, or where f turns within h, they do not.
fn settles<T: Real>(value: T, coarse: T, coarsest: T, order: usize) -> bool {
    let power = T::of(f64::from(1_u32 << order));
    let ratio = (coarsest - coarse) / (coarse - value);
    let two = T::of(2.0);
    ratio > power / two && ratio < power * two
}

/// The error of a value of order p, from another one with twice or half of its step, and the
/// bound of its rounding.
pub(crate) fn judged<T: Real>(
    value: T,
    other: T,
    longer: bool,
    order: usize,
    rounding: T,
) -> (T, Status) {
    let apart = (other - value).magnitude();
    let power = T::of(f64::from(1_u32 << order));
    // Where half of the step stood in, the value's truncation is the larger part of what is seen.
    let seen = if longer { apart } else { apart * power };
    // Doubled: the terms after the first would undo the bound by themselves.
    let truncation = T::of(2.0) * seen / (power - T::of(1.0));
    let error = truncation + rounding;
    if !(error.is_number() && value.is_number()) {
        (T::of(f64::INFINITY), Status::NotFinite)
    } else if rounding > T::of(10.0) * truncation {
        (error, Status::NoiseFloor)
    } else {
        (error, Status::Converged)
    }
}

/// The point with coordinate k moved.
pub(crate) fn moved_to<T: Real>(point: &mut [T], k: usize, moved: T) -> &[T] {
    point[k] = moved;
    point
}

/// The quotient, and ε·Σ|wⱼ|·(|f| + |x·f′|) / (d·h): the rounding of f's values and of its
/// argument, with the largest |f| that was seen.
fn measured<T: Real>(placed: Placed<T>, f: &mut impl FnMut(T) -> T, centre: T) -> (T, T) {
    let mut largest = centre.magnitude();
    let along = |x: T| {
        let value = f(x);
        if value.magnitude() > largest {
            largest = value.magnitude();
        }
        Ok::<T, Infallible>(value)
    };
    let Ok(quotient) = placed.quotient(along, centre);
    let argument = (placed.x * quotient).magnitude();
    let rounding = placed.rounding(T::EPSILON * (largest + argument) + T::TINY);
    (quotient, rounding)
}
