//! How a loss is taught: how sure a label is, and how much a sample of each class counts.
use crate::soft_labels::SoftLabels;
use crate::weighted::Weighted;
use crate::{Loss, LossError, LossKind};
use numgrad_scalar::Real;

/// What is made of a loss for classes before a network is trained on it. The default is nothing.
///
/// ```
/// use numgrad_loss::{LossKind, Target, Teaching, balanced_weights};
///
/// let teaching = Teaching {
///     label_smoothing: 0.1,
///     class_weights: Some(balanced_weights(&[0, 0, 0, 1], 2)),
/// };
/// let loss = LossKind::SoftmaxCrossEntropy.taught::<f64>(&teaching, 2)?;
/// // Of equal probabilities, log 2 for any target; the rarer class counts 4 / (2·1) times.
/// let found = loss.value(&[0.0, 0.0], Target::Label(1));
/// assert!((found - 2.0 * 2.0_f64.ln()).abs() < 1e-15);
/// # Ok::<(), numgrad_loss::LossError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Teaching {
    /// ε in [0, 1): a label t is the distribution t_k = (1 − ε)·\[k = t\] + ε/K over the K classes.
    /// For the cross-entropies alone. Szegedy et al., "Rethinking the Inception architecture for
    /// computer vision", CVPR 2016, section 7.
    pub label_smoothing: f64,
    /// w_t for each class t: a sample's loss is multiplied by that of its class. The mean over a batch
    /// still divides by the number of its samples.
    pub class_weights: Option<Vec<f64>>,
}

/// n / (k·n_c) for each class c: n labels of k classes that occur, n_c of them of class c. A class
/// that does not occur has the weight 1. So the weights of all samples have the mean 1, and all
/// classes have the same sum: scikit-learn's `class_weight="balanced"`.
///
/// # Panics
/// If a label is not below `classes`.
pub fn balanced_weights(labels: &[u32], classes: usize) -> Vec<f64> {
    let mut counts = vec![0_u64; classes];
    for &label in labels {
        counts[label as usize] += 1;
    }
    let occurring = counts.iter().filter(|&&count| count > 0).count();
    let weight = |&count: &u64| match count {
        0 => 1.0,
        count => labels.len() as f64 / (occurring as f64 * count as f64),
    };
    counts.iter().map(weight).collect()
}

impl Teaching {
    fn check(&self, kind: LossKind, classes: usize) -> Result<(), LossError> {
        let smoothing = self.label_smoothing;
        if !(0.0..1.0).contains(&smoothing) {
            return Err(LossError::Parameter {
                name: "the label smoothing",
                value: smoothing,
                requirement: "it must be at least 0 and less than 1",
            });
        }
        if smoothing > 0.0 && !kind.is_cross_entropy() {
            return Err(LossError::Smoothing(kind));
        }
        let Some(weights) = &self.class_weights else {
            return Ok(());
        };
        if weights.len() != classes {
            return Err(LossError::Weights {
                expected: classes,
                found: weights.len(),
            });
        }
        match weights.iter().find(|w| !(w.is_finite() && **w > 0.0)) {
            None => Ok(()),
            Some(&value) => Err(LossError::Parameter {
                name: "a class weight",
                value,
                requirement: "it must be positive and finite",
            }),
        }
    }
}

impl LossKind {
    /// The loss for a network of so many classes, with smoothed labels and weighted classes where they
    /// are asked for. A cross-entropy keeps its closed forms in the sweeps; class weights of it take
    /// memory for classes² numbers.
    ///
    /// # Errors
    /// [`LossError::Parameter`] for what is out of its range, [`LossError::Weights`] for more or
    /// fewer weights than classes, [`LossError::Smoothing`] for a loss without probabilities.
    pub fn taught<T: Real>(
        self,
        teaching: &Teaching,
        classes: usize,
    ) -> Result<Box<dyn Loss<T>>, LossError> {
        teaching.check(self, classes)?;
        if teaching.label_smoothing == 0.0 && teaching.class_weights.is_none() {
            return self.build();
        }
        match &teaching.class_weights {
            Some(weights) if !self.is_cross_entropy() => {
                let weights = weights.iter().map(|&w| T::of(w)).collect();
                Ok(Box::new(Weighted::new(self, weights)?))
            }
            _ => Ok(Box::new(SoftLabels::new(self, teaching, classes)?)),
        }
    }

    /// Whether targets are the weights of logarithms of probabilities.
    fn is_cross_entropy(self) -> bool {
        matches!(self, Self::CrossEntropy | Self::SoftmaxCrossEntropy)
    }
}
