//! The rows of a CSV file, one at a time, each with its line.
use super::DataError;
use super::text::Text;
use std::fmt::Display;
use std::io::Read;
use std::path::Path;

/// The most columns.
const MOST_COLUMNS: usize = 1 << 20;

/// The largest size of a number: the square of a larger one is past f64, and with it each
/// standard deviation and squared error.
const LARGEST: f64 = 1e150;

/// A CSV file as it is read; the memory of one row is used for all.
pub(super) struct Rows<'a, R> {
    path: &'a Path,
    reader: csv::Reader<Text<R>>,
    record: csv::StringRecord,
    line: u64,
    /// The columns and the line of the first row.
    first: Option<(usize, u64)>,
}

impl<'a, R: Read> Rows<'a, R> {
    /// The rows of this text; `path` is for errors.
    pub(super) fn new(path: &'a Path, text: R) -> Self {
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(Text::new(text));
        Self {
            path,
            reader,
            record: csv::StringRecord::new(),
            line: 0,
            first: None,
        }
    }

    /// Goes to the next row, if there is one; empty lines are none.
    pub(super) fn advance(&mut self) -> Result<bool, DataError> {
        let began = self.reader.position().byte();
        let read = self.reader.read_record(&mut self.record);
        if matches!(read, Ok(false)) {
            return Ok(false);
        }
        let text = self.reader.get_mut();
        self.line = text.line_from(began);
        if let Some((line, column)) = text.open_quote() {
            let place = format!("{}:{line}:{column}", self.path.display());
            return Err(DataError::bad(
                place,
                "a quotation mark opens and never closes",
            ));
        }
        read.map_err(|error| self.failed(error))?;
        let found = self.record.len();
        let (columns, first) = *self.first.get_or_insert((found, self.line));
        if found != columns {
            return Err(self.bad(format!(
                "has {found} columns, but line {first} has {columns}"
            )));
        }
        if columns > MOST_COLUMNS {
            return Err(self.bad(format!(
                "has {columns} columns, more than the limit of {MOST_COLUMNS}"
            )));
        }
        Ok(true)
    }

    /// The line of the row, from 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// The fields of the row.
    pub(super) fn fields(&self) -> impl Iterator<Item = &str> {
        // The parser would make a new row to trim it.
        self.record.iter().map(str::trim)
    }

    /// The first field that is no number, with its column from 0.
    pub(super) fn first_word(&self) -> Option<(usize, &str)> {
        let mut fields = self.fields().enumerate();
        fields.find(|(_, field)| number(field).is_none())
    }

    /// Whether no field is a number.
    pub(super) fn has_no_number(&self) -> bool {
        self.fields().all(|field| number(field).is_none())
    }

    /// The numbers of the row.
    pub(super) fn numbers(&self) -> impl Iterator<Item = Result<f64, DataError>> {
        self.fields().enumerate().map(|(column, field)| {
            let wrong = |what: &str| {
                let message = format!("'{}' is {what}", clipped(field));
                Err(self.bad_at(column, message))
            };
            match number(field) {
                None if self.first.is_some_and(|(_, line)| line == self.line) => {
                    wrong("not a number; if line 1 is a header, say --header yes")
                }
                None => wrong("not a number"),
                Some(value) if !value.is_finite() => wrong("not a finite number"),
                Some(value) if value.abs() > LARGEST => {
                    wrong("too large: numbers go up to 1e150, where squares still are numbers")
                }
                Some(value) => Ok(value),
            }
        })
    }

    /// An error at a column of the row, counted from 0.
    pub(super) fn bad_at(&self, column: usize, message: impl Into<String>) -> DataError {
        DataError::bad(place(self.path, self.line, column), message)
    }

    fn bad(&self, message: String) -> DataError {
        DataError::bad(format!("{}:{}", self.path.display(), self.line), message)
    }

    fn failed(&self, error: csv::Error) -> DataError {
        match error.into_kind() {
            csv::ErrorKind::Io(source) => DataError::reading(self.path, source),
            csv::ErrorKind::Utf8 { err, .. } => self.bad_at(err.field(), "is not UTF-8 text"),
            // Nothing else is an error of a flexible reader without headers.
            other => self.bad(format!("{other:?}")),
        }
    }
}

/// How a place in a text is written: the line from 1, and the column, given from 0, from 1.
pub(super) fn place(path: &Path, line: u64, column: usize) -> impl Display {
    format!("{}:{line}:{}", path.display(), column + 1)
}

fn number(field: &str) -> Option<f64> {
    field.parse().ok()
}

/// A field as an error shows it.
pub(super) fn clipped(field: &str) -> String {
    let mut shown: String = field
        .chars()
        .take(40)
        .flat_map(char::escape_debug)
        .collect();
    if field.chars().count() > 40 {
        shown.push('…');
    }
    shown
}
