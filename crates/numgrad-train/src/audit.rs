//! Signal and noise: what of a step is the gradient, and what is chance.
use serde::{Deserialize, Serialize};

/// An estimate held against full-pass differences of some random parameters, after an epoch.
///
/// On two batches A and B that share no sample, with ĝ estimated on A and g_A, g_B measured at the
/// audited parameters: g_A·g_B is ‖g‖² on average, ½·‖g_A − g_B‖² what the choice of the batch adds
/// to it, and ‖ĝ − g_A‖² what the estimator adds. McCandlish, Kaplan and Amodei, "An empirical model
/// of large-batch training", arXiv:1812.06162, section 2.2, compare the first two.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Audit {
    /// The epoch that it was made after.
    pub epoch: u64,
    /// How many parameters were audited.
    pub parameters: u64,
    /// The cosine of ĝ and g_A; 0 if one of them is 0.
    pub cosine: f64,
    /// g_A·g_B: the signal. Chance may make it negative.
    pub signal: f64,
    /// ½·‖g_A − g_B‖²: the batch's variance.
    pub batch_noise: f64,
    /// ‖ĝ − g_A‖²: the estimator's variance (and, of a sweep that perturbs something else than
    /// weights at a large h, that difference).
    pub estimator_noise: f64,
    /// The part of the estimator's noise that is expected of rounded losses.
    pub rounding: f64,
}

/// What would help a step most.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Advice {
    /// Nothing: the gradient is larger than the noise.
    Nothing,
    /// More random directions, so many times as many for as much signal as noise.
    MoreDirections(f64),
    /// A larger batch, so many times as large for as much signal as noise.
    LargerBatch(f64),
    /// A larger h, because the losses' rounding drowns their difference.
    LargerStep,
    /// A larger h, because nothing that was audited moves the loss at all.
    Flat,
}

impl Audit {
    /// From the estimate and the full-pass differences at the audited parameters.
    pub(crate) fn new(
        epoch: u64,
        estimate: &[f64],
        (first, second): (&[f64], &[f64]),
        rounding: f64,
    ) -> Self {
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let apart = |a: &[f64], b: &[f64]| {
            let differences = a.iter().zip(b).map(|(a, b)| (a - b).powi(2));
            differences.sum::<f64>()
        };
        let lengths = (dot(estimate, estimate) * dot(first, first)).sqrt();
        // What overflows is as large as can be written: JSON knows no infinity.
        let finite = |x: f64| {
            if x.is_nan() {
                0.0
            } else {
                x.clamp(f64::MIN, f64::MAX)
            }
        };
        Self {
            epoch,
            parameters: first.len() as u64,
            cosine: if lengths > 0.0 {
                finite(dot(estimate, first) / lengths)
            } else {
                0.0
            },
            signal: finite(dot(first, second)),
            batch_noise: finite(apart(first, second) / 2.0),
            estimator_noise: finite(apart(estimate, first)),
            rounding: finite(rounding),
        }
    }

    /// Several audits as one: of a single one, chance has too large a part.
    pub fn mean(audits: &[Self]) -> Option<Self> {
        let last = *audits.last()?;
        let mean =
            |part: fn(&Self) -> f64| audits.iter().map(part).sum::<f64>() / audits.len() as f64;
        Some(Self {
            cosine: mean(|audit| audit.cosine),
            signal: mean(|audit| audit.signal),
            batch_noise: mean(|audit| audit.batch_noise),
            estimator_noise: mean(|audit| audit.estimator_noise),
            rounding: mean(|audit| audit.rounding),
            ..last
        })
    }

    /// Whether chance has a larger part in a step than the gradient has.
    pub fn is_dominated_by_noise(&self) -> bool {
        self.batch_noise + self.estimator_noise > self.signal
    }

    /// What would help most. `directions` says whether the estimator draws any.
    pub fn advice(&self, directions: bool) -> Advice {
        let (signal, batch, estimator) = (self.signal, self.batch_noise, self.estimator_noise);
        if signal == 0.0 && batch == 0.0 {
            return Advice::Flat;
        }
        if !self.is_dominated_by_noise() {
            return Advice::Nothing;
        }
        let times = |noise: f64| {
            if signal > 0.0 {
                noise / signal
            } else {
                f64::INFINITY
            }
        };
        if self.rounding > estimator / 2.0 && estimator > batch {
            Advice::LargerStep
        } else if directions && estimator > batch {
            Advice::MoreDirections(times(estimator))
        } else {
            Advice::LargerBatch(times(batch))
        }
    }
}
