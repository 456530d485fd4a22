//! A loss times the weight of a sample's class.
use crate::metrics::class_of;
use crate::{Link, Loss, LossError, LossKind, Separable, Target};
use numgrad_scalar::Real;

/// w_t·L(y, t), for any loss L and the class t.
pub(crate) struct Weighted<T: Real> {
    loss: Box<dyn Loss<T>>,
    /// The same as a function of the logits, where the loss has such a form.
    on_logits: Option<(Link, Box<Self>)>,
    weights: Vec<T>,
}

impl<T: Real> Weighted<T> {
    pub(crate) fn new(kind: LossKind, weights: Vec<T>) -> Result<Self, LossError> {
        let on_logits = match kind {
            LossKind::BinaryCrossEntropy => {
                let logits = Self::new(LossKind::BinaryCrossEntropyLogits, weights.clone())?;
                Some((Link::Sigmoid, Box::new(logits)))
            }
            _ => None,
        };
        Ok(Self {
            loss: kind.build()?,
            on_logits,
            weights,
        })
    }

    fn weight(&self, target: Target<'_, T>) -> T {
        match target {
            Target::Label(label) => self.weights[label],
            Target::Values(t) => self.weights[class_of(t)],
        }
    }
}

impl<T: Real> Loss<T> for Weighted<T> {
    fn value(&self, output: &[T], target: Target<'_, T>) -> T {
        self.weight(target) * self.loss.value(output, target)
    }

    fn differences(
        &self,
        output: &[T],
        moves: &[T],
        target: Target<'_, T>,
        scratch: &mut [T],
        out: &mut [T],
    ) {
        self.loss.differences(output, moves, target, scratch, out);
        let weight = self.weight(target);
        for difference in out {
            *difference *= weight;
        }
    }

    fn difference_is_exact(&self) -> bool {
        self.loss.difference_is_exact()
    }

    fn is_piecewise_smooth(&self) -> bool {
        self.loss.is_piecewise_smooth()
    }

    fn separable(&self) -> Option<&dyn Separable<T>> {
        self.loss.separable().map(|_| self as &dyn Separable<T>)
    }

    fn gradient(&self, output: &[T], target: Target<'_, T>, gradient: &mut [T]) -> bool {
        let is_known = self.loss.gradient(output, target, gradient);
        let weight = self.weight(target);
        for entry in gradient {
            *entry *= weight;
        }
        is_known
    }

    fn on_logits(&self, link: Link) -> Option<&dyn Loss<T>> {
        let (known, loss) = self.on_logits.as_ref()?;
        (*known == link).then_some(loss.as_ref() as &dyn Loss<T>)
    }

    fn check_target(&self, target: Target<'_, T>) -> Result<(), LossError> {
        self.loss.check_target(target)
    }
}

impl<T: Real> Separable<T> for Weighted<T> {
    fn term_differences(&self, output: &[T], k: usize, target: Target<'_, T>, moves: &mut [T]) {
        if let Some(terms) = self.loss.separable() {
            terms.term_differences(output, k, target, moves);
        }
        let weight = self.weight(target);
        for difference in moves {
            *difference *= weight;
        }
    }
}
