//! The path of a descent, as a chart.
use crate::plot::{Axis, Chart, Scale, Series, Style, contours};
use numgrad_diff::Descent;

/// Points of a curve.
const POINTS: usize = 200;

/// Room around the path, as a part of its extent.
const ROOM: f64 = 0.15;

/// Of one variable, the curve and the points on it; of two, contours and the path; of more, f over
/// the steps.
pub(crate) fn chart(
    text: &str,
    names: &[String],
    f: impl Fn(&[f64]) -> f64,
    path: &Descent<f64>,
) -> Chart {
    match names {
        [x] => on_the_curve(text, x, f, path),
        [x, y] => over_contours(text, x, y, f, path),
        _ => over_steps(text, path),
    }
}

fn on_the_curve(text: &str, x: &str, f: impl Fn(&[f64]) -> f64, path: &Descent<f64>) -> Chart {
    let (low, high) = extent(path, 0);
    let place = |k: usize| low + (high - low) * k as f64 / POINTS as f64;
    let curve = (0..=POINTS).map(|k| (place(k), f(&[place(k)])));
    let points = path.points.iter().zip(&path.values);
    Chart {
        title: format!("Gradient descent on {text}"),
        x: linear(x),
        y: linear("f"),
        series: vec![
            series("f", curve.collect(), Style::Line),
            series(
                "path",
                points.map(|(x, &f)| (x[0], f)).collect(),
                Style::Dotted,
            ),
        ],
    }
}

fn over_contours(
    text: &str,
    x: &str,
    y: &str,
    f: impl Fn(&[f64]) -> f64,
    path: &Descent<f64>,
) -> Chart {
    let found = contours(|x, y| f(&[x, y]), extent(path, 0), extent(path, 1));
    let levels = found.first().map(|contour| contour.0);
    let levels = levels.zip(found.last().map(|contour| contour.0));
    let mut all: Vec<Series> = Vec::new();
    if let Some((low, high)) = levels {
        for (level, points) in found {
            // The first and the last level are named: between them lines grow darker.
            let first = all.iter().all(|series| series.name.is_empty()) && level == low;
            let last = level == high && all.iter().all(|s| s.name != named(high));
            let name = if first || last {
                named(level)
            } else {
                String::new()
            };
            let dark = if high > low {
                (level - low) / (high - low)
            } else {
                0.5
            };
            all.push(series(&name, points, Style::Background(dark.cbrt())));
        }
    }
    let points = path.points.iter().map(|point| (point[0], point[1]));
    all.push(series("path", points.collect(), Style::Dotted));
    Chart {
        title: format!("Gradient descent on {text}"),
        x: linear(x),
        y: linear(y),
        series: all,
    }
}

fn over_steps(text: &str, path: &Descent<f64>) -> Chart {
    let values = path.values.iter().enumerate();
    let finite = || {
        path.values
            .iter()
            .copied()
            .filter(|value| value.is_finite())
    };
    let (low, high) = (
        finite().fold(f64::INFINITY, f64::min),
        finite().fold(f64::NEG_INFINITY, f64::max),
    );
    // Where f falls by decades, they are what is to be seen.
    let decades = low > 0.0 && high > 100.0 * low;
    Chart {
        title: format!("Gradient descent on {text}"),
        x: linear("step"),
        y: Axis {
            label: "f".to_owned(),
            scale: if decades {
                Scale::Logarithmic
            } else {
                Scale::Linear
            },
        },
        series: vec![series(
            "",
            values.map(|(k, &f)| (k as f64, f)).collect(),
            Style::Dotted,
        )],
    }
}

/// The range of a coordinate of the path, with some room.
fn extent(path: &Descent<f64>, k: usize) -> (f64, f64) {
    let places = path.points.iter().map(|point| point[k]);
    let places = places.filter(|place| place.is_finite());
    let (low, high) = places.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), place| {
        (low.min(place), high.max(place))
    });
    let room = if high > low {
        ROOM * (high - low)
    } else {
        low.abs().max(1.0)
    };
    (low - room, high + room)
}

fn named(level: f64) -> String {
    let short: f64 = format!("{level:.2e}").parse().unwrap_or(level);
    if (1e-3..1e5).contains(&short.abs()) {
        format!("f = {short}")
    } else {
        format!("f = {short:e}")
    }
}

fn linear(label: &str) -> Axis {
    Axis {
        label: label.to_owned(),
        scale: Scale::Linear,
    }
}

fn series(name: &str, points: Vec<(f64, f64)>, style: Style) -> Series {
    Series {
        name: name.to_owned(),
        points,
        style,
    }
}
