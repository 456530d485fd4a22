//! Second derivatives: the Hessian, its diagonal, and its product with a vector.
use crate::probe::Probe;
use crate::stencil::{Placed, Stencil, fit};
use crate::sweep::sweep;
use crate::{DiffError, Differences, Real, Scheme};

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
        let n = x.len();
        let upper: Vec<_> = (0..n).flat_map(|i| (i..n).map(move |j| (i, j))).collect();
        let entries = self.second(x)?.entries(&f, x, &upper);
        let mut hessian = vec![T::default(); n * n];
        for ((i, j), entry) in upper.into_iter().zip(entries) {
            hessian[i * n + j] = entry;
            hessian[j * n + i] = entry;
        }
        Ok(hessian)
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

    /// H·v without H: ∂/∂xₖ of the derivative along v, for every k.
    ///
    /// | scheme | entry k | error | evaluations |
    /// | --- | --- | --- | --- |
    /// | forward, backward | \[f(+k+v) − f(+k) − f(+v) + f\] / hₖt | O(h) | 2n + 2 |
    /// | central | \[f(+k+v) − f(+k−v) − f(−k+v) + f(−k−v)\] / 4hₖt | O(h²) | 4n |
    /// | five-point | (4·central(h) − central(2h)) / 3 | O(h⁴) | 8n |
    ///
    /// with the steps of [`hessian`](Self::hessian), t along v as in
    /// [`directional`](Self::directional). A direction of zeros gives zeros without a call.
    /// Bounds are not offered here, as a step along v and one along k would share their room.
    ///
    /// # Errors
    /// [`DiffError`] if x, v or the steps do not fit each other, or if there are bounds.
    pub fn hessian_vector(
        &self,
        f: impl Fn(&[T]) -> T + Sync,
        x: &[T],
        v: &[T],
    ) -> Result<Vec<T>, DiffError> {
        if self.bounds().is_some() {
            return Err(DiffError::BoundsNotOffered);
        }
        let mut product = vec![T::default(); x.len()];
        if self.place_along(x, v)?.is_none() {
            return Ok(product);
        }
        let second = self.second(x)?;
        let mut t = self.step_along(x, v, self.second_balance())?;
        if self.scheme() == Scheme::Backward {
            t = -t;
        }
        let mut moved = Probe::at(x);
        let shared = (second.form == Form::OneSided)
            .then(|| (f(x), moved.value_along(&f, x, v, t, (0, T::default()))));
        sweep(
            &mut product,
            1,
            || Probe::at(x),
            |probe, k, slot| {
                let h = second.h[k];
                slot[0] = if let Some((centre, along)) = shared {
                    let both = probe.value_along(&f, x, v, t, (k, h));
                    let only = probe.value(&f, x, &[(k, h)]);
                    (both - only - (along - centre)) / h / t
                } else {
                    let mut mixed = |scale: f64| {
                        let (h, t) = (T::of(scale) * h, T::of(scale) * t);
                        let mut at = |h: T, t: T| probe.value_along(&f, x, v, t, (k, h));
                        let above = at(h, t) - at(h, -t);
                        let below = at(-h, t) - at(-h, -t);
                        (above - below) / (h + h) / (t + t)
                    };
                    let near = mixed(1.0);
                    if second.form == Form::FivePoint {
                        near + (near - mixed(2.0)) / T::of(3.0)
                    } else {
                        near
                    }
                };
            },
        );
        Ok(product)
    }

    fn second_balance(&self) -> usize {
        self.scheme().order() as usize + 2
    }

    /// The steps, signed where they look to one side, and the form that fits the bounds.
    pub(crate) fn second(&self, x: &[T]) -> Result<Second<T>, DiffError> {
        self.check(x)?;
        let (form, reach) = match self.scheme() {
            Scheme::Forward | Scheme::Backward => (Form::OneSided, 2.0),
            Scheme::Central => (Form::Central, 1.0),
            Scheme::FivePoint => (Form::FivePoint, 2.0),
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
        let both = form != Form::OneSided;
        let fits = |k: usize| {
            let within = |point: T| lower[k] <= point && point <= upper[k];
            let far = T::of(reach) * free.h[k];
            within(x[k] + far) && (!both || within(x[k] - far))
        };
        if (0..x.len()).all(fits) {
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
}

#[derive(Clone, Copy, PartialEq)]
enum Form {
    OneSided,
    Central,
    FivePoint,
}

/// How second derivatives are measured at a point.
pub(crate) struct Second<T> {
    form: Form,
    h: Vec<T>,
}

impl<T: Real> Second<T> {
    /// The entries of the Hessian at these places, i ≤ j.
    pub(crate) fn entries(
        &self,
        f: &(impl Fn(&[T]) -> T + Sync),
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
        f: &(impl Fn(&[T]) -> T + Sync),
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
