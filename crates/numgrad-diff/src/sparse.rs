//! Sparse Jacobians and Hessians.
use crate::stencil::{Placed, Stencil};
use crate::sweep::sweep;
use crate::{Coloring, DiffError, Differences, PatternError, Real, SparsityPattern};

impl<T: Real> Differences<'_, T> {
    /// The Jacobian's entries in a pattern, in its order, from a few perturbations of many
    /// coordinates each.
    ///
    /// All columns of a colour move at once, each by its own step; a row sees only one of them,
    /// so its difference is that column's. Entries outside of the pattern must be 0, or they end
    /// up in others. Cost: (colours + 1) calls of f with one-sided differences, 2·colours with
    /// central ones, 4·colours with five points; room for m·colours values. Bounds are not
    /// offered. Source: Curtis, Powell and Reid (see [`SparsityPattern::color_columns`]).
    ///
    /// ```
    /// use numgrad_diff::{Differences, SparsityPattern};
    ///
    /// // yᵢ = xᵢ² − xᵢ₊₁: two diagonals, two colours, whatever n is.
    /// let f = |x: &[f64], y: &mut [f64]| {
    ///     for i in 0..x.len() {
    ///         y[i] = x[i] * x[i] - x.get(i + 1).copied().unwrap_or(0.0);
    ///     }
    /// };
    /// let pattern = SparsityPattern::banded(1000, 0, 1);
    /// let coloring = pattern.color_columns();
    /// assert_eq!(coloring.count(), 2);
    /// let x = vec![1.5; 1000];
    /// let values = Differences::default().sparse_jacobian(f, &x, &pattern, &coloring)?;
    /// let diagonal = values[pattern.position(7, 7).unwrap()];
    /// assert!((diagonal - 3.0).abs() < 1e-9);
    /// # Ok::<(), numgrad_diff::DiffError>(())
    /// ```
    ///
    /// # Errors
    /// [`DiffError`] if x, the steps, the pattern or the colouring do not fit each other, or if
    /// there are bounds.
    pub fn sparse_jacobian(
        &self,
        f: impl Fn(&[T], &mut [T]) + Sync,
        x: &[T],
        pattern: &SparsityPattern,
        coloring: &Coloring,
    ) -> Result<Vec<T>, DiffError> {
        if self.bounds().is_some() {
            return Err(DiffError::BoundsNotOffered);
        }
        self.check(x)?;
        DiffError::expect_length(x.len(), pattern.columns())?;
        DiffError::expect_length(x.len(), coloring.colors().len())?;
        pattern.check_coloring(coloring)?;
        let m = pattern.rows();
        let stencil = Stencil::of(self.scheme());
        let mut centre = vec![T::default(); m];
        if stencil.uses_centre() {
            f(x, &mut centre);
        }
        let colors = coloring.colors();
        let places: Vec<Placed<T>> = (0..x.len()).map(|j| self.placed(x, j)).collect();
        // Σ wⱼ·[f − f_reference], not divided yet: each column has its own step.
        let mut sums = vec![T::default(); m * coloring.count()];
        let scratch = || (x.to_vec(), centre.clone(), centre.clone());
        sweep(
            &mut sums,
            m,
            scratch,
            |(point, reference, values), color, sums| {
                let mut look = |offset: f64, values: &mut [T]| {
                    for j in (0..x.len()).filter(|&j| colors[j] == color) {
                        point[j] = places[j].point(offset);
                    }
                    f(point, values);
                };
                if stencil.uses_centre() {
                    reference.copy_from_slice(&centre);
                } else {
                    look(stencil.reference(), reference);
                }
                for &(offset, weight) in stencil.terms() {
                    look(offset, values);
                    for ((sum, &value), &reference) in
                        sums.iter_mut().zip(&*values).zip(&*reference)
                    {
                        *sum += T::of(weight) * (value - reference);
                    }
                }
                point.copy_from_slice(x);
            },
        );
        let mut entries = Vec::with_capacity(pattern.entries());
        for (j, placed) in places.into_iter().enumerate() {
            let column = &sums[colors[j] * m..][..m];
            let divided = pattern.column(j).iter();
            entries.extend(divided.map(|&row| column[row] / placed.divisor()));
        }
        Ok(entries)
    }

    /// The Hessian's entries in a symmetric pattern, in its order, from f's gradient.
    ///
    /// `gradient` writes ∇f into the slice that it is given; its sparse Jacobian is the Hessian,
    /// and opposite entries are averaged, so that the result is symmetric. Cost and errors are
    /// those of [`sparse_jacobian`](Self::sparse_jacobian), in calls of the gradient.
    ///
    /// # Errors
    /// As [`sparse_jacobian`](Self::sparse_jacobian), and [`PatternError::Asymmetric`].
    pub fn sparse_hessian_of_gradient(
        &self,
        gradient: impl Fn(&[T], &mut [T]) + Sync,
        x: &[T],
        pattern: &SparsityPattern,
        coloring: &Coloring,
    ) -> Result<Vec<T>, DiffError> {
        let mirrors = mirrors(pattern)?;
        let entries = self.sparse_jacobian(gradient, x, pattern, coloring)?;
        let pairs = entries.iter().zip(mirrors);
        let half = T::of(0.5);
        Ok(pairs.map(|(&a, b)| half * a + half * entries[b]).collect())
    }

    /// The Hessian's entries in a symmetric pattern, in its order, from f's values alone.
    ///
    /// One value of f cannot tell apart the entries of a group of columns, so every entry of the
    /// upper triangle is measured by itself, with the forms and steps of
    /// [`hessian`](Self::hessian). Cost, for u entries above the diagonal: 2n + 1 + u evaluations
    /// with one-sided differences, 2n + 1 + 2u with central ones and 4n + 1 + 4u with five
    /// points. Bounds are not offered.
    ///
    /// # Errors
    /// [`DiffError`] if x, the steps or the pattern do not fit each other, if the pattern is not
    /// symmetric, or if there are bounds.
    pub fn sparse_hessian(
        &self,
        f: impl Fn(&[T]) -> T + Sync,
        x: &[T],
        pattern: &SparsityPattern,
    ) -> Result<Vec<T>, DiffError> {
        if self.bounds().is_some() {
            return Err(DiffError::BoundsNotOffered);
        }
        let second = self.second(x)?;
        DiffError::expect_length(x.len(), pattern.columns())?;
        let mirrors = mirrors(pattern)?;
        let upper: Vec<(usize, usize)> = (0..x.len())
            .flat_map(|j| pattern.column(j).iter().map(move |&i| (i, j)))
            .filter(|(i, j)| i <= j)
            .collect();
        let measured = second.entries(&f, x, &upper);
        let mut entries = vec![T::default(); pattern.entries()];
        for ((i, j), value) in upper.into_iter().zip(measured) {
            if let Some(at) = pattern.position(i, j) {
                entries[at] = value;
                entries[mirrors[at]] = value;
            }
        }
        Ok(entries)
    }
}

/// The position of each entry's mirror image.
fn mirrors(pattern: &SparsityPattern) -> Result<Vec<usize>, PatternError> {
    let mut mirrors = Vec::with_capacity(pattern.entries());
    for column in 0..pattern.columns() {
        for &row in pattern.column(column) {
            let mirrored = row < pattern.columns() && column < pattern.rows();
            let found = mirrored.then(|| pattern.position(column, row)).flatten();
            mirrors.push(found.ok_or(PatternError::Asymmetric { row, column })?);
        }
    }
    Ok(mirrors)
}
