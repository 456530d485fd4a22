//! What the network should have said: class labels, or vectors of values.
use crate::LossError;
use nalgebra::{DMatrix, Scalar};

/// The target of one sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Target<'a, T> {
    /// The class t of the sample, which stands for the vector with t_k = 1 at k = t and 0
    /// elsewhere.
    Label(usize),
    /// The target vector itself, one entry per output.
    Values(&'a [T]),
}

/// The targets of a batch, in the order of its samples.
#[derive(Debug, Clone, PartialEq)]
pub enum Targets<T: Scalar> {
    /// A class for each sample.
    Labels(Vec<u32>),
    /// A target vector for each sample: outputs × samples, a sample a column.
    Values(DMatrix<T>),
}

impl<T: Scalar> Targets<T> {
    /// The number of samples.
    pub fn len(&self) -> usize {
        match self {
            Self::Labels(labels) => labels.len(),
            Self::Values(values) => values.ncols(),
        }
    }

    /// Whether there is no sample.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The target of sample `b`.
    ///
    /// # Panics
    /// If there is no sample `b`.
    pub fn get(&self, b: usize) -> Target<'_, T> {
        match self {
            Self::Labels(labels) => Target::Label(labels[b] as usize),
            Self::Values(values) => {
                let outputs = values.nrows();
                Target::Values(&values.as_slice()[b * outputs..(b + 1) * outputs])
            }
        }
    }

    /// Checks that every target fits a network with this many outputs.
    ///
    /// # Errors
    /// [`LossError::Label`] names the first sample whose label is out of range, and
    /// [`LossError::Shape`] the rows where vectors have another length.
    pub fn check(&self, outputs: usize) -> Result<(), LossError> {
        match self {
            Self::Labels(labels) => match labels.iter().position(|&t| t as usize >= outputs) {
                Some(sample) => Err(LossError::Label {
                    sample,
                    label: labels[sample] as usize,
                    outputs,
                }),
                None => Ok(()),
            },
            Self::Values(values) if values.nrows() != outputs => Err(LossError::Shape {
                expected: outputs,
                found: values.nrows(),
            }),
            Self::Values(_) => Ok(()),
        }
    }
}

impl<T: numgrad_scalar::Real> Target<'_, T> {
    /// The target of output `k`: t_k.
    pub fn at(&self, k: usize) -> T {
        match *self {
            Target::Label(label) if label == k => T::one(),
            Target::Label(_) => T::zero(),
            Target::Values(values) => values[k],
        }
    }

    /// Σ_k t_k: 1 of a label.
    pub fn total(&self) -> T {
        match *self {
            Target::Label(_) => T::one(),
            Target::Values(values) => values.iter().fold(T::zero(), |sum, &t| sum + t),
        }
    }
}
