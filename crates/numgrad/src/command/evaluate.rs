//! `numgrad evaluate`: a trained network's loss and metrics.
mod sheet;

use crate::args::EvaluateArguments;
use crate::failure::Failure;
use crate::out::Out;
use crate::report::warn;
use crate::setup::{is_read, on_pool, reading};
use numgrad_core::{Precision, Real};
use numgrad_gradient::Objective;
use numgrad_train::checkpoint::{Checkpoint, load};
use numgrad_train::dataset::Dataset;
use numgrad_train::{Prepared, TrainError, evaluate_in_detail};
use sheet::Sheet;

pub(crate) fn run(arguments: &EvaluateArguments, out: &mut Out) -> Result<(), Failure> {
    let loaded = load(&arguments.run)?;
    warn(loaded.warning.as_ref());
    let checkpoint = &loaded.checkpoint;
    let data = data_of(arguments, checkpoint)?;
    let sheet = on_pool(arguments.threads, || {
        match checkpoint.header.configuration.precision {
            Precision::F32 => evaluation::<f32>(checkpoint, &data, arguments.top_k),
            Precision::F64 => evaluation::<f64>(checkpoint, &data, arguments.top_k),
        }
    })??;
    if arguments.json {
        return out.line(sheet.json());
    }
    sheet.print(out)
}

/// The samples held out when the network was trained; of other data all of them, or their own
/// test set.
fn data_of(arguments: &EvaluateArguments, checkpoint: &Checkpoint) -> Result<Dataset, Failure> {
    let run = &checkpoint.header.configuration;
    let columns = checkpoint.header.columns.as_ref();
    match &arguments.data.data {
        None => match arguments.data.said().next() {
            None => Ok(Prepared::load(run)?.test),
            Some(flag) => Err(Failure::usage(format!(
                "--{flag} needs --data: the run's own data are read as they were"
            ))),
        },
        Some(source) => {
            is_read(source, &arguments.data)?;
            // A run that was trained on a table knows what its columns are.
            let table = columns.filter(|columns| !columns.are_images());
            let mut said = arguments.data.said();
            if let (Some(_), Some(flag)) = (table, said.find(|flag| *flag != "header")) {
                let message = format!("--{flag} cannot be used: the run keeps its own columns");
                return Err(Failure::usage(message));
            }
            let mut options = reading(&arguments.data);
            options.target = options.target.or_else(|| run.reading.target.clone());
            options.task = options.task.or(run.reading.task);
            options.arrays = options.arrays.or_else(|| run.reading.arrays.clone());
            let mut data = source.load_as(columns, &options)?;
            if source.is_text() {
                run.data.adapt_text(&mut data);
            }
            checkpoint.header.scale(&mut data);
            Ok(data)
        }
    }
}

fn evaluation<T: Real>(
    checkpoint: &Checkpoint,
    data: &Dataset,
    top_k: Option<usize>,
) -> Result<Sheet, Failure> {
    let run = &checkpoint.header.configuration;
    let network = run.architecture.build::<T>().map_err(TrainError::from)?;
    let loss = run.build_loss().map_err(TrainError::from)?;
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
    if let Some(k) = top_k {
        let outputs = network.outputs();
        if data.classes().is_none() {
            return Err(Failure::usage(
                "--top-k is for classes, but the targets are values: leave it out",
            ));
        }
        if k == 0 || k > outputs {
            return Err(Failure::usage(format!(
                "--top-k must be from 1 to the {outputs} outputs, but it is {k}"
            )));
        }
    }
    let objective = Objective::new(&network, &*loss);
    let (evaluation, details) = evaluate_in_detail(&objective, &theta, data, top_k)?;
    Ok(Sheet::new(evaluation, details, &checkpoint.header))
}
