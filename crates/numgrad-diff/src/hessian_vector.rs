//! The product of the Hessian with a vector.
use crate::hessian::{Form, Second};
use crate::probe::Probe;
use crate::sweep::sweep;
use crate::{DiffError, Differences, Real};

impl<T: Real> Differences<'_, T> {
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
    /// Within bounds a step along v and one along k share the room: each may take half of it.
    ///
    /// # Errors
    /// [`DiffError`] if x, v, the steps or the bounds do not fit each other.
    pub fn hessian_vector(
        &self,
        f: impl Fn(&[T]) -> T + Sync,
        x: &[T],
        v: &[T],
    ) -> Result<Vec<T>, DiffError> {
        match self.second_along(x, v)? {
            None => Ok(vec![T::default(); x.len()]),
            Some((second, t)) => Ok(self.hessian_vector_by(&f, x, v, &second, t)),
        }
    }

    /// The steps along the coordinates, and t along v with its sign; none if v is 0.
    pub(crate) fn second_along(
        &self,
        x: &[T],
        v: &[T],
    ) -> Result<Option<(Second<T>, T)>, DiffError> {
        let Some((lower, upper)) = self.bounds() else {
            let Some(placed) = self.place_along_balancing(x, v, self.second_balance())? else {
                return Ok(None);
            };
            return Ok(Some((self.second(x)?, placed.h)));
        };
        self.check(x)?;
        let half = |bound: &[T]| -> Vec<T> {
            let halves = x.iter().zip(bound);
            halves.map(|(&x, &b)| x + T::of(0.5) * (b - x)).collect()
        };
        let (lower, upper) = (half(lower), half(upper));
        let halved = self.within(&lower, &upper);
        let Some(placed) = halved.place_along_balancing(x, v, self.second_balance())? else {
            return Ok(None);
        };
        let second = halved.second(x)?;
        let one_sided = placed.stencil.uses_centre();
        Ok(Some((
            if one_sided {
                second.one_sided()
            } else {
                second
            },
            placed.h,
        )))
    }

    /// H·v by a form with its steps, and t.
    pub(crate) fn hessian_vector_by(
        &self,
        f: &(impl Fn(&[T]) -> T + Sync),
        x: &[T],
        v: &[T],
        second: &Second<T>,
        t: T,
    ) -> Vec<T> {
        let at = |probe: &mut Probe<T>, (k, h): (usize, T), t: T| {
            self.go(x, v, t, probe.point());
            let moved = self.inside(k, probe.point()[k] + h);
            probe.point()[k] = moved;
            f(probe.point())
        };
        let zero = T::default();
        let mut moved = Probe::at(x);
        let shared = second
            .is_one_sided()
            .then(|| (f(x), at(&mut moved, (0, zero), t)));
        let mut product = vec![zero; x.len()];
        sweep(
            &mut product,
            1,
            || Probe::at(x),
            |probe, k, slot| {
                let h = second.steps()[k];
                slot[0] = if let Some((centre, along)) = shared {
                    let both = at(probe, (k, h), t);
                    let only = at(probe, (k, h), zero);
                    (both - only - (along - centre)) / h / t
                } else {
                    let mut mixed = |scale: f64| {
                        let (h, t) = (T::of(scale) * h, T::of(scale) * t);
                        let above = at(probe, (k, h), t) - at(probe, (k, h), -t);
                        let below = at(probe, (k, -h), t) - at(probe, (k, -h), -t);
                        (above - below) / (h + h) / (t + t)
                    };
                    let near = mixed(1.0);
                    if second.form() == Form::FivePoint {
                        near + (near - mixed(2.0)) / T::of(3.0)
                    } else {
                        near
                    }
                };
            },
        );
        product
    }
}
