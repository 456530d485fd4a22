//! How good a network is on a whole dataset.
mod details;

pub use details::Details;

use crate::dataset::Dataset;
use crate::train_error::TrainError;
use nalgebra::DMatrix;
use numgrad_core::{Real, Trace};
use numgrad_gradient::{GradientError, Objective};
use numgrad_loss::Targets;
use numgrad_loss::metrics::{ConfusionMatrix, accuracy, mae, r_squared, rmse};

/// Samples of one pass: fixed, whatever the threads.
const CHUNK: usize = 1024;

/// A network's loss and metrics on a dataset.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// The number of samples.
    pub samples: usize,
    /// The mean loss, of scaled targets where they are.
    pub loss: f64,
    /// The metrics of the task.
    pub metrics: Metrics,
}

/// What is measured besides the loss.
#[derive(Debug, Clone, PartialEq)]
pub enum Metrics {
    /// Of targets that are classes.
    Classification {
        /// The part of the samples classified rightly.
        accuracy: f64,
        /// Which class was taken for which.
        confusion: ConfusionMatrix,
    },
    /// Of targets that are values.
    Regression {
        /// The root of the mean squared error, in the target's own units.
        rmse: f64,
        /// The mean absolute error, in the target's own units.
        mae: f64,
        /// The coefficient of determination R²; NaN where the targets do not vary.
        r_squared: f64,
    },
}

impl Evaluation {
    /// The accuracy, of a classification.
    pub fn accuracy(&self) -> Option<f64> {
        match self.metrics {
            Metrics::Classification { accuracy, .. } => Some(accuracy),
            Metrics::Regression { .. } => None,
        }
    }
}

/// Evaluates a network with parameters θ on a dataset, on the current rayon pool. Cost: one
/// forward pass of the dataset, in chunks.
///
/// # Errors
/// If the dataset does not fit the network, or a sample's loss is not finite: the sample is
/// counted from the start of the dataset.
pub fn evaluate<T: Real>(
    objective: &Objective<'_, T>,
    theta: &[T],
    data: &Dataset,
) -> Result<Evaluation, TrainError> {
    Ok(with_outputs(objective, theta, data)?.0)
}

/// The same with the details of a classification, and with its top-k accuracy if a k is given. Cost:
/// beside [`evaluate`], a sort of the samples for each class.
///
/// # Errors
/// As [`evaluate`].
pub fn evaluate_in_detail<T: Real>(
    objective: &Objective<'_, T>,
    theta: &[T],
    data: &Dataset,
    top_k: Option<usize>,
) -> Result<(Evaluation, Option<Details>), TrainError> {
    let (evaluation, outputs, targets) = with_outputs(objective, theta, data)?;
    let details = Details::of(&evaluation.metrics, &outputs, &targets, top_k);
    Ok((evaluation, details))
}

/// An evaluation, the outputs of which it is made, a column a sample, and their targets.
fn with_outputs<T: Real>(
    objective: &Objective<'_, T>,
    theta: &[T],
    data: &Dataset,
) -> Result<(Evaluation, DMatrix<T>, Targets<T>), TrainError> {
    let network = objective.network();
    let (mut x, mut trace) = (Vec::new(), Trace::new());
    let mut targets = Targets::Labels(Vec::new());
    let mut outputs = DMatrix::zeros(network.outputs(), data.samples());
    let mut sum = 0.0;
    let indices: Vec<usize> = (0..data.samples()).collect();
    for (chunk, indices) in indices.chunks(CHUNK).enumerate() {
        data.gather(indices, &mut x, &mut targets)?;
        let loss = objective
            .loss_in_parallel(theta, &x, &targets, &mut trace)
            .map_err(|error| TrainError::Gradient(from(chunk * CHUNK, error)))?;
        sum += loss.as_f64() * indices.len() as f64;
        let mut columns = outputs.columns_mut(chunk * CHUNK, indices.len());
        for (b, mut column) in columns.column_iter_mut().enumerate() {
            column.copy_from_slice(trace.output(network, b));
        }
    }
    data.gather_targets(&indices, &mut targets);
    let metrics = if data.classes().is_some() {
        Metrics::Classification {
            accuracy: accuracy(&outputs, &targets),
            confusion: ConfusionMatrix::new(&outputs, &targets),
        }
    } else {
        let unit = data.target_scale().spread();
        Metrics::Regression {
            rmse: unit * rmse(&outputs, &targets),
            mae: unit * mae(&outputs, &targets),
            r_squared: r_squared(&outputs, &targets),
        }
    };
    let evaluation = Evaluation {
        samples: data.samples(),
        loss: sum / data.samples() as f64,
        metrics,
    };
    Ok((evaluation, outputs, targets))
}

/// The same error, with the sample counted from the start of the dataset.
fn from(first: usize, error: GradientError) -> GradientError {
    match error {
        GradientError::NotFinite { sample, loss } => GradientError::NotFinite {
            sample: first + sample,
            loss,
        },
        GradientError::Loss(error) => GradientError::Loss(error),
        error => error,
    }
}
