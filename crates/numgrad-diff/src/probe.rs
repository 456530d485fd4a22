//! A point that is moved and put back, for looking at f nearby.
use crate::Real;

/// A copy of x that is moved, looked at, and put back.
pub(crate) struct Probe<T>(Vec<T>);

impl<T: Real> Probe<T> {
    pub(crate) fn at(x: &[T]) -> Self {
        Self(x.to_vec())
    }

    /// f with some coordinates moved by so much.
    pub(crate) fn value(&mut self, f: impl Fn(&[T]) -> T, x: &[T], moves: &[(usize, T)]) -> T {
        for &(k, by) in moves {
            self.0[k] = x[k] + by;
        }
        let value = f(&self.0);
        for &(k, _) in moves {
            self.0[k] = x[k];
        }
        value
    }

    /// The point itself, for whoever moves all of it.
    pub(crate) fn point(&mut self) -> &mut [T] {
        &mut self.0
    }
}
