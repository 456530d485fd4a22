//! Losses of the residuals r_k = y_k − t_k: squared, absolute, and Huber's between the two.
use crate::{Loss, LossError, LossKind, Separable, Target};
use numgrad_scalar::Real;

/// E(y) = ½·Σ_k (y_k − t_k)²: the sum of squared errors.
///
/// The difference for moves d is Σ_k (y_k − t_k + d_k/2)·d_k.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SumOfSquaredErrors;

/// E(y) = (1/n)·Σ_k (y_k − t_k)² over n outputs: the mean squared error.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MeanSquaredError;

/// E(y) = (1/n)·Σ_k |y_k − t_k| over n outputs: the mean absolute error.
///
/// The difference is exact on each side of the corner at 0 and across it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct MeanAbsoluteError;

/// E(y) = (1/n)·Σ_k ρ(y_k − t_k) over n outputs, with ρ(r) = r²/2 for |r| ≤ δ and
/// δ·(|r| − δ/2) beyond: quadratic near 0, linear for outliers.
///
/// Huber, "Robust estimation of a location parameter", Annals of Mathematical Statistics 35,
/// 1964.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Huber {
    delta: f64,
}

impl Huber {
    /// Huber's loss with its corners at ±δ.
    ///
    /// # Errors
    /// [`LossError::Parameter`] if δ is not positive and finite.
    pub fn new(delta: f64) -> Result<Self, LossError> {
        if delta.is_finite() && delta > 0.0 {
            Ok(Self { delta })
        } else {
            Err(LossError::Parameter {
                name: "huber's delta",
                value: delta,
                requirement: "it must be positive and finite",
            })
        }
    }

    /// Where the loss turns from quadratic to linear.
    pub fn delta(self) -> f64 {
        self.delta
    }
}

impl Default for Huber {
    /// δ = 1.
    fn default() -> Self {
        Self { delta: 1.0 }
    }
}

/// A function ρ of one residual, summed over the outputs.
trait Residual<T: Real> {
    const MEAN: bool;
    fn kind(&self) -> LossKind;
    fn value(&self, r: T) -> T;
    /// ρ(r + d) − ρ(r).
    fn difference(&self, r: T, d: T) -> T;
    /// ρ'(r); at a corner, the mean of both sides.
    fn slope(&self, r: T) -> T;
}

impl<T: Real> Residual<T> for SumOfSquaredErrors {
    const MEAN: bool = false;

    fn kind(&self) -> LossKind {
        LossKind::SumOfSquaredErrors
    }

    fn value(&self, r: T) -> T {
        T::HALF * r * r
    }

    fn difference(&self, r: T, d: T) -> T {
        (r + T::HALF * d) * d
    }

    fn slope(&self, r: T) -> T {
        r
    }
}

impl<T: Real> Residual<T> for MeanSquaredError {
    const MEAN: bool = true;

    fn kind(&self) -> LossKind {
        LossKind::MeanSquaredError
    }

    fn value(&self, r: T) -> T {
        r * r
    }

    fn difference(&self, r: T, d: T) -> T {
        (r + r + d) * d
    }

    fn slope(&self, r: T) -> T {
        r + r
    }
}

impl<T: Real> Residual<T> for MeanAbsoluteError {
    const MEAN: bool = true;

    fn kind(&self) -> LossKind {
        LossKind::MeanAbsoluteError
    }

    fn value(&self, r: T) -> T {
        r.magnitude()
    }

    fn difference(&self, r: T, d: T) -> T {
        let end = r + d;
        match (r > T::zero(), end > T::zero()) {
            (true, true) => d,
            (false, false) => -d,
            (true, false) => -(r + end),
            (false, true) => r + end,
        }
    }

    fn slope(&self, r: T) -> T {
        sign(r)
    }
}

impl<T: Real> Residual<T> for Huber {
    const MEAN: bool = true;

    fn kind(&self) -> LossKind {
        LossKind::Huber(self.delta)
    }

    fn value(&self, r: T) -> T {
        let delta = T::of(self.delta);
        let size = r.magnitude();
        if size <= delta {
            T::HALF * r * r
        } else {
            delta * (size - T::HALF * delta)
        }
    }

    fn difference(&self, r: T, d: T) -> T {
        let delta = T::of(self.delta);
        let within = |r: T| r.magnitude() <= delta;
        let end = r + d;
        match (within(r), within(end)) {
            (true, true) => (r + T::HALF * d) * d,
            (false, false) if (r > T::zero()) == (end > T::zero()) => delta * sign(r) * d,
            // Across a corner: the quadratic part between the corners, and the linear parts.
            _ => {
                let inside = |r: T| r.max(-delta).min(delta);
                let (from, to) = (inside(r), inside(end));
                let quadratic = T::HALF * (from + to) * (to - from);
                let outside = |r: T| r.magnitude() - inside(r).magnitude();
                quadratic + delta * (outside(end) - outside(r))
            }
        }
    }

    fn slope(&self, r: T) -> T {
        let delta = T::of(self.delta);
        r.max(-delta).min(delta)
    }
}

fn sign<T: Real>(r: T) -> T {
    if r > T::zero() {
        T::one()
    } else if r < T::zero() {
        -T::one()
    } else {
        T::zero()
    }
}

fn share<T: Real, R: Residual<T>>(outputs: usize) -> T {
    if R::MEAN {
        T::one() / T::of(outputs as f64)
    } else {
        T::one()
    }
}

macro_rules! loss_of_residuals {
    ($($loss:ty),*) => {$(
        impl<T: Real> Loss<T> for $loss {
            fn value(&self, y: &[T], target: Target<'_, T>) -> T {
                let sum = y.iter().enumerate().fold(T::zero(), |sum, (k, &y)| {
                    sum + Residual::value(self, y - target.at(k))
                });
                sum * share::<T, Self>(y.len())
            }

            fn differences(
                &self,
                y: &[T],
                moves: &[T],
                target: Target<'_, T>,
                _scratch: &mut [T],
                out: &mut [T],
            ) {
                let lanes = out.len();
                out.fill(T::zero());
                for (k, &y) in y.iter().enumerate() {
                    let r = y - target.at(k);
                    for (out, &d) in out.iter_mut().zip(&moves[k * lanes..(k + 1) * lanes]) {
                        *out += self.difference(r, d);
                    }
                }
                let share = share::<T, Self>(y.len());
                for out in out {
                    *out *= share;
                }
            }

            fn difference_is_exact(&self) -> bool {
                true
            }

            fn is_piecewise_smooth(&self) -> bool {
                true
            }

            fn separable(&self) -> Option<&dyn Separable<T>> {
                Some(self)
            }

            fn gradient(&self, y: &[T], target: Target<'_, T>, gradient: &mut [T]) -> bool {
                let share = share::<T, Self>(y.len());
                for (k, (g, &y)) in gradient.iter_mut().zip(y).enumerate() {
                    *g = share * self.slope(y - target.at(k));
                }
                true
            }

            fn kind(&self) -> Option<LossKind> {
                Some(Residual::<T>::kind(self))
            }
        }

        impl<T: Real> Separable<T> for $loss {
            fn term_differences(
                &self,
                y: &[T],
                k: usize,
                target: Target<'_, T>,
                moves: &mut [T],
            ) {
                let (r, share) = (y[k] - target.at(k), share::<T, Self>(y.len()));
                for d in moves {
                    *d = share * self.difference(r, *d);
                }
            }
        }
    )*};
}

loss_of_residuals!(
    SumOfSquaredErrors,
    MeanSquaredError,
    MeanAbsoluteError,
    Huber
);
