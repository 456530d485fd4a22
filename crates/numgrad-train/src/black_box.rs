//! Any function of a parameter vector, as something to minimise.
use numgrad_core::Real;
use rayon::prelude::*;
use std::convert::Infallible;

/// A function f(θ) of which nothing is known but its values: a closure, a simulator, a score.
///
/// A closure `Fn(&[T]) -> T` is one as it is, and is evaluated on the current rayon pool. Whoever
/// evaluates in another way, or can fail, implements the trait.
pub trait BlackBox<T: Real> {
    /// What ends a run.
    type Error;

    /// f at each of `values.len()` points, which stand one after the other in `points`. The first
    /// of them is evaluation `first` of the run, from 0: a run that is repeated asks for the same
    /// points by the same numbers. NaN says that there is no value, and leaves out what it was
    /// for.
    ///
    /// # Errors
    /// What ends the run.
    fn values(&self, first: u64, points: &[T], values: &mut [T]) -> Result<(), Self::Error>;
}

impl<T: Real, F: Fn(&[T]) -> T + Sync> BlackBox<T> for F {
    type Error = Infallible;

    fn values(&self, _first: u64, points: &[T], values: &mut [T]) -> Result<(), Infallible> {
        let length = points.len() / values.len().max(1);
        values
            .par_iter_mut()
            .enumerate()
            .for_each(|(k, value)| *value = self(&points[k * length..][..length]));
        Ok(())
    }
}
