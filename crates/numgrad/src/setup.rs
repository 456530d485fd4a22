//! From the command line to a configuration and its data.
use crate::args::{
    DataArguments, GradientArguments, HeaderChoice, NetworkArguments, OptimizationArguments,
    RandomArguments, TaskChoice,
};
use crate::failure::{Failure, Status};
use crate::out::say;
use numgrad_core::{ActivationKind, Architecture, Initializer, OutputKind, Precision};
use numgrad_diff::Directions;
use numgrad_gradient::{EstimatorKind, Perturb, default_step};
use numgrad_loss::LossKind;
use numgrad_train::dataset::{DataSource, Dataset, Header, LoadOptions, Scaling, Task};
use numgrad_train::{Configuration, Prepared};

/// Neurons of the hidden layer where no widths are given: for few inputs, and for many.
const HIDDEN: (usize, usize) = (32, 50);

/// Epochs where none are given.
const EPOCHS: u64 = 40;

pub(crate) fn reading(arguments: &DataArguments) -> LoadOptions {
    LoadOptions {
        target: arguments.target.clone(),
        header: match arguments.header {
            None | Some(HeaderChoice::Auto) => Header::Auto,
            Some(HeaderChoice::Yes) => Header::Yes,
            Some(HeaderChoice::No) => Header::No,
        },
        task: arguments.task.map(|task| match task {
            TaskChoice::Classification => Task::Classification,
            TaskChoice::Regression => Task::Regression,
        }),
        max_bytes: arguments.max_data_bytes,
    }
}

/// The configuration that the flags and the data ask for, and the data.
pub(crate) fn configure(
    data: &DataArguments,
    network: &NetworkArguments,
    gradient: &GradientArguments,
    optimization: &OptimizationArguments,
) -> Result<(Configuration, Prepared), Failure> {
    if !(optimization.test_fraction > 0.0 && optimization.test_fraction < 1.0) {
        return Err(Failure::usage(format!(
            "--test-fraction must be between 0 and 1, but it is {}",
            optimization.test_fraction
        )));
    }
    let source = data.data.clone().unwrap_or(DataSource::Digits);
    let reading = reading(data);
    let loaded = source.load(&reading)?;
    let scaling = optimization.scaling.unwrap_or(if source.is_images() {
        Scaling::None
    } else {
        Scaling::Standard
    });
    let architecture = architecture(network, &loaded.train);
    let loss = network.loss.unwrap_or(if loaded.train.classes().is_some() {
        LossKind::CrossEntropy
    } else {
        LossKind::SumOfSquaredErrors
    });
    let rectified = architecture
        .hidden
        .iter()
        .any(|kind| matches!(kind, ActivationKind::Relu | ActivationKind::LeakyRelu));
    let perturb = chosen(gradient.perturb, gradient.coordinates.as_deref())?;
    let perturb = estimator(perturb, &gradient.random)?;
    let step = gradient
        .step
        .unwrap_or_else(|| step_of(network.precision, perturb));
    let configuration = Configuration {
        data: source,
        reading,
        scaling,
        test_fraction: optimization.test_fraction,
        precision: network.precision,
        initializer: network.init.unwrap_or(if rectified {
            Initializer::HeUniform
        } else {
            Initializer::XavierUniform
        }),
        architecture,
        loss,
        perturb,
        scheme: gradient.scheme,
        step,
        optimizer: optimization.optimizer,
        learning_rate: optimization
            .learning_rate
            .unwrap_or(optimization.optimizer.default_learning_rate()),
        weight_decay: optimization.weight_decay,
        batch_size: optimization.batch_size,
        epochs: optimization.epochs.unwrap_or(EPOCHS),
        seed: network.seed,
        audit: optimization.audit,
    };
    let prepared = Prepared::new(
        loaded,
        configuration.scaling,
        configuration.test_fraction,
        configuration.seed,
    )?;
    Ok((configuration, prepared))
}

/// The estimator with the coordinates that the flag chooses.
pub(crate) fn chosen(
    kind: EstimatorKind,
    coordinates: Option<&str>,
) -> Result<EstimatorKind, Failure> {
    match coordinates {
        None | Some("all") => Ok(kind),
        Some(_) if kind != Perturb::Weight.into() => Err(Failure::usage(format!(
            "--coordinates are for --perturb weight, not for --perturb {kind}"
        ))),
        Some(text) => text
            .parse()
            .map(EstimatorKind::Chosen)
            .map_err(|error| Failure::usage(format!("--coordinates: {error}"))),
    }
}

/// The estimator with the random directions that the flags ask for.
pub(crate) fn estimator(
    kind: EstimatorKind,
    random: &RandomArguments,
) -> Result<EstimatorKind, Failure> {
    let RandomArguments {
        directions,
        distribution,
        rank,
    } = *random;
    let EstimatorKind::Directions(default) = kind else {
        return if directions.is_some() || distribution.is_some() || rank.is_some() {
            Err(Failure::usage(format!(
                "--directions, --distribution and --rank are for --perturb directions, not for \
                 --perturb {kind}"
            )))
        } else {
            Ok(kind)
        };
    };
    Ok(EstimatorKind::Directions(Directions {
        count: directions.unwrap_or(default.count),
        distribution: distribution.unwrap_or(default.distribution),
        rank: rank.unwrap_or(default.rank),
    }))
}

/// The step where none is given. Full passes subtract two losses, which leaves f32 few digits.
fn step_of(precision: Precision, perturb: EstimatorKind) -> f64 {
    let subtracts = perturb.subtracts_losses();
    match precision {
        Precision::F64 => default_step::<f64>(!subtracts),
        Precision::F32 => {
            let h = default_step::<f32>(!subtracts);
            if subtracts {
                say(format_args!(
                    "numgrad: warning: in f32 full passes subtract two rounded losses; h = {h} \
                     keeps what digits there are"
                ));
            }
            h
        }
    }
}

fn architecture(arguments: &NetworkArguments, data: &Dataset) -> Architecture {
    let widths = arguments.layers.clone().unwrap_or_else(|| {
        let hidden = if data.inputs() <= 100 {
            HIDDEN.0
        } else {
            HIDDEN.1
        };
        vec![data.inputs(), hidden, data.outputs()]
    });
    let output = arguments.output.unwrap_or(if data.classes().is_some() {
        OutputKind::Softmax
    } else {
        OutputKind::Elementwise(ActivationKind::Identity)
    });
    let activation = arguments.activation.unwrap_or(ActivationKind::Relu);
    Architecture::new(&widths, activation, output)
}

/// Runs work on a pool of this many threads; 0 is as many as the machine or container allows.
pub(crate) fn on_pool<R: Send>(
    threads: usize,
    work: impl FnOnce() -> R + Send,
) -> Result<R, Failure> {
    Ok(pool(threads)?.install(work))
}

/// A pool of this many threads; 0 is as many as the machine or container allows.
pub(crate) fn pool(threads: usize) -> Result<rayon::ThreadPool, Failure> {
    // More threads than any machine has would only exhaust it.
    if threads > 4096 {
        return Err(Failure::usage(format!(
            "--threads {threads} is more than 4096"
        )));
    }
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| {
            Failure::new(
                Status::Internal,
                format!("threads cannot be started: {error}"),
            )
        })
}
