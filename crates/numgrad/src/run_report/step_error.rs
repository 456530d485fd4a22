//! How far measured gradients are from the derived one, at every step h: full passes show a V, as
//! the scheme's error falls with h until rounding lets it rise again; the sweeps, which propagate
//! differences, need not rise.
use super::model::{Model, batch, spread};
use crate::failure::Failure;
use crate::html::Page;
use crate::plot::{Axis, Chart, Scale, Series, Style};
use numgrad_core::Real;
use numgrad_gradient::{
    Backpropagation, Batch, EstimatorKind, GradientError, Perturb, differences_at,
};
use numgrad_train::dataset::Dataset;

/// Samples of the batch, and weights that full passes measure: those with the largest derivative.
const SAMPLES: usize = 16;
const WEIGHTS: usize = 16;

/// Steps a decade, from 1e-12 to 1.
const A_DECADE: i32 = 2;
const DECADES: i32 = 12;

/// Parameters with which a sweep at every step would take too long.
const MOST: usize = 2_000_000;

pub(super) fn add<T: Real>(
    page: &mut Page,
    model: &Model<'_, T>,
    train: &Dataset,
) -> Result<(), Failure> {
    if model.theta.len() > MOST {
        page.paragraph("Its error over h is left out: with so many parameters it takes too long.");
        return Ok(());
    }
    let (x, targets) = batch::<T>(train, &spread(train, SAMPLES))?;
    let batch = Batch {
        x: &x,
        targets: &targets,
        step: 0,
    };
    let mut derived = vec![T::zero(); model.theta.len()];
    match Backpropagation::new().derive(
        &model.objective(),
        &model.theta,
        &x,
        &targets,
        &mut derived,
    ) {
        Err(GradientError::NoDerivative(what)) => {
            page.paragraph(format_args!(
                "There is no derivative to hold it against: {what} has none."
            ));
            return Ok(());
        }
        found => found?,
    };
    let derived: Vec<f64> = derived.into_iter().map(T::as_f64).collect();
    let chart = chart(model, batch, &derived);
    page.paragraph(format_args!(
        "The relative distance of the measured gradient from the derived one, over the step h, on \
         {} training samples. Full passes measure only the {} weights with the largest derivative.",
        targets.len(),
        WEIGHTS.min(derived.len())
    ));
    page.chart(&chart);
    Ok(())
}

fn chart<T: Real>(model: &Model<'_, T>, batch: Batch<'_, T>, derived: &[f64]) -> Chart {
    let sweep = match model.run.perturb {
        EstimatorKind::Sweep(perturb) if perturb != Perturb::WeightNaive => perturb,
        _ => Perturb::Weight,
    };
    let steps = -DECADES * A_DECADE..=0;
    let steps = steps.map(|k| 10.0_f64.powf(f64::from(k) / f64::from(A_DECADE)));
    let largest = largest(derived);
    let known: Vec<f64> = largest.iter().map(|&k| derived[k]).collect();
    let full = |h: f64| {
        let found = differences_at(&model.objective(), &model.theta, batch, &largest, T::of(h));
        found.ok().map(|found| distance(&found, &known))
    };
    let swept = |h: f64| Some(distance(&swept(model, batch, sweep, h)?, derived));
    let series = |name: &str, error: &dyn Fn(f64) -> Option<f64>| Series {
        name: name.to_owned(),
        points: steps.clone().filter_map(|h| Some((h, error(h)?))).collect(),
        style: Style::Dotted,
    };
    let mut all = vec![
        series("full passes, central", &full),
        series(&format!("--perturb {sweep}, {}", model.run.scheme), &swept),
    ];
    let errors = all
        .iter()
        .flat_map(|series| &series.points)
        .map(|point| point.1);
    let errors = errors.filter(|error| *error > 0.0);
    let (low, high) = errors.fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), error| {
        (low.min(error), high.max(error))
    });
    all.push(Series {
        name: format!("this run's h = {:e}", model.run.step),
        points: vec![(model.run.step, low), (model.run.step, high)],
        style: Style::Dashed,
    });
    let axis = |label: &str| Axis {
        label: label.to_owned(),
        scale: Scale::Logarithmic,
    };
    Chart {
        title: "Error of the gradient over h".to_owned(),
        x: axis("step h"),
        y: axis("relative error"),
        series: all,
    }
}

/// The gradient by a sweep at another step; none where it cannot be measured.
fn swept<T: Real>(
    model: &Model<'_, T>,
    batch: Batch<'_, T>,
    sweep: Perturb,
    h: f64,
) -> Option<Vec<f64>> {
    let kind = EstimatorKind::Sweep(sweep);
    let mut estimator = kind.build(model.run.scheme, T::of(h), 0).ok()?;
    let mut gradient = vec![T::zero(); model.theta.len()];
    estimator
        .estimate(&model.objective(), &model.theta, batch, &mut gradient)
        .ok()?;
    Some(gradient.into_iter().map(T::as_f64).collect())
}

/// The entries that are largest in size.
fn largest(derived: &[f64]) -> Vec<usize> {
    let mut entries: Vec<usize> = (0..derived.len()).collect();
    entries.sort_by(|&a, &b| derived[b].abs().total_cmp(&derived[a].abs()));
    entries.truncate(WEIGHTS);
    entries
}

/// ‖found − known‖ / ‖known‖.
fn distance(found: &[f64], known: &[f64]) -> f64 {
    let apart: f64 = found.iter().zip(known).map(|(f, k)| (f - k).powi(2)).sum();
    let length: f64 = known.iter().map(|k| k.powi(2)).sum();
    (apart / length).sqrt()
}
