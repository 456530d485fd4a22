//! The scalars that functions are differentiated in.
use crate::scratch::Kept;
use std::cell::RefCell;
use std::fmt::{Debug, Display};
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};
use std::thread::LocalKey;

/// A floating-point number: f32 or f64.
pub trait Real:
    Copy
    + Default
    + Debug
    + Display
    + PartialOrd
    + Send
    + Sync
    + Sum
    + Add<Output = Self>
    + AddAssign
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
    + sealed::Sealed
{
    /// The distance from 1 to the next larger number.
    const EPSILON: Self;

    /// The smallest positive number, which is the rounding of all that are nearly as small.
    const TINY: Self;

    /// ε^(1/k) for k from 1 to 8, rounded: the steps that balance truncation and rounding.
    const EPSILON_ROOTS: [Self; 8];

    /// The nearest number of this precision.
    fn of(value: f64) -> Self;

    /// The same number in f64, exactly.
    fn as_f64(self) -> f64;

    /// |self|.
    #[must_use]
    fn magnitude(self) -> Self;

    /// Whether it is neither NaN nor infinite.
    fn is_number(self) -> bool;
}

#[expect(clippy::unreadable_literal, reason = "nobody reads these digits")]
const EPSILON_ROOTS_32: [f32; 8] = [
    1.1920929e-07,
    3.4526698e-04,
    4.9215666e-03,
    1.858136e-02,
    4.1234622e-02,
    7.015388e-02,
    1.0254192e-01,
    1.3631347e-01,
];

#[expect(clippy::unreadable_literal, reason = "nobody reads these digits")]
const EPSILON_ROOTS_64: [f64; 8] = [
    2.220446049250313e-16,
    1.4901161193847656e-08,
    6.055454452393343e-06,
    0.0001220703125,
    0.000740095979741405,
    0.002460783300575925,
    0.0058046651919412065,
    0.011048543456039806,
];

macro_rules! real {
    ($($float:ident, $roots:expr;)*) => {$(
        impl Real for $float {
            const EPSILON: Self = $float::EPSILON;
            const TINY: Self = $float::from_bits(1);
            const EPSILON_ROOTS: [Self; 8] = $roots;

            fn of(value: f64) -> Self {
                value as $float
            }

            fn as_f64(self) -> f64 {
                f64::from(self)
            }

            fn magnitude(self) -> Self {
                self.abs()
            }

            fn is_number(self) -> bool {
                self.is_finite()
            }
        }

        impl sealed::Sealed for $float {
            fn kept() -> &'static LocalKey<Kept<Self>> {
                thread_local! {
                    static KEPT: Kept<$float> = const { RefCell::new(Vec::new()) };
                }
                &KEPT
            }
        }
    )*};
}

real! {
    f32, EPSILON_ROOTS_32;
    f64, EPSILON_ROOTS_64;
}

mod sealed {
    use super::{Kept, LocalKey};

    pub trait Sealed: Sized + 'static {
        /// The room that this thread keeps.
        #[doc(hidden)]
        fn kept() -> &'static LocalKey<Kept<Self>>;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_roots_of_epsilon_are_its_roots() {
        for (k, (single, double)) in (1..).zip(f32::EPSILON_ROOTS.iter().zip(f64::EPSILON_ROOTS)) {
            assert!((single.powi(k) / f32::EPSILON - 1.0).abs() < 2e-6, "{k}");
            assert!((double.powi(k) / f64::EPSILON - 1.0).abs() < 8e-15, "{k}");
        }
    }
}
