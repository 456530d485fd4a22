//! Datasets from arrays: a row a sample, its dimensions in one line, and a target for each.
use super::array::{Array, wrong};
use super::labels::{TargetNumbers, labels_of};
use super::stored::Stored;
use super::{DataError, Dataset, Features, Labels, LoadOptions, Loaded, npz};
use std::path::Path;

/// The names that inputs and targets have in NPZ files, by themselves and with a test set.
const NAMES: [(&str, &str); 6] = [
    ("x", "y"),
    ("data", "target"),
    ("images", "labels"),
    ("features", "labels"),
    ("features", "targets"),
    ("inputs", "targets"),
];

/// A dataset from an NPY file, with its targets in a file of their own, or in a column.
pub(super) fn load_npy(path: &Path, options: &LoadOptions) -> Result<Dataset, DataError> {
    let array = Array::open(path, options)?;
    if let Some(targets) = &options.targets {
        let values = Array::open(targets, options);
        let values = values.map_err(|error| error.named_with("--targets"))?;
        return joined((path, "", array), (targets, "", values), options);
    }
    let column = target_column(path, array.layout.rows().1, options)?;
    let features = features(path, "", array, Some(column))?;
    let values = features.targets()?;
    with_targets(features, (path, "", column), values, options)
}

/// Datasets from an NPZ file: the arrays named by the options, or by a name in use.
pub(super) fn load_npz(path: &Path, options: &LoadOptions) -> Result<Loaded, DataError> {
    let names = npz::names(path)?;
    let (x, y) = pair(path, &names, options)?;
    let read = |x: &str, y: &str| {
        let (a, b) = (npz::array(path, x, options)?, npz::array(path, y, options)?);
        joined((path, x, a), (path, y, b), options)
    };
    let test = |name: &str| {
        let name = name.strip_suffix("_train")?;
        names.iter().find(|other| **other == format!("{name}_test"))
    };
    Ok(Loaded {
        train: read(&x, &y)?,
        test: match (test(&x), test(&y)) {
            (Some(x), Some(y)) => Some(read(x, y)?),
            _ => None,
        },
    })
}

/// The inputs of an NPY or NPZ file, whose targets may be absent.
pub(super) fn load_inputs(
    path: &Path,
    is_npz: bool,
    inputs: usize,
    options: &LoadOptions,
) -> Result<Dataset, DataError> {
    let (name, array) = if is_npz {
        let names = npz::names(path)?;
        let name = match (&options.arrays, &names[..]) {
            (Some(arrays), _) => arrays.split(',').next().unwrap_or("").to_owned(),
            (None, [only]) => only.clone(),
            (None, _) => pair(path, &names, options)?.0,
        };
        let array = npz::array(path, &name, options)?;
        (name, array)
    } else {
        (String::new(), Array::open(path, options)?)
    };
    let width = array.layout.rows().1;
    let has_target = !is_npz && options.targets.is_none() && width == inputs.saturating_add(1);
    let target = has_target
        .then(|| target_column(path, width, options))
        .transpose()?;
    let features = features(path, &name, array, target)?;
    let samples = features.samples();
    dataset(path, features, Labels::Unknown(samples))
}

/// The names of the inputs and of the targets in an NPZ file.
fn pair(
    path: &Path,
    names: &[String],
    options: &LoadOptions,
) -> Result<(String, String), DataError> {
    let found = |wanted: &str| names.iter().find(|name| name.eq_ignore_ascii_case(wanted));
    let both = |x: &str, y: &str| Some((found(x)?.clone(), found(y)?.clone()));
    if let Some(arrays) = &options.arrays {
        let asked = arrays
            .split_once(',')
            .map(|(x, y)| (x.to_owned(), y.to_owned()));
        return asked.ok_or_else(|| {
            let message = format!("--arrays takes two names as X,Y, not '{arrays}'");
            DataError::in_file(path, message)
        });
    }
    let known = NAMES.iter().find_map(|&(x, y)| {
        both(x, y).or_else(|| both(&format!("{x}_train"), &format!("{y}_train")))
    });
    known.ok_or_else(|| {
        let shown = super::learn::clipped_list(names);
        let message = format!("holds the arrays {shown}: say --arrays X,Y for inputs and targets");
        DataError::in_file(path, message)
    })
}

/// The target's column in an array of both: by index from 0, or the last.
fn target_column(path: &Path, width: usize, options: &LoadOptions) -> Result<usize, DataError> {
    if width < 2 {
        let message = "has one number a row: give the targets with --targets FILE.npy";
        return Err(DataError::in_file(path, message));
    }
    let Some(target) = &options.target else {
        return Ok(width - 1);
    };
    let index = target.parse().ok().filter(|&index: &usize| index < width);
    index.ok_or_else(|| {
        let message = format!(
            "has no target column '{}': an array's columns go from 0 to {}",
            super::rows::clipped(target),
            width - 1
        );
        DataError::in_file(path, message)
    })
}

/// The inputs in an array, a row a sample.
fn features(
    path: &Path,
    name: &str,
    array: Array,
    target: Option<usize>,
) -> Result<Stored, DataError> {
    let (rows, width) = array.layout.rows();
    if rows == 0 || width == 0 {
        let message = format!(
            "has the shape {:?}: there is nothing in it",
            array.layout.shape
        );
        return Err(wrong(path, name, &message));
    }
    let (bytes, number) = (array.bytes, array.layout.number);
    Ok(Stored::new(
        path.to_owned(),
        bytes,
        number,
        (rows, width),
        target,
    ))
}

type Named<'a> = (&'a Path, &'a str, Array);

/// A dataset from an array of inputs and one of targets.
fn joined(x: Named<'_>, y: Named<'_>, options: &LoadOptions) -> Result<Dataset, DataError> {
    let inputs = features(x.0, x.1, x.2, None)?;
    let (path, name, array) = y;
    let (rows, width) = array.layout.rows();
    if width != 1 {
        let message = format!(
            "has the shape {:?}: targets are one number a sample",
            array.layout.shape
        );
        return Err(wrong(path, name, &message));
    }
    let samples = inputs.samples();
    if rows != samples {
        let message = format!("has {rows} targets for the {samples} samples of the inputs");
        return Err(wrong(path, name, &message));
    }
    let values = features(path, name, array, Some(0))?.targets()?;
    with_targets(inputs, (path, name, 0), values, options)
}

fn with_targets(
    features: Stored,
    (path, name, column): (&Path, &str, usize),
    values: Vec<f64>,
    options: &LoadOptions,
) -> Result<Dataset, DataError> {
    let targets = TargetNumbers {
        values,
        lines: None,
        column,
    };
    let path = match name {
        "" => path.to_owned(),
        name => path.join(name),
    };
    let labels = labels_of(&path, targets, options.task)?;
    dataset(&path, features, labels)
}

fn dataset(path: &Path, features: Stored, labels: Labels) -> Result<Dataset, DataError> {
    Dataset::new(features.inputs(), Features::Stored(features), labels)
        .map_err(|message| DataError::in_file(path, message))
}
