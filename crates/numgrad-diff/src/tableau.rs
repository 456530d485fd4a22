//! Richardson's tableau, with a bound for the rounding of every entry.
use crate::Real;

/// Each step is 1/√3 of the one before, so that h² shrinks by exactly 3. √3 is irrational: the
/// values of a function that is rounded to some decimals cannot shrink with it by chance and
/// look as if they had converged.
pub(crate) const RATIO: f64 = 1.732_050_807_568_877_2;

/// Columns of the tableau: the error of the last is O(h¹⁶), which no rounding lets one see.
const COLUMNS: usize = 8;

/// The last row of the tableau: entries that are better and better in truncation, with bounds
/// for their rounding.
pub(crate) struct Tableau<T> {
    row: [Entry<T>; COLUMNS],
    rows: usize,
}

#[derive(Clone, Copy)]
struct Entry<T> {
    value: T,
    /// The bound for its rounding.
    rounding: T,
    /// The rounding, and how far it is from the entries that it was made from.
    error: T,
}

impl<T: Real> Tableau<T> {
    pub(crate) fn new() -> Self {
        Self {
            row: [Entry {
                value: T::default(),
                rounding: T::default(),
                error: T::default(),
            }; COLUMNS],
            rows: 0,
        }
    }

    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Adds a quotient at the next step.
    pub(crate) fn add(&mut self, quotient: T, rounding: T) {
        let old = self.row;
        self.row[0] = Entry {
            value: quotient,
            rounding,
            error: T::of(f64::INFINITY),
        };
        let filled = self.rows.min(COLUMNS - 1);
        let mut power = T::of(1.0);
        for j in 1..=filled {
            power = power * T::of(3.0);
            let less = power - T::of(1.0);
            let (finer, coarser) = (self.row[j - 1], old[j - 1]);
            let value = finer.value + (finer.value - coarser.value) / less;
            let rounding = (power * finer.rounding + coarser.rounding) / less
                + T::EPSILON * value.magnitude()
                + T::TINY;
            let across = (value - finer.value).magnitude();
            let along = (value - coarser.value).magnitude();
            let change = if across > along { across } else { along };
            self.row[j] = Entry {
                value,
                rounding,
                error: change + rounding,
            };
        }
        self.rows += 1;
    }

    /// The entry of the last row with the least error, and that error.
    pub(crate) fn best(&self) -> Option<(T, T)> {
        let row = self.row[..self.rows.min(COLUMNS)].iter();
        row.filter(|entry| entry.error.is_number())
            .map(|entry| (entry.value, entry.error))
            .reduce(|a, b| if b.1 < a.1 { b } else { a })
    }
}
