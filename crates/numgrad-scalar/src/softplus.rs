//! ln(1 + exp z), without a branch.
use crate::Elementary;
use crate::{exp, exp_m1, ln_1p, sigmoid};

/// softplus z = ln(1 + exp z), within 4 ulp, and its slope σ(z) as [`sigmoid`] has it:
/// max(z, 0) + ln(1 + exp −|z|), in which nothing overflows or cancels. NaN stays NaN.
#[inline(always)]
pub fn softplus<T: Elementary>(z: T) -> (T, T) {
    let e = exp(-z.magnitude());
    let above = T::choose(z > T::ZERO, z, T::ZERO);
    (above + ln_1p(e), sigmoid(z).0)
}

/// softplus(z + d) − softplus(z) = ln(1 + σ(z)·(exp d − 1)), which keeps the digits of a small d.
/// Past |d| = 1 it is the difference of the two, which do not share so many.
#[inline(always)]
pub fn softplus_difference<T: Elementary>(z: T, d: T) -> T {
    if d.magnitude() <= T::ONE {
        ln_1p(sigmoid(z).0 * exp_m1(d))
    } else {
        softplus(z + d).0 - softplus(z).0
    }
}
