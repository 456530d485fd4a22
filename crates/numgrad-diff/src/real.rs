//! The scalars that functions are differentiated in.
use std::fmt::{Debug, Display};
use std::iter::Sum;
use std::ops::{Add, AddAssign, Div, Mul, Neg, Sub};

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

macro_rules! real {
    ($($float:ident),*) => {$(
        impl Real for $float {
            const EPSILON: Self = $float::EPSILON;

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

        impl sealed::Sealed for $float {}
    )*};
}

real!(f32, f64);

mod sealed {
    pub trait Sealed {}
}
