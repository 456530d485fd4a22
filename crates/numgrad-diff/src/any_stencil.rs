//! A derivative by any stencil.
use crate::differences::check_numbers;
use crate::estimate::judged;
use crate::{DiffError, Estimate, Real, Status, Step, fornberg_weights};

/// f⁽ᵈ⁾(x) ≈ Σ wⱼ·f(x + oⱼ·h) / h^d for any distinct offsets oⱼ, with its error.
///
/// The weights are Fornberg's ([`fornberg_weights`]). For n offsets the error is O(h^p) with
/// p = n − d, or n − d + 1 where that is even and the offsets are symmetric around 0. Measured
/// with h and with 2h, it shows its truncation error, to which a bound for the rounding
/// ε·Σ|wⱼ·f(xⱼ)| / h^d is added. [`Step::Auto`] is ε^(1/(p+d))·max(|x|, 1). Cost: 2n evaluations.
/// Source: Fornberg, "Generation of finite difference formulas on arbitrarily spaced grids",
/// Mathematics of Computation 51 (1988).
///
/// ```
/// use numgrad_diff::{Step, stencil_derivative};
///
/// // f is not known to the left of x.
/// let found = stencil_derivative(f64::exp, 0.0, &[0.0, 1.0, 2.0, 4.0], 1, Step::Auto)?;
/// assert!((found.value - 1.0).abs() <= found.error && found.error < 1e-9);
/// # Ok::<(), numgrad_diff::DiffError>(())
/// ```
///
/// # Errors
/// [`DiffError::Stencil`] if there are no more offsets than d, if two are equal or one is not
/// finite, or if d is 0; [`DiffError::Step`] or [`DiffError::Point`] if the step or x is no number
/// to work with.
pub fn stencil_derivative<T: Real>(
    f: impl Fn(T) -> T,
    x: T,
    offsets: &[T],
    order: usize,
    step: Step<T>,
) -> Result<Estimate<T>, DiffError> {
    let offered = DiffError::Stencil { order };
    let n = offsets.len();
    let distinct = (0..n).all(|j| !offsets[..j].contains(&offsets[j]));
    if order == 0 || n <= order || !distinct || check_numbers(offsets).is_err() {
        return Err(offered);
    }
    let weights = fornberg_weights(T::default(), offsets, order);
    if check_numbers(&weights).is_err() {
        return Err(offered);
    }
    check_numbers(&[x])?;
    let symmetric = offsets.iter().all(|&o| offsets.contains(&-o));
    let accuracy = n - order + usize::from(symmetric && !(n - order).is_multiple_of(2));
    let h = step.balancing(x, accuracy + order)?;
    let look = |h: T| {
        let scale = (0..order).fold(T::of(1.0), |scale, _| scale * h);
        let values: Vec<T> = offsets.iter().map(|&o| f(x + o * h)).collect();
        let (mut sum, mut size) = (T::default(), T::default());
        for (&weight, &value) in weights.iter().zip(&values) {
            // Σw = 0: differences from one of the values lose nothing to its size.
            sum += weight * (value - values[0]);
            size += (weight * value).magnitude();
        }
        (sum / scale, (T::EPSILON * size + T::TINY) / scale)
    };
    let ((value, rounding), (other, _)) = (look(h), look(h + h));
    // 2^p past any precision leaves the rounding alone.
    let (error, status) = judged(value, other, true, accuracy.min(30), rounding);
    let evaluations = 2 * n;
    if status == Status::NotFinite {
        return Ok(Estimate::not_finite(h, evaluations));
    }
    Ok(Estimate {
        value,
        error,
        step: h,
        evaluations,
        status,
    })
}
