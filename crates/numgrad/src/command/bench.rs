//! `numgrad bench`: how fast each sweep measures a gradient, beside backpropagation.
use crate::args::{BenchArguments, GradientArguments, OptimizationArguments};
use crate::failure::{Failure, Status};
use crate::out::Out;
use crate::report::grouped;
use crate::setup::{configure, on_pool};
use numgrad_core::{Mlp, Precision, Real, Trace};
use numgrad_gradient::{Backpropagation, FiniteDifferences, GradientError, Objective, Perturb};
use numgrad_loss::{Loss, Targets};
use numgrad_train::dataset::Dataset;
use numgrad_train::{Configuration, TrainError, Trainer};
use serde_json::json;
use std::time::{Duration, Instant};

pub(crate) fn run(arguments: &BenchArguments, out: &mut Out) -> Result<(), Failure> {
    let gradient = GradientArguments {
        perturb: arguments.perturb.unwrap_or_default().into(),
        random: crate::args::RandomArguments::default(),
        scheme: arguments.scheme,
        step: arguments.step,
    };
    let optimization = OptimizationArguments {
        batch_size: arguments.batch_size,
        ..OptimizationArguments::default()
    };
    let (run, data) = configure(
        &arguments.data,
        &arguments.network,
        &gradient,
        &optimization,
    )?;
    let samples = arguments.batch_size.clamp(1, data.train.samples());
    if let Some(path) = &arguments.write_case {
        let trainer = Trainer::<f64>::new(run.clone(), data.clone())?;
        write_case(path, &run, trainer.theta(), &data.train, samples)?;
    }
    let sweeps = arguments
        .perturb
        .map_or_else(|| Perturb::ALL.to_vec(), |perturb| vec![perturb]);
    let budget = Duration::from_secs_f64(arguments.seconds.clamp(0.01, 600.0));
    let theta = Trainer::<f64>::new(run.clone(), data.clone())?
        .theta()
        .to_vec();
    let rows = on_pool(arguments.threads, || match run.precision {
        Precision::F32 => measure::<f32>(&run, &data.train, samples, &theta, &sweeps, budget),
        Precision::F64 => measure::<f64>(&run, &data.train, samples, &theta, &sweeps, budget),
    })??;
    print(&run, samples, &rows, arguments.json, out)
}

/// One sweep's figures.
struct Row {
    perturb: Perturb,
    seconds: f64,
    /// From one forward pass, where all of them would take minutes.
    extrapolated: bool,
    backpropagation: Option<f64>,
    weights: usize,
    loss_evaluations: u64,
    threads: usize,
}

fn measure<T: Real>(
    run: &Configuration,
    data: &Dataset,
    samples: usize,
    theta: &[f64],
    sweeps: &[Perturb],
    budget: Duration,
) -> Result<Vec<Row>, Failure> {
    let case = Case::<T>::new(run, data, samples, theta)?;
    let mut gradient = vec![T::zero(); case.theta.len()];
    let objective = Objective::new(&case.network, &*case.loss);
    let mut reference = Backpropagation::new();
    let derived = median(budget, || {
        reference.derive(
            &objective,
            &case.theta,
            &case.x,
            &case.targets,
            &mut gradient,
        )?;
        Ok(())
    });
    let backpropagation = match derived {
        Err(GradientError::NoDerivative(_)) => None,
        derived => Some(derived?),
    };
    let mut rows = Vec::new();
    for &perturb in sweeps {
        let mut sweep = FiniteDifferences::new(perturb, run.scheme, T::of(run.step))?;
        let loss_evaluations = sweep.loss_evaluations(&case.network);
        let threads = rayon::current_num_threads();
        let extrapolated = perturb == Perturb::WeightNaive;
        let seconds = if extrapolated {
            let mut trace = Trace::new();
            let pass = median(budget, || {
                objective.loss(&case.theta, &case.x, &case.targets, &mut trace)?;
                Ok(())
            })?;
            pass * loss_evaluations as f64 / threads as f64
        } else {
            median(budget, || {
                sweep.measure(
                    &objective,
                    &case.theta,
                    &case.x,
                    &case.targets,
                    &mut gradient,
                )?;
                Ok(())
            })?
        };
        rows.push(Row {
            perturb,
            seconds,
            extrapolated,
            backpropagation,
            weights: case.theta.len(),
            loss_evaluations,
            threads,
        });
    }
    Ok(rows)
}

