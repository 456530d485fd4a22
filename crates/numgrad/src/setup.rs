//! From the command line to a configuration and its data.
use crate::args::{
    DataArguments, GradientArguments, HeaderChoice, NetworkArguments, OptimizationArguments,
    RandomArguments, TaskChoice,
};
use crate::failure::{Failure, Status};
use crate::out::say;
use numgrad_core::Precision;
use numgrad_diff::Directions;
use numgrad_gradient::{EstimatorKind, Perturb};
use numgrad_train::dataset::{DataError, DataSource, Dataset, Header, LoadOptions, Loaded, Task};
use numgrad_train::{Configuration, Plan, PrepareError, Prepared};
use std::num::NonZero;
use std::sync::Once;
use std::time::Instant;
use tracing::info;

pub(crate) fn reading(arguments: &DataArguments) -> LoadOptions {
    LoadOptions {
        target: arguments.target.clone(),
        header: header_of(arguments.header),
        task: arguments.task.map(|task| match task {
            TaskChoice::Classification => Task::Classification,
            TaskChoice::Regression => Task::Regression,
        }),
        max_bytes: arguments.max_data_bytes.0,
        missing: arguments.missing.unwrap_or_default(),
        categorical: arguments.categorical.clone(),
        ignore: arguments.ignore.clone(),
        targets: arguments.targets.clone(),
        arrays: arguments.arrays.clone(),
        held_bytes: arguments.held_bytes.0,
    }
}

pub(crate) fn header_of(choice: Option<HeaderChoice>) -> Header {
    match choice {
        None | Some(HeaderChoice::Auto) => Header::Auto,
        Some(HeaderChoice::Yes) => Header::Yes,
        Some(HeaderChoice::No) => Header::No,
    }
}

/// The configuration that the flags and the data ask for, and the data.
pub(crate) fn configure(
    data: &DataArguments,
    network: &NetworkArguments,
    gradient: &GradientArguments,
    optimization: &OptimizationArguments,
) -> Result<(Configuration, Prepared), Failure> {
    let open = Plan::default();
    let source = data.data.clone().unwrap_or(open.data);
    is_read(&source, data)?;
    let perturb = chosen(gradient.perturb, gradient.coordinates.as_deref())?;
    let plan = Plan {
        data: source,
        reading: reading(data),
        scaling: optimization.scaling,
        target_scaling: optimization.target_scaling,
        test_fraction: optimization.test_fraction.unwrap_or(open.test_fraction),
        layers: network.layers.clone(),
        activation: network.activation.unwrap_or(open.activation),
        output: network.output,
        precision: network.precision,
        initializer: network.init,
        loss: network.loss,
        perturb: estimator(perturb, &gradient.random)?,
        scheme: gradient.scheme,
        step: gradient.step,
        optimizer: optimization.optimizer,
        learning_rate: optimization.learning_rate,
        weight_decay: optimization.weight_decay,
        batch_size: optimization.batch_size,
        epochs: optimization.epochs.unwrap_or(open.epochs),
        seed: network.seed,
        audit: optimization.audit,
        regime: optimization.regime.regime(),
    };
    let is_open = plan.step.is_none();
    let (configuration, prepared) = loaded(plan)?;
    if is_open {
        warn_of_digits(&configuration);
    }
    Ok((configuration, prepared))
}

/// Reads and prepares the data of a new run, and says with `-v` what there is of them.
fn loaded(plan: Plan) -> Result<(Configuration, Prepared), PrepareError> {
    let data = read(&plan.data, &plan.reading)?;
    let started = Instant::now();
    let (run, data) = plan.with(data)?;
    say_prepared(&run, &data, started);
    Ok((run, data))
}

/// Reads and prepares the data of a run that was begun before.
pub(crate) fn loaded_again(run: &Configuration) -> Result<Prepared, PrepareError> {
    let data = read(&run.data, &run.reading)?;
    let started = Instant::now();
    let data = Prepared::of(run, data)?;
    say_prepared(run, &data, started);
    Ok(data)
}

fn read(source: &DataSource, reading: &LoadOptions) -> Result<Loaded, DataError> {
    let started = Instant::now();
    let data = source.load(reading)?;
    let (train, test) = (&data.train, &data.test);
    info!(
        %source,
        rows = train.samples() + test.as_ref().map_or(0, Dataset::samples),
        inputs = train.inputs(),
        classes = train.classes(),
        bytes = source.bytes(reading),
        seconds = started.elapsed().as_secs_f64(),
        "data read"
    );
    Ok(data)
}

