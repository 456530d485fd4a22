//! The samples of a table, row by row, once it is known what its columns are.
use super::columns::{Columns, Role};
use super::labels::TargetNumbers;
use super::learn::clipped_list;
use super::rows::{Rows, clipped, word};
use super::{DataError, Missing};
use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

/// What another file than the training file is read for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// To learn from it.
    Training,
    /// To hold predictions against its targets.
    Evaluation,
    /// To predict the targets, a row each: they may be absent.
    Prediction,
}

/// The samples of a table as they are read.
pub(super) struct Samples<'a> {
    path: &'a Path,
    columns: &'a Columns,
    /// Where each column is in the file, if it is needed.
    places: &'a [Option<usize>],
    /// The words of each column.
    words: Vec<HashMap<&'a str, usize>>,
    purpose: Use,
    features: Vec<f64>,
    targets: TargetNumbers,
}

impl<'a> Samples<'a> {
    pub(super) fn new(
        path: &'a Path,
        columns: &'a Columns,
        places: &'a [Option<usize>],
        purpose: Use,
    ) -> Self {
        let words = columns.columns.iter().map(|column| match &column.role {
            Role::Category { words } | Role::Named { classes: words } => {
                words.iter().map(String::as_str).zip(0..).collect()
            }
            _ => HashMap::new(),
        });
        let target = columns
            .columns
            .iter()
            .position(|column| column.role.is_target());
        Self {
            path,
            columns,
            places,
            words: words.collect(),
            purpose,
            features: Vec::new(),
            targets: TargetNumbers {
                values: Vec::new(),
                lines: Some(Vec::new()),
                column: target.unwrap_or(0),
            },
        }
    }

    /// Reads the rows to the end, with the one that they are at if it is a sample.
    pub(super) fn read<R: Read>(
        &mut self,
        rows: &mut Rows<'_, R>,
        is_sample: &mut bool,
    ) -> Result<(), DataError> {
        loop {
            if *is_sample {
                let lengths = (self.features.len(), self.targets.values.len());
                if !self.push(rows)? {
                    self.features.truncate(lengths.0);
                    self.targets.values.truncate(lengths.1);
                } else if self.targets.values.len() > lengths.1 {
                    self.targets.lines.get_or_insert_default().push(rows.line());
                }
            }
            if !rows.advance()? {
                return Ok(());
            }
            *is_sample = true;
        }
    }

    /// Adds the row that the file is at; `false` if it is to be left out.
    fn push<R: Read>(&mut self, row: &Rows<'_, R>) -> Result<bool, DataError> {
        let columns = self.columns.columns.iter().zip(self.places).enumerate();
        for (k, (column, &place)) in columns {
            let Some(place) = place else { continue };
            match &column.role {
                // Images are no rows of a table.
                Role::Ignored | Role::Pixels { .. } => {}
                role if role.is_target() && self.purpose == Use::Prediction => {}
                Role::Number { fill } => match self.number(row, k, place)? {
                    Some(value) => self.features.push(value),
                    None if self.drops() => return Ok(false),
                    // Numbers learned from the training samples are not there yet while these are read.
                    None if self.columns.missing.fills() => {
                        self.features.push(fill.unwrap_or(f64::NAN));
                    }
                    None => return Err(self.missing(row, place)),
                },
                Role::Category { words } => {
                    let first = self.features.len();
                    self.features.resize(first + words.len(), 0.0);
                    match self.word(row, k, place)? {
                        Some(word) => self.features[first + word] = 1.0,
                        None if self.drops() => return Ok(false),
                        None if self.columns.missing.fills() => {}
                        None => return Err(self.missing(row, place)),
                    }
                }
                role => {
                    let target = match role {
                        Role::Named { .. } => self.word(row, k, place)?.map(|class| class as f64),
                        _ => self.number(row, k, place)?,
                    };
                    match target {
                        Some(target) => self.targets.values.push(target),
                        None if self.drops() => return Ok(false),
                        None => return Err(self.missing(row, place)),
                    }
                }
            }
        }
        Ok(true)
    }

    /// The number in a cell, if it is not missing.
    fn number<R: Read>(
        &self,
        row: &Rows<'_, R>,
        column: usize,
        place: usize,
    ) -> Result<Option<f64>, DataError> {
        let advice = || match self.purpose {
            Use::Training => format!(
                ", as the column's first cell is; if its cells are categories, say --categorical \
                 {place}"
            ),
            Use::Evaluation | Use::Prediction => format!(
                ", as those of column '{}' were when the run was trained",
                clipped(&self.columns.columns[column].label(column))
            ),
        };
        row.number(place, advice)
    }

    /// The number of a word in the list of its column, if the cell is not missing.
    fn word<R: Read>(
        &self,
        row: &Rows<'_, R>,
        column: usize,
        place: usize,
    ) -> Result<Option<usize>, DataError> {
        let field = row.field(place);
        let words = &self.words[column];
        let found = words.get(field).or_else(|| words.get(&*word(field)));
        if found.is_some() || Missing::is_missing(field) {
            return Ok(found.copied());
        }
        let known: Vec<String> = match &self.columns.columns[column].role {
            Role::Category { words } | Role::Named { classes: words } => words.clone(),
            _ => Vec::new(),
        };
        let message = format!(
            "'{}' is none of the words that column '{}' had when the run was trained: {}",
            clipped(field),
            clipped(&self.columns.columns[column].label(column)),
            clipped_list(&known)
        );
        Err(row.bad_at(place, message))
    }

    /// Whether rows with a missing cell are left out: of predictions there is one for each row.
    fn drops(&self) -> bool {
        self.columns.missing == Missing::Drop && self.purpose != Use::Prediction
    }

    fn missing<R: Read>(&self, row: &Rows<'_, R>, place: usize) -> DataError {
        row.missing(
            place,
            match self.purpose {
                Use::Training => {
                    "--missing drop leaves such rows out, --missing mean or median fills such cells \
                     of inputs"
                }
                Use::Evaluation | Use::Prediction => {
                    "a run trained with --missing mean or median fills such cells of inputs"
                }
            },
        )
    }

    pub(super) fn taken(self) -> Result<(Vec<f64>, TargetNumbers), DataError> {
        if self.features.is_empty() {
            let message = if self.drops() {
                "holds no sample without a missing cell"
            } else {
                "holds a header and no sample"
            };
            return Err(DataError::in_file(self.path, message));
        }
        Ok((self.features, self.targets))
    }
}
