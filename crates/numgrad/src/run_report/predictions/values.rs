//! Values: predicted against target, what is left of each, and how much that is.
use super::Predictions;
use crate::html::Page;
use crate::plot::{Axis, Chart, Scale, Series, Style};
use crate::report::fixed;
use nalgebra::DMatrix;
use numgrad_loss::Targets;
use numgrad_loss::metrics::{mae, r_squared, rmse};

/// Points that a picture shows.
const SHOWN: usize = 800;

pub(super) fn add(page: &mut Page, predictions: &Predictions, truth: &[f64]) {
    let targets = Targets::Values(DMatrix::from_row_slice(1, truth.len(), truth));
    let outputs = &predictions.outputs;
    let share = r_squared(outputs, &targets);
    let share = if share.is_nan() {
        "undefined: the targets do not vary".to_owned()
    } else {
        format!("{share:.4}")
    };
    page.table(
        "Errors",
        &["root mean squared", "mean absolute", "R²"],
        &[vec![
            fixed(rmse(outputs, &targets), 6),
            fixed(mae(outputs, &targets), 6),
            share,
        ]],
    );
    let found = outputs.row(0);
    let every = truth.len().div_ceil(SHOWN);
    let pairs = truth.iter().copied().zip(found.iter().copied());
    let pairs: Vec<(f64, f64)> = pairs.step_by(every).collect();
    let ends = |of: fn(&(f64, f64)) -> f64| {
        let numbers = pairs.iter().map(of);
        numbers.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), number| {
            (low.min(number), high.max(number))
        })
    };
    let (low, high) = ends(|pair| pair.0);
    page.chart(&chart(
        "Predicted against target",
        ("target", "predicted"),
        pairs.clone(),
        ("as it should be", vec![(low, low), (high, high)]),
    ));
    let (low, high) = ends(|pair| pair.1);
    let residuals = pairs.iter().map(|&(target, found)| (found, target - found));
    page.chart(&chart(
        "Residuals",
        ("predicted", "target − predicted"),
        residuals.collect(),
        ("none left", vec![(low, 0.0), (high, 0.0)]),
    ));
}

fn chart(
    title: &str,
    labels: (&str, &str),
    points: Vec<(f64, f64)>,
    (name, line): (&str, Vec<(f64, f64)>),
) -> Chart {
    let axis = |label: &str| Axis {
        label: label.to_owned(),
        scale: Scale::Linear,
    };
    let series = |name: &str, points, style| Series {
        name: name.to_owned(),
        points,
        style,
    };
    Chart {
        title: title.to_owned(),
        x: axis(labels.0),
        y: axis(labels.1),
        series: vec![
            series("a test sample", points, Style::Points),
            series(name, line, Style::Dashed),
        ],
    }
}
