//! Derivatives by a complex step: exact to rounding, for functions of complex numbers.
use crate::differences::check_numbers;
use crate::sweep::sweep;
use crate::{DiffError, Real};
use num_complex::Complex;

/// f′(x) = Im f(x + ih) / h, for a function that is analytic around x and real on the real line.
///
/// f(x + ih) = f(x) + ih·f′ − h²/2·f″ − …: the imaginary part holds the derivative alone, nothing
/// is subtracted, and h can be so small that the error h²/6·f‴ is nothing. h is
/// ε²·min(|x|, 1). |x|, max, comparisons and complex conjugates inside of f break the
/// analyticity, and the result with it. Cost: one complex evaluation. Source: Squire and Trapp,
/// "Using complex variables to estimate derivatives of real functions", SIAM Review 40 (1998).
///
/// ```
/// use numgrad_diff::complex_derivative;
///
/// let slope = complex_derivative(|z| (z * z).sin(), 1.5_f64)?;
/// assert!((slope / (3.0 * 2.25_f64.cos()) - 1.0).abs() < 1e-15);
/// # Ok::<(), numgrad_diff::DiffError>(())
/// ```
///
/// # Errors
/// [`DiffError::Point`] if x is not finite.
pub fn complex_derivative<T: Real>(
    f: impl Fn(Complex<T>) -> Complex<T>,
    x: T,
) -> Result<T, DiffError> {
    check_numbers(&[x])?;
    let h = imaginary_step(x);
    Ok(f(Complex { re: x, im: h }).im / h)
}

/// ∇f(x) by complex steps, in parallel over the coordinates: see [`complex_derivative`].
///
/// Cost: n complex evaluations.
///
/// ```
/// use num_complex::Complex;
/// use numgrad_diff::complex_gradient;
///
/// let f = |z: &[Complex<f64>]| z[0].exp() * z[1];
/// let gradient = complex_gradient(f, &[0.0, 3.0])?;
/// assert_eq!(gradient, [3.0, 1.0]);
/// # Ok::<(), numgrad_diff::DiffError>(())
/// ```
///
/// # Errors
/// [`DiffError::Point`] if x is not finite.
pub fn complex_gradient<T: Real>(
    f: impl Fn(&[Complex<T>]) -> Complex<T> + Sync,
    x: &[T],
) -> Result<Vec<T>, DiffError> {
    let f = |z: &[Complex<T>], value: &mut [Complex<T>]| value[0] = f(z);
    complex_jacobian(f, x, 1)
}

/// The m × n Jacobian by complex steps, column by column: see [`complex_derivative`].
///
/// f writes its m values into the slice that it is given. Cost: n complex evaluations.
///
/// # Errors
/// [`DiffError::Point`] if x is not finite.
pub fn complex_jacobian<T: Real>(
    f: impl Fn(&[Complex<T>], &mut [Complex<T>]) + Sync,
    x: &[T],
    outputs: usize,
) -> Result<Vec<T>, DiffError> {
    check_numbers(x)?;
    let zero = T::default();
    let real = |re: T| Complex { re, im: zero };
    let mut jacobian = vec![zero; outputs * x.len()];
    let scratch = || {
        let point: Vec<_> = x.iter().map(|&x| real(x)).collect();
        (point, vec![real(zero); outputs])
    };
    sweep(
        &mut jacobian,
        outputs,
        scratch,
        |(point, values), j, column| {
            let h = imaginary_step(x[j]);
            point[j].im = h;
            f(point, values);
            point[j].im = zero;
            for (entry, value) in column.iter_mut().zip(values) {
                *entry = value.im / h;
            }
        },
    );
    Ok(jacobian)
}

/// ε²·min(|x|, 1), or what is left of it above 0.
fn imaginary_step<T: Real>(x: T) -> T {
    let (size, one) = (x.magnitude(), T::of(1.0));
    let size = if size == T::default() || size > one {
        one
    } else {
        size
    };
    let steps = [T::EPSILON * T::EPSILON * size, T::EPSILON * size, size];
    let positive = steps.into_iter().find(|&h| h > T::default());
    positive.unwrap_or(one)
}
