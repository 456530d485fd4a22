//! Where validation data come from.
use crate::dataset::DataSource;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Data that steer a run (stopping, rates, what is kept) and that no step is taken on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum Validation {
    /// A part of the training data, drawn by the seed.
    Part(f64),
    /// A source of its own.
    Source(DataSource),
}

impl FromStr for Validation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse::<f64>() {
            Ok(part) if part > 0.0 && part < 1.0 => Ok(Self::Part(part)),
            Ok(part) => Err(format!(
                "the part for validation must be between 0 and 1, but it is {part}"
            )),
            Err(_) => text.parse().map(Self::Source),
        }
    }
}

impl fmt::Display for Validation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Part(part) => write!(f, "{part}"),
            Self::Source(source) => write!(f, "{source}"),
        }
    }
}

impl From<Validation> for String {
    fn from(validation: Validation) -> Self {
        validation.to_string()
    }
}

impl TryFrom<String> for Validation {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}
