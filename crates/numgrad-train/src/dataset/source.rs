//! Where data come from, by name.
use super::reader::Reader;
use super::samples::Use;
use super::{Columns, DataError, Dataset, Missing, Scaler, arrays, csv, digits, idx, images};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::str::FromStr;

/// A source of data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum DataSource {
    /// The digits that come with the crate.
    Digits,
    /// MNIST's four files, in this folder.
    Mnist(PathBuf),
    /// A table: a CSV file, or, with the feature `parquet`, a Parquet file.
    Csv(PathBuf),
    /// Two IDX files: images and labels.
    Idx(PathBuf, PathBuf),
    /// An NPY file of inputs, with the targets in [`LoadOptions::targets`] or in a column.
    Npy(PathBuf),
    /// An NPZ file of inputs and targets.
    Npz(PathBuf),
    /// PNG images in this folder, in a folder for each class.
    Images(PathBuf),
    /// Data that a program handed over, which cannot be read again.
    Memory,
}

/// What stands before a folder of PNG images.
const PNG: &str = "png:";

/// How a checkpoint writes that its data were handed over. No file may be named so, and no command
/// line asks for it.
const MEMORY: &str = "memory";

/// How a file is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadOptions {
    /// The target's column of a CSV file, by name or by index from 0. By default the last.
    pub target: Option<String>,
    /// Whether a CSV file's first line is a header.
    pub header: Header,
    /// What the targets of a CSV file are. By default classes, if they are words, or 0…C−1 with
    /// C ≤ 100.
    pub task: Option<Task>,
    /// The most bytes to unpack from a file.
    pub max_bytes: u64,
    /// What becomes of the missing cells of a CSV file.
    #[serde(default, skip_serializing_if = "is_default")]
    pub missing: Missing,
    /// Columns of a CSV file, by name or by index from 0, whose cells are categories even where they
    /// are numbers. Columns of words are without being named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categorical: Vec<String>,
    /// Columns of a CSV file, by name or by index from 0, that are left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ignore: Vec<String>,
    /// The NPY file with the targets of the samples in another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub targets: Option<PathBuf>,
    /// The names of the inputs and of the targets in an NPZ file, as X,Y.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub arrays: Option<String>,
    /// Arrays and images of more bytes stay in their files, and each batch is read as it comes. No bit
    /// of a run depends on it.
    #[serde(skip, default = "held_bytes")]
    pub held_bytes: u64,
}

/// 256 MiB.
fn held_bytes() -> u64 {
    256 << 20
}

/// What is not asked for is not written, so that a configuration of before reads and writes as it
/// did.
fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Default for LoadOptions {
    /// 4 GiB at most.
    fn default() -> Self {
        Self {
            target: None,
            header: Header::Auto,
            task: None,
            max_bytes: 4 << 30,
            missing: Missing::Error,
            categorical: Vec::new(),
            ignore: Vec::new(),
            targets: None,
            arrays: None,
            held_bytes: held_bytes(),
        }
    }
}

/// Whether a CSV file's first line is a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Header {
    /// If no field of it is a number, and a column below it is of numbers.
    Auto,
    /// It is.
    Yes,
    /// It is a sample.
    No,
}

/// What is predicted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// A class.
    Classification,
    /// A value.
    Regression,
}

/// What a source holds.
#[derive(Debug, Clone, PartialEq)]
pub struct Loaded {
    /// The samples to train on, or all of them.
    pub train: Dataset,
    /// The test set, of a source that has one.
    pub test: Option<Dataset>,
}

