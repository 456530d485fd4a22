//! Where a first difference looks, and how it weighs what it sees.
use crate::{Real, Scheme};

/// Σ wⱼ·\[f(x + oⱼ·h) − f(x + r·h)\] / (d·h): every term is a difference from one reference.
///
/// Nearby values subtract without rounding (Sterbenz), so what is summed is small and exact. A
/// backward difference is a forward one with −h.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Stencil {
    Forward,
    Central,
    FivePoint,
    /// One-sided, of second order: the error is h²/3·f‴.
    ForwardSecond,
    /// One-sided, of fourth order: the error is h⁴/5·f⁽⁵⁾.
    ForwardFourth,
}

impl Stencil {
    /// The stencil of a scheme, for the step with its sign.
    #[inline]
    pub(crate) fn of(scheme: Scheme) -> Self {
        match scheme {
            Scheme::Forward | Scheme::Backward => Self::Forward,
            Scheme::Central => Self::Central,
            Scheme::FivePoint => Self::FivePoint,
        }
    }

    /// The stencil of the same order that looks to one side only.
    pub(crate) fn one_sided(scheme: Scheme) -> Self {
        match scheme {
            Scheme::Forward | Scheme::Backward => Self::Forward,
            Scheme::Central => Self::ForwardSecond,
            Scheme::FivePoint => Self::ForwardFourth,
        }
    }

    /// The reference's offset r. At 0 it is f(x), which all coordinates share.
    #[inline(always)]
    pub(crate) fn reference(self) -> f64 {
        match self {
            Self::Forward | Self::ForwardSecond | Self::ForwardFourth => 0.0,
            Self::Central => -1.0,
            Self::FivePoint => -2.0,
        }
    }

    /// (oⱼ, wⱼ), in the order of evaluation.
    #[inline(always)]
    pub(crate) fn terms(self) -> &'static [(f64, f64)] {
        match self {
            Self::Forward | Self::Central => &[(1.0, 1.0)],
            Self::FivePoint => &[(2.0, -1.0), (1.0, 8.0), (-1.0, -8.0)],
            Self::ForwardSecond => &[(1.0, 4.0), (2.0, -1.0)],
            Self::ForwardFourth => &[(1.0, 48.0), (2.0, -36.0), (3.0, 16.0), (4.0, -3.0)],
        }
    }

    /// d.
    #[inline(always)]
    fn divisor(self) -> f64 {
        match self {
            Self::Forward => 1.0,
            Self::Central | Self::ForwardSecond => 2.0,
            Self::FivePoint | Self::ForwardFourth => 12.0,
        }
    }

    /// How many steps it looks to its farther side.
    pub(crate) fn reach(self) -> f64 {
        let far = self.terms().iter().map(|term| term.0.abs());
        far.fold(self.reference().abs(), f64::max)
    }

    #[inline(always)]
    pub(crate) fn uses_centre(self) -> bool {
        self.reference() == 0.0
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
    #[inline]
    pub(crate) fn point(self, offset: f64) -> T {
        self.x + T::of(offset) * self.h
    }

    /// Whether every point that it looks at is between the bounds.
    pub(crate) fn within(self, lower: T, upper: T) -> bool {
        let inside = |offset: f64| {
            let point = self.point(offset);
            lower <= point && point <= upper
        };
        inside(self.stencil.reference()) && self.stencil.terms().iter().all(|term| inside(term.0))
    }

    /// What the sum of the weighted differences is divided by.
    #[inline]
    pub(crate) fn divisor(self) -> T {
        T::of(self.stencil.divisor()) * self.h
    }

    /// The bound of the quotient's rounding, from that of f's values: each term has two.
    pub(crate) fn rounding(self, each: T) -> T {
        let weights: f64 = self.stencil.terms().iter().map(|term| term.1.abs()).sum();
        T::of(2.0 * weights) * each / self.divisor().magnitude()
    }

    /// The quotient along f, with `centre` = f(x) for the stencils that look at it.
    ///
    /// Each stencil is a constant where it is summed, so that its loop is unrolled: for a cheap f
    /// the arithmetic around it is what a gradient costs.
    #[inline]
    pub(crate) fn quotient<E>(
        self,
        mut f: impl FnMut(T) -> Result<T, E>,
        centre: T,
    ) -> Result<T, E> {
        let at = |stencil| Self { stencil, ..self };
        match self.stencil {
            Stencil::Forward => at(Stencil::Forward).weigh(f, centre),
            Stencil::Central => at(Stencil::Central).weigh(f, centre),
            Stencil::FivePoint => at(Stencil::FivePoint).weigh(f, centre),
            _ => self.weigh(&mut f, centre),
        }
    }

    /// [`quotient`](Self::quotient) for a stencil that is a constant where it is called.
    #[inline(always)]
    pub(crate) fn weigh<E>(self, mut f: impl FnMut(T) -> Result<T, E>, centre: T) -> Result<T, E> {
        let reference = if self.stencil.uses_centre() {
            centre
        } else {
            f(self.point(self.stencil.reference()))?
        };
        let mut sum = T::default();
        for &(offset, weight) in self.stencil.terms() {
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
        for &(offset, weight) in self.stencil.terms() {
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
