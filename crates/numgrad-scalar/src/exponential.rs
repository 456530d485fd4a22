//! exp, expm1, the logistic sigmoid and tanh, without a branch.
use crate::Elementary;
use crate::elementary::polynomial;

/// x = n·ln 2 + r with |r| ≤ ln 2 / 2: [`Elementary::ROUNDER`] + n, and r.
#[inline(always)]
fn reduce<T: Elementary>(x: T) -> (T, T) {
    let rounded = x.fused(T::LOG2_E, T::ROUNDER);
    let n = rounded - T::ROUNDER;
    let r = n.fused(-T::LN2_HIGH, x);
    (rounded, n.fused(-T::LN2_LOW, r))
}

/// expm1(r) = r + r²·(1/2! + r/3! + …) for |r| ≤ ln 2 / 2.
#[inline(always)]
fn exp_m1_of_reduced<T: Elementary>(r: T) -> T {
    (r * r).fused(polynomial(T::INVERSE_FACTORIALS, r), r)
}

/// exp x, within 1 ulp. Underflows to subnormal numbers and 0, overflows to ∞; NaN stays NaN.
#[inline(always)]
pub fn exp<T: Elementary>(x: T) -> T {
    let clamped = clamp(x, T::SMALLEST_EXP, T::LARGEST_EXP);
    let (rounded, r) = reduce(clamped);
    // 2^n may be subnormal or past the largest power: two factors, each of a normal exponent.
    let n = rounded - T::ROUNDER;
    let half = n.fused(T::HALF, T::ROUNDER);
    let rest = n - (half - T::ROUNDER) + T::ROUNDER;
    let e = exp_m1_of_reduced(r) + T::ONE;
    let value = e * T::exp2_of_rounded(half) * T::exp2_of_rounded(rest);
    let value = T::choose(x > T::LARGEST_EXP, T::INFINITY, value);
    T::choose(x < T::SMALLEST_EXP, T::ZERO, value)
}

/// exp x − 1, within 2 ulp, for x up to where exp overflows; past it ∞. NaN stays NaN.
#[inline(always)]
pub fn exp_m1<T: Elementary>(x: T) -> T {
    // Below −60, expm1 is −1 in both precisions.
    let clamped = clamp(
        x,
        T::SMALLEST_EXP * T::HALF * T::HALF,
        T::LARGEST_EXP - T::ONE,
    );
    let (rounded, r) = reduce(clamped);
    let scale = T::exp2_of_rounded(rounded);
    let value = scale.fused(exp_m1_of_reduced(r), scale - T::ONE);
    T::choose(x > T::LARGEST_EXP - T::ONE, exp(x), value)
}

/// exp x − 1 for |x| ≤ 2⁻⁵ only: half of the polynomial, with a remainder below ε/4 of the value.
#[inline(always)]
pub fn exp_m1_within<T: Elementary>(x: T) -> T {
    let terms = T::INVERSE_FACTORIALS.len() / 2 + 1;
    (x * x).fused(polynomial(&T::INVERSE_FACTORIALS[..terms], x), x)
}

/// exp x − 1 for |x| ≤ 2⁻¹⁰ only: a third of the polynomial, with a remainder below ε/4 of the
/// value.
#[inline(always)]
pub fn exp_m1_near_zero<T: Elementary>(x: T) -> T {
    let terms = T::INVERSE_FACTORIALS.len() / 3;
    (x * x).fused(polynomial(&T::INVERSE_FACTORIALS[..terms], x), x)
}

/// σ(z) = 1 / (1 + exp −z), and σ(z)·σ(−z): both within 4 ulp. exp is only taken of −|z|.
#[inline(always)]
pub fn sigmoid<T: Elementary>(z: T) -> (T, T) {
    let e = exp(-z.magnitude());
    let tail = T::ONE / (T::ONE + e);
    let value = T::choose(z >= T::ZERO, tail, e * tail);
    // NaN compares with nothing, and must not become one of the two.
    let value = T::choose(z.magnitude() <= T::INFINITY, value, z);
    (value, e * tail * tail)
}

/// tanh z, and 1 − tanh² z: both within 4 ulp. With m = expm1(−2|z|), tanh |z| = −m / (2 + m)
/// and 1 − tanh² z = 4·(1 + m) / (2 + m)².
#[inline(always)]
pub fn tanh<T: Elementary>(z: T) -> (T, T) {
    let (e, m) = exp_both(-(z.magnitude() + z.magnitude()));
    let inverse = T::ONE / (T::TWO + m);
    let value = -m * inverse;
    let value = T::choose(z < T::ZERO, -value, value);
    (value, e * (T::TWO * inverse) * (T::TWO * inverse))
}

/// exp x and exp x − 1 for x ≤ 0, by one polynomial: to the bit as [`exp`] and [`exp_m1`].
#[inline(always)]
fn exp_both<T: Elementary>(x: T) -> (T, T) {
    let clamped = clamp(x, T::SMALLEST_EXP, T::ZERO);
    let (rounded, r) = reduce(clamped);
    let n = rounded - T::ROUNDER;
    let half = n.fused(T::HALF, T::ROUNDER);
    let rest = n - (half - T::ROUNDER) + T::ROUNDER;
    let (first, second) = (T::exp2_of_rounded(half), T::exp2_of_rounded(rest));
    let m = exp_m1_of_reduced(r);
    let e = (m + T::ONE) * first * second;
    let scale = first * second;
    let less = scale.fused(m, scale - T::ONE);
    (T::choose(x < T::SMALLEST_EXP, T::ZERO, e), less)
}

/// NaN stays NaN.
#[inline(always)]
fn clamp<T: Elementary>(x: T, low: T, high: T) -> T {
    let x = T::choose(x < low, low, x);
    T::choose(x > high, high, x)
}
