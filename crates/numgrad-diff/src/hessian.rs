//! Second derivatives: the Hessian, and its diagonal.
use crate::probe::Probe;
use crate::stencil::{Placed, Stencil, fit};
use crate::sweep::sweep;
use crate::{DiffError, Differences, Real, Scheme, SparsityPattern};

impl<T: Real> Differences<'_, T> {
    /// The n × n Hessian of f, symmetric by construction: ∂²f/∂xᵢ∂xⱼ stands at \[i·n + j\].
    ///
    /// | scheme | ∂²f/∂xᵢ∂xⱼ | error | evaluations | automatic step |
    /// | --- | --- | --- | --- | --- |
    /// | forward, backward | \[f(+i+j) − f(+i) − f(+j) + f\] / hᵢhⱼ | O(h) | (n² + 3n)/2 + 1 | ε^(1/3) |
    /// | central | \[f(+i+j) + f(−i−j) − f(+i) − f(−i) − f(+j) − f(−j) + 2f\] / 2hᵢhⱼ | O(h²) | n² + n + 1 | ε^(1/4) |
    /// | five-point | (4·central(h) − central(2h)) / 3 | O(h⁴) | 2n² + 2n + 1 | ε^(1/6) |
    ///
    /// with f(+i−j) = f(x + hᵢ·eᵢ − hⱼ·eⱼ); on the diagonal the central form is
    /// \[f(+i) − 2f + f(−i)\] / hᵢ². Within bounds, the central and five-point forms turn into the
    /// forward one, on the side with more room, for the whole matrix as soon as one coordinate is
    /// too close to a bound. Source: Abramowitz and Stegun, "Handbook of Mathematical Functions",
    /// section 25.3.
    ///
    /// ```
    /// use numgrad_diff::Differences;
    ///
    /// let f = |x: &[f64]| x[0] * x[0] * x[1];
    /// let hessian = Differences::default().hessian(f, &[1.0, 2.0])?;
    /// for (found, exact) in hessian.iter().zip([4.0, 2.0, 2.0, 0.0]) {
    ///     assert!((found - exact).abs() < 1e-6);
    /// }
    /// # Ok::<(), numgrad_diff::DiffError>(())
    /// ```
    ///
    /// # Errors
    /// [`DiffError`] if x, the steps or the bounds do not fit each other.
    pub fn hessian(&self, f: impl Fn(&[T]) -> T + Sync, x: &[T]) -> Result<Vec<T>, DiffError> {
        Ok(self.second(x)?.hessian(&f, x))
    }

    /// ∂²f/∂xₖ² for every k, by the forms of [`hessian`](Self::hessian).
    ///
    /// Cost: 2n + 1 evaluations, with the five-point scheme 4n + 1.
    ///
    /// # Errors
    /// As [`hessian`](Self::hessian).
    pub fn hessian_diagonal(
        &self,
        f: impl Fn(&[T]) -> T + Sync,
        x: &[T],
    ) -> Result<Vec<T>, DiffError> {
        let second = self.second(x)?;
        let centre = f(x);
        let mut diagonal = vec![T::default(); x.len()];
        sweep(
            &mut diagonal,
            1,
            || Probe::at(x),
            |probe, k, slot| {
                let h = second.h[k];
                let mut at = |offset: f64| probe.value(&f, x, &[(k, T::of(offset) * h)]);
                slot[0] = match second.form {
                    Form::OneSided => {
                        let (near, far) = (at(1.0), at(2.0));
                        (far - near - (near - centre)) / h / h
                    }
                    Form::Central => (at(1.0) - centre - (centre - at(-1.0))) / h / h,
                    Form::FivePoint => {
                        let near = (at(1.0) - centre - (centre - at(-1.0))) / h / h;
                        let far = (at(2.0) - centre - (centre - at(-2.0))) / h / h / T::of(4.0);
                        near + (near - far) / T::of(3.0)
                    }
                };
            },
        );
        Ok(diagonal)
    }

    pub(crate) fn second_balance(&self) -> usize {
        self.scheme().order() as usize + 2
    }

    /// The steps, signed where they look to one side, and the form that fits the bounds.
    pub(crate) fn second(&self, x: &[T]) -> Result<Second<T>, DiffError> {
        self.check(x)?;
        let form = match self.scheme() {
            Scheme::Forward | Scheme::Backward => Form::OneSided,
            Scheme::Central => Form::Central,
            Scheme::FivePoint => Form::FivePoint,
        };
        let sign = T::of(if self.scheme() == Scheme::Backward {
            -1.0
        } else {
            1.0
        });
        let h = (0..x.len()).map(|k| Ok(sign * self.step_for(x, k, self.second_balance())?));
        let h: Vec<T> = h.collect::<Result<_, DiffError>>()?;
        let free = Second { form, h };
        let Some((lower, upper)) = self.bounds() else {
            return Ok(free);
        };
        if self.allows_second(x, &free) {
            return Ok(free);
        }
        let mut h = free.h;
        for (k, h) in h.iter_mut().enumerate() {
            // Only the second step must fit: the stencil of second order reaches as far.
            let placed = Placed {
                stencil: Stencil::one_sided(Scheme::Central),
                x: x[k],
                h: *h,
            };
            let fitted = fit(placed, Scheme::Central, lower[k], upper[k]);
            let outside = || DiffError::outside(k, x[k], lower[k], upper[k]);
            *h = fitted.ok_or_else(outside)?.h;
        }
        let form = Form::OneSided;
        Ok(Second { form, h })
    }

    /// Whether the bounds leave room for these steps.
    pub(crate) fn allows_second(&self, x: &[T], second: &Second<T>) -> bool {
        let Some((lower, upper)) = self.bounds() else {
            return true;
        };
        let fits = |k: usize| {
            let within = |point: T| lower[k] <= point && point <= upper[k];
            let far = T::of(second.form.reach()) * second.h[k];
            within(x[k] + far) && (second.is_one_sided() || within(x[k] - far))
        };
        (0..x.len()).all(fits)
    }
}

