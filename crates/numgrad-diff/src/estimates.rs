//! Vectors and matrices of derivatives, with the error of every entry.
use crate::estimate::judged;
use crate::hessian::Second;
use crate::sparse::sparse_jacobian_by;
use crate::stencil::Placed;
use crate::watch::Watch;
use crate::{Coloring, DiffError, Differences, Estimate, Real, SparsityPattern, Status};

/// Measured derivatives, the error of each, and how they were come by.
#[derive(Debug, Clone, PartialEq)]
pub struct Estimates<T> {
    /// The entries, in the order of the method without estimates; NaN where none was measured.
    pub values: Vec<T>,
    /// About how far each is from the true one: truncation seen, plus rounding if f is good to a
    /// rounding of its result.
    pub errors: Vec<T>,
    /// What each is worth.
    pub statuses: Vec<Status>,
    /// The step of every coordinate, negative to the left; of a slope along v its only one, and
    /// of H·v that along v comes last.
    pub steps: Vec<T>,
    /// How often f was called, for all entries together.
    pub evaluations: usize,
}

impl<T: Real> Differences<'_, T> {
    /// The Jacobian with the error of each entry, from the quotients at h and at 2h.
    ///
    /// The entries are those of [`jacobian`](Self::jacobian), bit for bit; their errors are
    /// found as in [`estimate`](Self::estimate), with the rounding ε·(|fᵢ| + Σⱼ|xⱼ·∂fᵢ/∂xⱼ|) of
    /// each value, at the largest |fᵢ| that was seen: what a rounding of fᵢ and of its arguments
    /// may do, although terms of fᵢ cancel. Cost: twice the calls of [`jacobian`](Self::jacobian).
    ///
    /// ```
    /// use numgrad_diff::{Differences, Status};
    ///
    /// let f = |x: &[f64], y: &mut [f64]| y[0] = x[0].exp() * x[1];
    /// let found = Differences::default().jacobian_estimates(f, &[0.0, 3.0], 1)?;
    /// for (k, exact) in [3.0, 1.0].into_iter().enumerate() {
    ///     assert!((found.values[k] - exact).abs() <= found.errors[k]);
    /// }
    /// assert_eq!((found.evaluations, found.statuses[0]), (8, Status::Converged));
    /// # Ok::<(), numgrad_diff::DiffError>(())
    /// ```
    ///
    /// # Errors
    /// As [`jacobian`](Self::jacobian).
    pub fn jacobian_estimates(
        &self,
        f: impl Fn(&[T], &mut [T]) + Sync,
        x: &[T],
        outputs: usize,
    ) -> Result<Estimates<T>, DiffError> {
        self.check(x)?;
        let watch = Watch::new(outputs);
        let f = |x: &[T], y: &mut [T]| {
            f(x, y);
            watch.see(y);
        };
        let near = |j: usize| self.placed(x, j);
        let far = |j: usize| self.twice(near(j), j);
        let mut fine = vec![T::default(); outputs * x.len()];
        let mut coarse = fine.clone();
        self.jacobian_by(&f, x, near, outputs, &mut fine);
        self.jacobian_by(&f, x, far, outputs, &mut coarse);
        let places = (0..x.len()).flat_map(|j| (0..outputs).map(move |i| (i, j)));
        let entries = places.clone().zip(&fine);
        let rounding = row_rounding(&watch, x, outputs, entries);
        let doubts = places.map(|(i, j)| self.doubt(near(j), far(j), rounding[i]));
        let steps = (0..x.len()).map(|j| near(j).h).collect();
        Ok(Estimates::judge(
            fine,
            &coarse,
            doubts,
            steps,
            watch.calls(),
        ))
    }

    /// The entries of a sparse Jacobian with the error of each, as
    /// [`jacobian_estimates`](Self::jacobian_estimates).
    ///
    /// Cost: twice the calls of [`sparse_jacobian`](Self::sparse_jacobian).
    ///
    /// # Errors
    /// As [`sparse_jacobian`](Self::sparse_jacobian).
    pub fn sparse_jacobian_estimates(
        &self,
        f: impl Fn(&[T], &mut [T]) + Sync,
        x: &[T],
        pattern: &SparsityPattern,
        coloring: &Coloring,
    ) -> Result<Estimates<T>, DiffError> {
        self.check(x)?;
        let watch = Watch::new(pattern.rows());
        let f = |x: &[T], y: &mut [T]| {
            f(x, y);
            watch.see(y);
        };
        let near: Vec<_> = (0..x.len()).map(|j| self.placed(x, j)).collect();
        let far: Vec<_> = (near.iter().enumerate())
            .map(|(j, &near)| self.twice(near, j))
            .collect();
        let fine = sparse_jacobian_by(&f, x, &near, pattern, coloring)?;
        let coarse = sparse_jacobian_by(&f, x, &far, pattern, coloring)?;
        let places = (0..x.len()).flat_map(|j| pattern.column(j).iter().map(move |&i| (i, j)));
        let entries = places.clone().zip(&fine);
        let rounding = row_rounding(&watch, x, pattern.rows(), entries);
        let doubts = places.map(|(i, j)| self.doubt(near[j], far[j], rounding[i]));
        let steps = near.iter().map(|near| near.h).collect();
        Ok(Estimates::judge(
            fine,
            &coarse,
            doubts,
            steps,
            watch.calls(),
        ))
    }

    /// ∇f(x)·v with its error, from the quotients at t and at 2t.
    ///
    /// Cost: twice the evaluations of [`directional`](Self::directional). A direction of zeros
    /// gives 0 without a call.
    ///
    /// # Errors
    /// As [`directional`](Self::directional).
    pub fn directional_estimate(
        &self,
        f: impl Fn(&[T]) -> T,
        x: &[T],
        v: &[T],
    ) -> Result<Estimate<T>, DiffError> {
        let found = self.jvp_estimates(|x: &[T], y: &mut [T]| y[0] = f(x), x, v, 1)?;
        Ok(Estimate {
            value: found.values[0],
            error: found.errors[0],
            step: found.steps[0],
            evaluations: found.evaluations,
            status: found.statuses[0],
        })
    }

    /// J·v with the error of each of its m values, from the quotients at t and at 2t.
    ///
    /// Cost: twice the calls of [`jvp_into`](Self::jvp_into). A direction of zeros gives zeros
    /// without a call.
    ///
    /// # Errors
    /// As [`jvp_into`](Self::jvp_into).
    pub fn jvp_estimates(
        &self,
        f: impl Fn(&[T], &mut [T]),
        x: &[T],
        v: &[T],
        outputs: usize,
    ) -> Result<Estimates<T>, DiffError> {
        let mut fine = vec![T::default(); outputs];
        let Some(near) = self.place_along(x, v)? else {
            return Ok(Estimates::nothing_moves(fine));
        };
        let watch = Watch::new(outputs);
        let f = |x: &[T], y: &mut [T]| {
            f(x, y);
            watch.see(y);
        };
        let far = self.twice_along(near, x, v);
        let mut coarse = fine.clone();
        self.jvp_by(&f, x, v, near, &mut fine);
        self.jvp_by(&f, x, v, far, &mut coarse);
        let doubts = (0..outputs).map(|i| self.doubt(near, far, watch.rounding(i)));
        Ok(Estimates::judge(
            fine,
            &coarse,
            doubts,
            vec![near.h],
            watch.calls(),
        ))
    }

    /// The Hessian with the error of each entry, from its forms at h and at 2h.
    ///
    /// The entries are those of [`hessian`](Self::hessian), bit for bit. The rounding is that of
    /// the form's weights at the largest |f| that was seen. Cost: twice the evaluations of
    /// [`hessian`](Self::hessian).
    ///
    /// # Errors
    /// As [`hessian`](Self::hessian).
    pub fn hessian_estimates(
        &self,
        f: impl Fn(&[T]) -> T + Sync,
        x: &[T],
    ) -> Result<Estimates<T>, DiffError> {
        let n = x.len();
        let places = (0..n).flat_map(|i| (0..n).map(move |j| (i, j)));
        self.second_estimates(f, x, |second, f| second.hessian(f, x), places)
    }

    /// The entries of a sparse Hessian with the error of each, as
    /// [`hessian_estimates`](Self::hessian_estimates). With a pattern of the diagonal alone it is
    /// the Hessian's diagonal.
    ///
    /// Cost: twice the evaluations of [`sparse_hessian`](Self::sparse_hessian).
    ///
    /// # Errors
    /// As [`sparse_hessian`](Self::sparse_hessian).
    pub fn sparse_hessian_estimates(
        &self,
        f: impl Fn(&[T]) -> T + Sync,
        x: &[T],
        pattern: &SparsityPattern,
    ) -> Result<Estimates<T>, DiffError> {
        DiffError::expect_length(x.len(), pattern.columns())?;
        let mirrors = pattern.mirrors()?;
        let places = (0..x.len()).flat_map(|j| pattern.column(j).iter().map(move |&i| (i, j)));
        let measure =
            |second: &Second<T>, f: &Watched<'_, T>| second.sparse(f, x, pattern, &mirrors);
        self.second_estimates(f, x, measure, places)
    }

    /// H·v with the error of each entry, from its forms at h and t, and at 2h and 2t.
    ///
    /// Cost: twice the evaluations of [`hessian_vector`](Self::hessian_vector). A direction of
    /// zeros gives zeros without a call.
    ///
    /// # Errors
    /// As [`hessian_vector`](Self::hessian_vector).
    pub fn hessian_vector_estimates(
        &self,
        f: impl Fn(&[T]) -> T + Sync,
        x: &[T],
        v: &[T],
    ) -> Result<Estimates<T>, DiffError> {
        let Some((near, t)) = self.second_along(x, v)? else {
            return Ok(Estimates::nothing_moves(vec![T::default(); x.len()]));
        };
        let watch = Watch::new(1);
        let f = |x: &[T]| {
            let value = f(x);
            watch.see(&[value]);
            value
        };
        // With bounds, half of the room is left for the other step: 2h could leave it.
        let longer = self.bounds().is_none();
        let scale = T::of(if longer { 2.0 } else { 0.5 });
        let fine = self.hessian_vector_by(&f, x, v, &near, t);
        let coarse = self.hessian_vector_by(&f, x, v, &near.scaled(scale), scale * t);
        let each: T = watch.rounding(0);
        let doubts = near.steps().iter().map(|&h| Doubt {
            longer,
            order: near.order(),
            rounding: near.weight() * each / h.magnitude() / t.magnitude(),
        });
        let steps = near.steps().iter().copied().chain([t]).collect();
        Ok(Estimates::judge(
            fine,
            &coarse,
            doubts,
            steps,
            watch.calls(),
        ))
    }

    fn second_estimates(
        &self,
        f: impl Fn(&[T]) -> T + Sync,
        x: &[T],
        measure: impl Fn(&Second<T>, &Watched<'_, T>) -> Vec<T>,
        places: impl Iterator<Item = (usize, usize)>,
    ) -> Result<Estimates<T>, DiffError> {
        let near = self.second(x)?;
        let watch = Watch::new(1);
        let f = |x: &[T]| {
            let value = f(x);
            watch.see(&[value]);
            value
        };
        let far = near.scaled(T::of(2.0));
        let longer = self.allows_second(x, &far);
        let far = if longer { far } else { near.scaled(T::of(0.5)) };
        let (fine, coarse) = (measure(&near, &f), measure(&far, &f));
        let each: T = watch.rounding(0);
        let h = near.steps();
        let doubts = places.map(|(i, j)| Doubt {
            longer,
            order: near.order(),
            rounding: near.weight() * each / h[i].magnitude() / h[j].magnitude(),
        });
        Ok(Estimates::judge(
            fine,
            &coarse,
            doubts,
            h.to_vec(),
            watch.calls(),
        ))
    }

    fn doubt(&self, near: Placed<T>, far: Placed<T>, rounding: T) -> Doubt<T> {
        Doubt {
            longer: far.h.magnitude() > near.h.magnitude(),
            order: self.scheme().order() as usize,
            rounding: near.rounding(rounding),
        }
    }
}

