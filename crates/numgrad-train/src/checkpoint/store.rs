//! A run's folder: one checkpoint that is whole at every instant, and the one before it.
//!
//! A checkpoint is written to a temporary file and synced; the last one is linked as the previous
//! one; the temporary file is renamed to the last one; the folder is synced. A crash at any
//! instant leaves a whole checkpoint. A file whose write or sync failed is never used again.
use super::error::{CheckpointError, Fault};
use super::frame::FILE_LIMIT;
use super::payload::Checkpoint;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

const LAST: &str = "last.ckpt";
const PREVIOUS: &str = "prev.ckpt";
const LOCK: &str = "run.lock";
const TEMPORARY: &str = ".tmp";

/// The folder of a run that this process holds: no other process can write to it meanwhile. The
/// lock goes with the process, however it ends.
#[derive(Debug)]
pub struct RunDirectory {
    path: PathBuf,
    _lock: File,
    saves: u64,
}

/// A checkpoint as it was found.
#[derive(Debug)]
pub struct Loaded {
    /// The checkpoint.
    pub checkpoint: Checkpoint,
    /// The file it was read from.
    pub path: PathBuf,
    /// What was wrong with the last checkpoint, where the previous one had to serve.
    pub warning: Option<CheckpointError>,
}

impl RunDirectory {
    /// Makes the folder of a new run.
    ///
    /// # Errors
    /// If the folder cannot be made, holds a run already, or is held by another process.
    pub fn create(path: &Path) -> Result<Self, CheckpointError> {
        fs::create_dir_all(path).map_err(|source| CheckpointError::Create {
            path: path.to_owned(),
            source,
        })?;
        let run = Self::lock(path)?;
        if path.join(LAST).exists() || path.join(PREVIOUS).exists() {
            return Err(CheckpointError::Exists {
                path: path.to_owned(),
            });
        }
        Ok(run)
    }

    /// Takes the folder of a run to go on with.
    ///
    /// # Errors
    /// If there is no such folder, or another process holds it.
    pub fn open(path: &Path) -> Result<Self, CheckpointError> {
        if !path.is_dir() {
            return Err(CheckpointError::NotFound {
                path: path.to_owned(),
            });
        }
        Self::lock(path)
    }

    fn lock(path: &Path) -> Result<Self, CheckpointError> {
        let file = path.join(LOCK);
        let failed = |source| CheckpointError::Create {
            path: file.clone(),
            source,
        };
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&file)
            .map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(CheckpointError::Busy {
                    path: path.to_owned(),
                });
            }
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        sweep(path);
        Ok(Self {
            path: path.to_owned(),
            _lock: lock,
            saves: 0,
        })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Saves a checkpoint as the last one.
    ///
    /// # Errors
    /// If it cannot be written; the checkpoints from before are then still there.
    pub fn save(&mut self, checkpoint: &Checkpoint) -> Result<(), CheckpointError> {
        let last = self.path.join(LAST);
        let bytes = checkpoint
            .to_bytes()
            .map_err(|fault| CheckpointError::Bad {
                path: last.clone(),
                fault,
            })?;
        self.saves += 1;
        let temporary = |name: &str| {
            let id = format!(".{name}.{}.{}{TEMPORARY}", std::process::id(), self.saves);
            self.path.join(id)
        };
        let (fresh, link) = (temporary(LAST), temporary(PREVIOUS));
        replace(&self.path, &bytes, &fresh, &link).map_err(|source| {
            // What is left of a failed save is of no use, and its removal may fail as well.
            let _ = fs::remove_file(&fresh);
            let _ = fs::remove_file(&link);
            CheckpointError::Write { path: last, source }
        })
    }
}

fn replace(folder: &Path, bytes: &[u8], fresh: &Path, link: &Path) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    let last = folder.join(LAST);
    if last.exists() {
        fs::hard_link(&last, link)?;
        fs::rename(link, folder.join(PREVIOUS))?;
    }
    fs::rename(fresh, &last)?;
    File::open(folder)?.sync_all()
}

/// Removes what a crashed process left behind. Only the holder of the lock comes here.
fn sweep(folder: &Path) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') && name.contains(".ckpt.") && name.ends_with(TEMPORARY) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Reads the checkpoint of a run's folder (the last one, or the previous one if that is bad) or
/// of a file.
///
/// # Errors
/// If there is none, or none that is whole: the error of the last one.
pub fn load(path: &Path) -> Result<Loaded, CheckpointError> {
    if !path.is_dir() {
        return Ok(Loaded {
            checkpoint: read(path)?,
            path: path.to_owned(),
            warning: None,
        });
    }
    let (last, previous) = (path.join(LAST), path.join(PREVIOUS));
    match read(&last) {
        Ok(checkpoint) => Ok(Loaded {
            checkpoint,
            path: last,
            warning: None,
        }),
        Err(error) => match read(&previous) {
            Ok(checkpoint) => Ok(Loaded {
                checkpoint,
                path: previous,
                warning: Some(error),
            }),
            Err(_) => Err(error),
        },
    }
}

/// Reads one checkpoint file.
///
/// # Errors
/// If it is not there, cannot be read, or is not whole.
pub fn read(path: &Path) -> Result<Checkpoint, CheckpointError> {
    let failed = |source: io::Error| match source.kind() {
        io::ErrorKind::NotFound => CheckpointError::NotFound {
            path: path.to_owned(),
        },
        _ => CheckpointError::Read {
            path: path.to_owned(),
            source,
        },
    };
    let bad = |fault| CheckpointError::Bad {
        path: path.to_owned(),
        fault,
    };
    let file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    if length > FILE_LIMIT {
        return Err(bad(Fault::TooLarge {
            found: length,
            limit: FILE_LIMIT,
        }));
    }
    let mut bytes = Vec::with_capacity(length as usize);
    file.take(FILE_LIMIT + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    Checkpoint::from_bytes(&bytes).map_err(bad)
}