fn say_prepared(run: &Configuration, data: &Prepared, started: Instant) {
    info!(
        train = data.train.samples(),
        validation = data.validation.as_ref().map(Dataset::samples),
        test = data.test.samples(),
        scaling = %run.scaling,
        target_scaling = %run.target_scaling,
        seconds = started.elapsed().as_secs_f64(),
        "data split and scaled"
    );
}

/// Says that full passes leave f32 few digits, where the step was chosen for that.
fn warn_of_digits(run: &Configuration) {
    if run.precision == Precision::F32 && run.perturb.subtracts_losses() {
        say(format_args!(
            "numgrad: warning: in f32 full passes subtract two rounded losses; h = {} keeps what \
             digits there are",
            run.step
        ));
    }
}

/// Whether the source reads all that is said about files: nothing is silently left out.
pub(crate) fn is_read(source: &DataSource, arguments: &DataArguments) -> Result<(), Failure> {
    let (columns, table) = ("a file with columns", "a CSV file");
    for flag in arguments.said() {
        let (is_read, kind) = match (flag, source) {
            ("target", DataSource::Csv(_) | DataSource::Npy(_))
            | ("task", DataSource::Csv(_) | DataSource::Npy(_) | DataSource::Npz(_))
            | ("header" | "missing" | "categorical" | "ignore", DataSource::Csv(_))
            | ("targets", DataSource::Npy(_))
            | ("arrays", DataSource::Npz(_)) => (true, ""),
            ("target" | "task", _) => (false, columns),
            ("targets", _) => (false, "an NPY file of inputs alone"),
            ("arrays", _) => (false, "an NPZ file"),
            _ => (false, table),
        };
        let is = match source {
            DataSource::Csv(_) => "is a table with a column of targets",
            DataSource::Npy(_) => "is an array of numbers",
            DataSource::Npz(_) => "is an archive of arrays, with their targets",
            _ => "are images with their classes",
        };
        if !is_read {
            return Err(Failure::usage(format!(
                "--{flag} is for {kind}, but {source} {is}"
            )));
        }
    }
    if arguments.target.is_some() && arguments.targets.is_some() {
        return Err(Failure::usage(
            "--target is a column of the file of --data, and --targets is a file of its own: give one of \
             them",
        ));
    }
    Ok(())
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
            Err(Failure::usage(
                "--directions, --distribution and --rank need --perturb directions",
            ))
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

/// Runs work on a pool of this many threads; 0 is as many as the machine or container allows. No more
/// are started than are of use: idle ones look for work at all others, so that a thousand on two cores
/// take a hundred times as long, to the same bits.
pub(crate) fn on_pool<R: Send>(
    threads: usize,
    work: impl FnOnce() -> R + Send,
) -> Result<R, Failure> {
    let most = MANY.max(cores().saturating_mul(2));
    let said = if threads > most {
        format!("; {most} are started")
    } else {
        String::new()
    };
    warn_of_threads(threads, &said);
    Ok(started(threads, most)?.install(work))
}

/// A pool of exactly this many threads, to measure it; 0 is as many as the machine or container allows.
pub(crate) fn pool(threads: usize) -> Result<rayon::ThreadPool, Failure> {
    warn_of_threads(threads, "");
    started(threads, usize::MAX)
}

/// As many threads as a pool has on any machine without a loss that would be noticed.
const MANY: usize = 64;

fn started(threads: usize, most: usize) -> Result<rayon::ThreadPool, Failure> {
    // More threads than any machine has would only exhaust it.
    if threads > 4096 {
        return Err(Failure::usage(format!(
            "--threads {threads} is more than 4096"
        )));
    }
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads.min(most))
        .build()
        .map_err(|error| {
            Failure::new(
                Status::Internal,
                format!("threads cannot be started: {error}"),
            )
        })
}

/// As many as the machine has, or the container or the affinity allows.
fn cores() -> usize {
    std::thread::available_parallelism().map_or(usize::MAX, NonZero::get)
}

/// Says, once, that threads beyond the cores only wait for each other, and what is done about it.
fn warn_of_threads(threads: usize, done: &str) {
    static SAID: Once = Once::new();
    let cores = cores();
    if threads > cores && threads <= 4096 {
        SAID.call_once(|| {
            say(format_args!(
                "numgrad: warning: {threads} threads share {cores} cores, which is slower than \
                 --threads {cores}, or no --threads at all{done}"
            ));
        });
    }
}
