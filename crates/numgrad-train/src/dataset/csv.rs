//! CSV: a line a sample, a column of targets among columns of inputs.
use super::columns::{Columns, Role};
use super::labels::{known_classes, labels_of};
use super::learn::learn;
use super::places::places;
use super::reader::Reader;
use super::rows::Rows;
use super::samples::{Samples, Use};
use super::{DataError, Dataset, Features, Header, Labels, LoadOptions};
use std::borrow::Cow;
use std::io::Read;
use std::path::Path;

/// A dataset from a CSV file, packed or not, or a Parquet file.
pub(super) fn load(path: &Path, options: &LoadOptions) -> Result<Dataset, DataError> {
    let options = LoadOptions {
        header: header(path, options.header),
        ..options.clone()
    };
    parse(path, || open(path, options.max_bytes), &options)
}

/// The text of a table. That of a Parquet file is made as it is read.
pub(super) fn open(path: &Path, limit: u64) -> Result<Reader<'_>, DataError> {
    if !is_parquet(path) {
        return Reader::open(path, limit);
    }
    #[cfg(feature = "parquet")]
    return Reader::of(path, super::parquet::Text::open(path)?, limit);
    #[cfg(not(feature = "parquet"))]
    Err(DataError::in_file(
        path,
        "is read by a numgrad that was built with the feature parquet (cargo install --path \
         crates/numgrad --features parquet): or save the table as CSV",
    ))
}

/// Whether the first line of a table is a header, as far as it is known: a Parquet file has one.
pub(super) fn header(path: &Path, asked: Header) -> Header {
    if is_parquet(path) { Header::Yes } else { asked }
}

fn is_parquet(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default();
    extension.eq_ignore_ascii_case("parquet")
}

/// A dataset from the text of a CSV file, which is opened twice: to learn what its columns are, and
/// to read them. `path` is for errors.
pub(super) fn parse<R: Read>(
    path: &Path,
    open: impl Fn() -> Result<R, DataError>,
    options: &LoadOptions,
) -> Result<Dataset, DataError> {
    let learned = learn(path, Rows::new(path, open()?)?, options)?;
    let mut columns = learned.columns;
    let mut rows = Rows::new(path, open()?)?;
    let mut is_sample = rows.advance()? && !learned.has_header;
    let places: Vec<_> = (0..columns.columns.len()).map(Some).collect();
    let mut samples = Samples::new(path, &columns, &places, Use::Training);
    samples.read(&mut rows, &mut is_sample)?;
    let (features, targets) = samples.taken()?;
    let target = targets.column;
    let lines = targets.lines.clone().unwrap_or_default();
    let labels = match &columns.columns[target].role {
        Role::Named { classes } => known_classes(path, &targets, classes.len())?,
        _ => labels_of(path, targets, options.task)?,
    };
    if let (Role::Value, Labels::Classes { classes, .. }) = (&columns.columns[target].role, &labels)
    {
        columns.columns[target].role = Role::Class { classes: *classes };
    }
    let dataset = Dataset::new(columns.inputs(), Features::Numbers(features), labels);
    let mut dataset = dataset.map_err(|message| DataError::in_file(path, message))?;
    dataset.set_columns(columns);
    // The rows of a Parquet file are below a header that is no row.
    let before = if is_parquet(path) { 2 } else { 0 };
    dataset.set_rows(
        lines
            .iter()
            .map(|line| line.saturating_sub(before))
            .collect(),
    );
    Ok(dataset)
}

/// A dataset from the text of another file than the one that the columns were learned from. Columns
/// are found by their names, if both files have a header, else by their order; without the target's
/// column too, where only inputs are needed.
pub(super) fn parse_as(
    path: &Path,
    text: impl Read,
    columns: &Columns,
    header: Header,
    purpose: Use,
) -> Result<Dataset, DataError> {
    let mut rows = Rows::new(path, text)?;
    if !rows.advance()? {
        return Err(DataError::in_file(path, "holds no line"));
    }
    let (places, has_header) = places(path, &rows, columns, header, purpose)?;
    let mut is_sample = !has_header;
    let mut samples = Samples::new(path, columns, &places, purpose);
    samples.read(&mut rows, &mut is_sample)?;
    let (features, targets) = samples.taken()?;
    let count = features.len() / columns.inputs().max(1);
    let target = columns
        .columns
        .iter()
        .find(|column| column.role.is_target());
    let labels = match target.map(|column| &column.role) {
        _ if purpose == Use::Prediction => Labels::Unknown(count),
        Some(Role::Named { classes }) => known_classes(path, &targets, classes.len())?,
        Some(&Role::Class { classes }) => known_classes(path, &targets, classes)?,
        _ => Labels::Values(targets.values),
    };
    let dataset = Dataset::new(columns.inputs(), Features::Numbers(features), labels);
    let mut dataset = dataset.map_err(|message| DataError::in_file(path, message))?;
    dataset.set_columns(columns.clone());
    Ok(dataset)
}

/// The inputs in the text of a CSV file, whose targets may be absent. Without known columns they are
/// so many numbers.
pub(super) fn inputs(
    path: &Path,
    text: impl Read,
    columns: Option<&Columns>,
    inputs: usize,
    header: Header,
) -> Result<Dataset, DataError> {
    let numbers = || Cow::Owned(Columns::of_numbers(inputs));
    let columns = columns.map_or_else(numbers, Cow::Borrowed);
    parse_as(path, text, &columns, header, Use::Prediction)
}
