//! Derivatives of order 1 to 4 of a function of one variable.
use crate::differences::check_numbers;
use crate::estimate::judged;
use crate::{DiffError, Estimate, Real, Status, Step, fornberg_weights};

/// The highest order that is offered: rounding takes ε^(p/(p+d)) of the digits.
const HIGHEST: usize = 4;

/// The highest accuracy that is offered.
const FINEST: usize = 8;

/// f⁽ᵈ⁾(x) for an order d from 1 to 4, with its error, by a central stencil of accuracy p.
///
/// The stencil has 2·⌊(d+1)/2⌋ + p − 1 nodes h apart around x, with Fornberg's weights
/// ([`fornberg_weights`]); its error is O(h^p) for p = 2, 4, 6 or 8. Measured with h and with 2h,
/// it shows its truncation error, to which a bound for the rounding ε·Σ|wⱼ·f(xⱼ)| / h^d is added.
/// [`Step::Auto`] is ε^(1/(p+d))·max(|x|, 1), which balances the two. Where p is high and f is
/// smooth, up to a (p/(p+d))-th of the digits are right. Cost: twice the nodes, of which those
/// that both share, and x for odd d, are not evaluated again.
///
/// ```
/// use numgrad_diff::{Step, nth_derivative};
///
/// let found = nth_derivative(f64::sin, 1.0, 3, 6, Step::Auto)?;
/// assert!((found.value + 1.0_f64.cos()).abs() <= found.error && found.error < 1e-7);
/// # Ok::<(), numgrad_diff::DiffError>(())
/// ```
///
/// # Errors
/// [`DiffError::Order`] if d is not 1 to 4 or p not 2, 4, 6 or 8; [`DiffError::Step`] or
/// [`DiffError::Point`] if the step or x is no number to work with.
pub fn nth_derivative<T: Real>(
    f: impl Fn(T) -> T,
    x: T,
    order: usize,
    accuracy: usize,
    step: Step<T>,
) -> Result<Estimate<T>, DiffError> {
    let known = (1..=HIGHEST).contains(&order) && (2..=FINEST).contains(&accuracy);
    if !known || !accuracy.is_multiple_of(2) {
        return Err(DiffError::Order { order, accuracy });
    }
    check_numbers(&[x])?;
    let h = step.balancing(x, accuracy + order)?;
    let arm = (order.div_ceil(2) + accuracy / 2 - 1) as u8;
    let sampled = Samples::take(f, x, h, arm, order.is_multiple_of(2));
    let (value, rounding) = sampled.quotient(1, order);
    let (coarse, _) = sampled.quotient(2, order);
    let (error, status) = judged(value, coarse, true, accuracy, rounding);
    if status == Status::NotFinite {
        return Ok(Estimate::not_finite(h, sampled.evaluations));
    }
    Ok(Estimate {
        value,
        error,
        step: h,
        evaluations: sampled.evaluations,
        status,
    })
}

/// f at x + j·h, for the stencils with h and with 2h.
struct Samples<T> {
    /// (j, f(x + j·h)), by j.
    values: Vec<(i32, T)>,
    arm: i32,
    h: T,
    evaluations: usize,
}

impl<T: Real> Samples<T> {
    fn take(f: impl Fn(T) -> T, x: T, h: T, arm: u8, centre: bool) -> Self {
        let arm = i32::from(arm);
        let values: Vec<(i32, T)> = (-2 * arm..=2 * arm)
            .filter(|j| j.abs() <= arm || j % 2 == 0)
            .filter(|&j| centre || j != 0)
            .map(|j| (j, f(x + T::of(f64::from(j)) * h)))
            .collect();
        let evaluations = values.len();
        Self {
            values,
            arm,
            h,
            evaluations,
        }
    }

    /// The derivative by the nodes `stride` steps apart, and the bound of its rounding.
    fn quotient(&self, stride: i32, order: usize) -> (T, T) {
        let nodes: Vec<T> = (-self.arm..=self.arm)
            .map(|j| T::of(f64::from(j)))
            .collect();
        let weights = fornberg_weights(T::default(), &nodes, order);
        let at = |j: i32| {
            let found = self.values.iter().find(|value| value.0 == j * stride);
            found.map(|value| value.1)
        };
        let scale = (0..order).fold(T::of(1.0), |scale, _| {
            scale * self.h * T::of(f64::from(stride))
        });
        let reference = at(-self.arm).unwrap_or_default();
        let (mut sum, mut size) = (T::default(), T::default());
        for (j, &weight) in (-self.arm..=self.arm).zip(&weights) {
            if let Some(value) = at(j) {
                sum += weight * (value - reference);
                size += (weight * value).magnitude();
            }
        }
        (
            sum / scale,
            (T::EPSILON * size + T::TINY) / scale.magnitude(),
        )
    }
}
