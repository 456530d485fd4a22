//! `numgrad compare`: what each estimator's training reaches with one budget of loss evaluations.
use crate::args::{CompareArguments, GradientArguments, OptimizationArguments, named_or_every};
use crate::failure::Failure;
use crate::out::Out;
use crate::plot::{Axis, Chart, Scale, Series, Style};
use crate::report::grouped;
use crate::setup::{configure, on_pool};
use numgrad_core::{Precision, Real};
use numgrad_diff::Scheme;
use numgrad_gradient::EstimatorKind;
use numgrad_train::{Configuration, Prepared, Progress, TrainError, Trainer};
use serde_json::json;

/// From one look at the test data to the next, loss evaluations and seconds grow by this factor.
const BETWEEN_LOOKS: f64 = 1.5;

/// How far a training was at a look, and its test accuracy.
#[derive(Debug, Clone, Copy)]
struct Look {
    progress: Progress,
    steps: u64,
    accuracy: f64,
}

/// The best training of an estimator.
#[derive(Debug)]
struct Reached {
    kind: EstimatorKind,
    learning_rate: f64,
    looks: Vec<Look>,
}

pub(crate) fn run(arguments: &CompareArguments, out: &mut Out) -> Result<(), Failure> {
    let (configuration, data) = configured(arguments)?;
    if data.train.classes().is_none() {
        return Err(Failure::usage("compare needs data with classes"));
    }
    let mut all = Vec::new();
    for kind in named_or_every(&arguments.perturb) {
        let mut best: Option<Reached> = None;
        for &learning_rate in &arguments.learning_rates {
            let run = Configuration {
                perturb: kind,
                learning_rate,
                ..configuration.clone()
            };
            let looks = on_pool(arguments.threads, || match run.precision {
                Precision::F32 => train::<f32>(run, data.clone(), arguments),
                Precision::F64 => train::<f64>(run, data.clone(), arguments),
            })??;
            let accuracy = |looks: &[Look]| looks.last().map_or(0.0, |look| look.accuracy);
            if best
                .as_ref()
                .is_none_or(|best| accuracy(&looks) > accuracy(&best.looks))
            {
                best = Some(Reached {
                    kind,
                    learning_rate,
                    looks,
                });
            }
        }
        all.extend(best);
    }
    report(&all, arguments, out)?;
    let evaluations = |look: &Look| look.progress.loss_evaluations as f64;
    if let Some(path) = &arguments.plot_evaluations {
        chart("loss evaluations", evaluations, &all).save(path)?;
    }
    if let Some(path) = &arguments.plot_seconds {
        chart("training (s)", |look| look.progress.seconds, &all).save(path)?;
    }
    Ok(())
}

fn configured(arguments: &CompareArguments) -> Result<(Configuration, Prepared), Failure> {
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
    let (data, network) = (&arguments.data, &arguments.network);
    configure(data, network, &gradient, &optimization)
}

/// Trains until the budget or the time is spent. A training whose loss is not finite any more ends
/// where it was.
fn train<T: Real>(
    run: Configuration,
    data: Prepared,
    arguments: &CompareArguments,
) -> Result<Vec<Look>, Failure> {
    let mut trainer = Trainer::<T>::new(run, data)?;
    let mut looks = Vec::new();
    match walk(&mut trainer, arguments, &mut looks) {
        Ok(()) | Err(TrainError::Diverged { .. }) => Ok(looks),
        Err(error) => Err(error.into()),
    }
}

fn walk<T: Real>(
    trainer: &mut Trainer<T>,
    arguments: &CompareArguments,
    looks: &mut Vec<Look>,
) -> Result<(), TrainError> {
    let (mut steps, mut evaluations, mut seconds) = (0, 0.0, 0.0);
    loop {
        trainer.step()?;
        steps += 1;
        let progress = trainer.progress();
        let spent = progress.loss_evaluations;
        let is_over = spent >= arguments.budget || progress.seconds >= arguments.seconds;
        if is_over || spent as f64 >= evaluations || progress.seconds >= seconds {
            evaluations = spent as f64 * BETWEEN_LOOKS;
            seconds = progress.seconds * BETWEEN_LOOKS;
            let accuracy = trainer.evaluate_test()?.accuracy().unwrap_or_default();
            looks.push(Look {
                progress,
                steps,
                accuracy,
            });
        }
        if is_over {
            return Ok(());
        }
        if trainer.epoch_is_over() {
            trainer.end_epoch()?;
        }
    }
}

fn report(all: &[Reached], arguments: &CompareArguments, out: &mut Out) -> Result<(), Failure> {
    if !arguments.json {
        out.line(format_args!(
            "at most {} loss evaluations and {} s of training each; the best of the rates",
            grouped(arguments.budget),
            arguments.seconds
        ))?;
        out.line(format_args!(
            "{:<15}{:>8}{:>12}{:>17}{:>10}{:>15}",
            "estimator", "rate", "steps", "loss evaluations", "seconds", "test accuracy"
        ))?;
    }
    for reached in all {
        let Some(last) = reached.looks.last() else {
            continue;
        };
        if arguments.json {
            let looks = reached.looks.iter().map(|look| {
                json!({
                    "steps": look.steps,
                    "loss_evaluations": look.progress.loss_evaluations,
                    "seconds": look.progress.seconds,
                    "test_accuracy": look.accuracy,
                })
            });
            out.line(json!({
                "perturb": reached.kind.to_string(),
                "learning_rate": reached.learning_rate,
                "looks": looks.collect::<Vec<_>>(),
            }))?;
            continue;
        }
        out.line(format_args!(
            "{:<15}{:>8}{:>12}{:>17}{:>10.2}{:>15.4}",
            reached.kind,
            reached.learning_rate,
            grouped(last.steps),
            grouped(last.progress.loss_evaluations),
            last.progress.seconds,
            last.accuracy,
        ))?;
    }
    Ok(())
}

fn chart(label: &str, x: impl Fn(&Look) -> f64, all: &[Reached]) -> Chart {
    let axis = |label: &str, scale| Axis {
        label: label.to_owned(),
        scale,
    };
    let series = |(place, reached): (usize, &Reached)| Series {
        name: reached.kind.to_string(),
        points: reached
            .looks
            .iter()
            .map(|look| (x(look), look.accuracy))
            .collect(),
        // There are fewer colours than estimators.
        style: if place < 7 {
            Style::Line
        } else {
            Style::Dashed
        },
    };
    Chart {
        title: "What each estimator's training reaches".to_owned(),
        x: axis(label, Scale::Logarithmic),
        y: axis("test accuracy", Scale::Linear),
        series: all.iter().enumerate().map(series).collect(),
    }
}