#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Form {
    OneSided,
    Central,
    FivePoint,
}

impl Form {
    /// How many steps it looks to its farther side.
    fn reach(self) -> f64 {
        match self {
            Self::Central => 1.0,
            Self::OneSided | Self::FivePoint => 2.0,
        }
    }
}

/// How second derivatives are measured at a point.
pub(crate) struct Second<T> {
    form: Form,
    h: Vec<T>,
}

impl<T: Real> Second<T> {
    pub(crate) fn form(&self) -> Form {
        self.form
    }

    pub(crate) fn is_one_sided(&self) -> bool {
        self.form == Form::OneSided
    }

    /// The one-sided form with the same steps.
    pub(crate) fn one_sided(self) -> Self {
        Self {
            form: Form::OneSided,
            ..self
        }
    }

    /// The step of each coordinate.
    pub(crate) fn steps(&self) -> &[T] {
        &self.h
    }

    /// The order p of the truncation error O(h^p).
    pub(crate) fn order(&self) -> usize {
        match self.form {
            Form::OneSided => 1,
            Form::Central => 2,
            Form::FivePoint => 4,
        }
    }

    /// The sum of the weights' sizes, in units of 1/hᵢhⱼ, that bounds an entry's rounding.
    pub(crate) fn weight(&self) -> T {
        T::of(match self.form {
            Form::OneSided | Form::Central => 4.0,
            Form::FivePoint => 17.0 / 3.0,
        })
    }

    /// The same form with every step times `scale`.
    pub(crate) fn scaled(&self, scale: T) -> Self {
        Self {
            form: self.form,
            h: self.h.iter().map(|&h| scale * h).collect(),
        }
    }

