//! The derivative of a function of one variable.
use crate::{DiffError, Real, Scheme, Step};

/// f′(x) by a difference of f's values.
///
/// Cost: two evaluations, of the five-point scheme four.
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
    if !x.is_number() {
        return Err(DiffError::Point {
            index: 0,
            value: x.as_f64(),
        });
    }
    let h = step.at(x, scheme)?;
    let centre = if scheme.uses_centre() { f(x) } else { x };
    Ok(quotient(f, x, h, scheme, centre))
}

/// The quotient of a scheme; `centre` is f(x), for the schemes that look at it.
pub(crate) fn quotient<T: Real>(
    mut f: impl FnMut(T) -> T,
    x: T,
    h: T,
    scheme: Scheme,
    centre: T,
) -> T {
    let two = T::of(2.0);
    match scheme {
        Scheme::Forward => (f(x + h) - centre) / h,
        Scheme::Backward => (centre - f(x - h)) / h,
        Scheme::Central => {
            let (up, down) = (f(x + h), f(x - h));
            (up - down) / (two * h)
        }
        Scheme::FivePoint => {
            let near = f(x + h) - f(x - h);
            let far = f(x + two * h) - f(x - two * h);
            (T::of(8.0) * near - far) / (T::of(12.0) * h)
        }
    }
}