/// ε·(|fᵢ| + Σⱼ|xⱼ·∂fᵢ/∂xⱼ|) for each of the values, from the entries (i, j) of the Jacobian.
fn row_rounding<'e, T: Real>(
    watch: &Watch,
    x: &[T],
    outputs: usize,
    entries: impl Iterator<Item = ((usize, usize), &'e T)>,
) -> Vec<T> {
    let mut rounding: Vec<T> = (0..outputs).map(|i| watch.rounding(i)).collect();
    for ((i, j), &entry) in entries {
        let term = T::EPSILON * (x[j] * entry).magnitude();
        if term.is_number() {
            rounding[i] += term;
        }
    }
    rounding
}

/// A function whose calls are counted.
type Watched<'a, T> = dyn Fn(&[T]) -> T + Sync + 'a;

/// What is known of an entry's error before it is compared with another measurement.
struct Doubt<T> {
    /// Whether the other step was twice as long, rather than half.
    longer: bool,
    order: usize,
    rounding: T,
}

impl<T: Real> Estimates<T> {
    /// Whether every entry converged.
    pub fn converged(&self) -> bool {
        self.statuses.iter().all(|&s| s == Status::Converged)
    }

    fn judge(
        values: Vec<T>,
        others: &[T],
        doubts: impl Iterator<Item = Doubt<T>>,
        steps: Vec<T>,
        evaluations: usize,
    ) -> Self {
        let pairs = values.iter().zip(others).zip(doubts);
        let (errors, statuses) = pairs
            .map(|((&value, &other), doubt)| {
                judged(value, other, doubt.longer, doubt.order, doubt.rounding)
            })
            .unzip();
        Self {
            values,
            errors,
            statuses,
            steps,
            evaluations,
        }
    }

    /// A direction of zeros: zeros, exactly.
    fn nothing_moves(values: Vec<T>) -> Self {
        Self {
            errors: vec![T::default(); values.len()],
            statuses: vec![Status::Converged; values.len()],
            steps: vec![T::default()],
            evaluations: 0,
            values,
        }
    }
}
