//! What is told of a column before anybody trains on it: type, range, mean, values, missing cells.
use super::Missing;
use super::rows::{number, word};
use serde::Serialize;
use std::collections::BTreeMap;

/// The most different values that are counted: as many words as a column of categories may have.
const MOST_VALUES: usize = 1000;

/// The largest whole number that is counted as a value: from here on not every one is an f64.
const LARGEST_WHOLE: f64 = 9_007_199_254_740_992.0;

/// What a source of data holds: one part, or one for each array or set of samples.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    /// The parts, in the order of the source.
    pub parts: Vec<PartSummary>,
}

/// A table, an array, or a set of samples.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PartSummary {
    /// The array's name in an archive, "train" or "test"; else empty.
    pub name: String,
    /// The shape of an array, or of an image: height, width and, of colours, channels.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shape: Vec<usize>,
    /// How many rows there are, or samples.
    pub rows: u64,
    /// How many columns there are.
    pub width: usize,
    /// What they hold.
    pub columns: Vec<ColumnSummary>,
}

/// A column of cells, or several together.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ColumnSummary {
    /// Its name, or its number from 0.
    pub name: String,
    /// How many columns are told of together: 1, or all of an image or of a wide array.
    pub columns: usize,
    /// Whether a training would take it for the target, if nothing else was said.
    pub target: bool,
    /// What the cells are.
    #[serde(rename = "type")]
    pub kind: CellKind,
    /// Cells without a value: empty, NA, N/A, NaN, null, None or ?.
    pub missing: u64,
    /// The least number, the mean and the greatest, where there are numbers.
    #[serde(flatten)]
    pub range: Option<Range>,
    /// The different values and how often each is there: of words, and of whole numbers in a target.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<ValueCount>,
    /// Whether there are more different values than are counted.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub more_values: bool,
}

/// What the cells of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CellKind {
    /// Whole numbers.
    Whole,
    /// Numbers, some with a fraction.
    Number,
    /// Words.
    Words,
    /// Numbers and words.
    Mixed,
    /// Nothing: every cell is missing.
    Empty,
}

/// Where numbers lie.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Range {
    /// The least.
    pub least: f64,
    /// (1/n)·Σ x.
    pub mean: f64,
    /// The greatest.
    pub greatest: f64,
}

/// A value with the number of cells that hold it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ValueCount {
    /// The value as text.
    pub value: String,
    /// How many cells hold it.
    pub count: u64,
}

/// A column while its cells go by. Memory: that of the different values that are counted.
#[derive(Debug, Clone)]
pub(super) struct Tally {
    missing: u64,
    numbers: u64,
    words: u64,
    are_whole: bool,
    range: Range,
    counts_numbers: bool,
    whole: BTreeMap<i64, u64>,
    text: BTreeMap<String, u64>,
    has_more: bool,
}

impl Tally {
    /// A column, of which the different whole numbers are counted or not.
    pub(super) fn new(counts_numbers: bool) -> Self {
        Self {
            missing: 0,
            numbers: 0,
            words: 0,
            are_whole: true,
            range: Range {
                least: f64::INFINITY,
                mean: 0.0,
                greatest: f64::NEG_INFINITY,
            },
            counts_numbers,
            whole: BTreeMap::new(),
            text: BTreeMap::new(),
            has_more: false,
        }
    }

    /// Whether there was a number.
    pub(super) fn has_numbers(&self) -> bool {
        self.numbers > 0
    }

    /// Adds a cell of a text.
    pub(super) fn cell(&mut self, field: &str) {
        match number(field) {
            _ if Missing::is_missing(field) => self.missing += 1,
            Some(value) => self.number(value),
            None => self.word(field),
        }
    }

    /// Adds a number; one that is none is missing.
    pub(super) fn number(&mut self, value: f64) {
        if value.is_nan() {
            self.missing += 1;
            return;
        }
        self.numbers += 1;
        let Range {
            least,
            mean,
            greatest,
        } = &mut self.range;
        (*least, *greatest) = (least.min(value), greatest.max(value));
        *mean += (value - *mean) / self.numbers as f64;
        self.are_whole &= value.fract() == 0.0;
        if self.counts_numbers && self.are_whole && value.abs() < LARGEST_WHOLE {
            let is_counted = count(&mut self.whole, &(value as i64), || value as i64);
            self.has_more |= !is_counted;
        }
    }

    fn word(&mut self, field: &str) {
        self.words += 1;
        let is_counted = count(&mut self.text, field, || word(field));
        self.has_more |= !is_counted;
    }

    /// What was found.
    pub(super) fn summary(self, name: String, columns: usize, target: bool) -> ColumnSummary {
        let kind = match (self.numbers, self.words) {
            (0, 0) => CellKind::Empty,
            (0, _) => CellKind::Words,
            (_, 0) if self.are_whole => CellKind::Whole,
            (_, 0) => CellKind::Number,
            _ => CellKind::Mixed,
        };
        let listed = |(value, count): (String, u64)| ValueCount { value, count };
        let whole = self.whole.into_iter().filter(|_| self.are_whole);
        let whole = whole.map(|(value, count)| (value.to_string(), count));
        ColumnSummary {
            name,
            columns,
            target,
            kind,
            missing: self.missing,
            range: (self.numbers > 0).then_some(self.range),
            values: whole.chain(self.text).map(listed).collect(),
            more_values: self.has_more && (self.are_whole || self.words > 0),
        }
    }
}

/// Counts a value, if it is known or there is room for it.
fn count<K, Q>(counts: &mut BTreeMap<K, u64>, value: &Q, owned: impl Fn() -> K) -> bool
where
    K: Ord + std::borrow::Borrow<Q>,
    Q: Ord + ?Sized,
{
    if let Some(count) = counts.get_mut(value) {
        *count += 1;
        return true;
    }
    if counts.len() < MOST_VALUES {
        *counts.entry(owned()).or_insert(0) += 1;
        return true;
    }
    false
}
