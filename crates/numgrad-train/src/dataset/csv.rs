//! CSV: a line a sample, a column of targets among columns of numbers.
use super::columns::{Table, labels_of};
use super::reader::Reader;
use super::{DataError, Dataset, Features, Header, LoadOptions};
use std::path::Path;

/// A dataset from a CSV file, packed or not.
pub(super) fn load(path: &Path, options: &LoadOptions) -> Result<Dataset, DataError> {
    let bytes = Reader::open(path, options.max_bytes)?.rest()?;
    parse(path, &bytes, options)
}

/// A dataset from the text of a CSV file; `path` is for its errors.
pub(super) fn parse(
    path: &Path,
    bytes: &[u8],
    options: &LoadOptions,
) -> Result<Dataset, DataError> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let is_quoted = |open, &byte: &u8| open ^ (byte == b'"');
    if bytes.iter().fold(false, is_quoted) {
        return Err(DataError::in_file(
            path,
            "a quotation mark is opened and never closed",
        ));
    }
    let rows = records(path, bytes)?;
    let first = rows
        .first()
        .ok_or_else(|| DataError::in_file(path, "holds no line"))?;
    let has_header = match options.header {
        Header::Yes => true,
        Header::No => false,
        Header::Auto => {
            let numeric = |row: &Row| row.fields.iter().all(|field| number(field).is_some());
            let no_number = |row: &Row| row.fields.iter().all(|field| number(field).is_none());
            no_number(first) && rows.len() > 1 && rows[1..].iter().all(numeric)
        }
    };
    let columns = first.fields.len();
    let names = has_header.then(|| first.fields.clone());
    let target = target_column(path, options.target.as_deref(), names.as_deref(), columns)?;
    let rows = &rows[usize::from(has_header)..];
    if rows.is_empty() {
        return Err(DataError::in_file(path, "holds a header and no sample"));
    }
    if columns < 2 {
        return Err(DataError::in_file(
            path,
            "has one column only: it needs a target and at least one input",
        ));
    }
    let mut table = Table {
        features: Vec::with_capacity(rows.len() * (columns - 1)),
        targets: Vec::with_capacity(rows.len()),
        lines: rows.iter().map(|row| row.line).collect(),
        target,
    };
    for row in rows {
        for (column, field) in row.fields.iter().enumerate() {
            let value = value(path, row.line, column, field)?;
            if column == target {
                table.targets.push(value);
            } else {
                table.features.push(value);
            }
        }
    }
    let labels = labels_of(path, &table, options.task)?;
    Dataset::new(columns - 1, Features::Numbers(table.features), labels)
        .map_err(|message| DataError::in_file(path, message))
}

/// A line of the file, with its number from 1.
struct Row {
    line: u64,
    fields: Vec<String>,
}

fn records(path: &Path, bytes: &[u8]) -> Result<Vec<Row>, DataError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(bytes);
    let mut rows: Vec<Row> = Vec::new();
    for record in reader.byte_records() {
        let record = record.map_err(|error| DataError::in_file(path, error.to_string()))?;
        let line = record.position().map_or(0, csv::Position::line);
        let place = format!("{}:{line}", path.display());
        let fields: Result<Vec<String>, _> = record
            .iter()
            .map(|field| String::from_utf8(field.to_vec()))
            .collect();
        let fields = fields.map_err(|_| DataError::bad(&place, "is not UTF-8 text"))?;
        if let Some(first) = rows.first()
            && first.fields.len() != fields.len()
        {
            return Err(DataError::bad(
                &place,
                format!(
                    "has {} columns, but line {} has {}",
                    fields.len(),
                    first.line,
                    first.fields.len()
                ),
            ));
        }
        rows.push(Row { line, fields });
    }
    Ok(rows)
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
            |names| format!("its columns are {}", names.join(", ")),
        );
        let target = clipped(target);
        DataError::in_file(path, format!("has no target column '{target}': {known}"))
    })
}

fn number(field: &str) -> Option<f64> {
    field.parse().ok()
}

fn value(path: &Path, line: u64, column: usize, field: &str) -> Result<f64, DataError> {
    let place = || format!("{}:{line}:{}", path.display(), column + 1);
    let Some(value) = number(field) else {
        let field = clipped(field);
        let message = if line == 1 {
            format!("'{field}' is not a number; if line 1 is a header, say --header yes")
        } else {
            format!("'{field}' is not a number")
        };
        return Err(DataError::bad(place(), message));
    };
    if value.is_finite() {
        Ok(value)
    } else {
        let field = clipped(field);
        Err(DataError::bad(
            place(),
            format!("'{field}' is not a finite number"),
        ))
    }
}

/// A field as an error shows it.
fn clipped(field: &str) -> String {
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
