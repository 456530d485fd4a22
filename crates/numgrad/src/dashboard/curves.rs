//! Curves over the epochs, as a chart of characters.
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Color, Style};
use ratatui::symbols::Marker;
use ratatui::widgets::{Axis, Block, Chart, Dataset, GraphType};

/// Points of a curve that are drawn: a terminal has no more columns.
const SHOWN: usize = 400;

/// From so large a ratio of its values on, a curve is drawn over their logarithms.
const WIDE: f64 = 30.0;

/// A curve with its name, over epochs.
#[derive(Debug, Clone, Default)]
pub(super) struct Curve {
    pub(super) name: &'static str,
    pub(super) points: Vec<(f64, f64)>,
    /// All points so far, of which every 2^halvings-th stays.
    pushed: usize,
    halvings: u32,
    /// Whether the last point stays only until the next one.
    is_passing: bool,
}

impl Curve {
    pub(super) fn named(name: &'static str) -> Self {
        Self {
            name,
            ..Self::default()
        }
    }

    /// Adds a point. Where there are many, every other one goes, so that all of the course stays.
    pub(super) fn push(&mut self, x: f64, y: f64) {
        if !y.is_finite() {
            return;
        }
        if self.is_passing {
            self.points.pop();
        } else if self.points.len() >= 2 * SHOWN {
            let mut place = 0;
            self.points.retain(|_| {
                place += 1;
                place % 2 == 1
            });
            self.halvings += 1;
        }
        self.points.push((x, y));
        self.is_passing = !self.pushed.is_multiple_of(1 << self.halvings);
        self.pushed += 1;
    }
}

/// Draws curves with one scale, from 0 to the run's last epoch.
pub(super) fn draw(
    frame: &mut Frame<'_>,
    area: Rect,
    title: &str,
    (curves, epochs): (&[&Curve], f64),
    is_coloured: bool,
) {
    let values = || {
        curves
            .iter()
            .flat_map(|curve| &curve.points)
            .map(|point| point.1)
    };
    let (low, high) = values().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), y| {
        (low.min(y), high.max(y))
    });
    let is_wide = low > 0.0 && high > WIDE * low;
    let place = |y: f64| if is_wide { y.log10() } else { y };
    let (low, high) = range(place(low), place(high));
    let placed: Vec<Vec<(f64, f64)>> = curves
        .iter()
        .map(|curve| curve.points.iter().map(|&(x, y)| (x, place(y))).collect())
        .collect();
    let colours = [Color::Cyan, Color::Yellow, Color::Green, Color::DarkGray];
    let markers = [Marker::Braille, Marker::Dot, Marker::Braille, Marker::Dot];
    let sets = curves
        .iter()
        .zip(&placed)
        .enumerate()
        .map(|(k, (curve, points))| {
            let style = if is_coloured {
                Style::new().fg(colours[k % colours.len()])
            } else {
                Style::new()
            };
            Dataset::default()
                .name(curve.name)
                .data(points)
                .marker(markers[k % markers.len()])
                .graph_type(GraphType::Line)
                .style(style)
        });
    let label = |place: f64| {
        let value = if is_wide { 10.0_f64.powf(place) } else { place };
        short(value)
    };
    let chart = Chart::new(sets.collect())
        .block(Block::bordered().title(title.to_owned()))
        .x_axis(
            Axis::default()
                .bounds([0.0, epochs.max(1.0)])
                .labels(["0".to_owned(), short(epochs.max(1.0))]),
        )
        .y_axis(Axis::default().bounds([low, high]).labels([
            label(low),
            label(0.5 * (low + high)),
            label(high),
        ]));
    frame.render_widget(chart, area);
}

/// A range with some room: around values that are all the same, half of their size.
fn range(low: f64, high: f64) -> (f64, f64) {
    if low > high {
        return (0.0, 1.0);
    }
    if high - low > 1e-12 * high.abs() {
        return (low, high);
    }
    let room = if low == 0.0 { 0.5 } else { 0.5 * low.abs() };
    (low - room, high + room)
}

/// A number in a few characters.
fn short(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if (0.001..1e4).contains(&size) => {
            let decimals = (2 - size.log10().floor() as i32).clamp(0, 5) as usize;
            format!("{value:.decimals$}")
        }
        _ => format!("{value:.1e}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_curve_keeps_its_course_in_few_points() {
        let mut curve = Curve::default();
        for k in 0..100_000 {
            curve.push(f64::from(k), 1.0);
        }
        curve.push(1.0, f64::NAN);
        assert!(curve.points.len() <= 2 * SHOWN && curve.points.len() >= SHOWN);
        assert_eq!(curve.points[0].0, 0.0);
        assert_eq!(curve.points.last().unwrap().0, 99_999.0);
        let steps = curve.points.windows(2).map(|pair| pair[1].0 - pair[0].0);
        let most = 100_000.0 / SHOWN as f64;
        assert!(steps.into_iter().all(|step| step > 0.0 && step <= most));
    }

    #[test]
    fn values_are_written_shortly_and_a_single_one_has_a_range() {
        let found = [0.0, 0.0123, 1.5, 99.0, 1e-6, 2e9].map(short);
        assert_eq!(found, ["0", "0.0123", "1.50", "99.0", "1.0e-6", "2.0e9"]);
        assert_eq!(range(0.01, 0.01), (0.005, 0.015));
        assert_eq!(range(f64::INFINITY, f64::NEG_INFINITY), (0.0, 1.0));
    }
}
