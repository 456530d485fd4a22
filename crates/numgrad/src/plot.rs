//! Charts of lines, as SVG files: one function draws all that the program draws.
mod axis;
mod contour;
mod layout;

use crate::failure::{Failure, Status};
use axis::Span;
use layout::{FIGURE, FILE, Layout};
use plotters::prelude::*;
use std::fs;
use std::io;
use std::path::Path;

pub(crate) use axis::Scale;
pub(crate) use contour::{Contour, contours};

const FONT: &str = "sans-serif";

/// Room for a letter of a label, on average.
const LETTER: u32 = 9;

/// Pixels of a dashed line.
const DASH: u32 = 8;
const GAP: u32 = 6;

/// Letters of a title or a label, at most.
const TITLE_LETTERS: usize = 72;
const LABEL_LETTERS: usize = 28;

/// Colours that are told apart by people who see few of them. Source: Okabe and Ito, "Color
/// universal design" (2008), without the yellow, which is lost on white.
const COLORS: [RGBColor; 7] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(0, 0, 0),
];

/// What an axis says, with its unit, and how it is laid out.
#[derive(Debug, Clone)]
pub(crate) struct Axis {
    pub(crate) label: String,
    pub(crate) scale: Scale,
}

/// Points (x, y) of one kind. Points that have no place on the axes interrupt its line.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    /// What the legend says; nothing if it is empty.
    pub(crate) name: String,
    pub(crate) points: Vec<(f64, f64)>,
    pub(crate) style: Style,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Style {
    Line,
    Dashed,
    /// A line with a dot at every point.
    Dotted,
    /// Dots alone.
    Points,
    /// A thin line behind the others, from light (0) to dark (1).
    Background(f64),
}

/// Several series on the same axes.
#[derive(Debug, Clone)]
pub(crate) struct Chart {
    pub(crate) title: String,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) series: Vec<Series>,
}

impl Chart {
    /// Draws the chart into a file.
    ///
    /// # Errors
    /// [`Status::Data`] if no point has a place; [`Status::CannotCreate`] for the file.
    pub(crate) fn save(&self, path: &Path) -> Result<(), Failure> {
        let svg = self.svg()?;
        fs::write(path, svg).map_err(|error| {
            let message = format!("{} cannot be written: {error}", path.display());
            Failure::new(Status::CannotCreate, message)
        })
    }

    /// The chart as an SVG document, the legend beside the plot, so that it hides nothing.
    fn svg(&self) -> Result<String, Failure> {
        if self.is_empty() {
            return Err(Failure::data(
                "there is nothing to plot: no point is finite",
            ));
        }
        self.drawn(FILE)
    }

    /// What is inside the SVG of a small chart for a page, with the width and height of its view
    /// box; none if no point has a place. The page adds the title and the legend.
    pub(crate) fn figure(&self) -> Option<(String, (u32, u32))> {
        if self.is_empty() {
            return None;
        }
        let svg = self.drawn(FIGURE).ok()?;
        let inside = svg.split_once('>')?.1.rsplit_once("</svg>")?.0;
        Some((inside.to_owned(), FIGURE.size))
    }

    fn is_empty(&self) -> bool {
        let mut series = self.series.iter();
        series.all(|series| self.runs(series).is_empty())
    }

    fn drawn(&self, layout: Layout) -> Result<String, Failure> {
        let mut svg = String::new();
        self.draw(layout, &mut svg)
            .map_err(|error| Failure::new(Status::Internal, error))?;
        Ok(svg)
    }