/// The median of repeated runs over about this time, after one that warms up.
fn median(
    budget: Duration,
    mut work: impl FnMut() -> Result<(), GradientError>,
) -> Result<f64, GradientError> {
    work()?;
    let (start, mut times) = (Instant::now(), Vec::new());
    while times.len() < 3 || (start.elapsed() < budget && times.len() < 10_000) {
        let started = Instant::now();
        work()?;
        times.push(started.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}

struct Case<T: Real> {
    network: Mlp<T>,
    loss: Box<dyn Loss<T>>,
    theta: Vec<T>,
    x: Vec<T>,
    targets: Targets<T>,
}

impl<T: Real> Case<T> {
    fn new(
        run: &Configuration,
        data: &Dataset,
        samples: usize,
        theta: &[f64],
    ) -> Result<Self, Failure> {
        let indices: Vec<usize> = (0..samples).collect();
        let (mut x, mut targets) = (Vec::new(), Targets::Labels(Vec::new()));
        data.gather(&indices, &mut x, &mut targets);
        Ok(Self {
            network: run.architecture.build().map_err(TrainError::from)?,
            loss: run.loss.build().map_err(TrainError::from)?,
            theta: theta.iter().map(|&entry| T::of(entry)).collect(),
            x,
            targets,
        })
    }
}

/// The network, its parameters and the batch as JSON, for programs to compare with.
fn write_case(
    path: &std::path::Path,
    run: &Configuration,
    theta: &[f64],
    data: &Dataset,
    samples: usize,
) -> Result<(), Failure> {
    let case = Case::<f64>::new(run, data, samples, theta)?;
    let Targets::Labels(labels) = &case.targets else {
        return Err(Failure::usage("--write-case needs data with classes"));
    };
    let text = json!({
        "layers": run.architecture.widths, "activation": run.architecture.hidden.first(),
        "batch": samples, "theta": case.theta, "x": case.x, "labels": labels,
    });
    std::fs::write(path, text.to_string()).map_err(|error| {
        let path = path.display();
        Failure::new(
            Status::CannotCreate,
            format!("{path}: cannot be written: {error}"),
        )
    })
}

fn print(
    run: &Configuration,
    samples: usize,
    rows: &[Row],
    as_json: bool,
    out: &mut Out,
) -> Result<(), Failure> {
    if !as_json {
        let widths: Vec<String> = run
            .architecture
            .widths
            .iter()
            .map(ToString::to_string)
            .collect();
        out.line(format_args!(
            "{} in {}, batch {samples}, {} differences, {} threads; medians",
            widths.join("-"),
            run.precision,
            run.scheme,
            rows.first().map_or(0, |row| row.threads)
        ))?;
        out.line(format_args!(
            "{:<14} {:>12} {:>16} {:>22} {:>12}",
            "sweep", "ms/gradient", "weights/s", "loss evaluations/s", "to backprop."
        ))?;
    }
    for row in rows {
        let rate = row.weights as f64 / row.seconds;
        let evaluations = row.loss_evaluations as f64 / row.seconds;
        if as_json {
            out.line(json!({
                "perturb": row.perturb, "layers": run.architecture.widths, "batch": samples,
                "precision": run.precision, "threads": row.threads,
                "gradient_seconds": row.seconds, "extrapolated": row.extrapolated,
                "backpropagation_seconds": row.backpropagation, "weights_per_second": rate,
                "loss_evaluations": row.loss_evaluations,
            }))?;
            continue;
        }
        let ratio = row.backpropagation.map_or_else(
            || "-".to_owned(),
            |seconds| format!("{:.2}", row.seconds / seconds),
        );
        let mark = if row.extrapolated { "*" } else { "" };
        out.line(format_args!(
            "{:<14} {:>12} {:>16} {:>22} {ratio:>12}",
            row.perturb,
            format!("{:.3}{mark}", row.seconds * 1e3),
            grouped(rate.round()),
            grouped(evaluations.round()),
        ))?;
    }
    let seconds = rows.first().and_then(|row| row.backpropagation);
    match seconds {
        Some(seconds) if !as_json => {
            out.line(format_args!("backpropagation {:>10.3} ms", seconds * 1e3))?;
        }
        _ => {}
    }
    if !as_json && rows.iter().any(|row| row.extrapolated) {
        out.line("* from one forward pass")?;
    }
    Ok(())
}
