//! Derivatives along one direction: of a scalar function, and of a vector function (J·v).
use crate::differences::check_numbers;
use crate::scratch::Scratch;
use crate::stencil::{Placed, Stencil, fit};
use crate::{DiffError, Differences, Real, Scheme, Step};
use std::convert::Infallible;

impl<T: Real> Differences<'_, T> {
    /// ∇f(x)·v, by differences of f along v.
    ///
    /// The points are x + t·v; [`Step::Auto`] is the automatic t for ‖x‖∞, divided by ‖v‖∞, and
    /// [`Step::Absolute`] is t itself. The error is the scheme's, of t ↦ f(x + t·v). Cost: 2
    /// evaluations, of the five-point scheme 4, whatever n is. A direction of zeros gives 0
    /// without a call.
    ///
    /// ```
    /// use numgrad_diff::Differences;
    ///
    /// let f = |x: &[f64]| x[0] * x[1];
    /// let slope = Differences::default().directional(f, &[2.0, 3.0], &[1.0, -1.0])?;
    /// assert!((slope - 1.0).abs() < 1e-9);
    /// # Ok::<(), numgrad_diff::DiffError>(())
    /// ```
    ///
    /// # Errors
    /// [`DiffError`] if x, v, the steps or the bounds do not fit each other;
    /// [`DiffError::Point`] also for an entry of v.
    pub fn directional(&self, f: impl Fn(&[T]) -> T, x: &[T], v: &[T]) -> Result<T, DiffError> {
        let Some(placed) = self.place_along(x, v)? else {
            return Ok(T::default());
        };
        let mut point = Scratch::copy(x);
        let centre = if placed.stencil.uses_centre() {
            f(x)
        } else {
            T::default()
        };
        let along = |t: T| {
            self.go(x, v, t, &mut point);
            Ok::<T, Infallible>(f(&point))
        };
        let Ok(quotient) = placed.quotient(along, centre);
        Ok(quotient)
    }

    /// J·v for a vector function, by differences along v, into a slice of its m results.
    ///
    /// f writes its values into the slice that it is given. Points and cost are those of
    /// [`directional`](Self::directional).
    ///
    /// ```
    /// use numgrad_diff::Differences;
    ///
    /// // (r, φ) to (x, y).
    /// let polar = |p: &[f64], xy: &mut [f64]| {
    ///     xy[0] = p[0] * p[1].cos();
    ///     xy[1] = p[0] * p[1].sin();
    /// };
    /// let mut turned = [0.0; 2];
    /// Differences::default().jvp_into(polar, &[2.0, 0.0], &[0.0, 1.0], &mut turned)?;
    /// assert!(turned[0].abs() < 1e-9 && (turned[1] - 2.0).abs() < 1e-9);
    /// # Ok::<(), numgrad_diff::DiffError>(())
    /// ```
    ///
    /// # Errors
    /// As [`directional`](Self::directional).
    pub fn jvp_into(
        &self,
        f: impl Fn(&[T], &mut [T]),
        x: &[T],
        v: &[T],
        product: &mut [T],
    ) -> Result<(), DiffError> {
        let Some(placed) = self.place_along(x, v)? else {
            product.fill(T::default());
            return Ok(());
        };
        self.jvp_by(&f, x, v, placed, product);
        Ok(())
    }

    /// J·v by a stencil of t.
    pub(crate) fn jvp_by(
        &self,
        f: &impl Fn(&[T], &mut [T]),
        x: &[T],
        v: &[T],
        placed: Placed<T>,
        product: &mut [T],
    ) {
        let mut point = Scratch::copy(x);
        let mut reference = Scratch::copy(product);
        let mut values = Scratch::copy(product);
        self.go(x, v, placed.point(placed.stencil.reference()), &mut point);
        f(&point, &mut reference);
        let along = |t: T, values: &mut [T]| {
            self.go(x, v, t, &mut point);
            f(&point, values);
        };
        placed.quotients(along, &reference, &mut values, product);
    }

    /// The same stencil with twice the step, or half of it where bounds forbid that.
    pub(crate) fn twice_along(&self, near: Placed<T>, x: &[T], v: &[T]) -> Placed<T> {
        let scaled = |scale: f64| Placed {
            h: T::of(scale) * near.h,
            ..near
        };
        let far = scaled(2.0);
        let fits = |k: usize| {
            let within = |offset: f64| {
                let point = x[k] + far.point(offset) * v[k];
                self.inside(k, point) == point
            };
            let stencil = far.stencil;
            within(stencil.reference()) && stencil.terms().iter().all(|term| within(term.0))
        };
        if (0..x.len()).all(fits) {
            far
        } else {
            scaled(0.5)
        }
    }

    /// The stencil of t ↦ f(x + t·v) at t = 0, or none if v is 0.
    pub(crate) fn place_along(&self, x: &[T], v: &[T]) -> Result<Option<Placed<T>>, DiffError> {
        self.place_along_balancing(x, v, self.scheme().order() as usize + 1)
    }

    /// [`place_along`](Self::place_along) with the step for a balance of k = p + d.
    pub(crate) fn place_along_balancing(
        &self,
        x: &[T],
        v: &[T],
        balance: usize,
    ) -> Result<Option<Placed<T>>, DiffError> {
        DiffError::expect_length(x.len(), v.len())?;
        self.check(x)?;
        check_numbers(v)?;
        let length = largest(v);
        if length == T::default() {
            return Ok(None);
        }
        let h = self.step_along(x, v, balance)?;
        let free = Placed {
            stencil: Stencil::of(self.scheme()),
            x: T::default(),
            h: if self.scheme() == Scheme::Backward {
                -h
            } else {
                h
            },
        };
        let Some((lower, upper)) = self.bounds() else {
            return Ok(Some(free));
        };
        let (mut low, mut high) = (T::of(f64::NEG_INFINITY), T::of(f64::INFINITY));
        let mut tight = 0;
        for k in (0..x.len()).filter(|&k| v[k] != T::default()) {
            let (a, b) = ((lower[k] - x[k]) / v[k], (upper[k] - x[k]) / v[k]);
            let (a, b) = if a < b { (a, b) } else { (b, a) };
            if a > low || b < high {
                tight = k;
            }
            low = if a > low { a } else { low };
            high = if b < high { b } else { high };
        }
        let fitted = fit(free, self.scheme(), low, high);
        let outside = || DiffError::outside(tight, x[tight], lower[tight], upper[tight]);
        fitted.map(Some).ok_or_else(outside)
    }

    /// The step t along v, for a balance of k = p + d.
    fn step_along(&self, x: &[T], v: &[T], k: usize) -> Result<T, DiffError> {
        if let Some(steps) = self.given_steps() {
            let ratios = steps.iter().zip(v).filter(|pair| *pair.1 != T::default());
            let ratios = ratios.map(|(&step, &v)| step / v.magnitude());
            let least = ratios.reduce(|a, b| if b < a { b } else { a });
            return Step::Absolute(least.unwrap_or_default()).balancing(T::default(), k);
        }
        let h = self.policy().balancing(largest(x), k)?;
        let given = matches!(self.policy(), Step::Absolute(_));
        let t = if given { h } else { h / largest(v) };
        Step::Absolute(t).balancing(T::default(), k)
    }

    /// point = x + t·v, within the bounds, which rounding could leave by an ulp.
    pub(crate) fn go(&self, x: &[T], v: &[T], t: T, point: &mut [T]) {
        for (k, point) in point.iter_mut().enumerate() {
            *point = if v[k] == T::default() {
                x[k]
            } else {
                self.inside(k, x[k] + t * v[k])
            };
        }
    }
}

/// ‖v‖∞.
fn largest<T: Real>(v: &[T]) -> T {
    let sizes = v.iter().map(|v| v.magnitude());
    sizes.fold(T::default(), |a, b| if b > a { b } else { a })
}
