//! The zero-one loss: right or wrong.
use crate::{Link, Loss, LossKind, Target, metrics::class_of};
use numgrad_scalar::Real;

/// 0 where the predicted class is the target's, 1 elsewhere.
///
/// The predicted class is the largest output's, the first of equals; of a single output, whether
/// it is above ½. The loss is flat almost everywhere: no derivative can train on it, and a
/// difference only with an h that is large enough to change some samples' class.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ZeroOne;

impl<T: Real> Loss<T> for ZeroOne {
    fn value(&self, y: &[T], target: Target<'_, T>) -> T {
        // No class is predicted where an output is no finite number.
        if y.iter().any(|y| !y.is_finite()) {
            return T::NAN;
        }
        let class = match target {
            Target::Label(label) => label,
            Target::Values(t) => class_of(t),
        };
        if class_of(y) == class {
            T::zero()
        } else {
            T::one()
        }
    }

    fn difference_is_exact(&self) -> bool {
        true
    }

    /// Softmax keeps the order of the logits, and so the class: of two or more.
    fn on_logits(&self, link: Link) -> Option<&dyn Loss<T>> {
        match link {
            Link::Softmax => Some(self),
            Link::Sigmoid => None,
        }
    }

    fn kind(&self) -> Option<LossKind> {
        Some(LossKind::ZeroOne)
    }
}
