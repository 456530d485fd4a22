//! A comparison as a table, as JSON and as charts.
use super::Reached;
use super::training::{Look, Training};
use crate::args::CompareArguments;
use crate::failure::Failure;
use crate::out::Out;
use crate::plot::{Axis, Chart, Scale, Series, Style};
use crate::report::grouped;
use crate::table::{Table, broken_at, width};
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
    let head = format!(
        "at most {} loss evaluations and {} s of training each; the rate by validation; {seeds}",
        grouped(arguments.budget),
        arguments.seconds
    );
    out.line(broken_at(&head, width().unwrap_or(80)))?;
    let mut table = Table::default()
        .words("estimator")
        .numbers("rate", 0)
        .numbers("steps", 4)
        .numbers("loss evaluations", 1)
        .numbers("seconds", 2)
        .numbers("test acc.", 0)
        .numbers("ended by", 3);
    for reached in all {
        let median = reached.median();
        let Some(last) = median.looks.last() else {
            let kind = reached.kind.to_string();
            let none = ["", "", "", "", "-", "diverged"].map(str::to_owned);
            table.row(std::iter::once(kind).chain(none));
            continue;
        };
        table.row([
            reached.kind.to_string(),
            reached.learning_rate.to_string(),
            grouped(last.steps),
            grouped(last.progress.loss_evaluations),
            format!("{:.2}", last.progress.seconds),
            format!("{:.4}", last.accuracy),
            median.end.name().to_owned(),
        ]);
    }
    table.print(out)
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
