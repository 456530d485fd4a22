//! How to differentiate: a scheme, steps and bounds, chosen once for everything that is measured.
use crate::stencil::{Placed, Stencil, fit};
use crate::step::positive;
use crate::{DiffError, Real, Scheme, Step};

/// A scheme with its steps and the bounds of x.
///
/// The free functions ([`gradient`](crate::gradient()) and its neighbours) are shorthands for
/// its methods.
///
/// ```
/// use numgrad_diff::{Differences, Scheme, Step};
///
/// // √x is only defined from 0 on: central inside, one-sided of second order at the edge.
/// let f = |x: &[f64]| (x[0] + 1.0).sqrt() + x[1].powf(1.5);
/// let found = Differences::new(Scheme::Central)
///     .within(&[0.0, 0.0], &[9.0, 9.0])
///     .gradient(f, &[3.0, 0.0])?;
/// assert!((found[0] - 0.25).abs() < 1e-9 && found[1].abs() < 1e-2);
/// # Ok::<(), numgrad_diff::DiffError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Differences<'a, T> {
    scheme: Scheme,
    step: Step<T>,
    steps: Option<&'a [T]>,
    bounds: Option<(&'a [T], &'a [T])>,
    domain_by_nan: bool,
}

impl<T> Default for Differences<'_, T> {
    /// Central differences with the automatic step.
    fn default() -> Self {
        Self {
            scheme: Scheme::default(),
            step: Step::Auto,
            steps: None,
            bounds: None,
            domain_by_nan: false,
        }
    }
}

impl<'a, T: Real> Differences<'a, T> {
    /// A scheme with the automatic step, unbounded.
    pub fn new(scheme: Scheme) -> Self {
        Self {
            scheme,
            ..Self::default()
        }
    }

    /// With this step policy for every coordinate.
    #[must_use]
    pub fn step(self, step: Step<T>) -> Self {
        Self {
            step,
            steps: None,
            ..self
        }
    }

    /// With a step for each coordinate, used as given.
    #[must_use]
    pub fn steps(self, steps: &'a [T]) -> Self {
        Self {
            steps: Some(steps),
            ..self
        }
    }

    /// With lowerₖ ≤ xₖ ≤ upperₖ for every point at which the function is called. Infinite
    /// bounds are none.
    ///
    /// Where the scheme does not fit, the side is flipped to the one with more room, by a
    /// one-sided difference of the same order; where that does not fit either, its step
    /// shrinks.
    #[must_use]
    pub fn within(self, lower: &'a [T], upper: &'a [T]) -> Self {
        Self {
            bounds: Some((lower, upper)),
            ..self
        }
    }

    /// With a domain that f itself tells, by NaN or an infinity outside of it.
    ///
    /// A derivative or an entry of a gradient whose quotient is not finite is measured again to
    /// the right, and then to the left, by a one-sided difference of the same order; where
    /// neither is finite, the entry is NaN. Cost: up to 8 evaluations more for such an entry,
    /// and f(x). Other results do not look for a domain.
    ///
    /// ```
    /// use numgrad_diff::Differences;
    ///
    /// let f = |x: f64| x * x.sqrt(); // NaN left of 0
    /// assert!(Differences::default().derivative(f, 0.0)?.is_nan());
    /// let slope = Differences::default().domain_by_nan().derivative(f, 0.0)?;
    /// assert!(slope.abs() < 0.01);
    /// # Ok::<(), numgrad_diff::DiffError>(())
    /// ```
    #[must_use]
    pub fn domain_by_nan(self) -> Self {
        Self {
            domain_by_nan: true,
            ..self
        }
    }

    /// The scheme.
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Refuses points, steps and bounds that do not fit each other, before f is called.
    pub(crate) fn check(&self, x: &[T]) -> Result<(), DiffError> {
        let lengths = [
            self.steps.map(<[T]>::len),
            self.bounds.map(|bounds| bounds.0.len()),
            self.bounds.map(|bounds| bounds.1.len()),
        ];
        for found in lengths.into_iter().flatten() {
            DiffError::expect_length(x.len(), found)?;
        }
        check_numbers(x)?;
        // The policy's own numbers are the same everywhere.
        self.step.at(T::default(), self.scheme)?;
        if self.steps.is_none() && self.bounds.is_none() {
            return Ok(());
        }
        (0..x.len()).try_for_each(|k| self.place(x, k).map(drop))
    }

    /// The stencil at coordinate k, without bounds.
    #[inline(always)]
    fn free(&self, x: &[T], k: usize) -> Result<Placed<T>, DiffError> {
        let h = self.step_for(x, k, self.scheme.order() as usize + 1)?;
        Ok(Placed {
            stencil: Stencil::of(self.scheme),
            x: x[k],
            h: if self.scheme == Scheme::Backward {
                -h
            } else {
                h
            },
        })
    }