impl DataSource {
    /// Reads the data.
    ///
    /// # Errors
    /// [`DataError`] names the file, and the line and column of what is wrong.
    pub fn load(&self, options: &LoadOptions) -> Result<Loaded, DataError> {
        let alone = |train| Loaded { train, test: None };
        match self {
            Self::Digits => digits::load().map(alone),
            Self::Csv(path) => csv::load(path, options).map(alone),
            Self::Idx(images, labels) => idx::load(images, labels, options).map(alone),
            Self::Npy(path) => arrays::load_npy(path, options).map(alone),
            Self::Npz(path) => arrays::load_npz(path, options),
            Self::Memory => Err(DataError::bad(
                "the data of this run",
                "a program handed them over, and they are in no file: give --data, or hand them \
                 over again",
            )),
            Self::Images(folder) => images::load(folder, None, options).map(alone),
            Self::Mnist(folder) => {
                let (train, test) = idx::load_mnist(folder, options)?;
                Ok(Loaded {
                    train,
                    test: Some(test),
                })
            }
        }
    }

    /// Reads other data than those that a network was trained on, with the columns of the training
    /// file if that was a table.
    ///
    /// # Errors
    /// As [`DataSource::load`], and if a word is none of those that the training file had.
    pub fn load_as(
        &self,
        columns: Option<&Columns>,
        options: &LoadOptions,
    ) -> Result<Dataset, DataError> {
        let columns = self.own(columns);
        match (self, columns) {
            (Self::Csv(path), Some(columns)) => {
                let text = csv::open(path, options.max_bytes)?;
                let header = csv::header(path, options.header);
                return csv::parse_as(path, text, columns, header, Use::Evaluation);
            }
            (Self::Images(folder), columns) => return images::load(folder, columns, options),
            _ => {}
        }
        let loaded = self.load(options)?;
        Ok(loaded.test.unwrap_or(loaded.train))
    }

    /// Reads samples whose targets are to be predicted: a table without a target's column too, and
    /// of one with it the other columns alone. A network that was not trained on a table takes one
    /// of numbers, as many as it has `inputs`, with a target behind them or not.
    ///
    /// # Errors
    /// As [`DataSource::load_as`].
    pub fn load_inputs(
        &self,
        columns: Option<&Columns>,
        inputs: usize,
        options: &LoadOptions,
    ) -> Result<Dataset, DataError> {
        let columns = self.own(columns);
        match self {
            Self::Images(folder) => images::inputs(folder, columns, options),
            Self::Csv(path) => {
                let text = csv::open(path, options.max_bytes)?;
                let header = csv::header(path, options.header);
                csv::inputs(path, text, columns, inputs, header)
            }
            Self::Npy(path) => arrays::load_inputs(path, false, inputs, options),
            Self::Npz(path) => arrays::load_inputs(path, true, inputs, options),
            _ => self.load_as(columns, options),
        }
    }

    /// The bytes of the files that the data are in, as far as they are there.
    pub fn bytes(&self, options: &LoadOptions) -> Option<u64> {
        let of = |path: &Path| Some(path.metadata().ok()?.len());
        match self {
            Self::Digits | Self::Memory => None,
            Self::Csv(path) | Self::Npz(path) => of(path),
            Self::Npy(path) => Some(of(path)? + options.targets.as_deref().map_or(Some(0), of)?),
            Self::Idx(images, labels) => Some(of(images)? + of(labels)?),
            Self::Mnist(folder) | Self::Images(folder) => {
                let entries = folder.read_dir().ok()?.flatten();
                Some(
                    entries
                        .filter_map(|entry| Some(entry.metadata().ok()?.len()))
                        .sum(),
                )
            }
        }
    }

