//! What the history holds, epoch by epoch.
use crate::html::Page;
use crate::plot::{Axis, Chart, Scale, Series, Style};
use numgrad_train::checkpoint::{Checkpoint, EpochRecord};

/// Points of a curve, about: more are no more than a picture can show.
const POINTS: usize = 600;

/// A ratio of the largest to the least value from which only a logarithmic scale shows both.
const WIDE: f64 = 30.0;

pub(super) fn add(page: &mut Page, checkpoint: &Checkpoint) {
    let history = &checkpoint.payload.history;
    page.section("Training");
    if history.is_empty() {
        page.paragraph("No epoch has ended yet.");
        return;
    }
    let of = |name: &str, style, value: fn(&EpochRecord) -> Option<f64>| Series {
        name: name.to_owned(),
        points: thinned(points(history, value)),
        style,
    };
    let losses = vec![
        of("training", Style::Line, |record| Some(record.train_loss)),
        of("test", Style::Line, |record| Some(record.test_loss)),
        of("validation", Style::Line, |record| record.validation_loss),
    ];
    page.chart(&over_epochs("Loss", "mean loss", drawn(losses)));
    let accuracies = vec![
        of("training", Style::Line, |record| record.train_accuracy),
        of("test", Style::Line, |record| record.test_accuracy),
        of("validation", Style::Line, |record| {
            record.validation_accuracy
        }),
    ];
    page.chart(&over_epochs("Accuracy", "accuracy", drawn(accuracies)));
    // Plain data are always JSON.
    let records = history.iter().map(serde_json::to_value);
    let records: Vec<serde_json::Value> = records.filter_map(Result::ok).collect();
    super::steps::add(page, &records);
    page.folded_table(
        "Every epoch in numbers",
        &[
            "epoch",
            "training loss",
            "test loss",
            "training accuracy",
            "test accuracy",
            "seconds",
        ],
        &rows(history),
    );
}

/// Those that have a point.
fn drawn(mut series: Vec<Series>) -> Vec<Series> {
    series.retain(|series| !series.points.is_empty());
    series
}

/// The audits: what of a step is signal and what is noise.
pub(super) fn add_audits(page: &mut Page, checkpoint: &Checkpoint) {
    let audits = &checkpoint.header.audits;
    if audits.is_empty() {
        page.paragraph(
            "Its signal and noise were not measured: numgrad train --audit 64 does so after each \
             epoch.",
        );
        return;
    }
    let of = |name: &str, value: fn(&numgrad_train::Audit) -> f64| Series {
        name: name.to_owned(),
        points: audits
            .iter()
            .map(|audit| (audit.epoch as f64, value(audit)))
            .collect(),
        style: Style::Line,
    };
    page.chart(&Chart {
        title: "Signal and noise of a step".to_owned(),
        x: epochs(),
        y: Axis {
            label: "squared length".to_owned(),
            scale: Scale::Logarithmic,
        },
        series: vec![
            of("squared gradient", |audit| audit.signal),
            of("variance of the batch", |audit| audit.batch_noise),
            of("variance of the estimator", |audit| audit.estimator_noise),
        ],
    });
    page.chart(&Chart {
        title: "Cosine of the estimate and full passes".to_owned(),
        x: epochs(),
        y: Axis {
            label: "cosine".to_owned(),
            scale: Scale::Linear,
        },
        series: vec![of("cosine", |audit| audit.cosine)],
    });
}

/// A chart over epochs, on the scale that shows all of it.
pub(crate) fn over_epochs(title: &str, label: &str, series: Vec<Series>) -> Chart {
    Chart {
        title: title.to_owned(),
        x: epochs(),
        y: Axis {
            label: label.to_owned(),
            scale: scale_of(&series),
        },
        series: series
            .into_iter()
            .filter(|series| !series.points.is_empty())
            .collect(),
    }
}

/// Logarithmic, if all values are positive and they differ much.
pub(crate) fn scale_of(series: &[Series]) -> Scale {
    let values = series.iter().flat_map(|series| &series.points);
    let values = values
        .map(|point| point.1)
        .filter(|value| value.is_finite());
    let (low, high) = values.fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), value| {
        (low.min(value), high.max(value))
    });
    if low > 0.0 && high > WIDE * low {
        Scale::Logarithmic
    } else {
        Scale::Linear
    }
}

/// Fewer points that look the same: of each stretch its first, least and largest.
pub(crate) fn thinned(points: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    if points.len() <= POINTS {
        return points;
    }
    let stretch = points.len().div_ceil(POINTS / 3);
    let mut kept = Vec::with_capacity(POINTS + 1);
    for stretch in points.chunks(stretch) {
        let by = |a: &&(f64, f64), b: &&(f64, f64)| a.1.total_cmp(&b.1);
        let ends = [
            stretch.first(),
            stretch.iter().min_by(by),
            stretch.iter().max_by(by),
        ];
        let mut ends: Vec<(f64, f64)> = ends.into_iter().flatten().copied().collect();
        ends.sort_by(|a, b| a.0.total_cmp(&b.0));
        ends.dedup();
        kept.extend(ends);
    }
    kept.extend(points.last());
    kept.dedup();
    kept
}

fn epochs() -> Axis {
    Axis {
        label: "epoch".to_owned(),
        scale: Scale::Whole,
    }
}

fn points(history: &[EpochRecord], value: fn(&EpochRecord) -> Option<f64>) -> Vec<(f64, f64)> {
    let point = |record| Some((record_epoch(record), value(record)?));
    history.iter().filter_map(point).collect()
}

fn record_epoch(record: &EpochRecord) -> f64 {
    record.epoch as f64
}

fn rows(history: &[EpochRecord]) -> Vec<Vec<String>> {
    /// Rows of a table that can still be read.
    const ROWS: usize = 200;
    let every = history.len().div_ceil(ROWS);
    let last = history.len() - 1;
    let shown = history.iter().enumerate();
    let shown = shown.filter(|(k, _)| k.is_multiple_of(every) || *k == last);
    let share = |accuracy: Option<f64>| crate::report::share(accuracy);
    shown
        .map(|(_, record)| {
            vec![
                record.epoch.to_string(),
                format!("{:.5}", record.train_loss),
                format!("{:.5}", record.test_loss),
                share(record.train_accuracy),
                share(record.test_accuracy),
                format!("{:.2}", record.seconds),
            ]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_curve_keeps_its_ends_and_its_extremes() {
        let mut points: Vec<(f64, f64)> = (0..100_000).map(|k| (f64::from(k), 0.0)).collect();
        points[31_234].1 = 5.0;
        points[77_777].1 = -3.0;
        let kept = thinned(points.clone());
        assert!(kept.len() <= POINTS + 3, "{}", kept.len());
        for point in [points[0], points[31_234], points[77_777], points[99_999]] {
            assert!(kept.contains(&point), "{point:?}");
        }
        assert!(kept.is_sorted_by(|a, b| a.0 < b.0));
        assert_eq!(thinned(points[..9].to_vec()), points[..9]);
    }
}