    /// Whether all points of a stencil are within the bounds of coordinate k.
    pub(crate) fn allows(&self, placed: Placed<T>, k: usize) -> bool {
        self.bounds
            .is_none_or(|(lower, upper)| placed.within(lower[k], upper[k]))
    }

    /// The quotient along coordinate k, from inside of the domain if f tells one.
    #[inline]
    pub(crate) fn quotient_in_domain<E>(
        &self,
        placed: Placed<T>,
        k: usize,
        mut f: impl FnMut(T) -> Result<T, E>,
        centre: T,
    ) -> Result<T, E> {
        let quotient = placed.quotient(&mut f, centre)?;
        if quotient.is_number() || !self.domain_by_nan {
            return Ok(quotient);
        }
        let centre = f(placed.x)?;
        let stencil = Stencil::one_sided(self.scheme);
        let size = placed.h.magnitude();
        for h in [size, -size] {
            let side = Placed {
                stencil,
                h,
                ..placed
            };
            if self.allows(side, k) {
                let quotient = side.quotient(&mut f, centre)?;
                if quotient.is_number() {
                    return Ok(quotient);
                }
            }
        }
        Ok(T::of(f64::NAN))
    }

    /// The value nearest to `value` that the bounds of coordinate k allow.
    pub(crate) fn inside(&self, k: usize, value: T) -> T {
        match self.bounds {
            Some((lower, _)) if value < lower[k] => lower[k],
            Some((_, upper)) if value > upper[k] => upper[k],
            _ => value,
        }
    }

    /// Whether some coordinate's stencil looks at f(x).
    pub(crate) fn needs_centre(&self, x: &[T]) -> bool {
        let looks = |k| self.place(x, k).is_ok_and(|p| p.stencil.uses_centre());
        match self.bounds {
            None => Stencil::of(self.scheme).uses_centre(),
            Some(_) => (0..x.len()).any(looks),
        }
    }

    /// Whether nothing but the steps depends on the coordinate: no bounds, and no domain.
    #[inline]
    pub(crate) fn is_free(&self) -> bool {
        self.bounds.is_none() && !self.domain_by_nan
    }

    /// Every coordinate's step with its sign, where [`is_free`](Self::is_free). The policy is
    /// looked at once for all.
    #[inline]
    pub(crate) fn free_steps(&self, x: &[T], steps: &mut [T]) -> Result<(), DiffError> {
        let rule = self.step.rule(self.scheme.order() as usize + 1)?;
        match self.steps {
            Some(given) => {
                DiffError::expect_length(x.len(), given.len())?;
                given.iter().try_for_each(|&h| positive(h).map(drop))?;
                steps.copy_from_slice(given);
            }
            None => {
                for (h, &x) in steps.iter_mut().zip(x) {
                    *h = rule.at(x);
                }
            }
        }
        if self.scheme == Scheme::Backward {
            for h in steps {
                *h = -*h;
            }
        }
        Ok(())
    }

    /// The step at coordinate k, for a balance of p + d.
    #[inline]
    pub(crate) fn step_for(&self, x: &[T], k: usize, balance: usize) -> Result<T, DiffError> {
        match self.steps {
            Some(steps) => Step::Absolute(steps[k]).balancing(x[k], balance),
            None => self.step.balancing(x[k], balance),
        }
    }

    pub(crate) fn policy(&self) -> Step<T> {
        self.step
    }

    pub(crate) fn given_steps(&self) -> Option<&'a [T]> {
        self.steps
    }

    pub(crate) fn bounds(&self) -> Option<(&'a [T], &'a [T])> {
        self.bounds
    }

    /// The stencil at coordinate k of a point that was checked.
    #[inline]
    pub(crate) fn placed(&self, x: &[T], k: usize) -> Placed<T> {
        if self.bounds.is_none()
            && let Ok(placed) = self.free(x, k)
        {
            return placed;
        }
        self.place(x, k).expect("the point was checked")
    }

    /// The stencil at coordinate k.
    #[inline]
    pub(crate) fn place(&self, x: &[T], k: usize) -> Result<Placed<T>, DiffError> {
        let free = self.free(x, k)?;
        match self.bounds {
            None => Ok(free),
            Some((lower, upper)) => fit(free, self.scheme, lower[k], upper[k])
                .ok_or_else(|| DiffError::outside(k, x[k], lower[k], upper[k])),
        }
    }
}

/// Refuses a point with a coordinate that is no number.
#[inline]
pub(crate) fn check_numbers<T: Real>(x: &[T]) -> Result<(), DiffError> {
    // Without a branch for each of them; the culprit is looked for where there is one.
    if x.iter().fold(true, |all, x| all & x.is_number()) {
        return Ok(());
    }
    let index = x.iter().position(|x| !x.is_number()).unwrap_or_default();
    Err(DiffError::Point {
        index,
        value: x[index].as_f64(),
    })
}
