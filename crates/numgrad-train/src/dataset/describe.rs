//! Looking through a source of data without training on it: nothing in a cell is an error.
use super::array::Array;
use super::learn::{FirstLine, UNKNOWN_HEADER, find};
use super::rows::Rows;
use super::summary::{CellKind, ColumnSummary, PartSummary, Range, Summary, Tally, ValueCount};
use super::{Columns, DataError, DataSource, Dataset, Labels, LoadOptions, csv, images, npz};
use numgrad_loss::Targets;
use std::io::Read;
use std::path::Path;

/// The most columns of an array that are told of one by one.
const MOST_COLUMNS: usize = 100;

/// Samples that are read at a time.
const CHUNK: usize = 1024;

impl DataSource {
    /// Looks through the data: rows, columns, types, ranges, classes, missing cells. Cost: a pass over
    /// them. Images are told of as a training takes them, with pixels from 0 to 1.
    ///
    /// # Errors
    /// If the file cannot be read, or is not of its format.
    pub fn describe(&self, options: &LoadOptions) -> Result<Summary, DataError> {
        let parts = match self {
            Self::Csv(path) => {
                let text = csv::open(path, options.max_bytes)?;
                let options = LoadOptions {
                    header: csv::header(path, options.header),
                    ..options.clone()
                };
                vec![table(path, text, &options)?]
            }
            Self::Npy(path) => {
                let of_array = array(path, "", &Array::open(path, options)?, options);
                vec![of_array?]
            }
            Self::Npz(path) => {
                let names = npz::names(path)?;
                let part =
                    |name: &String| array(path, name, &npz::array(path, name, options)?, options);
                names.iter().map(part).collect::<Result<_, _>>()?
            }
            Self::Images(folder) if !images::has_classes(folder)? => {
                vec![of_images("", &images::inputs(folder, None, options)?)?]
            }
            _ => {
                let loaded = self.load(options)?;
                let name = if loaded.test.is_some() { "train" } else { "" };
                let mut parts = vec![of_images(name, &loaded.train)?];
                if let Some(test) = &loaded.test {
                    parts.push(of_images("test", test)?);
                }
                parts
            }
        };
        Ok(Summary { parts })
    }
}

/// A table, whose cells may be anything.
fn table(path: &Path, text: impl Read, options: &LoadOptions) -> Result<PartSummary, DataError> {
    let mut rows = Rows::new(path, text)?;
    if !rows.advance()? {
        return Err(DataError::in_file(path, "holds no line"));
    }
    let width = rows.columns();
    let first = FirstLine::of(&rows, options.header);
    let names = first.names();
    let target = match &options.target {
        Some(target) => Some(find(path, "target ", target, names, width)?),
        None => (width > 1).then(|| width - 1),
    };
    let tally = |column| Tally::new(target == Some(column));
    let mut tallies: Vec<Tally> = (0..width).map(tally).collect();
    let (mut count, mut is_row) = (0, names.is_none());
    loop {
        if is_row {
            count += 1;
            for (tally, field) in tallies.iter_mut().zip(rows.fields()) {
                tally.cell(field);
            }
        }
        if !rows.advance()? {
            break;
        }
        is_row = true;
    }
    if matches!(first, FirstLine::Likely(_)) && !tallies.iter().any(Tally::has_numbers) {
        return Err(DataError::in_file(path, UNKNOWN_HEADER));
    }
    let name = |column: usize| match names.and_then(|names| names.get(column)) {
        Some(name) => name.clone(),
        None => column.to_string(),
    };
    let columns = tallies.into_iter().enumerate();
    let columns = columns.map(|(k, tally)| tally.summary(name(k), 1, target == Some(k)));
    Ok(PartSummary {
        name: String::new(),
        shape: Vec::new(),
        rows: count,
        width,
        columns: columns.collect(),
    })
}

