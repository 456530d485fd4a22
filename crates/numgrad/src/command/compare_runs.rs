//! `numgrad compare RUN RUN…`: several runs in one page.
use crate::args::CompareArguments;
use crate::command::report::name_of;
use crate::failure::Failure;
use crate::html::Page;
use crate::out::{Out, say};
use crate::plot::{Axis, Chart, Scale, Series, Style};
use crate::report::{grouped, share, warn};
use crate::run_report::{differing, over_epochs, scale_of, thinned};
use crate::table::Table;
use numgrad_train::Configuration;
use numgrad_train::checkpoint::{Checkpoint, EpochRecord, load};
use serde_json::json;
use std::path::PathBuf;

/// A number of each epoch.
type Curve = fn(&EpochRecord) -> Option<f64>;

/// Colours there are: the lines of further runs are dashed, and then dotted.
const COLORS: usize = 7;

/// A run with its name, which no other one has.
struct Run {
    name: String,
    path: PathBuf,
    checkpoint: Checkpoint,
}

pub(crate) fn run(arguments: &CompareArguments, out: &mut Out) -> Result<(), Failure> {
    let runs = loaded(arguments)?;
    let caution = caution(&runs);
    let mut page = Page::new(&format!("{} numgrad runs compared", runs.len()));
    page.table(
        "Results",
        &[
            "run",
            "epochs",
            "training loss",
            "test loss",
            "test accuracy",
            "best test loss",
            "loss evaluations",
            "seconds",
        ],
        &runs.iter().map(row).collect::<Vec<_>>(),
    );
    if let Some(caution) = &caution {
        page.paragraph(caution);
    }
    add_curves(&mut page, &runs);
    add_differences(&mut page, &runs);
    page.save(&arguments.page)?;
    if let Some(caution) = caution {
        say(format_args!("numgrad: warning: {caution}"));
    }
    print(&runs, arguments, out)
}

fn loaded(arguments: &CompareArguments) -> Result<Vec<Run>, Failure> {
    let mut runs: Vec<Run> = Vec::new();
    for path in &arguments.runs {
        let loaded = load(path)?;
        warn(loaded.warning.as_ref());
        let mut name = name_of(path);
        // Two runs of one name are told apart by their paths, and else by their place.
        if runs.iter().any(|run| run.name == name) {
            name = path.display().to_string();
        }
        if runs.iter().any(|run| run.name == name) {
            name = format!("{name} ({})", runs.len() + 1);
        }
        runs.push(Run {
            name,
            path: path.clone(),
            checkpoint: loaded.checkpoint,
        });
    }
    Ok(runs)
}

/// Why the numbers of the runs cannot be held against each other as they are, if so. Every run is held
/// against the first one.
fn caution(runs: &[Run]) -> Option<String> {
    let (first, others) = runs.split_first()?;
    let mut of_parts = None;
    for run in others {
        let (one, other) = (&first.checkpoint.header, &run.checkpoint.header);
        if one.data == other.data {
            continue;
        }
        let (a, b) = (&one.configuration, &other.configuration);
        let names = (&first.name, &run.name);
        if a.data != b.data || a.reading != b.reading {
            return Some(format!(
                "{} and {} are trained on different data ({} and {}): their losses and accuracies \
                 cannot be compared",
                names.0, names.1, a.data, b.data
            ));
        }
        let prepared = |run: &Configuration| {
            let validation = run.regime.validation.clone();
            let scaling = (run.scaling, run.target_scaling);
            (run.seed, run.test_fraction, scaling, validation)
        };
        if prepared(a) == prepared(b) {
            return Some(format!(
                "{} was another file when {} was trained on it than for {}: their losses and \
                 accuracies cannot be compared",
                a.data, names.0, names.1
            ));
        }
        of_parts.get_or_insert_with(|| {
            format!(
                "{} and {} have other parts of {} to train on or to be tested on, or scale them in \
                 another way: some of what differs may come from that",
                names.0, names.1, a.data
            )
        });
    }
    of_parts
}