    /// The whole matrix, symmetric by construction.
    pub(crate) fn hessian(&self, f: &(impl Fn(&[T]) -> T + Sync + ?Sized), x: &[T]) -> Vec<T> {
        let n = x.len();
        let upper: Vec<_> = (0..n).flat_map(|i| (i..n).map(move |j| (i, j))).collect();
        let entries = self.entries(f, x, &upper);
        let mut hessian = vec![T::default(); n * n];
        for ((i, j), entry) in upper.into_iter().zip(entries) {
            hessian[i * n + j] = entry;
            hessian[j * n + i] = entry;
        }
        hessian
    }

    /// The entries in a symmetric pattern, in its order.
    pub(crate) fn sparse(
        &self,
        f: &(impl Fn(&[T]) -> T + Sync + ?Sized),
        x: &[T],
        pattern: &SparsityPattern,
        mirrors: &[usize],
    ) -> Vec<T> {
        let upper: Vec<(usize, usize)> = (0..x.len())
            .flat_map(|j| pattern.column(j).iter().map(move |&i| (i, j)))
            .filter(|(i, j)| i <= j)
            .collect();
        let measured = self.entries(f, x, &upper);
        let mut entries = vec![T::default(); pattern.entries()];
        for ((i, j), value) in upper.into_iter().zip(measured) {
            if let Some(at) = pattern.position(i, j) {
                entries[at] = value;
                entries[mirrors[at]] = value;
            }
        }
        entries
    }

    /// The entries of the Hessian at these places, i ≤ j.
    fn entries(
        &self,
        f: &(impl Fn(&[T]) -> T + Sync + ?Sized),
        x: &[T],
        places: &[(usize, usize)],
    ) -> Vec<T> {
        let centre = f(x);
        let mut entries = self.measure(f, x, places, centre, 1.0);
        if self.form == Form::FivePoint {
            let coarse = self.measure(f, x, places, centre, 2.0);
            for (fine, coarse) in entries.iter_mut().zip(coarse) {
                *fine += (*fine - coarse) / T::of(3.0);
            }
        }
        entries
    }

    /// The entries with every step times `scale`, by the one-sided or the central form.
    fn measure(
        &self,
        f: &(impl Fn(&[T]) -> T + Sync + ?Sized),
        x: &[T],
        places: &[(usize, usize)],
        centre: T,
        scale: f64,
    ) -> Vec<T> {
        let h = |k: usize| T::of(scale) * self.h[k];
        let one_sided = self.form == Form::OneSided;
        // f with one coordinate moved: up, and down, or up twice where there is one side only.
        let mut moved = vec![T::default(); 2 * x.len()];
        sweep(
            &mut moved,
            2,
            || Probe::at(x),
            |probe, k, slots| {
                slots[0] = probe.value(f, x, &[(k, h(k))]);
                let other = if one_sided { h(k) + h(k) } else { -h(k) };
                slots[1] = probe.value(f, x, &[(k, other)]);
            },
        );
        let (up, other) = (|k: usize| moved[2 * k], |k: usize| moved[2 * k + 1]);
        let mut entries = vec![T::default(); places.len()];
        sweep(
            &mut entries,
            1,
            || Probe::at(x),
            |probe, place, slot| {
                let (i, j) = places[place];
                slot[0] = match (i == j, one_sided) {
                    (true, true) => (other(i) - up(i) - (up(i) - centre)) / h(i) / h(i),
                    (true, false) => (up(i) - centre - (centre - other(i))) / h(i) / h(i),
                    (false, _) => {
                        let above = probe.value(f, x, &[(i, h(i)), (j, h(j))]);
                        let above = above - up(i) - (up(j) - centre);
                        if one_sided {
                            above / h(i) / h(j)
                        } else {
                            let below = probe.value(f, x, &[(i, -h(i)), (j, -h(j))]);
                            let below = below - other(i) - (other(j) - centre);
                            (above + below) / h(i) / (h(j) + h(j))
                        }
                    }
                };
            },
        );
        entries
    }
}
