//! The Heaviside step: 1 for z > 0 and 0 elsewhere.
use crate::Real;

pub(super) fn value<T: Real>(z: T) -> T {
    if z > T::zero() { T::one() } else { T::zero() }
}
