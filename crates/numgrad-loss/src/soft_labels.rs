//! A cross-entropy whose labels stand for distributions over all classes, times a weight.
use crate::{Link, Loss, LossError, LossKind, Separable, Target, Teaching};
use numgrad_scalar::Real;
use std::sync::Arc;

/// The most classes that may have weights: their rows take 128 MiB in f64.
const MOST_WEIGHTED: usize = 4096;

/// E(y) = w_t·Σ_k t_k·(−log p_k) with t_k = (1 − ε)·[k = t] + ε/K: a cross-entropy with these targets.
/// Targets that are vectors are taken as they are.
pub(crate) struct SoftLabels<T: Real> {
    loss: Box<dyn Loss<T>>,
    /// The same behind a softmax, as a function of the logits.
    on_logits: Option<Box<Self>>,
    rows: Arc<Rows<T>>,
}

/// The target vector of each class.
struct Rows<T> {
    classes: usize,
    entries: Vec<T>,
    /// Whether `entries` are one row after the other. Without weights the rows are the windows of
    /// off, …, off, on, off, …, off, which takes 2·K − 1 numbers and not K².
    is_weighted: bool,
}

impl<T: Real> SoftLabels<T> {
    /// A cross-entropy, taught.
    pub(crate) fn new(
        kind: LossKind,
        teaching: &Teaching,
        classes: usize,
    ) -> Result<Self, LossError> {
        let rows = Arc::new(Rows::new(teaching, classes)?);
        let on_logits = match kind {
            LossKind::CrossEntropy => Some(Box::new(Self {
                loss: LossKind::SoftmaxCrossEntropy.build()?,
                on_logits: None,
                rows: Arc::clone(&rows),
            })),
            _ => None,
        };
        Ok(Self {
            loss: kind.build()?,
            on_logits,
            rows,
        })
    }
}

impl<T: Real> Rows<T> {
    fn new(teaching: &Teaching, classes: usize) -> Result<Self, LossError> {
        let part = teaching.label_smoothing / classes as f64;
        let (on, off) = (1.0 - teaching.label_smoothing + part, part);
        let entries = match &teaching.class_weights {
            None => {
                let mut entries = vec![T::of(off); 2 * classes - 1];
                entries[classes - 1] = T::of(on);
                entries
            }
            Some(_) if classes > MOST_WEIGHTED => {
                return Err(LossError::Parameter {
                    name: "the number of classes with weights",
                    value: classes as f64,
                    requirement: "a cross-entropy keeps weights for at most 4096",
                });
            }
            Some(weights) => (weights.iter().enumerate())
                .flat_map(|(t, weight)| {
                    (0..classes).map(move |k| T::of(weight * if k == t { on } else { off }))
                })
                .collect(),
        };
        Ok(Self {
            classes,
            entries,
            is_weighted: teaching.class_weights.is_some(),
        })
    }

    fn of(&self, label: usize) -> &[T] {
        let first = if self.is_weighted {
            label * self.classes
        } else {
            self.classes - 1 - label
        };
        &self.entries[first..first + self.classes]
    }
}

impl<T: Real> Loss<T> for SoftLabels<T> {
    fn value(&self, output: &[T], target: Target<'_, T>) -> T {
        self.loss.value(output, self.soften(target))
    }

    fn differences(
        &self,
        output: &[T],
        moves: &[T],
        target: Target<'_, T>,
        scratch: &mut [T],
        out: &mut [T],
    ) {
        let target = self.soften(target);
        self.loss.differences(output, moves, target, scratch, out);
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
        self.loss.gradient(output, self.soften(target), gradient)
    }

    fn on_logits(&self, link: Link) -> Option<&dyn Loss<T>> {
        match link {
            Link::Softmax => self.on_logits.as_deref().map(|loss| loss as &dyn Loss<T>),
            Link::Sigmoid => None,
        }
    }

    fn soften<'a>(&'a self, target: Target<'a, T>) -> Target<'a, T> {
        match target {
            Target::Label(label) => Target::Values(self.rows.of(label)),
            Target::Values(_) => target,
        }
    }

    fn check_target(&self, target: Target<'_, T>) -> Result<(), LossError> {
        self.loss.check_target(target)
    }

    fn kind(&self) -> Option<LossKind> {
        self.loss.kind()
    }
}

impl<T: Real> Separable<T> for SoftLabels<T> {
    fn term_differences(&self, output: &[T], k: usize, target: Target<'_, T>, moves: &mut [T]) {
        if let Some(terms) = self.loss.separable() {
            terms.term_differences(output, k, self.soften(target), moves);
        }
    }
}
