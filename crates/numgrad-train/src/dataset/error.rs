//! What can be wrong with a data file, and where.
use std::io;
use std::path::{Path, PathBuf};
use thiserror::Error;

/// Data that cannot be had.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum DataError {
    /// No such file.
    #[error("{}: no such file: check the path given with {flag}", path.display())]
    NotFound {
        /// The file.
        path: PathBuf,
        /// The flag of the program that names it.
        flag: &'static str,
    },
    /// Reading failed.
    #[error("{}: cannot be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is there, and its content is not what it should be.
    #[error("{place}: {message}")]
    Bad {
        /// The file, with the line and the column of a text.
        place: String,
        /// What is wrong, and what to do.
        message: String,
    },
}

impl DataError {
    pub(super) fn bad(place: impl std::fmt::Display, message: impl Into<String>) -> Self {
        Self::Bad {
            place: place.to_string(),
            message: message.into(),
        }
    }

    pub(super) fn in_file(path: &Path, message: impl Into<String>) -> Self {
        Self::bad(path.display(), message)
    }

    /// The same of a file that another flag than --data names.
    pub(crate) fn named_with(self, flag: &'static str) -> Self {
        match self {
            Self::NotFound { path, .. } => Self::NotFound { path, flag },
            other => other,
        }
    }

    /// No such file, by the flag that names most.
    pub(super) fn not_found(path: &Path) -> Self {
        Self::NotFound {
            path: path.to_owned(),
            flag: "--data",
        }
    }

    /// An error of the operating system, or of what unpacks a file.
    pub(super) fn reading(path: &Path, source: io::Error) -> Self {
        match source.kind() {
            io::ErrorKind::NotFound => Self::not_found(path),
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput => Self::bad(
                path.display(),
                "the compressed data end too early or are damaged: fetch the file again",
            ),
            io::ErrorKind::InvalidData => Self::bad(path.display(), source.to_string()),
            _ => Self::Read {
                path: path.to_owned(),
                source,
            },
        }
    }

    /// The exit status that a program should end with, after BSD's sysexits.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Bad { .. } => 65,
            Self::NotFound { .. } => 66,
            Self::Read { .. } => 74,
        }
    }
}
