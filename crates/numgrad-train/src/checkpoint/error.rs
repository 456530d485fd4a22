//! What can be wrong with a checkpoint or its folder.
use std::io;
use std::path::PathBuf;
use thiserror::Error;

/// A checkpoint that cannot be read or written.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// No such file or folder.
    #[error("{}: there is no checkpoint, so that its folder is that of no run", path.display())]
    NotFound {
        /// What was looked for.
        path: PathBuf,
    },
    /// The file is there, and it is not what was written.
    #[error("{}: {fault}", path.display())]
    Bad {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        fault: Fault,
    },
    /// Reading failed.
    #[error("{}: cannot be read: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Writing failed; what was saved before is still there.
    #[error("{}: cannot be written: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The run's folder cannot be made.
    #[error("{}: the folder cannot be created: {source}", path.display())]
    Create {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The folder holds a run already.
    #[error(
        "{}: holds a run already: resume it with --resume, or choose another folder",
        path.display()
    )]
    Exists {
        /// The folder.
        path: PathBuf,
    },
    /// The folder holds files that are no run's.
    #[error(
        "{}: holds what is no run's, such as {}: choose an empty folder or a new one, such as {}",
        path.display(),
        found.display(),
        path.join("run").display()
    )]
    Occupied {
        /// The folder.
        path: PathBuf,
        /// The name of one of its files.
        found: PathBuf,
    },
    /// Another process holds the run.
    #[error("{}: the run is in use by another process", path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
    },
}

/// What is wrong with a checkpoint's bytes.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum Fault {
    /// The first bytes are not a checkpoint's.
    #[error("not a numgrad checkpoint")]
    Magic,
    /// A format of the future.
    #[error(
        "written by a newer numgrad (format {found}); this one reads format 1 to {newest}: \
         install the newer one"
    )]
    Version {
        /// The file's format version.
        found: u32,
        /// The newest that this program reads.
        newest: u32,
    },
    /// A codec or a flag that this version does not know.
    #[error("codec {codec} with flags {flags} is unknown to this version")]
    Codec {
        /// The codec's number.
        codec: u16,
        /// The flags.
        flags: u16,
    },
    /// The lengths in the file do not add up to the file's.
    #[error(
        "the file has {found} bytes where its own lengths ask for {expected}: it was cut or extended"
    )]
    Length {
        /// The length that the file should have, or `u64::MAX` where that is past counting.
        expected: u64,
        /// The file's length.
        found: u64,
    },
    /// More than a checkpoint may have.
    #[error("{found} bytes are more than the limit of {limit}")]
    TooLarge {
        /// The length found.
        found: u64,
        /// The limit.
        limit: u64,
    },
    /// The content is not what was written.
    #[error("the checksum does not match: the file is damaged")]
    Checksum,
    /// The checksum matches, but the content is no checkpoint's.
    #[error("the content is not a checkpoint's: {0}")]
    Content(String),
}

impl CheckpointError {
    /// The exit status that a program should end with, after BSD's sysexits.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Bad { .. } => 65,
            Self::NotFound { .. } => 66,
            Self::Create { .. } | Self::Exists { .. } | Self::Occupied { .. } => 73,
            Self::Read { .. } | Self::Write { .. } => 74,
            Self::Busy { .. } => 75,
        }
    }
}
