//! Samples with their targets, from a file to a batch.
mod array;
mod arrays;
mod batch;
mod bytes;
mod columns;
mod csv;
mod describe;
mod digits;
mod error;
mod idx;
mod image;
mod images;
mod labels;
mod learn;
mod missing;
pub(crate) mod npy;
mod npz;
#[cfg(feature = "parquet")]
mod parquet;
mod places;
mod reader;
mod rows;
mod samples;
mod scaling;
mod source;
mod split;
mod stored;
mod summary;
mod target_scale;
mod text;

pub use columns::{Column, Columns, Role};
pub use error::DataError;
pub use missing::Missing;
pub(crate) use missing::fill;
pub use scaling::{Scaler, Scaling};
pub use source::{DataSource, Header, LoadOptions, Loaded, Task, inputs_from_text};
pub(crate) use split::hold_out;
pub use split::{order, split};
pub use stored::Stored;
pub use summary::{CellKind, ColumnSummary, PartSummary, Range, Summary, ValueCount};
pub use target_scale::TargetScale;

use std::sync::Arc;

/// Samples and their targets.
#[derive(Debug, Clone, PartialEq)]
pub struct Dataset {
    inputs: usize,
    features: Features,
    labels: Labels,
    target_scale: TargetScale,
    columns: Option<Arc<Columns>>,
    rows: Option<Arc<[u64]>>,
}

/// The inputs of all samples, a sample after the other.
#[derive(Debug, Clone, PartialEq)]
pub enum Features {
    /// Images of 8 bits a pixel, which stay so in memory: 0…255 stands for 0…1.
    Bytes(Vec<u8>),
    /// Any numbers.
    Numbers(Vec<f64>),
    /// An array as it lies in its file, in memory or not.
    Stored(Stored),
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
    /// No target for any of so many samples: they are there to be predicted.
    Unknown(usize),
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
            target_scale: TargetScale::IDENTITY,
            columns: None,
            rows: None,
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
            Labels::Values(_) | Labels::Unknown(_) => None,
        }
    }

    /// Whether the inputs are bytes of images, which have one scale by themselves.
    pub fn are_bytes(&self) -> bool {
        match &self.features {
            Features::Bytes(_) => true,
            Features::Numbers(_) => false,
            Features::Stored(stored) => stored.are_bytes(),
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

    /// How the targets are scaled: [`labels`](Self::labels) are what this makes of them.
    pub fn target_scale(&self) -> TargetScale {
        self.target_scale
    }

    /// Scales the targets, which must not be scaled yet.
    pub fn scale_targets(&mut self, scale: TargetScale) {
        self.target_scale = scale;
        if let Labels::Values(values) = &mut self.labels
            && !scale.is_identity()
        {
            for value in values {
                *value = scale.output(*value);
            }
        }
    }

    /// What the columns of the table were that the samples come from, if they come from one.
    pub fn columns(&self) -> Option<&Columns> {
        self.columns.as_deref()
    }

    pub(crate) fn set_columns(&mut self, columns: Columns) {
        self.columns = Some(Arc::new(columns));
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
            Features::Stored(stored) => Features::Stored(stored.subset(indices)),
        };
        let labels = match &self.labels {
            Labels::Classes { classes, labels } => Labels::Classes {
                classes: *classes,
                labels: indices.iter().map(|&b| labels[b]).collect(),
            },
            Labels::Values(all) => Labels::Values(indices.iter().map(|&b| all[b]).collect()),
            Labels::Unknown(_) => Labels::Unknown(indices.len()),
        };
        Self {
            inputs: n,
            features,
            labels,
            target_scale: self.target_scale,
            columns: self.columns.clone(),
            rows: Some(indices.iter().map(|&b| self.row(b)).collect()),
        }
    }

    /// Where a sample stands in its source: of a CSV file the line, from 1; else its place among those
    /// that were read, from 0, before any were held out.
    ///
    /// # Panics
    /// If there is no such sample.
    pub fn row(&self, sample: usize) -> u64 {
        match &self.rows {
            Some(rows) => rows[sample],
            None => sample as u64,
        }
    }

    pub(crate) fn set_rows(&mut self, rows: Vec<u64>) {
        self.rows = Some(rows.into());
    }

    /// BLAKE3 of the shape, the inputs and the targets: what a resumed run compares.
    ///
    /// # Errors
    /// If the inputs are in a file that cannot be read.
    pub fn fingerprint(&self) -> Result<blake3::Hash, DataError> {
        let mut hasher = blake3::Hasher::new();
        for number in [self.inputs, self.samples(), self.classes().unwrap_or(0)] {
            hasher.update(&(number as u64).to_le_bytes());
        }
        match &self.features {
            Features::Bytes(all) => {
                hasher.update(all);
            }
            Features::Numbers(all) => hash_numbers(&mut hasher, all),
            Features::Stored(stored) => stored.hash(&mut hasher)?,
        }
        match &self.labels {
            Labels::Classes { labels, .. } => {
                for label in labels {
                    hasher.update(&label.to_le_bytes());
                }
            }
            Labels::Values(all) => hash_numbers(&mut hasher, all),
            Labels::Unknown(_) => {}
        }
        Ok(hasher.finalize())
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
            Self::Stored(stored) => stored.len(),
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
            Self::Unknown(samples) => *samples,
        }
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
