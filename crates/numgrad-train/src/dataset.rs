//! Samples with their targets, from a file to a batch.
mod columns;
mod csv;
mod digits;
mod error;
mod idx;
mod reader;
mod rows;
mod scaling;
mod source;
mod split;
mod text;

pub use error::DataError;
pub use scaling::{Scaler, Scaling};
pub use source::{DataSource, Header, LoadOptions, Loaded, Task};
pub use split::{order, split};

use nalgebra::DMatrix;
use numgrad_core::Real;
use numgrad_loss::Targets;
use rayon::prelude::*;

/// Inputs that are worth a second worker.
const LEAST: usize = 1 << 14;

/// Samples and their targets.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    inputs: usize,
    features: Features,
    labels: Labels,
}

/// The inputs of all samples, a sample after the other.
#[derive(Debug, Clone, PartialEq)]
pub enum Features {
    /// Images of 8 bits a pixel, which stay so in memory: 0…255 stands for 0…1.
    Bytes(Vec<u8>),
    /// Any numbers.
    Numbers(Vec<f64>),
}

/// The targets of all samples.
#[derive(Debug, Clone, PartialEq)]
pub enum Labels {
    /// A class for each sample, from 0 to below the number of classes.
    Classes {
        /// The number of classes.
        classes: usize,
        /// The class of each sample.
        labels: Vec<u32>,
    },
    /// A value for each sample.
    Values(Vec<f64>),
}

impl Dataset {
    /// Samples with this many inputs each.
    ///
    /// # Errors
    /// A message, if the lengths do not fit, there is no sample, or a label is out of range.
    pub fn new(inputs: usize, features: Features, labels: Labels) -> Result<Self, String> {
        let (numbers, samples) = (features.len(), labels.len());
        if inputs == 0 || samples == 0 {
            return Err(format!("there are {samples} samples of {inputs} inputs"));
        }
        if samples.checked_mul(inputs) != Some(numbers) {
            return Err(format!(
                "{numbers} input values are not {samples} samples of {inputs}"
            ));
        }
        if let Labels::Classes { classes, labels } = &labels
            && let Some(b) = labels.iter().position(|&t| t as usize >= *classes)
        {
            return Err(format!(
                "sample {b} has the label {}, past the {classes} classes",
                labels[b]
            ));
        }
        Ok(Self {
            inputs,
            features,
            labels,
        })
    }

    /// The number of samples.
    pub fn samples(&self) -> usize {
        self.labels.len()
    }

    /// The number of inputs of a sample.
    pub fn inputs(&self) -> usize {
        self.inputs
    }

    /// The number of outputs that a network for these targets has.
    pub fn outputs(&self) -> usize {
        self.classes().unwrap_or(1)
    }

    /// The number of classes, of a classification.
    pub fn classes(&self) -> Option<usize> {
        match self.labels {
            Labels::Classes { classes, .. } => Some(classes),
            Labels::Values(_) => None,
        }
    }

    /// The inputs.
    pub fn features(&self) -> &Features {
        &self.features
    }

    /// The targets.
    pub fn labels(&self) -> &Labels {
        &self.labels
    }

    pub(crate) fn features_mut(&mut self) -> &mut Features {
        &mut self.features
    }

    /// Some of the samples, in the order of `indices`.
    ///
    /// # Panics
    /// If an index is past the last sample.
    #[must_use]
    pub fn subset(&self, indices: &[usize]) -> Self {
        let n = self.inputs;
        let features = match &self.features {
            Features::Bytes(all) => Features::Bytes(
                indices
                    .iter()
                    .flat_map(|&b| &all[b * n..(b + 1) * n])
                    .copied()
                    .collect(),
            ),
            Features::Numbers(all) => Features::Numbers(
                indices
                    .iter()
                    .flat_map(|&b| &all[b * n..(b + 1) * n])
                    .copied()
                    .collect(),
            ),
        };
        let labels = match &self.labels {
            Labels::Classes { classes, labels } => Labels::Classes {
                classes: *classes,
                labels: indices.iter().map(|&b| labels[b]).collect(),
            },
            Labels::Values(all) => Labels::Values(indices.iter().map(|&b| all[b]).collect()),
        };
        Self {
            inputs: n,
            features,
            labels,
        }
    }

