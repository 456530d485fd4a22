//! An axis: its scale, its range and its ticks.
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use std::ops::Range;

/// Ticks of an axis, about.
const TICKS: f64 = 8.0;

/// How values are laid out along an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scale {
    Linear,
    /// Equal ratios are equally far apart; values that are not positive have no place.
    Logarithmic,
}

impl Scale {
    /// Where a value stands, or none if it has no place.
    pub(crate) fn place(self, value: f64) -> Option<f64> {
        let place = match self {
            Self::Linear => value,
            Self::Logarithmic if value <= 0.0 => return None,
            Self::Logarithmic => value.log10(),
        };
        place.is_finite().then_some(place)
    }
}

/// A range on a scale, with its ticks, as plotters wants it.
#[derive(Debug, Clone)]
pub(crate) struct Span {
    scale: Scale,
    /// The places of the two ends.
    ends: (f64, f64),
    ticks: Vec<f64>,
    /// Digits behind the point of a tick's label.
    decimals: usize,
}

impl Span {
    /// The range of some values, with a little room around it.
    pub(crate) fn around(scale: Scale, values: impl Iterator<Item = f64>) -> Self {
        let places = values.filter_map(|value| scale.place(value));
        let both = places.fold(None, |seen: Option<(f64, f64)>, place| {
            let (low, high) = seen.unwrap_or((place, place));
            Some((low.min(place), high.max(place)))
        });
        let (low, high) = both.unwrap_or((0.0, 1.0));
        // A single value gets a range, too, however large it is.
        let least = 1e-12 * low.abs().max(high.abs()).max(1e-290);
        let room = if high - low > least {
            0.04 * (high - low)
        } else {
            low.abs().max(1.0) * 0.5
        };
        let ends = (low - room, high + room);
        let step = tick_step(scale, ends);
        let ticks = if step == 0.0 {
            ones_twos_and_fives(ends)
        } else {
            let count = ((ends.1 - ends.0) / step) as i32 + 1;
            let first = (ends.0 / step).ceil();
            let tick = |k| (first + f64::from(k)) * step;
            (0..count).map(tick).filter(|&t| t <= ends.1).collect()
        };
        Self {
            scale,
            ends,
            ticks,
            decimals: (-step.log10()).ceil().clamp(0.0, 300.0) as usize,
        }
    }

    fn value(&self, place: f64) -> f64 {
        match self.scale {
            Scale::Linear => place,
            Scale::Logarithmic => 10.0_f64.powf(place),
        }
    }
}

/// 1, 2 or 5 times a power of ten, or whole decades; 0 for less than two decades.
fn tick_step(scale: Scale, (low, high): (f64, f64)) -> f64 {
    let rough = (high - low) / TICKS;
    if scale == Scale::Logarithmic {
        return if high - low < 2.0 { 0.0 } else { rough.ceil() };
    }
    let power = 10.0_f64.powf(rough.log10().floor());
    let steps = [1.0, 2.0, 5.0].map(|leading| leading * power);
    let fits = steps.into_iter().find(|&step| step >= rough);
    fits.unwrap_or(10.0 * power)
}

fn ones_twos_and_fives((low, high): (f64, f64)) -> Vec<f64> {
    let decades = low.floor() as i32..=high.ceil() as i32;
    decades
        .flat_map(|k| [1.0_f64, 2.0, 5.0].map(|leading| leading.log10() + f64::from(k)))
        .filter(|tick| (low..=high).contains(tick))
        .collect()
}

impl Ranged for Span {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (first, last): (i32, i32)) -> i32 {
        let place = self.scale.place(*value).unwrap_or(self.ends.0);
        let part = (place - self.ends.0) / (self.ends.1 - self.ends.0);
        first + (f64::from(last - first) * part.clamp(0.0, 1.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        self.ticks.iter().map(|&tick| self.value(tick)).collect()
    }

    fn range(&self) -> Range<f64> {
        self.value(self.ends.0)..self.value(self.ends.1)
    }
}

impl ValueFormatter<f64> for Span {
    fn format_ext(&self, value: &f64) -> String {
        let far = self.ends.0.abs().max(self.ends.1.abs());
        if self.scale == Scale::Linear && self.decimals <= 5 && far < 1e6 {
            return format!("{value:.*}", self.decimals);
        }
        let zero = self.scale == Scale::Linear && value.abs() < 1e-9 * far;
        if zero {
            return "0".to_owned();
        }
        // Ticks have few digits; what follows is rounding.
        let short = format!("{value:.6e}");
        short.parse().map_or(short, |value: f64| match self.scale {
            Scale::Logarithmic if (0.01..1e5).contains(&value) => value.to_string(),
            _ => format!("{value:e}"),
        })
    }
}
