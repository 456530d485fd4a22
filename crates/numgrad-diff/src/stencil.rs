//! Where a first difference looks, and how it weighs what it sees.
use crate::{Real, Scheme};

/// Σ wⱼ·\[f(x + oⱼ·h) − f(x + r·h)\] / (d·h): every term is a difference from one reference.
///
/// Nearby values subtract without rounding (Sterbenz), so what is summed is small and exact.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Stencil {
    /// The reference's offset r. At 0 it is f(x), which all coordinates share.
    pub(crate) reference: f64,
    /// (oⱼ, wⱼ), in the order of evaluation.
    pub(crate) terms: &'static [(f64, f64)],
    pub(crate) divisor: f64,
}

const FORWARD: Stencil = Stencil {
    reference: 0.0,
    terms: &[(1.0, 1.0)],
    divisor: 1.0,
};

const CENTRAL: Stencil = Stencil {
    reference: -1.0,
    terms: &[(1.0, 1.0)],
    divisor: 2.0,
};

const FIVE_POINT: Stencil = Stencil {
    reference: -2.0,
    terms: &[(2.0, -1.0), (1.0, 8.0), (-1.0, -8.0)],
    divisor: 12.0,
};

/// One-sided, of second order: the error is h²/3·f‴.
const FORWARD_SECOND: Stencil = Stencil {
    reference: 0.0,
    terms: &[(1.0, 4.0), (2.0, -1.0)],
    divisor: 2.0,
};

/// One-sided, of fourth order: the error is h⁴/5·f⁽⁵⁾.
const FORWARD_FOURTH: Stencil = Stencil {
    reference: 0.0,
    terms: &[(1.0, 48.0), (2.0, -36.0), (3.0, 16.0), (4.0, -3.0)],
    divisor: 12.0,
};

impl Stencil {
    /// The stencil of a scheme, for the step with its sign: a backward difference is a forward
    /// one with −h.
    pub(crate) fn of(scheme: Scheme) -> Self {
        match scheme {
            Scheme::Forward | Scheme::Backward => FORWARD,
            Scheme::Central => CENTRAL,
            Scheme::FivePoint => FIVE_POINT,
        }
    }

    /// The stencil of the same order that looks to one side only.
    pub(crate) fn one_sided(scheme: Scheme) -> Self {
        match scheme {
            Scheme::Forward | Scheme::Backward => FORWARD,
            Scheme::Central => FORWARD_SECOND,
            Scheme::FivePoint => FORWARD_FOURTH,
        }
    }

    /// How many steps it looks to its farther side.
    pub(crate) fn reach(self) -> f64 {
        let far = self.terms.iter().map(|term| term.0.abs());
        far.fold(self.reference.abs(), f64::max)
    }

    pub(crate) fn uses_centre(self) -> bool {
        self.reference == 0.0
    }
}

/// A stencil at a place: x, and the step with its sign.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Placed<T> {
    pub(crate) stencil: Stencil,
    pub(crate) x: T,
    pub(crate) h: T,
}

impl<T: Real> Placed<T> {
    /// x + o·h.
    pub(crate) fn point(self, offset: f64) -> T {
        self.x + T::of(offset) * self.h
    }

    /// Whether every point that it looks at is between the bounds.
    pub(crate) fn within(self, lower: T, upper: T) -> bool {
        let inside = |offset: f64| {
            let point = self.point(offset);
            lower <= point && point <= upper
        };
        inside(self.stencil.reference) && self.stencil.terms.iter().all(|term| inside(term.0))
    }

    /// What the sum of the weighted differences is divided by.
    pub(crate) fn divisor(self) -> T {
        T::of(self.stencil.divisor) * self.h
    }

    /// The quotient along f, with `centre` = f(x) for the stencils that look at it.
    pub(crate) fn quotient<E>(
        self,
        mut f: impl FnMut(T) -> Result<T, E>,
        centre: T,
    ) -> Result<T, E> {
        let reference = if self.stencil.uses_centre() {
            centre
        } else {
            f(self.point(self.stencil.reference))?
        };
        let mut sum = T::default();
        for &(offset, weight) in self.stencil.terms {
            sum += T::of(weight) * (f(self.point(offset))? - reference);
        }
        Ok(sum / self.divisor())
    }

    /// The quotients of all values of a vector function; `reference` holds those at the
    /// reference, `values` is room for others.
    pub(crate) fn quotients(
        self,
        mut f: impl FnMut(T, &mut [T]),
        reference: &[T],
        values: &mut [T],
        quotients: &mut [T],
    ) {
        quotients.fill(T::default());
        for &(offset, weight) in self.stencil.terms {
            f(self.point(offset), values);
            for ((sum, &value), &reference) in quotients.iter_mut().zip(&*values).zip(reference) {
                *sum += T::of(weight) * (value - reference);
            }
        }
        let divisor = self.divisor();
        for sum in quotients {
            *sum = *sum / divisor;
        }
    }
}

/// The stencil that stays between the bounds, or none where x is outside or cannot move.
pub(crate) fn fit<T: Real>(
    free: Placed<T>,
    scheme: Scheme,
    lower: T,
    upper: T,
) -> Option<Placed<T>> {
    let x = free.x;
    if !(lower <= x && x <= upper && lower < upper) {
        return None;
    }
    if free.within(lower, upper) {
        return Some(free);
    }
    let (above, below) = (upper - x, x - lower);
    let size = free.h.magnitude();
    let stencil = Stencil::one_sided(scheme);
    let most = (if above >= below { above } else { below }) / T::of(stencil.reach());
    let mut h = if size < most { size } else { most };
    if above < below {
        h = -h;
    }
    // The room is rounded, so its last step may end an ulp outside.
    for _ in 0..4 {
        let placed = Placed { stencil, x, h };
        if placed.within(lower, upper) && placed.point(1.0) != x {
            return Some(placed);
        }
        h = h * (T::of(1.0) - T::EPSILON - T::EPSILON);
    }
    None
}
