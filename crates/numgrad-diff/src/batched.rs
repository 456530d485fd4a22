//! The gradient of a function that is cheaper for many points at once.
use crate::{DiffError, Differences, Real};
use std::convert::Infallible;

impl<T: Real> Differences<'_, T> {
    /// ∇f(x), with f called on batches of perturbed points: one matrix product may serve many.
    ///
    /// `values(points, values)` writes f of each point; the points of n coordinates stand one
    /// after the other in `points`, at most `batch` of them (0 counts as 1), and the last batch
    /// may be shorter. It is called on this thread, so it can use all threads itself, and keep
    /// scratch of its own. The points, their number and the arithmetic are those of
    /// [`gradient`](Self::gradient), whatever the batch is: equal values give equal bits. Room:
    /// `batch`·n entries, made once.
    ///
    /// ```
    /// use numgrad_diff::Differences;
    ///
    /// let squares = |points: &[f64], values: &mut [f64]| {
    ///     for (value, point) in values.iter_mut().zip(points.chunks(2)) {
    ///         *value = point[0] * point[0] + point[1];
    ///     }
    /// };
    /// let gradient = Differences::default().gradient_batched(squares, &[3.0, 1.0], 4)?;
    /// assert!((gradient[0] - 6.0).abs() < 1e-9 && (gradient[1] - 1.0).abs() < 1e-9);
    /// # Ok::<(), numgrad_diff::DiffError>(())
    /// ```
    ///
    /// # Errors
    /// [`DiffError`] if x, the steps or the bounds do not fit each other.
    pub fn gradient_batched(
        &self,
        values: impl FnMut(&[T], &mut [T]),
        x: &[T],
        batch: usize,
    ) -> Result<Vec<T>, DiffError> {
        self.check(x)?;
        let n = x.len();
        let mut moves = Vec::new();
        if self.needs_centre(x) {
            moves.push(None);
        }
        for k in 0..n {
            let placed = self.placed(x, k);
            let stencil = placed.stencil;
            let reference = (!stencil.uses_centre()).then_some(stencil.reference());
            let offsets = reference.into_iter();
            let offsets = offsets.chain(stencil.terms().iter().map(|term| term.0));
            moves.extend(offsets.map(|offset| Some((k, placed.point(offset)))));
        }
        let mut measured = evaluate(values, x, &moves, batch.max(1)).into_iter();
        let mut next = || measured.next().unwrap_or_default();
        let centre = if self.needs_centre(x) {
            next()
        } else {
            T::default()
        };
        let quotients = (0..n).map(|k| {
            let Ok(quotient) = self
                .placed(x, k)
                .quotient(|_| Ok::<T, Infallible>(next()), centre);
            quotient
        });
        Ok(quotients.collect())
    }
}

/// f at x with one coordinate moved, for each move; none is x itself.
fn evaluate<T: Real>(
    mut values: impl FnMut(&[T], &mut [T]),
    x: &[T],
    moves: &[Option<(usize, T)>],
    batch: usize,
) -> Vec<T> {
    let n = x.len();
    let mut measured = vec![T::default(); moves.len()];
    let mut points = x.repeat(batch.min(moves.len()));
    for (moves, measured) in moves.chunks(batch).zip(measured.chunks_mut(batch)) {
        for (row, &moved) in moves.iter().enumerate() {
            if let Some((k, moved)) = moved {
                points[row * n + k] = moved;
            }
        }
        values(&points[..moves.len() * n], measured);
        for (row, &moved) in moves.iter().enumerate() {
            if let Some((k, _)) = moved {
                points[row * n + k] = x[k];
            }
        }
    }
    measured
}
