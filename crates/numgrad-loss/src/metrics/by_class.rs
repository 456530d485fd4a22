//! Precision, recall and F1 of each class, and their means.
use super::ConfusionMatrix;

/// How well one class is found. What cannot be said is `None`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ClassScore {
    /// The samples of the class.
    pub samples: u64,
    /// The part of those that were taken for the class which are of it: none were taken for it, none.
    pub precision: Option<f64>,
    /// The part of the class's samples that were taken for it: without samples, none.
    pub recall: Option<f64>,
    /// 2·right / (samples + taken for it), the harmonic mean of the two: 0 where no sample is right,
    /// and none where the class is neither there nor found.
    pub f1: Option<f64>,
}

/// Means over the classes that occur, each with the same weight. A class that occurs and is never
/// found has no precision, and counts as 0, as with scikit-learn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct MacroScore {
    /// The mean precision.
    pub precision: f64,
    /// The mean recall.
    pub recall: f64,
    /// The mean F1.
    pub f1: f64,
}

impl ConfusionMatrix {
    /// Each class's score.
    pub fn by_class(&self) -> Vec<ClassScore> {
        let classes = 0..self.classes();
        let part = |right: u64, all: u64| (all > 0).then(|| right as f64 / all as f64);
        let score = |class: usize| {
            let right = self.count(class, class);
            let samples = classes.clone().map(|found| self.count(class, found)).sum();
            let found: u64 = classes.clone().map(|truth| self.count(truth, class)).sum();
            ClassScore {
                samples,
                precision: part(right, found),
                recall: part(right, samples),
                f1: part(2 * right, samples + found),
            }
        };
        classes.clone().map(score).collect()
    }
}

impl MacroScore {
    /// The means of some classes' scores; none without samples.
    pub fn of(scores: &[ClassScore]) -> Option<Self> {
        let occurring: Vec<&ClassScore> = scores.iter().filter(|s| s.samples > 0).collect();
        let mean = |part: fn(&ClassScore) -> Option<f64>| {
            let parts = occurring.iter().map(|score| part(score).unwrap_or(0.0));
            parts.sum::<f64>() / occurring.len() as f64
        };
        (!occurring.is_empty()).then(|| Self {
            precision: mean(|score| score.precision),
            recall: mean(|score| score.recall),
            f1: mean(|score| score.f1),
        })
    }
}
