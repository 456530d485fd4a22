//! The Jacobian of a vector function, in parallel over its columns.
use crate::scratch::Scratch;
use crate::stencil::Placed;
use crate::sweep::sweep;
use crate::{DiffError, Differences, Real};

impl<T: Real> Differences<'_, T> {
    /// The m × n Jacobian of a function of n variables with m values, column by column:
    /// ∂fᵢ/∂xⱼ stands at \[j·m + i\].
    ///
    /// f writes its m values into the slice that it is given. The error of each entry is the
    /// scheme's. Cost: [`Scheme::evaluations`](crate::Scheme::evaluations) calls of f, without
    /// an allocation for any of them. Each column is one perturbation, so columns are what the
    /// threads share; the bits do not depend on how many there are.
    ///
    /// ```
    /// use numgrad_diff::Differences;
    ///
    /// // (r, φ) to (x, y).
    /// let polar = |p: &[f64], xy: &mut [f64]| {
    ///     xy[0] = p[0] * p[1].cos();
    ///     xy[1] = p[0] * p[1].sin();
    /// };
    /// let jacobian = Differences::default().jacobian(polar, &[2.0, 0.0], 2)?;
    /// for (found, exact) in jacobian.iter().zip([1.0, 0.0, 0.0, 2.0]) {
    ///     assert!((found - exact).abs() < 1e-9);
    /// }
    /// # Ok::<(), numgrad_diff::DiffError>(())
    /// ```
    ///
    /// # Errors
    /// [`DiffError`] if x, the steps or the bounds do not fit each other.
    pub fn jacobian(
        &self,
        f: impl Fn(&[T], &mut [T]) + Sync,
        x: &[T],
        outputs: usize,
    ) -> Result<Vec<T>, DiffError> {
        let mut jacobian = vec![T::default(); outputs * x.len()];
        self.jacobian_into(f, x, outputs, &mut jacobian)?;
        Ok(jacobian)
    }

    /// [`jacobian`](Self::jacobian), into a slice of m·n entries.
    ///
    /// # Errors
    /// As [`jacobian`](Self::jacobian), and [`DiffError::Length`] for a slice of another length.
    pub fn jacobian_into(
        &self,
        f: impl Fn(&[T], &mut [T]) + Sync,
        x: &[T],
        outputs: usize,
        jacobian: &mut [T],
    ) -> Result<(), DiffError> {
        DiffError::expect_length(outputs * x.len(), jacobian.len())?;
        self.check(x)?;
        self.jacobian_by(&f, x, |j| self.placed(x, j), outputs, jacobian);
        Ok(())
    }

    /// The Jacobian by a stencil for each column.
    pub(crate) fn jacobian_by(
        &self,
        f: &(impl Fn(&[T], &mut [T]) + Sync),
        x: &[T],
        place: impl Fn(usize) -> Placed<T> + Sync + Send,
        outputs: usize,
        jacobian: &mut [T],
    ) {
        let mut centre = Scratch::zeros(outputs);
        if self.needs_centre(x) {
            f(x, &mut centre);
        }
        let copy = Scratch::copy;
        let scratch = || (copy(x), copy(&centre), copy(&centre));
        sweep(
            jacobian,
            outputs,
            scratch,
            |(point, reference, values), j, column| {
                let placed = place(j);
                if placed.stencil.uses_centre() {
                    reference.copy_from_slice(&centre);
                } else {
                    point[j] = placed.point(placed.stencil.reference());
                    f(point, reference);
                }
                let along = |moved: T, values: &mut [T]| {
                    point[j] = moved;
                    f(point, values);
                };
                placed.quotients(along, reference, values, column);
                point[j] = x[j];
            },
        );
    }
}
