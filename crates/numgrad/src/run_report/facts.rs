//! What a run is: its result in a few figures, and all that it was asked to do.
use crate::args::Size;
use crate::html::Page;
use crate::report::{fixed, grouped};
use numgrad_gradient::{EstimatorKind, Perturb};
use numgrad_train::Configuration;
use numgrad_train::checkpoint::Checkpoint;
use serde_json::Value;
use std::fmt::Display;

pub(super) fn lead(page: &mut Page, checkpoint: &Checkpoint) {
    let (header, payload) = (&checkpoint.header, &checkpoint.payload);
    let run = &header.configuration;
    let widths = run.architecture.widths.iter().map(ToString::to_string);
    let widths: Vec<String> = widths.collect();
    page.paragraph(format_args!(
        "A network {} on {}, its gradient measured by --perturb {}, {} differences with h = {:e}; \
         epoch {} of {}.",
        widths.join("-"),
        run.data,
        run.perturb,
        run.scheme,
        run.step,
        payload.progress.epoch,
        run.epochs
    ));
    let mut figures = Vec::new();
    if let Some(last) = payload.history.last() {
        if let Some(accuracy) = last.test_accuracy {
            figures.push(("test accuracy", format!("{accuracy:.4}")));
        }
        figures.push(("test loss", fixed(last.test_loss, 4)));
        figures.push(("training loss", fixed(last.train_loss, 4)));
    }
    figures.extend([
        ("epochs", payload.progress.epoch.to_string()),
        ("parameters", grouped(header.parameters)),
        (
            "loss evaluations",
            grouped(payload.progress.loss_evaluations),
        ),
        (
            "seconds of training",
            format!("{:.2}", payload.progress.seconds),
        ),
    ]);
    page.key_figures(&figures);
}

pub(super) fn add(page: &mut Page, checkpoint: &Checkpoint) {
    let header = &checkpoint.header;
    page.section("Configuration");
    let mut rows = rows(&header.configuration);
    let fact = |name: &str, value: &str| vec![name.to_owned(), value.to_owned()];
    rows.extend([
        fact("numgrad", &header.numgrad),
        fact("instructions", &header.cpu),
        fact("training data (BLAKE3)", &header.data),
    ]);
    page.table(
        "All that the run's numbers depend on",
        &["key", "value"],
        &rows,
    );
}

/// The keys in which configurations differ, each with its value in every one.
pub(crate) fn differing(runs: &[&Configuration]) -> Vec<Vec<String>> {
    let all: Vec<Vec<Vec<String>>> = runs.iter().map(|run| rows(run)).collect();
    let mut keys: Vec<&String> = Vec::new();
    for key in all.iter().flatten().map(|row| &row[0]) {
        if !keys.contains(&key) {
            keys.push(key);
        }
    }
    let value = |rows: &[Vec<String>], key: &String| {
        let row = rows.iter().find(|row| &row[0] == key);
        row.map_or_else(|| "–".to_owned(), |row| row[1].clone())
    };
    let row = |key: &String| {
        let values: Vec<String> = all.iter().map(|rows| value(rows, key)).collect();
        let differ = values.iter().any(|value| value != &values[0]);
        differ.then(|| [vec![key.clone()], values].concat())
    };
    keys.into_iter().filter_map(row).collect()
}

/// Each key of a configuration file with its value.
fn rows(run: &Configuration) -> Vec<Vec<String>> {
    let mut stored = Vec::new();
    // Plain data are always JSON.
    if let Ok(value) = serde_json::to_value(run) {
        flatten("", &value, &mut stored);
    }
    let mut rows: Vec<Vec<String>> = Vec::new();
    for row in &stored {
        let (key, value) = (row[0].as_str(), row[1].as_str());
        if key.starts_with("perturb") {
            if rows.iter().all(|row| row[0] != "perturb") {
                rows.extend(estimator(run.perturb));
            }
        } else {
            rows.push(vec![flag(key), said(key, value)]);
        }
    }
    rows
}

/// What a key of the stored configuration is called in a configuration file, and as a flag.
fn flag(key: &str) -> String {
    match key {
        "architecture.widths" => "layers".to_owned(),
        "architecture.hidden" => "activation".to_owned(),
        "initializer" => "init".to_owned(),
        "reading.max_bytes" => "max-data-bytes".to_owned(),
        key => key.rsplit('.').next().unwrap_or(key).replace('_', "-"),
    }
}

/// A stored value as a configuration file says it.
fn said(key: &str, value: &str) -> String {
    match key {
        "architecture.hidden" => {
            let mut names: Vec<&str> = value.split(", ").collect();
            names.dedup();
            names.join(", ")
        }
        "reading.max_bytes" | "reading.held_bytes" => value
            .parse()
            .map_or_else(|_| value.to_owned(), |bytes| Size(bytes).to_string()),
        _ => value.to_owned(),
    }
}

/// The flags that choose an estimator.
fn estimator(kind: EstimatorKind) -> Vec<Vec<String>> {
    let row = |key: &str, value: &dyn Display| vec![key.to_owned(), value.to_string()];
    match kind {
        EstimatorKind::Directions(random) => vec![
            row("perturb", &kind),
            row("directions", &random.count),
            row("distribution", &random.distribution),
            row("rank", &random.rank),
        ],
        EstimatorKind::Chosen(coordinates) => vec![
            row("perturb", &Perturb::Weight),
            row("coordinates", &coordinates),
        ],
        kind => vec![row("perturb", &kind)],
    }
}

fn flatten(key: &str, value: &Value, rows: &mut Vec<Vec<String>>) {
    match value {
        Value::Object(entries) => {
            for (name, value) in entries {
                let dot = if key.is_empty() { "" } else { "." };
                flatten(&format!("{key}{dot}{name}"), value, rows);
            }
        }
        Value::Null => {}
        Value::String(text) => rows.push(vec![key.to_owned(), text.clone()]),
        Value::Array(entries) => {
            let text = |entry: &Value| entry.as_str().map_or(entry.to_string(), str::to_owned);
            let entries: Vec<String> = entries.iter().map(text).collect();
            rows.push(vec![key.to_owned(), entries.join(", ")]);
        }
        value => rows.push(vec![key.to_owned(), value.to_string()]),
    }
}
