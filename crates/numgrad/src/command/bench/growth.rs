//! How the time of a gradient grows with width, depth, batch or threads.
use super::case::Setting;
use super::report::{milliseconds, shape, threads};
use super::timing::{Figures, Timed};
use crate::args::GrowthArguments;
use crate::failure::Failure;
use crate::out::Out;
use crate::plot::{Axis, Chart, Scale, Series, Style};
use crate::report::grouped;
use numgrad_core::Architecture;

/// What grows.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Size {
    Width,
    Depth,
    Batch,
    Threads,
}

/// What grows, and through which values.
#[derive(Debug)]
pub(super) struct Growth {
    size: Size,
    values: Vec<usize>,
}

impl Growth {
    /// The growth that was asked for; at most one may be.
    pub(super) fn asked(arguments: &GrowthArguments) -> Option<Self> {
        let asked = [
            (Size::Width, &arguments.width),
            (Size::Depth, &arguments.depth),
            (Size::Batch, &arguments.batch),
            (Size::Threads, &arguments.sweep_threads),
        ];
        let (size, values) = asked.into_iter().find(|(_, values)| !values.is_empty())?;
        Some(Self {
            size,
            values: values.clone(),
        })
    }

    /// The settings to measure, with all but one thing as in the first.
    pub(super) fn settings(
        &self,
        first: &Setting,
        available: usize,
    ) -> Result<Vec<Setting>, Failure> {
        let of = |&value: &usize| {
            let mut setting = first.clone();
            let architecture = &mut setting.run.architecture;
            match self.size {
                Size::Width => {
                    let last = architecture.widths.len() - 1;
                    architecture.widths[1..last].fill(value);
                }
                Size::Depth => *architecture = deepened(architecture, value)?,
                Size::Batch if value == 0 || value > available => {
                    return Err(Failure::usage(format!(
                        "--sweep-batch {value}: there are {available} samples"
                    )));
                }
                Size::Batch => setting.samples = value,
                Size::Threads => setting.threads = value,
            }
            Ok(setting)
        };
        if matches!(self.size, Size::Width | Size::Depth)
            && first.run.architecture.hidden.is_empty()
        {
            return Err(Failure::usage(
                "--sweep-width and --sweep-depth need a hidden layer",
            ));
        }
        self.values.iter().map(of).collect()
    }

    /// A row a setting with the ms of each sweep, and the power with which each grows.
    pub(super) fn table(&self, all: &[Figures], out: &mut Out) -> Result<(), Failure> {
        let Some(first) = all.first() else {
            return Ok(());
        };
        out.line(self.title(first))?;
        out.line("ms a gradient:")?;
        let names = columns(first);
        let short = |name: &String| name.trim_start_matches("weight-").to_owned();
        let head = format!("{:>7}{:>12}", self.size.name(), "weights");
        out.line(head + &aligned(names.iter().map(short)))?;
        let or_dash = |text: Option<String>| text.unwrap_or_else(|| "-".to_owned());
        for figures in all {
            let weights = grouped(figures.weights);
            let times = (0..names.len()).map(|column| {
                let timed = timed(figures, column);
                or_dash(timed.map(|timed| milliseconds(timed.seconds)))
            });
            let head = format!("{:>7}{weights:>12}", self.size.of(figures));
            out.line(head + &aligned(times))?;
        }
        let powers = (0..names.len()).map(|column| {
            let power = self.power(all, column);
            or_dash(power.map(|power| format!("{power:.2}")))
        });
        let head = format!("{:>19}", format!("~ {}^", self.measure()));
        out.line(head + &aligned(powers))
    }

    pub(super) fn chart(&self, all: &[Figures]) -> Chart {
        let axis = |label: &str| Axis {
            label: label.to_owned(),
            scale: Scale::Logarithmic,
        };
        let names = all.first().map(columns).unwrap_or_default();
        let of = |(column, name): (usize, String)| {
            let point = |figures: &Figures| {
                let seconds = timed(figures, column)?.seconds;
                Some((self.size.of(figures) as f64, seconds * 1e3))
            };
            Series {
                style: if name == BACKPROPAGATION {
                    Style::Dashed
                } else {
                    Style::Dotted
                },
                points: all.iter().filter_map(point).collect(),
                name,
            }
        };
        Chart {
            title: all
                .first()
                .map(|first| self.title(first))
                .unwrap_or_default(),
            x: axis(self.size.label()),
            y: axis("time of a gradient (ms)"),
            series: names.into_iter().enumerate().map(of).collect(),
        }
    }