    fn draw(&self, layout: Layout, svg: &mut String) -> Result<(), Undrawable> {
        let (width, height) = layout.size;
        let legend_width = if layout.alone { self.legend_width() } else { 0 };
        let root = SVGBackend::with_string(svg, (width + legend_width, height)).into_drawing_area();
        let (plot, legend) = root.split_horizontally(width);
        let points = || self.series.iter().flat_map(|series| &series.points);
        let placed = || points().filter(|point| self.has_a_place(**point));
        let room = width - layout.areas.1 - layout.margin - layout.right;
        let letters = (room / LETTER) as usize;
        let mut builder = ChartBuilder::on(&plot);
        if layout.alone {
            root.fill(&WHITE)?;
            builder.caption(shortened(&self.title, TITLE_LETTERS), (FONT, layout.title));
        }
        let mut chart = builder
            .margin(layout.margin)
            .margin_right(layout.right)
            .x_label_area_size(layout.areas.0)
            .y_label_area_size(layout.areas.1)
            .build_cartesian_2d(
                Span::around(self.x.scale, letters, placed().map(|point| point.0)),
                Span::around(self.y.scale, usize::MAX, placed().map(|point| point.1)),
            )?;
        chart
            .configure_mesh()
            .bold_line_style(RGBColor(225, 225, 225))
            .light_line_style(TRANSPARENT)
            .axis_style(RGBColor(90, 90, 90))
            .label_style((FONT, layout.label - 1))
            .axis_desc_style((FONT, layout.label))
            .x_desc(shortened(&self.x.label, TITLE_LETTERS))
            .y_desc(shortened(&self.y.label, TITLE_LETTERS))
            .draw()?;
        for (series, color) in self.colored() {
            for run in self.runs(series) {
                let line = layout.line(series.style, color);
                match series.style {
                    Style::Points => {}
                    Style::Dashed => {
                        chart.draw_series(DashedLineSeries::new(run.clone(), DASH, GAP, line))?;
                    }
                    _ => {
                        chart.draw_series(LineSeries::new(run.clone(), line))?;
                    }
                }
                // A point without neighbours is no line.
                if series.style.has_dots() || run.len() == 1 {
                    let dot = |point| Circle::new(point, 3, color.filled());
                    chart.draw_series(run.into_iter().map(dot))?;
                }
            }
        }
        if layout.alone {
            self.draw_legend(&legend)?;
        }
        root.present()
    }

    fn draw_legend(&self, area: &Area<'_>) -> Result<(), Undrawable> {
        let named = self.colored();
        let named = named.filter(|(series, _)| !series.name.is_empty());
        for (row, (series, color)) in (0..).zip(named) {
            let y = 64 + 26 * row;
            let line = color.stroke_width(series.style.width());
            let dashes: &[(i32, i32)] = match series.style {
                Style::Dashed => &[(0, 8), (14, 22)],
                Style::Points => &[],
                _ => &[(0, 28)],
            };
            for &(from, to) in dashes {
                area.draw(&PathElement::new([(from, y), (to, y)], line))?;
            }
            if series.style.has_dots() {
                area.draw(&Circle::new((14, y), 3, color.filled()))?;
            }
            let name = shortened(&series.name, LABEL_LETTERS);
            let corner = (36, y - FILE.label.cast_signed() / 2);
            area.draw(&Text::new(name, corner, (FONT, FILE.label)))?;
        }
        Ok(())
    }

    fn legend_width(&self) -> u32 {
        let names = self.series.iter().map(|series| series.name.chars().count());
        match names.max() {
            None | Some(0) => 0,
            Some(longest) => 52 + LETTER * longest.min(LABEL_LETTERS) as u32,
        }
    }

    /// The series with their colours.
    pub(crate) fn colored(&self) -> impl Iterator<Item = (&Series, RGBColor)> {
        let mut colors = COLORS.iter().cycle();
        self.series.iter().map(move |series| {
            let color = match series.style {
                Style::Background(dark) => {
                    let level = |light: f64, to: f64| (light + dark * (to - light)) as u8;
                    RGBColor(level(214.0, 70.0), level(222.0, 90.0), level(232.0, 120.0))
                }
                _ => *colors.next().unwrap_or(&BLACK),
            };
            (series, color)
        })
    }

    /// The points of a series, cut where one has no place.
    fn runs(&self, series: &Series) -> Vec<Vec<(f64, f64)>> {
        let runs = series.points.split(|&point| !self.has_a_place(point));
        let runs = runs.filter(|run| !run.is_empty());
        runs.map(<[_]>::to_vec).collect()
    }

    fn has_a_place(&self, (x, y): (f64, f64)) -> bool {
        self.x.scale.place(x).is_some() && self.y.scale.place(y).is_some()
    }
}

/// How strongly a background line of this darkness is drawn in a page, in the text's colour.
pub(crate) fn opacity(dark: f64) -> f64 {
    0.2 + 0.7 * dark
}

