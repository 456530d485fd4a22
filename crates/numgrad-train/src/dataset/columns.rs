//! What a column of targets stands for: classes, or values.
use super::rows::{Rows, place};
use super::{DataError, Labels, Task};
use std::io::Read;
use std::path::Path;

/// The most classes that a column of integers is taken for without being told.
const MOST_CLASSES: usize = 100;

/// A file of numbers, its target column taken out.
pub(super) struct Table {
    pub(super) features: Vec<f64>,
    pub(super) targets: Vec<f64>,
    /// The line of each sample.
    pub(super) lines: Vec<u64>,
    /// The target's column, from 0.
    pub(super) target: usize,
}

impl Table {
    /// Adds the row that the file is at.
    pub(super) fn push<R: Read>(&mut self, row: &Rows<'_, R>) -> Result<(), DataError> {
        for (column, value) in row.numbers().enumerate() {
            if column == self.target {
                self.targets.push(value?);
            } else {
                self.features.push(value?);
            }
        }
        self.lines.push(row.line());
        Ok(())
    }
}

/// Without a task, targets that are the integers 0…C−1, each at least once and with
/// 2 ≤ C ≤ 100, are classes.
pub(super) fn labels_of(
    path: &Path,
    table: &Table,
    task: Option<Task>,
) -> Result<Labels, DataError> {
    match task {
        Some(Task::Regression) => Ok(Labels::Values(table.targets.clone())),
        Some(Task::Classification) => classes(path, table),
        None => Ok(classes(path, table)
            .ok()
            .filter(|labels| match labels {
                Labels::Classes { classes, .. } => (2..=MOST_CLASSES).contains(classes),
                Labels::Values(_) => false,
            })
            .unwrap_or_else(|| Labels::Values(table.targets.clone()))),
    }
}

fn classes(path: &Path, table: &Table) -> Result<Labels, DataError> {
    let most = table.targets.len();
    let mut seen = Vec::new();
    let mut labels = Vec::with_capacity(most);
    for (&value, &line) in table.targets.iter().zip(&table.lines) {
        if value.fract() != 0.0 || value < 0.0 || value >= most as f64 {
            return Err(DataError::bad(
                place(path, line, table.target),
                format!(
                    "the target {value} is no class: classes are the integers from 0 to one below \
                     their number; for any number say --task regression"
                ),
            ));
        }
        let class = value as usize;
        if class >= seen.len() {
            seen.resize(class + 1, false);
        }
        seen[class] = true;
        labels.push(class as u32);
    }
    if let Some(missing) = seen.iter().position(|&seen| !seen) {
        return Err(DataError::in_file(
            path,
            format!(
                "no sample has the class {missing}, though the largest is {}",
                seen.len() - 1
            ),
        ));
    }
    Ok(Labels::Classes {
        classes: seen.len(),
        labels,
    })
}
