//! ln(1 + x), without a branch.
use crate::Elementary;
use crate::elementary::polynomial;

/// ln(1 + x), within 2 ulp: −∞ at −1, NaN below.
///
/// 1 + x = 2^k·(1 + f); with s = f / (2 + f), ln(1 + f) = 2·artanh s = f − s·(f − R) where
/// R = s²·(2/3 + 2/5·s² + …)·… is a series in s². What rounding 1 + x lost is added again.
#[inline(always)]
pub fn ln_1p<T: Elementary>(x: T) -> T {
    let u = T::ONE + x;
    let (k, m) = u.split();
    let whole = k == T::ZERO;
    // Without a power of two to take out, f is x itself: nothing was rounded.
    let f = T::choose(whole, x, m - T::ONE);
    let lost = T::choose(u < T::ONE + T::ONE, x - (u - T::ONE), T::ONE - (u - x)) / u;
    let lost = T::choose(whole, T::ZERO, lost);
    let s = f / (T::TWO + f);
    let z = s * s;
    let series = z * polynomial(T::ARTANH, z);
    let half_square = T::HALF * f * f;
    // f − (f²/2 − s·(f²/2 + R)), with the low part of k·ln 2 and what was lost added first.
    let low = k.fused(T::LN2_LOW, lost);
    let inner = s.fused(half_square + series, low);
    let value = k.fused(T::LN2_HIGH, f - (half_square - inner));
    let value = T::choose(u > T::ZERO, value, T::NAN);
    let value = T::choose(u == T::ZERO, -T::INFINITY, value);
    // ∞ and NaN come back as they are.
    T::choose(x < T::INFINITY, value, x)
}

/// ln(1 + x) for |x| ≤ 2⁻¹⁰ only: the first five terms of its series, with a remainder below ε of
/// the value.
#[inline(always)]
pub fn ln_1p_near_zero<T: Elementary>(x: T) -> T {
    let [half, third, quarter, fifth] = T::INVERSES;
    let series = fifth.fused(x, -quarter).fused(x, third).fused(x, -half);
    (x * x).fused(series, x)
}
