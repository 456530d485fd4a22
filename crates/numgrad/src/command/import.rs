//! `numgrad import`: a network from another program, as a run to evaluate and to train on.
use crate::args::{FunctionArguments, ImportArguments, NetworkArguments};
use crate::failure::Failure;
use crate::out::{Out, say};
use crate::report::{default_folder, widths};
use crate::run_folder::save_start;
use crate::setup::configure;
use numgrad_core::{Precision, Real};
use numgrad_train::checkpoint::{Checkpoint, RunDirectory};
use numgrad_train::dataset::{DataSource, Scaling};
use numgrad_train::exchange::ForeignNetwork;
use numgrad_train::{Configuration, Prepared, Trainer, Validation};
use serde_json::json;

pub(crate) fn run(arguments: &ImportArguments, out: &mut Out) -> Result<(), Failure> {
    let network = ForeignNetwork::load(&arguments.file)?;
    let (configuration, data) = configured(arguments, &network)?;
    fits(&network, &data)?;
    if network
        .description()
        .is_none_or(|file| file.split.is_none())
        && !matches!(configuration.data, DataSource::Mnist(_))
    {
        say(format_args!(
            "numgrad: warning: {} does not say which samples it was trained on: unless the data have a \
             test set, --seed {} may hold some of those out for testing",
            arguments.file.display(),
            configuration.seed
        ));
    }
    let mut checkpoint = match configuration.precision {
        Precision::F32 => beginning::<f32>(configuration, data)?,
        Precision::F64 => beginning::<f64>(configuration, data)?,
    };
    let header = &checkpoint.header;
    let run = &header.configuration;
    let output = run.architecture.output;
    checkpoint.payload.theta = network.theta(&header.scaler, header.target_scale, output)?;
    let path = arguments
        .run
        .clone()
        .unwrap_or_else(|| default_folder(run.seed));
    RunDirectory::is_free(&path)?;
    let mut folder = RunDirectory::create(&path)?;
    save_start(&path, &checkpoint)?;
    folder.save(&checkpoint)?;
    if arguments.json {
        return out.line(json!({
            "run": path, "widths": network.widths(), "precision": network.precision(),
            "parameters": checkpoint.header.parameters, "hidden": run.architecture.hidden,
            "output": run.architecture.output, "loss": run.loss,
        }));
    }
    let hidden = match run.architecture.hidden.first() {
        Some(activation) => format!("{activation}, "),
        None => String::new(),
    };
    let assumed = match network.description() {
        Some(_) => "",
        None => " (the file does not name its functions: see --activation and --output)",
    };
    out.line(format_args!(
        "imported {} ({hidden}{}) in {}{assumed}",
        widths(network.widths()),
        run.architecture.output,
        network.precision(),
    ))?;
    let run = path.display();
    out.line(format_args!(
        "saved in {run}; see numgrad evaluate {run}, or numgrad train --resume {run}"
    ))
}

/// The run that the options, the file and the data ask for, in this order.
fn configured(
    arguments: &ImportArguments,
    network: &ForeignNetwork,
) -> Result<(Configuration, Prepared), Failure> {
    let FunctionArguments {
        activation,
        output,
        loss,
        seed,
    } = arguments.functions;
    let described = network.description();
    let split = described.and_then(|file| file.split.as_ref());
    let asked = NetworkArguments {
        layers: Some(network.widths().to_vec()),
        activation,
        output: output.or(described.map(|file| file.output)),
        loss: loss.or(described.map(|file| file.loss)),
        init: None,
        precision: network.precision(),
        seed: seed.or(split.map(|split| split.seed)).unwrap_or(0),
    };
    let mut optimization = arguments.optimization.clone();
    if let Some(split) = split {
        let fraction = optimization
            .test_fraction
            .get_or_insert(split.test_fraction);
        // A test on samples that the network was trained on would flatter it.
        let is_same = asked.seed == split.seed && *fraction == split.test_fraction;
        let own = optimization.regime.validation.as_ref();
        if let (true, None, Some(part)) = (is_same, own, split.validation) {
            optimization.regime.validation = Some(Validation::Part(part));
        }
    }
    // Without a word about it, the file's network takes its inputs and gives its outputs as they are.
    let (scaling, target_scaling) = described.map_or((Scaling::None, Scaling::None), |file| {
        (file.scaling, file.target_scaling)
    });
    optimization.scaling = optimization.scaling.or(Some(scaling));
    optimization.target_scaling = optimization.target_scaling.or(Some(target_scaling));
    let (mut run, data) = configure(&arguments.data, &asked, &arguments.gradient, &optimization)?;
    if let (None, Some(file)) = (activation, described) {
        run.architecture.hidden.clone_from(&file.hidden);
    }
    Ok((run, data))
}

/// The widths are the file's, so that only other data can help.
fn fits(network: &ForeignNetwork, data: &Prepared) -> Result<(), Failure> {
    let widths = network.widths();
    let outputs = data.train.outputs();
    let ends = [
        ("inputs", widths.first(), data.train.inputs()),
        ("outputs", widths.last(), outputs),
    ];
    for (what, found, needed) in ends {
        if found != Some(&needed) {
            let found = found.copied().unwrap_or(0);
            return Err(Failure::usage(format!(
                "the file's network has {found} {what}, but the data have {needed}: give its own data \
                 with --data"
            )));
        }
    }
    Ok(())
}

/// A run before its first step.
fn beginning<T: Real>(run: Configuration, data: Prepared) -> Result<Checkpoint, Failure> {
    Ok(Trainer::<T>::new(run, data)?.checkpoint())
}
