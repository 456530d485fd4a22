//! The hinge loss: right is not enough, it must be right by a margin.
use crate::{Loss, LossError, LossKind, Target, metrics::class_of};
use numgrad_scalar::Real;

/// E(y) = max(0, 1 − y_t + max_{j≠t} y_j) for the class t: how much the class's output lacks of being
/// 1 above every other one. Of a single output, E(y) = max(0, 1 − t·y) with t = −1 or 1.
///
/// The form for several classes is that of Crammer and Singer, "On the algorithmic implementation of
/// multiclass kernel-based vector machines", Journal of Machine Learning Research 2, 2001, which
/// scikit-learn and Keras compute too. (PyTorch's `MultiMarginLoss` sums over all j and divides by
/// their number.) Outputs are scores on any scale: an identity output fits.
///
/// The difference is exact on each side of the corner at a margin of 1, across it, and where another
/// class comes to be the largest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Hinge;

/// What a sample's outputs are held against.
#[derive(Clone, Copy)]
enum Truth<T> {
    /// −1 or 1, of a single output.
    Sign(T),
    Class(usize),
}

impl<T: Real> Truth<T> {
    fn of(outputs: usize, target: Target<'_, T>) -> Self {
        match target {
            _ if outputs == 1 => Self::Sign(if target.at(0) > T::zero() {
                T::one()
            } else {
                -T::one()
            }),
            Target::Label(label) => Self::Class(label),
            Target::Values(t) => Self::Class(class_of(t)),
        }
    }
}

/// The largest output but that of a class, the first of equals.
fn rival<T: Real>(y: &[T], class: usize) -> usize {
    let others = (0..y.len()).filter(|&j| j != class);
    others
        .reduce(|best, j| if y[j] > y[best] { j } else { best })
        .unwrap_or(class)
}

/// 1 − y_t + max_{j≠t} y_j, or 1 − t·y; NaN where an output is not finite, which no comparison sees.
fn lack<T: Real>(y: &[T], truth: Truth<T>) -> T {
    let nothing = y.iter().fold(T::zero(), |sum, &y| sum + T::zero() * y);
    nothing
        + match truth {
            Truth::Sign(sign) => T::one() - sign * y[0],
            Truth::Class(class) => T::one() - y[class] + y[rival(y, class)],
        }
}

/// max(0, m + d) − max(0, m).
fn ramp_difference<T: Real>(m: T, d: T) -> T {
    let end = m + d;
    match (m <= T::zero(), end <= T::zero()) {
        (false, false) => d,
        (true, true) => T::zero(),
        (false, true) => -m,
        (true, false) => end,
    }
}

impl<T: Real> Loss<T> for Hinge {
    fn value(&self, y: &[T], target: Target<'_, T>) -> T {
        let lack = lack(y, Truth::of(y.len(), target));
        // Written so that a NaN stays.
        if lack <= T::zero() { T::zero() } else { lack }
    }

    fn differences(
        &self,
        y: &[T],
        moves: &[T],
        target: Target<'_, T>,
        _scratch: &mut [T],
        out: &mut [T],
    ) {
        let lanes = out.len();
        let truth = Truth::of(y.len(), target);
        let before = lack(y, truth);
        match truth {
            Truth::Sign(sign) => {
                for (out, &d) in out.iter_mut().zip(moves) {
                    *out = ramp_difference(before, -sign * d);
                }
            }
            Truth::Class(class) => {
                let most = y[rival(y, class)];
                for (lane, out) in out.iter_mut().enumerate() {
                    let d = |j: usize| moves[j * lanes + lane];
                    // By how much the largest other output grows: y_j itself cancels.
                    let others = (0..y.len()).filter(|&j| j != class);
                    let grown = others.map(|j| (y[j] - most) + d(j));
                    let nothing = (0..y.len()).fold(T::zero(), |sum, j| sum + T::zero() * d(j));
                    let most = grown.reduce(|most, grown| if grown > most { grown } else { most });
                    let moved = most.unwrap_or(d(class)) - d(class);
                    *out = ramp_difference(before, moved + nothing);
                }
            }
        }
    }

    fn difference_is_exact(&self) -> bool {
        true
    }

    fn is_piecewise_smooth(&self) -> bool {
        true
    }

    /// At a corner, the slope of the side on which nothing is lacking.
    fn gradient(&self, y: &[T], target: Target<'_, T>, gradient: &mut [T]) -> bool {
        let truth = Truth::of(y.len(), target);
        gradient.fill(T::zero());
        if lack(y, truth) <= T::zero() {
            return true;
        }
        match truth {
            Truth::Sign(sign) => gradient[0] = -sign,
            Truth::Class(class) => {
                gradient[rival(y, class)] += T::one();
                gradient[class] -= T::one();
            }
        }
        true
    }

    fn check_target(&self, target: Target<'_, T>) -> Result<(), LossError> {
        let Target::Values(t) = target else {
            return Ok(());
        };
        let error = |output: usize, requirement| LossError::Domain {
            sample: 0,
            output,
            value: t[output].as_f64(),
            requirement,
        };
        if let [t] = t {
            return if t.magnitude() == T::one() {
                Ok(())
            } else {
                Err(error(
                    0,
                    "the hinge of a single output needs targets of −1 or 1",
                ))
            };
        }
        let requirement = "the hinge needs a class: one target of 1, and 0 elsewhere";
        let (zero, one) = (T::zero(), T::one());
        if let Some(k) = t.iter().position(|&t| t != zero && t != one) {
            return Err(error(k, requirement));
        }
        match t.iter().filter(|&&t| t == one).count() {
            1 => Ok(()),
            _ => Err(error(0, requirement)),
        }
    }

    fn kind(&self) -> Option<LossKind> {
        Some(LossKind::Hinge)
    }
}
