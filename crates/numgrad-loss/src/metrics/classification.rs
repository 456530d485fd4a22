//! Accuracy and the confusion matrix.
use crate::{Target, Targets};
use nalgebra::DMatrix;
use numgrad_scalar::Real;
use std::fmt::{self, Write};

/// The class that an output stands for: the largest entry's, the first of equals; of a single
/// entry, 1 if it is above ½ and else 0.
pub fn class_of<T: Real>(y: &[T]) -> usize {
    if let [y] = y {
        return usize::from(*y > T::HALF);
    }
    let mut class = 0;
    for (k, &entry) in y.iter().enumerate() {
        if entry > y[class] {
            class = k;
        }
    }
    class
}

/// The part of the samples whose class is the target's; NaN without samples.
///
/// # Panics
/// If there are fewer targets than samples.
pub fn accuracy<T: Real>(outputs: &DMatrix<T>, targets: &Targets<T>) -> f64 {
    let right = pairs(outputs, targets).filter(|(truth, found)| truth == found);
    right.count() as f64 / outputs.ncols() as f64
}

/// How often each class was taken for each: rows are the true classes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfusionMatrix {
    counts: DMatrix<u64>,
}

impl ConfusionMatrix {
    /// Counts the classes of a network's outputs against their targets'.
    ///
    /// # Panics
    /// If there are fewer targets than samples, or a label is out of range.
    pub fn new<T: Real>(outputs: &DMatrix<T>, targets: &Targets<T>) -> Self {
        // A single output tells two classes apart.
        let classes = outputs.nrows().max(2);
        let mut counts = DMatrix::zeros(classes, classes);
        for pair in pairs(outputs, targets) {
            counts[pair] += 1;
        }
        Self { counts }
    }

    /// The number of classes.
    pub fn classes(&self) -> usize {
        self.counts.nrows()
    }

    /// How often the class `truth` was taken for `found`.
    ///
    /// # Panics
    /// If there is no such class.
    pub fn count(&self, truth: usize, found: usize) -> u64 {
        self.counts[(truth, found)]
    }
}

impl ConfusionMatrix {
    /// The matrix as a table with the true classes as rows and the found ones as columns, by the names
    /// of the classes. No letter of a name is left out.
    ///
    /// # Panics
    /// If there are fewer names than classes.
    pub fn table(&self, names: &[String]) -> String {
        const CORNER: &str = "true\\found";
        let length = |text: &String| text.chars().count();
        let longest = names[..self.classes()].iter().map(length).max();
        let widest = self.counts.iter().max().map_or(1, |n| n.to_string().len());
        let width = widest.max(longest.unwrap_or(0)) + 1;
        let first = CORNER.len().max(longest.unwrap_or(0));
        let mut table = format!("{CORNER:<first$}");
        for name in &names[..self.classes()] {
            let _ = write!(table, "{name:>width$}");
        }
        for (name, row) in names.iter().zip(self.counts.row_iter()) {
            let _ = write!(table, "\n{name:>first$}");
            for count in row.iter() {
                let _ = write!(table, "{count:>width$}");
            }
        }
        table
    }
}

impl fmt::Display for ConfusionMatrix {
    /// A table with the true classes as rows and the found ones as columns, by their numbers.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<String> = (0..self.classes()).map(|c| c.to_string()).collect();
        f.write_str(&self.table(&names))
    }
}

/// The true and the found class of each sample.
fn pairs<'a, T: Real>(
    outputs: &'a DMatrix<T>,
    targets: &'a Targets<T>,
) -> impl Iterator<Item = (usize, usize)> + 'a {
    let columns = outputs.as_slice().chunks_exact(outputs.nrows());
    columns
        .enumerate()
        .map(|(b, y)| (truth(targets, b), class_of(y)))
}

/// The true class of sample `b`.
pub(super) fn truth<T: Real>(targets: &Targets<T>, b: usize) -> usize {
    match targets.get(b) {
        Target::Label(label) => label,
        Target::Values(t) => class_of(t),
    }
}
