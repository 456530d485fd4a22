//! What the network says about the test data, and where it is most wrong.
mod classes;
mod values;

use super::model::{Model, batch, spread};
use crate::failure::Failure;
use crate::html::Page;
use nalgebra::DMatrix;
use numgrad_core::{Real, Trace};
use numgrad_loss::Target;
use numgrad_train::dataset::Dataset;

/// Samples that are asked about at most, and at a time.
const MOST: usize = 10_000;
const CHUNK: usize = 1024;

/// The network's outputs for some samples, a column each.
struct Predictions {
    indices: Vec<usize>,
    outputs: DMatrix<f64>,
    truth: Truth,
}

enum Truth {
    Classes(Vec<usize>),
    Values(Vec<f64>),
}

pub(super) fn add<T: Real>(
    page: &mut Page,
    model: &Model<'_, T>,
    test: &Dataset,
) -> Result<(), Failure> {
    page.section("Predictions");
    let found = Predictions::of(model, test)?;
    let all = test.samples();
    page.paragraph(if found.indices.len() < all {
        format!(
            "On {} of {all} test samples, evenly spread.",
            found.indices.len()
        )
    } else {
        format!("On the {all} test samples.")
    });
    match &found.truth {
        Truth::Classes(truth) => classes::add(page, model, test, &found, truth)?,
        Truth::Values(truth) => values::add(page, &found, truth),
    }
    Ok(())
}

impl Predictions {
    fn of<T: Real>(model: &Model<'_, T>, data: &Dataset) -> Result<Self, Failure> {
        let (network, objective) = (&model.network, model.objective());
        let indices = spread(data, MOST);
        let mut outputs = DMatrix::zeros(network.outputs(), indices.len());
        let (mut classes, mut values) = (Vec::new(), Vec::new());
        let mut trace = Trace::new();
        let scale = data.target_scale();
        for (chunk, indices) in indices.chunks(CHUNK).enumerate() {
            let (x, targets) = batch::<T>(data, indices)?;
            objective.loss_in_parallel(&model.theta, &x, &targets, &mut trace)?;
            for b in 0..indices.len() {
                let column = trace
                    .output(network, b)
                    .iter()
                    .map(|y| scale.value(y.as_f64()));
                let column: Vec<f64> = column.collect();
                outputs
                    .column_mut(chunk * CHUNK + b)
                    .copy_from_slice(&column);
                match targets.get(b) {
                    Target::Label(label) => classes.push(label),
                    Target::Values(target) => values.push(scale.value(target[0].as_f64())),
                }
            }
        }
        Ok(Self {
            indices,
            outputs,
            truth: if data.classes().is_some() {
                Truth::Classes(classes)
            } else {
                Truth::Values(values)
            },
        })
    }
}
