//! A comparison as a table, as JSON and as charts.
use super::Reached;
use super::training::{Look, Training};
use crate::args::CompareArguments;
use crate::failure::Failure;
use crate::out::Out;
use crate::plot::{Axis, Chart, Scale, Series, Style};
use crate::report::grouped;
use serde_json::{Value, json};

pub(super) fn report(
    all: &[Reached],
    arguments: &CompareArguments,
    out: &mut Out,
) -> Result<(), Failure> {
    if arguments.json {
        return all
            .iter()
            .try_for_each(|reached| out.line(json_of(reached)));
    }
    let seeds = match arguments.seeds.get() {
        1 => "one seed".to_owned(),
        seeds => format!("the median of {seeds} seeds"),
    };
    out.line(format_args!(
        "at most {} loss evaluations and {} s of training each; the rate by\nvalidation; {seeds}",
        grouped(arguments.budget),
        arguments.seconds
    ))?;
    out.line(format_args!(
        "{:<15}{:>7}{:>9}{:>17}{:>9}{:>11}{:>10}",
        "estimator", "rate", "steps", "loss evaluations", "seconds", "test acc.", "ended by"
    ))?;
    for reached in all {
        let median = reached.median();
        let Some(last) = median.looks.last() else {
            out.line(format_args!("{:<15}diverged at once", reached.kind))?;
            continue;
        };
        out.line(format_args!(
            "{:<15}{:>7}{:>9}{:>17}{:>9.2}{:>11.4}{:>10}",
            reached.kind,
            reached.learning_rate,
            grouped(last.steps),
            grouped(last.progress.loss_evaluations),
            last.progress.seconds,
            last.accuracy,
            median.end.name(),
        ))?;
    }
    Ok(())
}

fn json_of(reached: &Reached) -> Value {
    let rates = reached.rates.iter().map(
        |(rate, validation)| json!({"learning_rate": rate, "validation_accuracy": validation}),
    );
    let median = reached.median();
    json!({
        "perturb": reached.kind.to_string(),
        "learning_rate": reached.learning_rate,
        "rates": rates.collect::<Vec<_>>(),
        "test_accuracy": median.accuracy(),
        "median_seed": median.seed,
        "trainings": reached.trainings.iter().map(json_of_training).collect::<Vec<_>>(),
    })
}

fn json_of_training(training: &Training) -> Value {
    let looks = training.looks.iter().map(|look| {
        json!({
            "steps": look.steps,
            "loss_evaluations": look.progress.loss_evaluations,
            "seconds": look.progress.seconds,
            "test_accuracy": look.accuracy,
        })
    });
    json!({
        "seed": training.seed,
        "ended_by": training.end.name(),
        "validation_accuracy": training.validation,
        "looks": looks.collect::<Vec<_>>(),
    })
}

/// The median trainings' test accuracy against what is spent.
pub(super) fn chart(label: &str, spent: impl Fn(&Look) -> f64, all: &[Reached]) -> Chart {
    let axis = |label: &str, scale| Axis {
        label: label.to_owned(),
        scale,
    };
    let points = |reached: &Reached| {
        let looks = reached.median().looks.iter();
        looks.map(|look| (spent(look), look.accuracy)).collect()
    };
    let series = |(place, reached): (usize, &Reached)| Series {
        name: reached.kind.to_string(),
        points: points(reached),
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