    /// What a run knows of its columns, if they are of this kind of source: those of a table are nothing
    /// to images, nor the other way round.
    fn own<'a>(&self, columns: Option<&'a Columns>) -> Option<&'a Columns> {
        let is_folder = matches!(self, Self::Images(_));
        columns.filter(|columns| columns.are_images() == is_folder)
    }

    /// Of a folder of images, their names in their order.
    ///
    /// # Errors
    /// If the folder cannot be read.
    pub fn image_names(&self) -> Result<Option<Vec<String>>, DataError> {
        match self {
            Self::Images(folder) => images::names(folder).map(Some),
            _ => Ok(None),
        }
    }

    /// Whether the data are images by their format, with all inputs on one scale.
    pub fn is_images(&self) -> bool {
        self.brightest().is_some()
    }

    /// Of images, the level that the brightest pixel has as people write it: it becomes 1.
    fn brightest(&self) -> Option<f64> {
        match self {
            Self::Digits => Some(16.0),
            Self::Mnist(_) | Self::Idx(..) | Self::Images(_) => Some(255.0),
            _ => None,
        }
    }

    /// Puts the numbers of a text on the scale of this source's inputs: of images, a text has the
    /// levels of the pixels.
    pub fn adapt_text(&self, data: &mut Dataset) {
        if let (Some(brightest), inputs) = (self.brightest(), data.inputs()) {
            let levels = Scaler::new(vec![0.0; inputs], vec![1.0 / brightest; inputs]);
            if let Some(levels) = levels {
                levels.apply(data);
            }
        }
    }

    /// Whether the data are a text.
    pub fn is_text(&self) -> bool {
        matches!(self, Self::Csv(_))
    }
}

/// Reads a CSV text, such as standard input, as [`DataSource::load_inputs`] reads a file. Its errors
/// call it "standard input".
///
/// # Errors
/// As [`DataSource::load_inputs`].
pub fn inputs_from_text(
    text: impl Read + 'static,
    columns: Option<&Columns>,
    inputs: usize,
    options: &LoadOptions,
) -> Result<Dataset, DataError> {
    let path = Path::new("standard input");
    let text = Reader::of(path, text, options.max_bytes)?;
    let columns = columns.filter(|columns| !columns.are_images());
    csv::inputs(path, text, columns, inputs, options.header)
}

impl fmt::Display for DataSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digits => f.write_str("digits"),
            Self::Memory => f.write_str(MEMORY),
            Self::Mnist(folder) => write!(f, "mnist:{}", folder.display()),
            Self::Images(folder) => write!(f, "{PNG}{}", folder.display()),
            Self::Csv(path) | Self::Npy(path) | Self::Npz(path) => write!(f, "{}", path.display()),
            Self::Idx(images, labels) => write!(f, "{},{}", images.display(), labels.display()),
        }
    }
}

impl FromStr for DataSource {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        if name == "digits" {
            return Ok(Self::Digits);
        }
        if let Some(folder) = name.strip_prefix("mnist:") {
            return Ok(Self::Mnist(folder.into()));
        }
        if let Some(folder) = name.strip_prefix(PNG) {
            return Ok(Self::Images(folder.into()));
        }
        // A run keeps the name with its prefix, so that it means the same where the folder is gone.
        if Path::new(name).is_dir() {
            return Ok(Self::Images(name.into()));
        }
        if let Some((images, labels)) = name.split_once(',') {
            return Ok(Self::Idx(images.into(), labels.into()));
        }
        let lower = name.to_ascii_lowercase();
        let unpacked = lower.strip_suffix(".gz").unwrap_or(&lower);
        let extension = Path::new(unpacked).extension();
        match extension.and_then(|extension| extension.to_str()) {
            Some("csv" | "tsv" | "parquet") => return Ok(Self::Csv(name.into())),
            Some("npy") => return Ok(Self::Npy(name.into())),
            Some("npz") if unpacked == lower => return Ok(Self::Npz(name.into())),
            _ => {}
        }
        if name.contains(std::path::is_separator) && !Path::new(name).exists() {
            return Err(format!("'{name}': there is no such file or folder"));
        }
        Err(format!(
            "'{name}' is no source of data: digits, mnist:DIR, FILE.csv[.gz], FILE.parquet, \
             FILE.npy, FILE.npz, IMAGES,LABELS for two IDX files, or a folder with PNG images in a folder for \
             each class"
        ))
    }
}

impl From<DataSource> for String {
    fn from(source: DataSource) -> Self {
        source.to_string()
    }
}

impl TryFrom<String> for DataSource {
    type Error = String;

    fn try_from(name: String) -> Result<Self, String> {
        if name == MEMORY {
            return Ok(Self::Memory);
        }
        name.parse()
    }
}
