//! Cross-entropy on probabilities.
use crate::softmax_cross_entropy::check_weights;
use crate::{Link, Loss, LossError, LossKind, Separable, SoftmaxCrossEntropy, Target};
use numgrad_scalar::{Real, ln_1p, wide};

/// E(y) = −Σ_k t_k·log y_k: the cross-entropy of probabilities y with targets t.
///
/// No ε is added to the logarithm: an output of 0 where t_k > 0 is an infinite loss. Behind a
/// softmax the loss is computed from the logits instead, as [`SoftmaxCrossEntropy`].
///
/// The difference for moves d is −Σ_k t_k·log1p(d_k / y_k).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CrossEntropy;

impl<T: Real> Loss<T> for CrossEntropy {
    fn value(&self, y: &[T], target: Target<'_, T>) -> T {
        terms(y.len(), target).fold(T::zero(), |sum, (k, t)| sum - t * y[k].ln())
    }

    fn differences(
        &self,
        y: &[T],
        moves: &[T],
        target: Target<'_, T>,
        _scratch: &mut [T],
        out: &mut [T],
    ) {
        out.fill(T::zero());
        for (k, t) in terms(y.len(), target) {
            let moves = &moves[k * out.len()..][..out.len()];
            let y = y[k];
            wide(
                #[inline(always)]
                || {
                    for (out, &d) in out.iter_mut().zip(moves) {
                        *out -= t * ln_1p(d / y);
                    }
                },
            );
        }
    }

    fn difference_is_exact(&self) -> bool {
        true
    }

    fn is_piecewise_smooth(&self) -> bool {
        true
    }

    fn separable(&self) -> Option<&dyn Separable<T>> {
        Some(self)
    }

    fn gradient(&self, y: &[T], target: Target<'_, T>, gradient: &mut [T]) -> bool {
        gradient.fill(T::zero());
        for (k, t) in terms(y.len(), target) {
            gradient[k] = -t / y[k];
        }
        true
    }

    fn on_logits(&self, link: Link) -> Option<&dyn Loss<T>> {
        match link {
            Link::Softmax => Some(&SoftmaxCrossEntropy),
            Link::Sigmoid => None,
        }
    }

    fn check_target(&self, target: Target<'_, T>) -> Result<(), LossError> {
        check_weights(target)
    }

    fn kind(&self) -> Option<LossKind> {
        Some(LossKind::CrossEntropy)
    }
}

impl<T: Real> Separable<T> for CrossEntropy {
    fn term_differences(&self, y: &[T], k: usize, target: Target<'_, T>, moves: &mut [T]) {
        let t = target.at(k);
        if t == T::zero() {
            return moves.fill(T::zero());
        }
        let y = y[k];
        wide(
            #[inline(always)]
            || {
                for d in moves {
                    *d = -t * ln_1p(*d / y);
                }
            },
        );
    }
}

/// The outputs with t_k ≠ 0, and t_k: 0·log 0 is 0.
fn terms<T: Real>(outputs: usize, target: Target<'_, T>) -> impl Iterator<Item = (usize, T)> {
    let range = match target {
        Target::Label(label) => label..label + 1,
        Target::Values(_) => 0..outputs,
    };
    range
        .map(move |k| (k, target.at(k)))
        .filter(|&(_, t)| t != T::zero())
}
