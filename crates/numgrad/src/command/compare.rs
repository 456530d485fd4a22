//! `numgrad compare`: what each estimator's training reaches with one budget of loss evaluations.
mod report;
mod training;

use crate::args::{CompareArguments, GradientArguments, OptimizationArguments, named_or_every};
use crate::failure::{Failure, Status};
use crate::interrupt::Interrupt;
use crate::out::{Out, say};
use crate::setup::configure;
use numgrad_diff::Scheme;
use numgrad_gradient::EstimatorKind;
use numgrad_train::dataset::{Dataset, split};
use numgrad_train::{Configuration, PrepareError, Prepared};
use report::{chart, report};
use std::cell::Cell;
use training::{End, Look, Training, train};

/// The part of the training data that is held out to pick the rates by.
const VALIDATION: f64 = 0.1;

/// What an estimator reached with the rate that was best for it.
#[derive(Debug)]
struct Reached {
    kind: EstimatorKind,
    learning_rate: f64,
    /// Each rate that was tried, and the validation accuracy that it reached.
    rates: Vec<(f64, f64)>,
    /// A training a seed with the best rate, in the order of their test accuracies.
    trainings: Vec<Training>,
}

impl Reached {
    /// The training in the middle; of an even number the lower one of the two.
    fn median(&self) -> &Training {
        &self.trainings[(self.trainings.len() - 1) / 2]
    }
}

pub(crate) fn run(arguments: &CompareArguments, out: &mut Out) -> Result<(), Failure> {
    let interrupt = Interrupt::listen()?;
    let (configuration, data, validation) = configured(arguments)?;
    let kinds = named_or_every(&arguments.perturb);
    let course = Course::new(arguments, kinds.len(), interrupt);
    let mut all = Vec::new();
    for kind in kinds {
        let run = Configuration {
            perturb: kind,
            ..configuration.clone()
        };
        match reach(&run, (&data, &validation), arguments, &course)? {
            Some(reached) => all.push(reached),
            None => break,
        }
    }
    report(&all, arguments, out)?;
    let evaluations = |look: &Look| look.progress.loss_evaluations as f64;
    if let Some(path) = &arguments.plot_evaluations {
        chart("loss evaluations", evaluations, &all).save(path)?;
    }
    if let Some(path) = &arguments.plot_seconds {
        chart("training (s)", |look| look.progress.seconds, &all).save(path)?;
    }
    if course.interrupt.is_asked() {
        let message = "stopped: what was done by then is in the table";
        return Err(Failure::new(Status::Interrupted, message));
    }
    Ok(())
}

/// How far a comparison is.
struct Course {
    interrupt: Interrupt,
    trainings: usize,
    done: Cell<usize>,
}

impl Course {
    /// Says how long it may take.
    fn new(arguments: &CompareArguments, kinds: usize, interrupt: Interrupt) -> Self {
        let seeds = arguments.seeds.get() as usize;
        let trainings = kinds * (arguments.learning_rates.len() + seeds - 1);
        say(format_args!(
            "numgrad: {trainings} trainings, each of them {} s long at most, but for its last step",
            arguments.seconds
        ));
        Self {
            interrupt,
            trainings,
            done: Cell::new(0),
        }
    }
}

/// The configuration, the data, and the part of the training data that no training sees.
fn configured(arguments: &CompareArguments) -> Result<(Configuration, Prepared, Dataset), Failure> {
    let gradient = GradientArguments {
        perturb: EstimatorKind::default(),
        coordinates: None,
        random: crate::args::RandomArguments::default(),
        scheme: Scheme::Central,
        step: None,
    };
    let optimization = OptimizationArguments {
        optimizer: arguments.optimizer,
        batch_size: arguments.batch_size,
        ..OptimizationArguments::default()
    };
    let (of_data, network) = (&arguments.data, &arguments.network);
    let (configuration, mut data) = configure(of_data, network, &gradient, &optimization)?;
    if data.train.classes().is_none() {
        return Err(Failure::usage("compare needs data with classes"));
    }
    let samples = data.train.samples();
    let sides = split(samples, VALIDATION, configuration.seed);
    let (kept, held_out) = sides.ok_or(PrepareError::Split {
        fraction: VALIDATION,
        samples,
        flag: "--data",
    })?;
    let validation = data.train.subset(&held_out);
    data.train = data.train.subset(&kept);
    Ok((configuration, data, validation))
}

/// Trains with each rate, and with the one that validates best from the other seeds too; `None` if
/// it is stopped before.
fn reach(
    run: &Configuration,
    data: (&Prepared, &Dataset),
    arguments: &CompareArguments,
    course: &Course,
) -> Result<Option<Reached>, Failure> {
    let trained = |learning_rate: f64, seed: u64| {
        let configuration = Configuration {
            learning_rate,
            seed,
            ..run.clone()
        };
        let training = train(configuration, data, arguments, &course.interrupt)?;
        if training.end == End::Stopped {
            return Ok(None);
        }
        course.done.set(course.done.get() + 1);
        say(format_args!(
            "{}/{}: {}, rate {learning_rate}, seed {seed}: validation accuracy {:.4}, ended by {}",
            course.done.get(),
            course.trainings,
            run.perturb,
            training.validation,
            training.end.name()
        ));
        Ok::<_, Failure>(Some(training))
    };
    let mut rates = Vec::new();
    let mut best: Option<(f64, Training)> = None;
    for &rate in &arguments.learning_rates {
        let Some(training) = trained(rate, run.seed)? else {
            return Ok(None);
        };
        rates.push((rate, training.validation));
        let is_better = |(_, best): &(f64, Training)| training.validation > best.validation;
        if best.as_ref().is_none_or(is_better) {
            best = Some((rate, training));
        }
    }
    let (learning_rate, first) = best.ok_or_else(|| Failure::usage("--learning-rates: none"))?;
    let mut trainings = vec![first];
    for k in 1..u64::from(arguments.seeds.get()) {
        let Some(training) = trained(learning_rate, run.seed.wrapping_add(k))? else {
            return Ok(None);
        };
        trainings.push(training);
    }
    trainings.sort_by(|a, b| a.accuracy().total_cmp(&b.accuracy()));
    Ok(Some(Reached {
        kind: run.perturb,
        learning_rate,
        rates,
        trainings,
    }))
}
