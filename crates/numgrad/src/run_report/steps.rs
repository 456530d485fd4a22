//! What the epochs' steps were like: the learning rate, each layer's gradient and move, and where
//! the time went.
//!
//! These are read from the records as JSON writes them, so that a record that does not hold them
//! (one of an older checkpoint) simply has no picture.
use super::curves::{over_epochs, thinned};
use crate::html::Page;
use crate::plot::{Chart, Series, Style};
use crate::report::percent;
use serde_json::Value;

/// Layers that have a line each: more cannot be told apart.
const LAYERS: usize = 12;

/// Where an epoch's seconds may have gone, by the record's key and in words.
const SPENT: [(&str, &str); 5] = [
    ("gradient", "gradient"),
    ("update", "update"),
    ("data", "data"),
    ("evaluation", "evaluation"),
    ("driver", "the rest"),
];

pub(super) fn add(page: &mut Page, records: &[Value]) {
    let rates = line(records, "learning rate", |record| {
        record.get("learning_rate")
    });
    page.chart(&over_epochs("Learning rate", "η", vec![rates]));
    page.chart(&by_layer(
        records,
        ("Gradient norm by layer", "‖g‖ of the epoch's last step"),
        "gradient_norm",
    ));
    page.chart(&by_layer(
        records,
        ("Update ratio by layer", "‖Δθ‖ / ‖θ‖ of the last step"),
        "update_ratio",
    ));
    add_time(page, records);
}

fn add_time(page: &mut Page, records: &[Value]) {
    let spent = SPENT.map(|(key, name)| {
        let seconds = records
            .iter()
            .filter_map(|record| record["spent"][key].as_f64());
        (name, seconds.sum::<f64>())
    });
    let total: f64 = spent.iter().map(|part| part.1).sum();
    if total > 0.0 {
        let parts = spent.map(|(name, seconds)| {
            let share = percent(seconds, total);
            (name, seconds, format!("{} ({share})", brief(seconds)))
        });
        page.parts("Where the time went", &parts);
    }
}

/// Seconds, or milliseconds where those would be 0.00.
fn brief(seconds: f64) -> String {
    if seconds >= 0.1 {
        return format!("{seconds:.2} s");
    }
    format!("{:.2} ms", 1e3 * seconds)
}

fn by_layer(records: &[Value], (title, label): (&str, &str), key: &str) -> Chart {
    let layers = records
        .iter()
        .filter_map(|record| record["layers"].as_array());
    let layers = layers.map(Vec::len).max().unwrap_or(0);
    let lines = (0..layers.min(LAYERS)).map(|layer| {
        let name = format!("layer {}", layer + 1);
        let series = line(records, &name, |record| {
            record["layers"].get(layer)?.get(key)
        });
        Series {
            // There are fewer colours than layers.
            style: if layer < 7 {
                Style::Line
            } else {
                Style::Dashed
            },
            ..series
        }
    });
    over_epochs(title, label, lines.collect())
}

fn line<'a>(
    records: &'a [Value],
    name: &str,
    value: impl Fn(&'a Value) -> Option<&'a Value>,
) -> Series {
    let point =
        |record: &'a Value| Some((Value::as_f64(&record["epoch"])?, value(record)?.as_f64()?));
    Series {
        name: name.to_owned(),
        points: thinned(records.iter().filter_map(point).collect()),
        style: Style::Line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn records_that_hold_the_steps_show_them_and_others_show_nothing() {
        let record = |epoch: u64| {
            json!({
                "epoch": epoch, "learning_rate": 0.1 / epoch as f64,
                "spent": { "gradient": 3.0, "update": 1.0, "data": 0.5 },
                "layers": [
                    { "gradient_norm": 0.5, "update_ratio": 1e-3 },
                    { "gradient_norm": 0.25, "update_ratio": 2e-3 },
                ],
            })
        };
        let drawn = |records: &[Value]| {
            let mut page = Page::new("run");
            add(&mut page, records);
            format!("{page:?}")
        };
        let html = drawn(&[record(1), record(2)]);
        for part in [
            "Learning rate",
            "Gradient norm by layer",
            "Update ratio by layer",
            "layer 2",
            "gradient 6.00 s (66.7 %)",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
        let html = drawn(&[json!({ "epoch": 1 }), json!({ "epoch": 2 })]);
        assert!(!html.contains("<figure"), "{html}");
    }
}