    /// Copies some of the samples into a batch, widened to `T`: their inputs a sample after the
    /// other, and their targets, on the current rayon pool. The memory of `x` and `targets` is used
    /// again.
    ///
    /// # Panics
    /// If an index is past the last sample.
    pub fn gather<T: Real>(&self, indices: &[usize], x: &mut Vec<T>, targets: &mut Targets<T>) {
        let n = self.inputs;
        x.resize(indices.len() * n, T::zero());
        let samples = indices.par_iter().with_min_len(LEAST.div_ceil(n));
        let rooms = samples.zip(x.par_chunks_exact_mut(n));
        match &self.features {
            Features::Bytes(all) => {
                let levels: [T; 256] = std::array::from_fn(|level| T::of(level as f64 / 255.0));
                rooms.for_each(|(&b, room)| {
                    for (to, &byte) in room.iter_mut().zip(&all[b * n..(b + 1) * n]) {
                        *to = levels[usize::from(byte)];
                    }
                });
            }
            Features::Numbers(all) => rooms.for_each(|(&b, room)| {
                for (to, &value) in room.iter_mut().zip(&all[b * n..(b + 1) * n]) {
                    *to = T::of(value);
                }
            }),
        }
        self.gather_targets(indices, targets);
    }

    /// Copies the targets of some of the samples into a batch. The memory of `targets` is used
    /// again, for as many samples.
    ///
    /// # Panics
    /// If an index is past the last sample.
    pub fn gather_targets<T: Real>(&self, indices: &[usize], targets: &mut Targets<T>) {
        match (&self.labels, &mut *targets) {
            (Labels::Classes { labels: all, .. }, Targets::Labels(labels)) => {
                labels.clear();
                labels.extend(indices.iter().map(|&b| all[b]));
            }
            (Labels::Classes { labels: all, .. }, _) => {
                *targets = Targets::Labels(indices.iter().map(|&b| all[b]).collect());
            }
            (Labels::Values(all), Targets::Values(values))
                if values.shape() == (1, indices.len()) =>
            {
                for (value, &b) in values.iter_mut().zip(indices) {
                    *value = T::of(all[b]);
                }
            }
            (Labels::Values(all), _) => {
                let values = indices.iter().map(|&b| T::of(all[b]));
                *targets = Targets::Values(DMatrix::from_iterator(1, indices.len(), values));
            }
        }
    }

    /// BLAKE3 of the shape, the inputs and the targets: what a resumed run compares.
    pub fn fingerprint(&self) -> blake3::Hash {
        let mut hasher = blake3::Hasher::new();
        for number in [self.inputs, self.samples(), self.classes().unwrap_or(0)] {
            hasher.update(&(number as u64).to_le_bytes());
        }
        match &self.features {
            Features::Bytes(all) => {
                hasher.update(all);
            }
            Features::Numbers(all) => hash_numbers(&mut hasher, all),
        }
        match &self.labels {
            Labels::Classes { labels, .. } => {
                for label in labels {
                    hasher.update(&label.to_le_bytes());
                }
            }
            Labels::Values(all) => hash_numbers(&mut hasher, all),
        }
        hasher.finalize()
    }
}

fn hash_numbers(hasher: &mut blake3::Hasher, numbers: &[f64]) {
    for number in numbers {
        hasher.update(&number.to_le_bytes());
    }
}

impl Features {
    /// The number of values.
    pub fn len(&self) -> usize {
        match self {
            Self::Bytes(all) => all.len(),
            Self::Numbers(all) => all.len(),
        }
    }

    /// Whether there is no value.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Labels {
    /// The number of samples.
    pub fn len(&self) -> usize {
        match self {
            Self::Classes { labels, .. } => labels.len(),
            Self::Values(all) => all.len(),
        }
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
