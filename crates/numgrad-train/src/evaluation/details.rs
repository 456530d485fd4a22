//! What is worth knowing of a finished training, and too dear after each epoch.
use super::Metrics;
use nalgebra::DMatrix;
use numgrad_core::Real;
use numgrad_loss::Targets;
use numgrad_loss::metrics::{ClassScore, MacroScore, auroc_by_class, top_k_accuracy};

/// Scores of a classification beside its accuracy.
#[derive(Debug, Clone, PartialEq)]
pub struct Details {
    /// Precision, recall and F1 of each class.
    pub by_class: Vec<ClassScore>,
    /// Their means over the classes that occur.
    pub mean: Option<MacroScore>,
    /// The area under the ROC curve of each class against all others; `None` of a class that has no
    /// sample, or all.
    pub auroc: Vec<Option<f64>>,
    /// The part of the samples whose class is among the k largest outputs, and k, if it was asked for.
    pub top_k: Option<(usize, f64)>,
}

impl Details {
    /// Those of a classification.
    pub(super) fn of<T: Real>(
        metrics: &Metrics,
        outputs: &DMatrix<T>,
        targets: &Targets<T>,
        top_k: Option<usize>,
    ) -> Option<Self> {
        let Metrics::Classification { confusion, .. } = metrics else {
            return None;
        };
        let by_class = confusion.by_class();
        Some(Self {
            mean: MacroScore::of(&by_class),
            by_class,
            auroc: auroc_by_class(outputs, targets),
            top_k: top_k.map(|k| (k, top_k_accuracy(outputs, targets, k))),
        })
    }

    /// The mean of the areas that are defined.
    pub fn mean_auroc(&self) -> Option<f64> {
        let known: Vec<f64> = self.auroc.iter().copied().flatten().collect();
        (!known.is_empty()).then(|| known.iter().sum::<f64>() / known.len() as f64)
    }
}
