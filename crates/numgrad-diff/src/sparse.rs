//! Sparse Jacobians and Hessians.
use crate::stencil::{Placed, Stencil};
use crate::sweep::sweep;
use crate::{Coloring, DiffError, Differences, Real, SparsityPattern};

impl<T: Real> Differences<'_, T> {
    /// The Jacobian's entries in a pattern, in its order, from a few perturbations of many
    /// coordinates each.
    ///
    /// All columns of a colour move at once, each by its own step; a row sees only one of them,
    /// so its difference is that column's. Entries outside of the pattern must be 0, or they end
    /// up in others. Cost: (colours + 1) calls of f with one-sided differences, 2·colours with
    /// central ones, 4·colours with five points; room for m·colours values. Within bounds, the
    /// columns of a colour that had to turn to one side are measured apart from the others, which
    /// costs 2 (with five points 4) calls more for the colour, and one for f(x). Source: Curtis, Powell and Reid (see [`SparsityPattern::color_columns`]).
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
    /// [`DiffError`] if x, the steps, the bounds, the pattern or the colouring do not fit each
    /// other.
    pub fn sparse_jacobian(
        &self,
        f: impl Fn(&[T], &mut [T]) + Sync,
        x: &[T],
        pattern: &SparsityPattern,
        coloring: &Coloring,
    ) -> Result<Vec<T>, DiffError> {
        self.check(x)?;
        let places: Vec<_> = (0..x.len()).map(|j| self.placed(x, j)).collect();
        sparse_jacobian_by(&f, x, &places, pattern, coloring)
    }

    /// The Hessian's entries in a symmetric pattern, in its order, from f's gradient.
    ///
    /// `gradient` writes ∇f into the slice that it is given; its sparse Jacobian is the Hessian,
    /// and opposite entries are averaged, so that the result is symmetric. Cost and errors are
    /// those of [`sparse_jacobian`](Self::sparse_jacobian), in calls of the gradient.
    ///
    /// # Errors
    /// As [`sparse_jacobian`](Self::sparse_jacobian), and [`PatternError::Asymmetric`](crate::PatternError::Asymmetric).
    pub fn sparse_hessian_of_gradient(
        &self,
        gradient: impl Fn(&[T], &mut [T]) + Sync,
        x: &[T],
        pattern: &SparsityPattern,
        coloring: &Coloring,
    ) -> Result<Vec<T>, DiffError> {
        let mirrors = pattern.mirrors()?;
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
    /// points.
    ///
    /// # Errors
    /// [`DiffError`] if x, the steps, the bounds or the pattern do not fit each other, or if the
    /// pattern is not symmetric.
    pub fn sparse_hessian(
        &self,
        f: impl Fn(&[T]) -> T + Sync,
        x: &[T],
        pattern: &SparsityPattern,
    ) -> Result<Vec<T>, DiffError> {
        let second = self.second(x)?;
        DiffError::expect_length(x.len(), pattern.columns())?;
        let mirrors = pattern.mirrors()?;
        Ok(second.sparse(&f, x, pattern, &mirrors))
    }
}

/// The entries by a stencil for each column.
pub(crate) fn sparse_jacobian_by<T: Real>(
    f: &(impl Fn(&[T], &mut [T]) + Sync),
    x: &[T],
    places: &[Placed<T>],
    pattern: &SparsityPattern,
    coloring: &Coloring,
) -> Result<Vec<T>, DiffError> {
    DiffError::expect_length(x.len(), pattern.columns())?;
    DiffError::expect_length(x.len(), coloring.colors().len())?;
    pattern.check_coloring(coloring)?;
    let m = pattern.rows();
    let mut centre = vec![T::default(); m];
    if places.iter().any(|placed| placed.stencil.uses_centre()) {
        f(x, &mut centre);
    }
    let groups = Groups::of(places, coloring);
    // Σ wⱼ·[f − f_reference], not divided yet: each column has its own step.
    let mut sums = vec![T::default(); m * groups.stencils.len()];
    let scratch = || (x.to_vec(), centre.clone(), centre.clone());
    sweep(
        &mut sums,
        m,
        scratch,
        |(point, reference, values), group, sums| {
            let stencil = groups.stencils[group];
            let mut look = |offset: f64, values: &mut [T]| {
                for j in (0..x.len()).filter(|&j| groups.of_column[j] == group) {
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
                for ((sum, &value), &reference) in sums.iter_mut().zip(&*values).zip(&*reference) {
                    *sum += T::of(weight) * (value - reference);
                }
            }
            point.copy_from_slice(x);
        },
    );
    let mut entries = Vec::with_capacity(pattern.entries());
    for (j, placed) in places.iter().enumerate() {
        let column = &sums[groups.of_column[j] * m..][..m];
        let divided = pattern.column(j).iter();
        entries.extend(divided.map(|&row| column[row] / placed.divisor()));
    }
    Ok(entries)
}

/// Columns of one colour that look at the same offsets: they move at once.
struct Groups {
    /// The stencil of each group.
    stencils: Vec<Stencil>,
    /// The group of each column.
    of_column: Vec<usize>,
}

impl Groups {
    fn of<T: Real>(places: &[Placed<T>], coloring: &Coloring) -> Self {
        let mut known: Vec<Vec<usize>> = vec![Vec::new(); coloring.count()];
        let mut stencils = Vec::new();
        let of_column = places.iter().zip(coloring.colors());
        let of_column = of_column
            .map(|(placed, &color)| {
                let mut groups = known[color].iter();
                let found = groups.find(|&&group| stencils[group] == placed.stencil);
                found.copied().unwrap_or_else(|| {
                    known[color].push(stencils.len());
                    stencils.push(placed.stencil);
                    stencils.len() - 1
                })
            })
            .collect();
        Self {
            stencils,
            of_column,
        }
    }
}
