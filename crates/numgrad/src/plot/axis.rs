//! An axis: its scale, its range and its ticks.
use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};
use std::ops::Range;

/// Ticks of an axis, about: as many of these as its labels leave room for.
const TICKS: [f64; 3] = [8.0, 5.0, 3.0];

/// How values are laid out along an axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scale {
    Linear,
    /// Linear, with ticks at whole numbers only.
    Whole,
    /// Equal ratios are equally far apart; values that are not positive have no place.
    Logarithmic,
}

impl Scale {
    /// Where a value stands, or none if it has no place.
    pub(crate) fn place(self, value: f64) -> Option<f64> {
        let place = match self {
            Self::Linear | Self::Whole => value,
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
    /// The range of some values, with a little room around it, and as many ticks as have room
    /// for labels of so many letters in all, with one between them.
    pub(crate) fn around(scale: Scale, letters: usize, values: impl Iterator<Item = f64>) -> Self {
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
            room_of_one(scale, low)
        };
        let spans = TICKS.map(|ticks| Self::with_ticks(scale, ticks, (low - room, high + room)));
        let [.., last] = &spans;
        let fits = spans.iter().find(|span| span.letters() <= letters);
        fits.unwrap_or(last).clone()
    }

    fn with_ticks(scale: Scale, ticks: f64, ends: (f64, f64)) -> Self {
        let step = tick_step(scale, ticks, ends);
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

    /// The letters of all labels, with one between them.
    fn letters(&self) -> usize {
        let labels = self.ticks.iter().map(|&tick| self.value(tick));
        labels.map(|tick| self.format_ext(&tick).len() + 1).sum()
    }

    fn value(&self, place: f64) -> f64 {
        match self.scale {
            Scale::Linear | Scale::Whole => place,
            Scale::Logarithmic => 10.0_f64.powf(place),
        }
    }
}

/// The room to each side of a single place: half of its value, half a decade, or half a step
/// between whole numbers. Around 0 there is no value to go by.
fn room_of_one(scale: Scale, place: f64) -> f64 {
    match scale {
        Scale::Logarithmic => 0.5,
        Scale::Whole => 0.5 * place.abs().max(1.0),
        Scale::Linear if place == 0.0 => 0.5,
        Scale::Linear => 0.5 * place.abs().max(1e-290),
    }
}

/// 1, 2 or 5 times a power of ten, or whole decades; 0 for less than two decades.
fn tick_step(scale: Scale, ticks: f64, (low, high): (f64, f64)) -> f64 {
    let mut rough = (high - low) / ticks;
    if scale == Scale::Logarithmic {
        return if high - low < 2.0 { 0.0 } else { rough.ceil() };
    }
    if scale == Scale::Whole {
        rough = rough.max(1.0);
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
        if self.scale != Scale::Logarithmic && self.decimals <= 5 && far < 1e6 {
            return format!("{value:.*}", self.decimals);
        }
        let zero = self.scale != Scale::Logarithmic && value.abs() < 1e-9 * far;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_are_all_the_same_have_a_range_of_their_own_size_around_them() {
        for value in [0.01, -0.4, 3e-7, 12.0, 5e20] {
            for scale in [Scale::Linear, Scale::Logarithmic] {
                if scale == Scale::Logarithmic && value < 0.0 {
                    continue;
                }
                let span = Span::around(scale, usize::MAX, [value; 3].into_iter());
                let range = span.range();
                assert!(range.start < value && value < range.end, "{range:?}");
                let size: f64 = range.end - range.start;
                assert!(size < 4.0 * value.abs(), "{range:?} around {value}");
                assert!(span.ticks.len() > 1, "{span:?}");
            }
        }
        let around_nothing = Span::around(Scale::Linear, usize::MAX, [0.0].into_iter()).range();
        assert_eq!(around_nothing, -0.5..0.5);
    }
}
