//! What can be wrong with a target.
use thiserror::Error;

/// A target that a loss is not defined for.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum LossError {
    /// A class label that the network has no output for.
    #[error("sample {sample} has the label {label}, but there are {outputs} outputs")]
    Label {
        /// The sample, from 0.
        sample: usize,
        /// Its label.
        label: usize,
        /// The number of outputs.
        outputs: usize,
    },
    /// Target vectors that are longer or shorter than the output.
    #[error("targets have {found} values a sample, but there are {expected} outputs")]
    Shape {
        /// The number of outputs.
        expected: usize,
        /// The length of the target vectors.
        found: usize,
    },
    /// More or fewer targets than samples.
    #[error("there are {found} targets for {expected} samples")]
    Samples {
        /// The number of samples.
        expected: usize,
        /// The number of targets.
        found: usize,
    },
    /// A loss's own parameter outside its domain.
    #[error("{name} is {value}: {requirement}")]
    Parameter {
        /// The parameter.
        name: &'static str,
        /// The value found.
        value: f64,
        /// What the loss asks of it.
        requirement: &'static str,
    },
    /// A name that is no loss.
    #[error(
        "unknown loss '{0}': cross-entropy, sum-of-squared-errors (sse), mean-squared-error \
         (mse), mean-absolute-error (mae), huber[:DELTA], binary-cross-entropy (bce), hinge, zero-one, \
         softmax-cross-entropy or binary-cross-entropy-logits"
    )]
    Unknown(String),
    /// More or fewer class weights than classes.
    #[error("there are {found} class weights for {expected} classes")]
    Weights {
        /// The number of classes.
        expected: usize,
        /// The number of weights.
        found: usize,
    },
    /// Smoothed labels for a loss that has no probabilities.
    #[error("label smoothing is for cross-entropy, not for the loss {0}")]
    Smoothing(crate::LossKind),
    /// A loss that only the program that has it can build.
    #[error(
        "the loss is one of the program's own that trained with it: only there it can be built"
    )]
    Own,
    /// A target value outside the loss's domain.
    #[error("sample {sample} has the target {value} at output {output}: {requirement}")]
    Domain {
        /// The sample, from 0.
        sample: usize,
        /// The output, from 0.
        output: usize,
        /// The value found.
        value: f64,
        /// What the loss asks of it.
        requirement: &'static str,
    },
}

impl LossError {
    /// The same error, at another sample.
    #[must_use]
    pub fn at_sample(mut self, b: usize) -> Self {
        match &mut self {
            Self::Label { sample, .. } | Self::Domain { sample, .. } => *sample = b,
            _ => {}
        }
        self
    }
}
