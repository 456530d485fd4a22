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

    /// f at x + t·v + h·eₖ.
    pub(crate) fn value_along(
        &mut self,
        f: impl Fn(&[T]) -> T,
        x: &[T],
        v: &[T],
        t: T,
        (k, h): (usize, T),
    ) -> T {
        for ((point, &x), &v) in self.0.iter_mut().zip(x).zip(v) {
            *point = x + t * v;
        }
        self.0[k] += h;
        let value = f(&self.0);
        self.0.copy_from_slice(x);
        value
    }
}
