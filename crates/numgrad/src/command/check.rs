//! `numgrad check`: every sweep against full passes and against backpropagation.
use crate::args::{CheckArguments, OptimizationArguments};
use crate::failure::Failure;
use crate::out::Out;
use crate::report::warn;
use crate::setup::{configure, on_pool};
use numgrad_core::{Mlp, Precision, Real, Trace};
use numgrad_diff::Scheme;
use numgrad_gradient::{Backpropagation, EstimatorKind, GradientError, Objective, Perturb};
use numgrad_loss::{Loss, Targets};
use numgrad_train::checkpoint::load;
use numgrad_train::dataset::Dataset;
use numgrad_train::{Configuration, Prepared, TrainError, Trainer};
use serde_json::json;
use std::path::Path;

pub(crate) fn run(arguments: &CheckArguments, out: &mut Out) -> Result<(), Failure> {
    if arguments.samples == 0 {
        return Err(Failure::usage("--samples must be at least 1"));
    }
    let (configuration, data, theta) = if let Some(path) = &arguments.run {
        of_run(path, arguments)?
    } else {
        fresh(arguments)?
    };
    let samples = arguments.samples.min(data.train.samples());
    let rows = on_pool(arguments.threads, || {
        compare(&configuration, &data.train, samples, &theta)
    })??;
    print(&configuration, &rows, samples, arguments.json, out)?;
    match rows.iter().find(|row| !row.is_good) {
        None => Ok(()),
        Some(row) => Err(Failure::data(format!(
            "the check failed: {} is further from its yardstick than its error allows",
            row.perturb
        ))),
    }
}

/// A trained network, with the scheme and step asked for.
fn of_run(
    path: &Path,
    arguments: &CheckArguments,
) -> Result<(Configuration, Prepared, Vec<f64>), Failure> {
    let loaded = load(path)?;
    warn(loaded.warning.as_ref());
    let mut run = loaded.checkpoint.header.configuration;
    run.scheme = arguments.gradient.scheme;
    run.step = arguments.gradient.step.unwrap_or(run.step);
    let theta = loaded.checkpoint.payload.theta;
    let widened = || Some(theta.get::<f32>()?.into_iter().map(f64::from).collect());
    let wide = theta.get::<f64>().or_else(widened);
    Ok((
        run.clone(),
        Prepared::load(&run)?,
        wide.ok_or(TrainError::OtherState)?,
    ))
}

/// A network as `train` would start it.
fn fresh(arguments: &CheckArguments) -> Result<(Configuration, Prepared, Vec<f64>), Failure> {
    let CheckArguments {
        data,
        network,
        gradient,
        ..
    } = arguments;
    let optimization = OptimizationArguments::default();
    let (run, data) = configure(data, network, gradient, &optimization)?;
    let start = Trainer::<f64>::new(run.clone(), data.clone())?;
    Ok((run, data, start.theta().to_vec()))
}

/// A sweep's distances, each with the worst entry of θ.
struct Row {
    perturb: Perturb,
    naive: (f64, String),
    derived: Option<(f64, String)>,
    is_good: bool,
}

/// The references are computed in f64, in whatever precision the sweeps are.
fn compare(
    configuration: &Configuration,
    data: &Dataset,
    samples: usize,
    theta: &[f64],
) -> Result<Vec<Row>, Failure> {
    let exact = Batch::<f64>::new(configuration, data, samples)?;
    let naive = exact.measure(configuration, Perturb::WeightNaive, theta)?;
    let derived = match exact.derive(theta) {
        Err(GradientError::NoDerivative(_)) => None,
        derived => Some(derived?),
    };
    let allowed = Allowed::new(configuration, &exact, theta, &naive)?;
    let narrow = match configuration.precision {
        Precision::F32 => Some(Batch::<f32>::new(configuration, data, samples)?),
        Precision::F64 => None,
    };
    let sweeps = [
        Perturb::Weight,
        Perturb::WeightDirect,
        Perturb::Neuron,
        Perturb::Layer,
    ];
    let mut rows = Vec::new();
    for perturb in sweeps {
        let found = match &narrow {
            None => exact.measure(configuration, perturb, theta)?,
            Some(narrow) => {
                let theta: Vec<f32> = theta.iter().map(|&x| x as f32).collect();
                let found = narrow.measure(configuration, perturb, &theta)?;
                found.into_iter().map(f64::from).collect()
            }
        };
        let network = &exact.network;
        let distances = distance(network, &found, &naive);
        let from_derived = derived
            .as_ref()
            .map(|derived| distance(network, &found, derived));
        let is_good = match perturb {
            Perturb::Weight | Perturb::WeightDirect => distances.0 <= allowed.from_naive,
            // What these two perturb is not a weight: only at a small step do all agree.
            _ => from_derived
                .as_ref()
                .is_none_or(|(error, _)| *error <= allowed.from_derived),
        };
        rows.push(Row {
            perturb,
            naive: distances,
            derived: from_derived,
            is_good,
        });
    }
    Ok(rows)
}

/// How far from its yardstick a sweep may be, in relative L2.
struct Allowed {
    from_naive: f64,
    from_derived: f64,
}

