//! The standard normal distribution, and the Gaussian error linear unit, without a branch.
use crate::elementary::polynomial;
use crate::{Elementary, exp};

/// Past this the density is 0 in both precisions.
#[inline(always)]
fn most<T: Elementary>() -> T {
    let four = T::TWO + T::TWO;
    four * (four + four + T::TWO)
}

/// min(|z|, 40), the density φ(z) = exp(−z²/2) / √(2π) and the upper tail Q(|z|) = 1 − Φ(|z|).
///
/// What rounding z² lost multiplies exp again, for exp would make it |z|²/2 times as large. The tail
/// is φ(x)·R(x) with Mills's ratio R, of which (1 + x)·R(x) is one polynomial in (x − 4) / (x + 4):
/// Shepherd and Laframboise, "Chebyshev approximation of (1 + 2x)·exp(x²)·erfc x in 0 ≤ x < ∞",
/// Mathematics of Computation 36, 1981, have the same form with other coefficients.
#[inline(always)]
fn tail<T: Elementary>(z: T) -> (T, T, T) {
    let x = T::choose(z.magnitude() > most(), most(), z.magnitude());
    let square = x * x;
    let lost = x.fused(x, -square);
    let e = exp(-T::HALF * square);
    let density = (-T::HALF * lost).fused(e, e) * T::INVERSE_SQRT_TAU;
    let four = T::TWO + T::TWO;
    let mills = polynomial(T::MILLS, (x - four) / (x + four)) / (T::ONE + x);
    (x, density, density * mills)
}

/// The normal distribution's Φ(z) = ½·erfc(−z/√2) and its density φ(z) = exp(−z²/2) / √(2π), both
/// within 8 ulp where they are normal numbers: Φ also far to the left. NaN stays NaN.
#[inline(always)]
pub fn normal<T: Elementary>(z: T) -> (T, T) {
    let (_, density, tail) = tail(z);
    (T::choose(z > T::ZERO, T::ONE - tail, tail), density)
}

/// The Gaussian error linear unit z·Φ(z) in its exact form, not the one by tanh, within 8 ulp where
/// it is a normal number, and the density φ(z). NaN stays NaN.
///
/// Hendrycks and Gimpel, "Gaussian error linear units (GELUs)", arXiv:1606.08415.
#[inline(always)]
pub fn gelu<T: Elementary>(z: T) -> (T, T) {
    let (x, density, tail) = tail(z);
    (
        T::choose(z > T::ZERO, z * (T::ONE - tail), -x * tail),
        density,
    )
}
