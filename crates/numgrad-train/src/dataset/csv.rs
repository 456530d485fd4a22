//! CSV: a line a sample, a column of targets among columns of numbers.
use super::columns::{Table, labels_of};
use super::reader::Reader;
use super::rows::{Rows, clipped, place};
use super::{DataError, Dataset, Features, Header, LoadOptions};
use std::io::Read;
use std::path::Path;

/// A dataset from a CSV file, packed or not.
pub(super) fn load(path: &Path, options: &LoadOptions) -> Result<Dataset, DataError> {
    parse(path, Reader::open(path, options.max_bytes)?, options)
}

/// A dataset from the text of a CSV file, a row at a time; `path` is for its errors.
pub(super) fn parse(
    path: &Path,
    text: impl Read,
    options: &LoadOptions,
) -> Result<Dataset, DataError> {
    let mut rows = Rows::new(path, text);
    if !rows.advance()? {
        return Err(DataError::in_file(path, "holds no line"));
    }
    let header = FirstLine::of(&rows, options.header);
    let columns = rows.fields().count();
    let target = target_column(path, options.target.as_deref(), header.names(), columns)?;
    if columns < 2 {
        return Err(DataError::in_file(
            path,
            "has one column only: it needs a target and at least one input",
        ));
    }
    let mut table = Table {
        features: Vec::new(),
        targets: Vec::new(),
        lines: Vec::new(),
        target,
    };
    if header.is_sample() {
        table.push(&rows)?;
    }
    while rows.advance()? {
        let added = table.push(&rows);
        added.map_err(|error| header.doubt(path, &rows).unwrap_or(error))?;
    }
    if table.lines.is_empty() {
        return Err(DataError::in_file(path, "holds a header and no sample"));
    }
    let labels = labels_of(path, &table, options.task)?;
    Dataset::new(columns - 1, Features::Numbers(table.features), labels)
        .map_err(|message| DataError::in_file(path, message))
}

/// What the first line is.
enum FirstLine {
    Sample,
    Header(Vec<String>),
    /// A header, unless a later row holds a word: then nothing tells them apart.
    Likely(u64, Vec<String>),
}

impl FirstLine {
    fn of<R: Read>(row: &Rows<'_, R>, header: Header) -> Self {
        let names = || row.fields().map(str::to_owned).collect();
        match header {
            Header::Yes => Self::Header(names()),
            Header::Auto if row.has_no_number() => Self::Likely(row.line(), names()),
            Header::Auto | Header::No => Self::Sample,
        }
    }

    fn is_sample(&self) -> bool {
        matches!(self, Self::Sample)
    }

    fn names(&self) -> Option<&[String]> {
        match self {
            Self::Sample => None,
            Self::Header(names) | Self::Likely(_, names) => Some(names),
        }
    }

    /// Why it is not what it seems, if a later row that cannot be read holds a word.
    fn doubt<R: Read>(&self, path: &Path, row: &Rows<'_, R>) -> Option<DataError> {
        let Self::Likely(line, names) = self else {
            return None;
        };
        let (column, word) = row.first_word()?;
        let message = format!(
            "'{}' is not a number; if line {line} is a header, say --header yes: it is not taken \
             for one while line {}, column {} ('{}') is no number either",
            clipped(names.first()?),
            row.line(),
            column + 1,
            clipped(word)
        );
        Some(DataError::bad(place(path, *line, 0), message))
    }
}

/// The target's column: by name, by index from 0, or the last.
fn target_column(
    path: &Path,
    target: Option<&str>,
    names: Option<&[String]>,
    columns: usize,
) -> Result<usize, DataError> {
    let Some(target) = target else {
        return Ok(columns - 1);
    };
    let named = names.and_then(|names| names.iter().position(|name| name == target));
    let indexed = target.parse().ok().filter(|&index: &usize| index < columns);
    named.or(indexed).ok_or_else(|| {
        let known = names.map_or_else(
            || format!("it has no header; indices go from 0 to {}", columns - 1),
            |names| format!("its columns are {}", clipped_list(names)),
        );
        let target = clipped(target);
        DataError::in_file(path, format!("has no target column '{target}': {known}"))
    })
}

/// The first names of a list that may be long.
fn clipped_list(names: &[String]) -> String {
    let mut shown: Vec<String> = names.iter().take(20).map(|name| clipped(name)).collect();
    if names.len() > 20 {
        shown.push(format!("… ({} in all)", names.len()));
    }
    shown.join(", ")
}