impl Allowed {
    fn new(
        configuration: &Configuration,
        batch: &Batch<f64>,
        theta: &[f64],
        naive: &[f64],
    ) -> Result<Self, Failure> {
        let h = configuration.step;
        let precision = match configuration.precision {
            Precision::F32 => 1e-4,
            Precision::F64 => 1e-8,
        };
        // The full passes lose 4ε·L / h in each entry by subtracting two losses.
        let loss =
            batch
                .objective()
                .loss(theta, &batch.x, &batch.targets, &mut Trace::default())?;
        let rounding = 4.0 * f64::EPSILON * loss * (theta.len() as f64).sqrt() / h;
        let truncation = match configuration.scheme {
            Scheme::Forward | Scheme::Backward => 10.0 * h,
            Scheme::Central => 10.0 * h * h,
            Scheme::FivePoint => 10.0 * h.powi(4),
        };
        // A difference across a corner is honestly off by a part of the slope's jump.
        let smooth = |kind: &numgrad_core::ActivationKind| {
            use numgrad_core::ActivationKind::{Gelu, Identity, Sigmoid, Softplus, Tanh};
            matches!(kind, Identity | Sigmoid | Tanh | Softplus | Gelu)
        };
        let corners = if configuration.architecture.hidden.iter().all(smooth) {
            0.0
        } else {
            100.0 * h
        };
        Ok(Self {
            from_naive: precision + 2.0 * rounding / norm(naive).max(f64::MIN_POSITIVE),
            from_derived: precision + truncation + corners,
        })
    }
}

struct Batch<T: Real> {
    network: Mlp<T>,
    loss: Box<dyn Loss<T>>,
    x: Vec<T>,
    targets: Targets<T>,
}

impl<T: Real> Batch<T> {
    fn new(run: &Configuration, data: &Dataset, samples: usize) -> Result<Self, Failure> {
        let indices: Vec<usize> = (0..samples).collect();
        let (mut x, mut targets) = (Vec::new(), Targets::Labels(Vec::new()));
        data.gather(&indices, &mut x, &mut targets)?;
        Ok(Self {
            network: run.architecture.build().map_err(TrainError::from)?,
            loss: run.build_loss().map_err(TrainError::from)?,
            x,
            targets,
        })
    }

    fn objective(&self) -> Objective<'_, T> {
        Objective::new(&self.network, &*self.loss)
    }

    fn measure(
        &self,
        run: &Configuration,
        perturb: Perturb,
        theta: &[T],
    ) -> Result<Vec<T>, GradientError> {
        let mut gradient = vec![T::zero(); theta.len()];
        let kind = EstimatorKind::Sweep(perturb);
        let mut sweep = kind.build(run.scheme, T::of(run.step), run.seed)?;
        let batch = numgrad_gradient::Batch {
            x: &self.x,
            targets: &self.targets,
            step: 0,
        };
        sweep.estimate(&self.objective(), theta, batch, &mut gradient)?;
        Ok(gradient)
    }

    fn derive(&self, theta: &[T]) -> Result<Vec<T>, GradientError> {
        let mut gradient = vec![T::zero(); theta.len()];
        let (x, targets) = (&self.x, &self.targets);
        Backpropagation::new().derive(&self.objective(), theta, x, targets, &mut gradient)?;
        Ok(gradient)
    }
}

/// ‖a − b‖ / ‖b‖, and the entry where they differ most.
fn distance(network: &Mlp<f64>, a: &[f64], b: &[f64]) -> (f64, String) {
    let difference: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
    let worst = (0..difference.len())
        .max_by(|&i, &j| difference[i].abs().total_cmp(&difference[j].abs()))
        .unwrap_or(0);
    let relative = norm(&difference) / norm(b).max(f64::MIN_POSITIVE);
    let entry = format!("{} {:+.1e}", network.parameter(worst), difference[worst]);
    (relative, entry)
}

fn norm(vector: &[f64]) -> f64 {
    vector.iter().map(|x| x * x).sum::<f64>().sqrt()
}

fn print(
    run: &Configuration,
    rows: &[Row],
    samples: usize,
    as_json: bool,
    out: &mut Out,
) -> Result<(), Failure> {
    let verdict = |row: &Row| if row.is_good { "ok" } else { "FAILED" };
    if as_json {
        for row in rows {
            out.line(json!({
                "perturb": row.perturb, "from_weight_naive": row.naive.0,
                "worst_from_weight_naive": row.naive.1,
                "from_backpropagation": row.derived.as_ref().map(|derived| derived.0),
                "worst_from_backpropagation": row.derived.as_ref().map(|derived| &derived.1),
                "verdict": verdict(row),
            }))?;
        }
        return Ok(());
    }
    out.line(format_args!(
        "{} differences with h = {:e} on {samples} samples in {}; distances are relative (L2)",
        run.scheme, run.step, run.precision
    ))?;
    out.line(format_args!(
        "{:<14} {:>12}  {:<22} {:>12}  {:<22} verdict",
        "sweep", "weight-naive", "worst entry", "backprop.", "worst entry"
    ))?;
    for row in rows {
        let (error, entry) = match &row.derived {
            Some((error, entry)) => (format!("{error:.2e}"), entry.as_str()),
            None => ("-".to_owned(), "no derivative"),
        };
        out.line(format_args!(
            "{:<14} {:>12.2e}  {:<22} {error:>12}  {entry:<22} {}",
            row.perturb,
            row.naive.0,
            row.naive.1,
            verdict(row)
        ))?;
    }
    Ok(())
}