type Undrawable = DrawingAreaErrorKind<io::Error>;
type Area<'a> = DrawingArea<SVGBackend<'a>, plotters::coord::Shift>;

impl Style {
    fn width(self) -> u32 {
        match self {
            Self::Background(_) => 1,
            _ => 2,
        }
    }

    pub(crate) fn has_dots(self) -> bool {
        matches!(self, Self::Dotted | Self::Points)
    }
}

/// At most so many letters, and an ellipsis for the others.
fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn growth(scale: Scale) -> Chart {
        let axis = |label: &str| Axis {
            label: label.to_owned(),
            scale,
        };
        let series = |name: &str, power: i32, style| Series {
            name: name.to_owned(),
            points: (0..6)
                .map(|k| 2.0_f64.powi(k) * 10.0)
                .map(|n| (n, 1e-3 * n.powi(power)))
                .collect(),
            style,
        };
        Chart {
            title: "How time grows with width".to_owned(),
            x: axis("width (neurons)"),
            y: axis("time (ms)"),
            series: vec![
                series("weight-naive", 3, Style::Dotted),
                series("weight", 2, Style::Line),
                series("", 2, Style::Background(0.5)),
                series("backpropagation <1>", 1, Style::Dashed),
            ],
        }
    }

    #[test]
    fn a_chart_says_its_title_its_axes_and_its_series() {
        for scale in [Scale::Linear, Scale::Logarithmic] {
            let chart = growth(scale);
            let svg = chart.svg().expect("there are points");
            for part in [
                "How time grows",
                "width (neurons)",
                "time (ms)",
                "weight-naive",
                "backpropagation &lt;1&gt;",
            ] {
                assert!(svg.contains(part), "{part} in {svg}");
            }
        }
    }

    /// The middle of every label of the x axis, and its letters.
    fn labels(figure: &str) -> Vec<(u32, u32)> {
        let texts = figure.split("<text ").skip(1);
        let upright = texts.filter(|text| !text.contains("rotate"));
        let middle = upright.filter(|text| text.contains("text-anchor=\"middle\""));
        let label = |text: &str| {
            let x = text.strip_prefix("x=\"")?.split_once('"')?.0;
            let letters = text.split_once('>')?.1.split_once('<')?.0.trim();
            let is_number = letters.parse::<f64>().is_ok();
            is_number.then_some((x.parse().ok()?, letters.len() as u32))
        };
        middle.filter_map(label).collect()
    }

    #[test]
    fn labels_of_ticks_stay_in_the_figure_and_apart() {
        for last in (0..400).map(|k| 1e-8 * 1.1_f64.powi(k)) {
            let mut chart = growth(Scale::Linear);
            chart.series.truncate(1);
            chart.series[0].points = vec![(0.0, 1.0), (last, 2.0)];
            let (figure, (width, _)) = chart.figure().expect("there are points");
            let labels = labels(&figure);
            assert!(labels.len() > 1, "{figure}");
            let half = |letters: u32| LETTER * letters / 2;
            for &(middle, letters) in &labels {
                assert!(middle + half(letters) <= width, "{last}: {labels:?}");
            }
            for (one, next) in labels.iter().zip(&labels[1..]) {
                assert!(one.0 + half(one.1) < next.0 - half(next.1), "{labels:?}");
            }
        }
    }

    #[test]
    fn points_without_a_place_interrupt_a_line_and_none_is_a_failure() {
        let mut chart = growth(Scale::Logarithmic);
        chart.series.truncate(1);
        chart.series[0].points[2].1 = 0.0;
        chart.series[0].points[4].0 = f64::NAN;
        let runs = chart.runs(&chart.series[0]);
        assert_eq!(runs.iter().map(Vec::len).collect::<Vec<_>>(), [2, 1, 1]);
        chart.svg().expect("some points are left");
        chart.series[0].points = vec![(-1.0, 1.0)];
        assert!(chart.svg().is_err());
    }

    #[test]
    fn a_file_that_cannot_be_written_is_a_failure_with_its_name() {
        let path = Path::new("no such folder/chart.svg");
        let failure = growth(Scale::Linear).save(path).expect_err("no folder");
        assert_eq!(failure.status, Status::CannotCreate);
        assert!(failure.to_string().contains("no such folder"));
    }
}
