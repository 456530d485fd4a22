//! What a column of target numbers stands for: classes, or values.
use super::rows::place;
use super::{DataError, Labels, Task};
use std::path::Path;

/// The most classes that a column of integers is taken for without being told.
const MOST_CLASSES: usize = 100;

/// The numbers of a target column.
pub(super) struct TargetNumbers {
    pub(super) values: Vec<f64>,
    /// The line of each, in a text.
    pub(super) lines: Option<Vec<u64>>,
    /// The column, from 0.
    pub(super) column: usize,
}

impl TargetNumbers {
    /// Where a target stands.
    fn place(&self, path: &Path, sample: usize) -> String {
        match self.lines.as_ref().and_then(|lines| lines.get(sample)) {
            Some(&line) => place(path, line, self.column).to_string(),
            None => format!("{}: row {sample} (from 0)", path.display()),
        }
    }

    /// What else can be done with numbers that are no classes as they are.
    fn advice(&self) -> String {
        match self.lines {
            Some(_) => format!(
                "; to take each number for a class by its name say --categorical {}",
                self.column
            ),
            None => String::new(),
        }
    }
}

/// Without a task, targets that are the integers 0…C−1, each at least once and with
/// 2 ≤ C ≤ 100, are classes.
pub(super) fn labels_of(
    path: &Path,
    targets: TargetNumbers,
    task: Option<Task>,
) -> Result<Labels, DataError> {
    match task {
        Some(Task::Regression) => Ok(Labels::Values(targets.values)),
        Some(Task::Classification) => classes(path, &targets),
        None => Ok(classes(path, &targets)
            .ok()
            .filter(|labels| match labels {
                Labels::Classes { classes, .. } => (2..=MOST_CLASSES).contains(classes),
                _ => false,
            })
            .unwrap_or(Labels::Values(targets.values))),
    }
}

/// Classes from 0 to one below their number, as many as the run knows.
pub(super) fn known_classes(
    path: &Path,
    targets: &TargetNumbers,
    classes: usize,
) -> Result<Labels, DataError> {
    let labels = targets.values.iter().enumerate();
    let labels = labels.map(|(sample, &value)| {
        if value.fract() == 0.0 && value >= 0.0 && value < classes as f64 {
            return Ok(value as u32);
        }
        let message = format!(
            "the target {value} is none of the classes 0 to {}",
            classes.saturating_sub(1)
        );
        Err(DataError::bad(targets.place(path, sample), message))
    });
    Ok(Labels::Classes {
        classes,
        labels: labels.collect::<Result<_, _>>()?,
    })
}

fn classes(path: &Path, targets: &TargetNumbers) -> Result<Labels, DataError> {
    let most = targets.values.len();
    let mut seen = Vec::new();
    let mut labels = Vec::with_capacity(most);
    for (sample, &value) in targets.values.iter().enumerate() {
        if value.fract() != 0.0 || value < 0.0 || value >= most as f64 {
            return Err(DataError::bad(
                targets.place(path, sample),
                format!(
                    "the target {value} is no class: classes are the integers from 0 to one below \
                     their number; for any number say --task regression{}",
                    targets.advice()
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
                "no sample has the class {missing}, though the largest is {}{}",
                seen.len() - 1,
                targets.advice()
            ),
        ));
    }
    Ok(Labels::Classes {
        classes: seen.len(),
        labels,
    })
}