/// An array: a row for each index of its first dimension. A wide one is told of as a whole.
fn array(
    path: &Path,
    name: &str,
    array: &Array,
    options: &LoadOptions,
) -> Result<PartSummary, DataError> {
    let (rows, width) = array.layout.rows();
    let number = array.layout.number;
    let target = match (array.layout.shape.len(), &options.target) {
        (1, _) => Some(0),
        // Of an archive, the targets are an array of their own.
        (2, _) if !name.is_empty() => None,
        (2, Some(target)) => Some(find(path, "target ", target, None, width)?),
        (2, None) if width > 1 => Some(width - 1),
        _ => None,
    };
    let is_wide = width > MOST_COLUMNS;
    let mut tallies: Vec<Tally> = if is_wide {
        vec![Tally::new(false)]
    } else {
        let tally = |column| Tally::new(target == Some(column));
        (0..width).map(tally).collect()
    };
    let length = width.saturating_mul(number.size());
    let mut room = Vec::new();
    for row in 0..rows as u64 {
        let bytes = array.bytes.get(row * length as u64, length, &mut room);
        let bytes = bytes.map_err(|source| DataError::reading(path, source))?;
        for (column, bytes) in bytes.chunks_exact(number.size()).enumerate() {
            let column = if is_wide { 0 } else { column };
            if let Some(tally) = tallies.get_mut(column) {
                tally.number(number.value(bytes));
            }
        }
    }
    let columns = tallies.into_iter().enumerate().map(|(k, tally)| {
        if is_wide {
            return tally.summary(format!("0 to {}", width - 1), width, false);
        }
        tally.summary(k.to_string(), 1, target == Some(k))
    });
    Ok(PartSummary {
        name: name.to_owned(),
        shape: array.layout.shape.clone(),
        rows: rows as u64,
        width,
        columns: columns.collect(),
    })
}

/// Images with their classes: all pixels as one column, and the classes.
fn of_images(name: &str, data: &Dataset) -> Result<PartSummary, DataError> {
    let mut pixels = Tally::new(false);
    let (mut x, mut targets) = (Vec::<f64>::new(), Targets::Labels(Vec::new()));
    let indices: Vec<usize> = (0..data.samples()).collect();
    for chunk in indices.chunks(CHUNK) {
        data.gather(chunk, &mut x, &mut targets)?;
        for &level in &x {
            pixels.number(level);
        }
    }
    let mut columns = vec![pixels.summary("pixels".to_owned(), data.inputs(), false)];
    columns.extend(classes(data));
    Ok(PartSummary {
        name: name.to_owned(),
        shape: match data.columns().and_then(Columns::image) {
            Some((height, width, 1)) => vec![height, width],
            Some((height, width, channels)) => vec![height, width, channels],
            None => Vec::new(),
        },
        rows: data.samples() as u64,
        width: data.inputs() + usize::from(columns.len() > 1),
        columns,
    })
}

fn classes(data: &Dataset) -> Option<ColumnSummary> {
    let Labels::Classes { classes, labels } = data.labels() else {
        return None;
    };
    let mut counts = vec![0_u64; *classes];
    let (mut sum, mut most) = (0.0, 0);
    for &label in labels {
        counts[label as usize] += 1;
        sum += f64::from(label);
        most = most.max(label);
    }
    let names = data.columns().and_then(Columns::class_names);
    let value = |class: usize| match names.and_then(|names| names.get(class)) {
        Some(name) => name.clone(),
        None => class.to_string(),
    };
    let values = counts.iter().enumerate().map(|(class, &count)| ValueCount {
        value: value(class),
        count,
    });
    let least = labels.iter().min().copied().unwrap_or(0);
    let range = Range {
        least: f64::from(least),
        mean: sum / labels.len() as f64,
        greatest: f64::from(most),
    };
    Some(ColumnSummary {
        name: "class".to_owned(),
        columns: 1,
        target: true,
        kind: match names {
            Some(_) => CellKind::Words,
            None => CellKind::Whole,
        },
        missing: 0,
        range: names.is_none().then_some(range),
        values: values.collect(),
        more_values: false,
    })
}
