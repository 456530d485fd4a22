//! The rows of a CSV file, one at a time, each with its line.
use super::text::Text;
use super::{DataError, Missing};
use std::fmt::Display;
use std::io::{Chain, Cursor, Read};
use std::path::Path;

/// The most columns.
const MOST_COLUMNS: usize = 1 << 20;

/// The largest size of a number: the square of a larger one is past f64, and with it each
/// standard deviation and squared error.
pub(super) const LARGEST: f64 = 1e150;

/// Bytes in which the end of the first line is looked for.
const START: u64 = 1 << 16;

/// A CSV file as it is read; the memory of one row is used for all.
pub(super) struct Rows<'a, R> {
    path: &'a Path,
    reader: csv::Reader<Text<Chain<Cursor<Vec<u8>>, R>>>,
    record: csv::StringRecord,
    line: u64,
    /// The columns and the line of the first row.
    first: Option<(usize, u64)>,
}

impl<'a, R: Read> Rows<'a, R> {
    /// The rows of this text; `path` is for errors. Columns are parted by commas, or where the first
    /// line has none, by semicolons or tabs.
    pub(super) fn new(path: &'a Path, mut text: R) -> Result<Self, DataError> {
        let mut start = Vec::new();
        let read = (&mut text).take(START).read_to_end(&mut start);
        read.map_err(|source| DataError::reading(path, source))?;
        let delimiter = delimiter_of(&start);
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(Text::new(Cursor::new(start).chain(text), delimiter));
        Ok(Self {
            path,
            reader,
            record: csv::StringRecord::new(),
            line: 0,
            first: None,
        })
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

    /// How many columns each row has, once there was one.
    pub(super) fn columns(&self) -> usize {
        self.first.map_or(0, |(columns, _)| columns)
    }

    /// The field in a column, from 0.
    pub(super) fn field(&self, column: usize) -> &str {
        self.record.get(column).unwrap_or("").trim()
    }

    /// Whether no field is a number.
    pub(super) fn has_no_number(&self) -> bool {
        self.fields().all(|field| number(field).is_none())
    }

    /// The number in a column, from 0; `None` if it is missing. `advice` says what to do where it is
    /// none, behind the first row.
    pub(super) fn number(
        &self,
        column: usize,
        advice: impl Fn() -> String,
    ) -> Result<Option<f64>, DataError> {
        let field = self.field(column);
        match number(field) {
            Some(value) if value.abs() <= LARGEST => Ok(Some(value)),
            _ if Missing::is_missing(field) => Ok(None),
            found => Err(self.no_number(column, found, &advice())),
        }
    }

    fn no_number(&self, column: usize, found: Option<f64>, advice: &str) -> DataError {
        let is_first = self.first.is_some_and(|(_, line)| line == self.line);
        let what = match found {
            Some(value) if value.is_finite() => {
                "too large: numbers go up to 1e150, where squares still are numbers".to_owned()
            }
            Some(_) => "not a finite number".to_owned(),
            None if is_first => "not a number; if line 1 is a header, say --header yes".to_owned(),
            None => format!("not a number{advice}"),
        };
        self.bad_at(
            column,
            format!("'{}' is {what}", clipped(self.field(column))),
        )
    }

    /// The error that a cell is missing, with what to do.
    pub(super) fn missing(&self, column: usize, advice: &str) -> DataError {
        let what = match self.field(column) {
            "" => "the cell is empty".to_owned(),
            field => format!(
                "'{}' is a missing value, not a finite number",
                clipped(field)
            ),
        };
        self.bad_at(column, format!("{what}; {advice}"))
    }

    /// An error at a column of the row, counted from 0.
    pub(super) fn bad_at(&self, column: usize, message: impl Into<String>) -> DataError {
        DataError::bad(place(self.path, self.line, column), message)
    }

    /// An error of the row as a whole.
    pub(super) fn bad(&self, message: String) -> DataError {
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

/// What a field says as a number, if it does.
pub(super) fn number(field: &str) -> Option<f64> {
    field.parse().ok()
}

/// A field as a name or a word: without control characters, which would act on a terminal.
pub(super) fn word(field: &str) -> String {
    field.replace(char::is_control, " ")
}

/// What parts the columns, by the first line outside quotation marks.
fn delimiter_of(start: &[u8]) -> u8 {
    let mut is_quoted = false;
    let mut counts = [(b',', 0), (b';', 0), (b'\t', 0)];
    for &byte in start {
        is_quoted ^= byte == b'"';
        if matches!(byte, b'\n' | b'\r') && !is_quoted && counts.iter().any(|&(_, n)| n > 0) {
            break;
        }
        for (delimiter, count) in &mut counts {
            *count += u32::from(byte == *delimiter && !is_quoted);
        }
    }
    let [(comma, commas), (semicolon, semicolons), (tab, tabs)] = counts;
    match () {
        () if commas > 0 || semicolons + tabs == 0 => comma,
        () if semicolons >= tabs => semicolon,
        () => tab,
    }
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
