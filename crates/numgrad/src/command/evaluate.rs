//! `numgrad evaluate`: a trained network's loss and metrics.
use crate::args::EvaluateArguments;
use crate::failure::Failure;
use crate::out::Out;
use crate::report::warn;
use crate::setup::{on_pool, reading};
use numgrad_core::{Precision, Real};
use numgrad_gradient::Objective;
use numgrad_train::checkpoint::{Checkpoint, load};
use numgrad_train::dataset::Dataset;
use numgrad_train::{Evaluation, Metrics, Prepared, TrainError, evaluate};
use serde_json::json;

pub(crate) fn run(arguments: &EvaluateArguments, out: &mut Out) -> Result<(), Failure> {
    let loaded = load(&arguments.run)?;
    warn(loaded.warning.as_ref());
    let checkpoint = &loaded.checkpoint;
    let data = data_of(arguments, checkpoint)?;
    let evaluation = on_pool(arguments.threads, || {
        match checkpoint.header.configuration.precision {
            Precision::F32 => evaluation::<f32>(checkpoint, &data),
            Precision::F64 => evaluation::<f64>(checkpoint, &data),
        }
    })??;
    print(&evaluation, arguments.json, out)
}

/// The samples held out when the network was trained; of other data all of them, or their own
/// test set.
fn data_of(arguments: &EvaluateArguments, checkpoint: &Checkpoint) -> Result<Dataset, Failure> {
    let run = &checkpoint.header.configuration;
    match &arguments.data.data {
        None => Ok(Prepared::load(run)?.test),
        Some(source) => {
            let mut options = reading(&arguments.data);
            options.target = options.target.or_else(|| run.reading.target.clone());
            options.task = options.task.or(run.reading.task);
            let loaded = source.load(&options)?;
            let mut data = loaded.test.unwrap_or(loaded.train);
            checkpoint.header.scaler.apply(&mut data);
            Ok(data)
        }
    }
}

fn evaluation<T: Real>(checkpoint: &Checkpoint, data: &Dataset) -> Result<Evaluation, Failure> {
    let run = &checkpoint.header.configuration;
    let network = run.architecture.build::<T>().map_err(TrainError::from)?;
    let loss = run.loss.build().map_err(TrainError::from)?;
    for (what, network, data) in [("inputs", network.inputs(), data.inputs())] {
        if network != data {
            return Err(Failure::data(format!(
                "the network has {network} {what}, but the data have {data}"
            )));
        }
    }
    if data.outputs() > network.outputs() {
        return Err(Failure::data(format!(
            "the network has {} outputs, but the data have {} classes",
            network.outputs(),
            data.outputs()
        )));
    }
    let theta = checkpoint
        .payload
        .theta
        .get()
        .ok_or(TrainError::OtherState)?;
    Ok(evaluate(&Objective::new(&network, &*loss), &theta, data)?)
}

fn print(evaluation: &Evaluation, as_json: bool, out: &mut Out) -> Result<(), Failure> {
    let Evaluation {
        samples,
        loss,
        metrics,
    } = evaluation;
    match metrics {
        Metrics::Classification {
            accuracy,
            confusion,
        } => {
            if as_json {
                let classes = confusion.classes();
                let rows: Vec<Vec<u64>> = (0..classes)
                    .map(|t| (0..classes).map(|k| confusion.count(t, k)).collect())
                    .collect();
                return out.line(json!({
                    "samples": samples, "loss": loss, "accuracy": accuracy, "confusion": rows,
                }));
            }
            out.line(format_args!("samples   {samples}"))?;
            out.line(format_args!("loss      {loss:.6}"))?;
            out.line(format_args!("accuracy  {accuracy:.4}"))?;
            out.line(confusion)
        }
        Metrics::Regression { rmse, r_squared } => {
            if as_json {
                return out.line(json!({
                    "samples": samples, "loss": loss, "rmse": rmse, "r_squared": r_squared,
                }));
            }
            out.line(format_args!("samples   {samples}"))?;
            out.line(format_args!("loss      {loss:.6}"))?;
            out.line(format_args!("rmse      {rmse:.6}"))?;
            out.line(format_args!("R²        {r_squared:.4}"))
        }
    }
}