fn add_curves(page: &mut Page, runs: &[Run]) {
    page.section("Curves");
    let epoch = |record: &EpochRecord| record.epoch as f64;
    let seconds = |record: &EpochRecord| record.seconds;
    let of = |x: fn(&EpochRecord) -> f64, y: fn(&EpochRecord) -> Option<f64>| -> Vec<Series> {
        let series = |(place, run): (usize, &Run)| Series {
            name: run.name.clone(),
            points: thinned(points(&run.checkpoint.payload.history, x, y)),
            style: match place / COLORS {
                0 => Style::Line,
                1 => Style::Dashed,
                _ => Style::Dotted,
            },
        };
        runs.iter().enumerate().map(series).collect()
    };
    let charts: [(&str, &str, Curve); 4] = [
        ("Test loss", "mean loss", |record| Some(record.test_loss)),
        ("Test accuracy", "accuracy", |record| record.test_accuracy),
        ("Training loss", "mean loss", |record| {
            Some(record.train_loss)
        }),
        ("Training accuracy", "accuracy", |record| {
            record.train_accuracy
        }),
    ];
    for (title, label, y) in charts {
        page.chart(&over_epochs(title, label, of(epoch, y)));
    }
    let series = of(seconds, |record| Some(record.test_loss));
    page.chart(&Chart {
        title: "Test loss over time".to_owned(),
        x: Axis {
            label: "training (s)".to_owned(),
            scale: Scale::Linear,
        },
        y: Axis {
            label: "mean loss".to_owned(),
            scale: scale_of(&series),
        },
        series,
    });
}

fn points(
    history: &[EpochRecord],
    x: fn(&EpochRecord) -> f64,
    y: fn(&EpochRecord) -> Option<f64>,
) -> Vec<(f64, f64)> {
    let point = |record| Some((x(record), y(record)?));
    history.iter().filter_map(point).collect()
}

fn add_differences(page: &mut Page, runs: &[Run]) {
    page.section("What differs");
    let configurations = runs.iter().map(|run| &run.checkpoint.header.configuration);
    let rows = differing(&configurations.collect::<Vec<_>>());
    if rows.is_empty() {
        page.paragraph("Nothing: the runs were asked to do the same.");
        return;
    }
    let mut head = vec!["key"];
    head.extend(runs.iter().map(|run| run.name.as_str()));
    page.table("Keys of the configurations that differ", &head, &rows);
}

fn row(run: &Run) -> Vec<String> {
    let payload = &run.checkpoint.payload;
    let last = payload.history.last();
    let loss = |loss: Option<f64>| loss.map_or_else(|| "-".to_owned(), |loss| format!("{loss:.5}"));
    vec![
        run.name.clone(),
        payload.progress.epoch.to_string(),
        loss(last.map(|record| record.train_loss)),
        loss(last.map(|record| record.test_loss)),
        share(last.and_then(|record| record.test_accuracy)),
        loss(payload.progress.best),
        grouped(payload.progress.loss_evaluations),
        format!("{:.2}", payload.progress.seconds),
    ]
}

fn print(runs: &[Run], arguments: &CompareArguments, out: &mut Out) -> Result<(), Failure> {
    if arguments.json {
        let run = |run: &Run| {
            let payload = &run.checkpoint.payload;
            json!({
                "run": run.path, "epoch": payload.progress.epoch, "last": payload.history.last(),
                "best_test_loss": payload.progress.best, "loss_evaluations": payload.progress.loss_evaluations,
                "seconds": payload.progress.seconds, "data": run.checkpoint.header.data,
            })
        };
        let all: Vec<serde_json::Value> = runs.iter().map(run).collect();
        return out.line(json!({ "comparison": arguments.page, "runs": all }));
    }
    let mut table = Table::default()
        .words("run")
        .numbers("epochs", 2)
        .numbers("train loss", 1)
        .numbers("test loss", 0)
        .numbers("test acc", 0)
        .numbers("seconds", 3);
    for run in runs {
        let mut row = row(run);
        let seconds = row.swap_remove(7);
        table.row(row.into_iter().take(5).chain([seconds]));
    }
    table.print(out)?;
    out.line(format_args!("compared in {}", arguments.page.display()))
}
