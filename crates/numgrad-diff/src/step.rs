//! How far a difference looks: the step h.
use crate::{DiffError, Real, Scheme};

/// A policy for the step h at a coordinate x.
///
/// A difference of order p has the truncation error C·h^p and, since f is only known to about
/// ε·|f|, the rounding error ε·|f| / h. Their sum is least near h = ε^(1/(p+1)), on the scale on
/// which f varies: Press et al., "Numerical Recipes", 3rd edition, section 5.7.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub enum Step<T> {
    /// ε^(1/(p+1))·max(|x|, 1): √ε for one-sided differences, ∛ε for central ones, ε^(1/5) for
    /// the five-point one. Made exactly representable.
    #[default]
    Auto,
    /// This h, used as it is given.
    Absolute(T),
    /// max(relative·|x|, absolute), made exactly representable.
    Relative {
        /// The part of |x|.
        relative: T,
        /// The least step, for x near 0.
        absolute: T,
    },
}

impl<T: Real> Step<T> {
    /// The step at a coordinate.
    ///
    /// A step that is computed here is made exactly representable: (x + h) − x, so that the
    /// points really are h apart. One that is given is used as it is.
    ///
    /// # Errors
    /// [`DiffError::Step`] if the policy's own numbers are not positive and finite.
    pub fn at(self, x: T, scheme: Scheme) -> Result<T, DiffError> {
        self.balancing(x, scheme.order() as usize + 1)
    }

    /// The step at a coordinate for a truncation error O(h^p) and a rounding error O(ε / h^d),
    /// by k = p + d: ε^(1/k) makes them equal.
    #[inline]
    pub(crate) fn balancing(self, x: T, k: usize) -> Result<T, DiffError> {
        Ok(self.rule(k)?.at(x))
    }

    /// The policy for a balance of k, its own numbers checked once for all coordinates.
    #[inline]
    pub(crate) fn rule(self, k: usize) -> Result<Rule<T>, DiffError> {
        match self {
            Self::Absolute(h) => positive(h).map(Rule::Given),
            Self::Relative { relative, absolute } => {
                let least = positive(absolute)?;
                let relative = positive(relative)?;
                Ok(Rule::Scaled { relative, least })
            }
            Self::Auto => {
                let root = match T::EPSILON_ROOTS.get(k - 1) {
                    Some(&root) => root,
                    None => T::of(T::EPSILON.as_f64().powf(1.0 / k as f64)),
                };
                let (relative, least) = (root, root);
                Ok(Rule::Scaled { relative, least })
            }
        }
    }
}

/// A policy whose numbers are positive and finite.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rule<T> {
    Given(T),
    Scaled { relative: T, least: T },
}

impl<T: Real> Rule<T> {
    /// The step at a coordinate.
    #[inline(always)]
    pub(crate) fn at(self, x: T) -> T {
        match self {
            Self::Given(h) => h,
            Self::Scaled { relative, least } => {
                let scaled = relative * x.magnitude();
                representable(x, if scaled > least { scaled } else { least })
            }
        }
    }
}

/// A step, if it is a positive and finite number.
#[inline]
pub(crate) fn positive<T: Real>(h: T) -> Result<T, DiffError> {
    if h.is_number() && h > T::default() {
        Ok(h)
    } else {
        Err(DiffError::Step(h.as_f64()))
    }
}

/// (x + h) − x, or h where that is nothing.
#[inline(always)]
fn representable<T: Real>(x: T, h: T) -> T {
    let exact = (x + h) - x;
    if exact > T::default() && exact.is_number() {
        exact
    } else {
        h
    }
}