    fn title(&self, first: &Figures) -> String {
        let (precision, samples) = (first.precision, first.samples);
        let shape = shape(&first.architecture);
        let all = threads(first.threads);
        match self.size {
            Size::Width | Size::Depth => {
                format!("From {shape} in {precision}, batch {samples}, {all}")
            }
            Size::Batch => format!("{shape} in {precision}, {all}"),
            Size::Threads => format!("{shape} in {precision}, batch {samples}"),
        }
    }

    /// What the time is compared with.
    fn measure(&self) -> &'static str {
        match self.size {
            Size::Width | Size::Depth => "weights",
            size => size.name(),
        }
    }

    /// The slope of the least-squares line through the logarithms of time and size.
    fn power(&self, all: &[Figures], column: usize) -> Option<f64> {
        let point = |figures: &Figures| {
            let size = match self.size {
                Size::Width | Size::Depth => figures.weights,
                size => size.of(figures),
            };
            Some(((size as f64).ln(), timed(figures, column)?.seconds.ln()))
        };
        let points: Vec<(f64, f64)> = all.iter().map(point).collect::<Option<_>>()?;
        slope(&points)
    }
}

impl Size {
    fn name(self) -> &'static str {
        match self {
            Self::Width => "width",
            Self::Depth => "depth",
            Self::Batch => "batch",
            Self::Threads => "threads",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Self::Width => "width of the hidden layers (neurons)",
            Self::Depth => "hidden layers",
            Self::Batch => "batch (samples)",
            Self::Threads => "threads",
        }
    }

    fn of(self, figures: &Figures) -> usize {
        match self {
            Self::Width => figures.architecture.widths[1],
            Self::Depth => figures.architecture.hidden.len(),
            Self::Batch => figures.samples,
            Self::Threads => figures.threads,
        }
    }
}

const BACKPROPAGATION: &str = "backprop.";

fn columns(figures: &Figures) -> Vec<String> {
    let sweeps = figures.sweeps.iter().map(|sweep| sweep.kind.to_string());
    sweeps.chain([BACKPROPAGATION.to_owned()]).collect()
}

fn aligned(cells: impl Iterator<Item = String>) -> String {
    let cells: Vec<String> = cells.map(|cell| format!("{cell:>10}")).collect();
    cells.concat()
}

/// The time in a column: the sweeps', then backpropagation's.
fn timed(figures: &Figures, column: usize) -> Option<Timed> {
    let sweep = figures.sweeps.get(column).map(|sweep| sweep.timed);
    sweep.or(figures.backpropagation)
}

/// The same network with another number of hidden layers, all like its first.
fn deepened(architecture: &Architecture, depth: usize) -> Result<Architecture, Failure> {
    if depth > 1000 {
        return Err(Failure::usage(format!(
            "--sweep-depth {depth} is more than 1000"
        )));
    }
    let widths = &architecture.widths;
    let mut deepened = vec![widths[0]];
    deepened.extend(std::iter::repeat_n(widths[1], depth));
    deepened.push(widths[widths.len() - 1]);
    Ok(Architecture::new(
        &deepened,
        architecture.hidden[0],
        architecture.output,
    ))
}

fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let count = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let products = points.iter().map(|point| (point.0 - x) * (point.1 - y));
    let squares = points.iter().map(|point| (point.0 - x) * (point.0 - x));
    let slope = products.sum::<f64>() / squares.sum::<f64>();
    slope.is_finite().then_some(slope)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slope_of_a_power_is_its_exponent() {
        let power = |x: f64| (x.ln(), (3.0 * x.powf(1.5)).ln());
        let found = slope(&[1.0, 2.0, 8.0].map(power)).expect("the sizes differ");
        assert!((found - 1.5).abs() < 1e-12, "{found}");
        assert_eq!(slope(&[(1.0, 2.0)]), None, "one size has no growth");
    }
}
