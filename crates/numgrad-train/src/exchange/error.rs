//! What can go wrong on the way to another program or from it.
use super::Format;
use numgrad_core::ShapeError;
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// A network that cannot be written or read.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum ExchangeError {
    /// The file cannot be opened or read.
    #[error("{}: cannot be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file cannot be written.
    #[error("{}: cannot be written: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not of its format, or holds no network.
    #[error("{}: {fault}", path.display())]
    Bad {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: Box<ExchangeError>,
    },
    /// No format is known by this name, or by this extension of a file's name.
    #[error("'{0}' is no format: one of safetensors, npz, onnx, json")]
    UnknownFormat(String),
    /// A format that is written and not read.
    #[error("{0} files are written, not read: import a safetensors or an npz file")]
    NotRead(Format),
    /// The bytes are not of the format.
    #[error("not a {format} file of numbers: {why}")]
    Syntax {
        /// The format.
        format: Format,
        /// What is wrong.
        why: String,
    },
    /// A tensor that is no part of such a network.
    #[error("the tensor '{name}' {why}")]
    Tensor {
        /// Its name.
        name: String,
        /// What is wrong with it.
        why: String,
    },
    /// Tensors that are no network together.
    #[error("{0}")]
    Layers(String),
    /// A network that cannot be.
    #[error(transparent)]
    Shape(#[from] ShapeError),
    /// A function that the format has no word for.
    #[error("{format} has no word for the function '{function}'")]
    Function {
        /// The format.
        format: Format,
        /// The function's name.
        function: String,
    },
    /// More bytes than the format or this program allows.
    #[error("{found} bytes are more than the limit of {limit}")]
    TooLarge {
        /// The bytes there are.
        found: u64,
        /// The limit.
        limit: u64,
    },
}

impl ExchangeError {
    pub(super) fn syntax(format: Format, why: &impl ToString) -> Self {
        Self::Syntax {
            format,
            why: why.to_string(),
        }
    }

    pub(super) fn tensor(name: &str, why: &impl ToString) -> Self {
        Self::Tensor {
            name: name.escape_debug().to_string(),
            why: why.to_string(),
        }
    }

    /// The exit status that a program should end with, after BSD's sysexits.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Read { source, .. } if source.kind() == io::ErrorKind::NotFound => 66,
            Self::Read { .. } => 74,
            Self::Write { .. } => 73,
            Self::UnknownFormat(_) | Self::NotRead(_) => 2,
            _ => 65,
        }
    }
}
