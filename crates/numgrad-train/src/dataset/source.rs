//! Where data come from, by name.
use super::{DataError, Dataset, csv, digits, idx};
use serde::{Deserialize, Serialize};
use std::fmt;
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
    /// A CSV file.
    Csv(PathBuf),
    /// Two IDX files: images and labels.
    Idx(PathBuf, PathBuf),
}

/// How a file is read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadOptions {
    /// The target's column of a CSV file, by name or by index from 0. By default the last.
    pub target: Option<String>,
    /// Whether a CSV file's first line is a header.
    pub header: Header,
    /// What the targets of a CSV file are. By default classes, if they are 0…C−1 with C ≤ 100.
    pub task: Option<Task>,
    /// The most bytes to unpack from a file.
    pub max_bytes: u64,
}

impl Default for LoadOptions {
    /// 4 GiB at most.
    fn default() -> Self {
        Self {
            target: None,
            header: Header::Auto,
            task: None,
            max_bytes: 4 << 30,
        }
    }
}

/// Whether a CSV file's first line is a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Header {
    /// If no field of it is a number and every later line is numbers only.
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
            Self::Idx(images, labels) => idx::load(images, labels, options.max_bytes).map(alone),
            Self::Mnist(folder) => {
                let (train, test) = idx::load_mnist(folder, options.max_bytes)?;
                Ok(Loaded {
                    train,
                    test: Some(test),
                })
            }
        }
    }

    /// Whether the data are images, with all inputs on one scale.
    pub fn is_images(&self) -> bool {
        !matches!(self, Self::Csv(_))
    }
}

impl fmt::Display for DataSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Digits => f.write_str("digits"),
            Self::Mnist(folder) => write!(f, "mnist:{}", folder.display()),
            Self::Csv(path) => write!(f, "{}", path.display()),
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
        if let Some((images, labels)) = name.split_once(',') {
            return Ok(Self::Idx(images.into(), labels.into()));
        }
        let lower = name.to_ascii_lowercase();
        let unpacked = lower.strip_suffix(".gz").unwrap_or(&lower);
        if Path::new(unpacked)
            .extension()
            .is_some_and(|extension| extension == "csv")
        {
            return Ok(Self::Csv(name.into()));
        }
        Err(format!(
            "'{name}' is no source of data: digits, mnist:DIR, FILE.csv[.gz], or IMAGES,LABELS \
             for two IDX files"
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
        name.parse()
    }
}
