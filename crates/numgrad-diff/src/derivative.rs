//! The derivative of a function of one variable.
use crate::{DiffError, Differences, Real, Scheme, Step};
use std::convert::Infallible;

/// f′(x) by a difference of f's values.
///
/// The error is the scheme's ([`Scheme`]) plus about ε·|f| / h of rounding. Cost: two
/// evaluations, of the five-point scheme four.
///
/// ```
/// use numgrad_diff::{Scheme, Step, derivative};
///
/// let f = |x: f64| x * x / 2.0;
/// let slope = derivative(f, 2.0, Scheme::Central, Step::Absolute(0.001))?;
/// assert_eq!(slope, 1.9999999999997797); // 2, and what rounding makes of it
/// # Ok::<(), numgrad_diff::DiffError>(())
/// ```
///
/// # Errors
/// [`DiffError::Step`] or [`DiffError::Point`] if the step or x is no number to work with.
pub fn derivative<T: Real>(
    f: impl Fn(T) -> T,
    x: T,
    scheme: Scheme,
    step: Step<T>,
) -> Result<T, DiffError> {
    Differences::new(scheme).step(step).derivative(f, x)
}

impl<T: Real> Differences<'_, T> {
    /// f′(x): see [`derivative`](derivative()). Steps and bounds are those of one coordinate.
    ///
    /// # Errors
    /// [`DiffError`] if x, the step or the bounds do not fit each other.
    pub fn derivative(&self, f: impl Fn(T) -> T, x: T) -> Result<T, DiffError> {
        self.check(&[x])?;
        let placed = self.place(&[x], 0)?;
        let centre = if placed.stencil.uses_centre() {
            f(x)
        } else {
            T::default()
        };
        let f = |x| Ok::<T, Infallible>(f(x));
        let Ok(quotient) = self.quotient_in_domain(placed, 0, f, centre);
        Ok(quotient)
    }
}
