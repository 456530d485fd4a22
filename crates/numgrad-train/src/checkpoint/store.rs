//! A run's folder: one checkpoint that is whole at every instant, and the one before it.
//!
//! A checkpoint is written to a temporary file and synced; the last one is linked as the previous
//! one; the temporary file is renamed to the last one; the folder is synced. A crash at any
//! instant leaves a whole checkpoint. A file whose write or sync failed is never used again.
use super::codec;
use super::error::CheckpointError;
use super::frame::{PREAMBLE, check_preamble};
use super::payload::Checkpoint;
use std::ffi::OsString;
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
    /// Whether the last checkpoint is known to be whole.
    last_is_whole: bool,
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
    /// Whether a new run may have this folder, of which nothing is changed: it is not there, or empty
    /// but for hidden files, or a run was begun in it that came to no checkpoint.
    ///
    /// # Errors
    /// [`CheckpointError::Exists`] and [`CheckpointError::Occupied`].
    pub fn is_free(path: &Path) -> Result<(), CheckpointError> {
        let holds = |name: &str| path.join(name).exists();
        if holds(LOCK) {
            return Ok(());
        }
        if holds(LAST) || holds(PREVIOUS) {
            return Err(CheckpointError::Exists {
                path: path.to_owned(),
            });
        }
        // What cannot be listed cannot be made a run's either, which `create` says.
        let entries = fs::read_dir(path).into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name());
        let is_hidden = |name: &OsString| name.as_encoded_bytes().starts_with(b".");
        match names.filter(|name| !is_hidden(name)).min() {
            None => Ok(()),
            Some(found) => Err(CheckpointError::Occupied {
                path: path.to_owned(),
                found: found.into(),
            }),
        }
    }

    /// Makes the folder of a new run.
    ///
    /// # Errors
    /// If the folder cannot be made, holds a run already, or is held by another process.
    pub fn create(path: &Path) -> Result<Self, CheckpointError> {
        create_folder(path).map_err(|source| CheckpointError::Create {
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
            last_is_whole: false,
        })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Saves a checkpoint as the last one. The one before becomes the previous one, unless it is
    /// damaged: then the previous one stays.
    ///
    /// # Errors
    /// If it cannot be written, or could not be read again; the checkpoints from before are then
    /// still there.
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
        let keep = (self.last_is_whole || read(&last).is_ok()).then_some(&*link);
        // Until this save has ended well, nothing is known about what is there.
        self.last_is_whole = false;
        replace(&self.path, &bytes, &fresh, keep).map_err(|source| {
            // What is left of a failed save is of no use, and its removal may fail as well.
            let _ = fs::remove_file(&fresh);
            let _ = fs::remove_file(&link);
            CheckpointError::Write { path: last, source }
        })?;
        self.last_is_whole = true;
        Ok(())
    }
}

/// Puts these bytes in the last checkpoint's place, by way of the file `fresh`; with `keep`, what
/// was there becomes the previous one, by way of that file.
fn replace(folder: &Path, bytes: &[u8], fresh: &Path, keep: Option<&Path>) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(fresh)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    let (last, previous) = (folder.join(LAST), folder.join(PREVIOUS));
    if let Some(link) = keep {
        match fs::hard_link(&last, link) {
            Ok(()) => fs::rename(link, previous)?,
            // Without hard links there is for an instant a previous checkpoint only.
            Err(error) if has_no_links(&error) => fs::rename(&last, previous)?,
            Err(error) => return Err(error),
        }
    }
    fs::rename(fresh, &last)?;
    sync_folder(folder)
}

/// Whether it is the file system (FAT, some network ones) that knows no hard links.
fn has_no_links(error: &io::Error) -> bool {
    let kinds = [io::ErrorKind::PermissionDenied, io::ErrorKind::Unsupported];
    kinds.contains(&error.kind())
}

/// Writes a file of the folder, so that a crash leaves all of it or what was there before. The
/// name lasts once the folder is synced.
pub(super) fn put(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let fresh = folder.join(format!(".{name}.{}{TEMPORARY}", std::process::id()));
    let write = || {
        let mut file = File::create(&fresh)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&fresh, folder.join(name))
    };
    write().inspect_err(|_| {
        // What is left of a failed save is of no use, and its removal may fail as well.
        let _ = fs::remove_file(&fresh);
    })
}

/// Writes a file that is not there yet, so that a crash leaves all of it or nothing.
///
/// # Errors
/// [`CheckpointError::Exists`] if it is there, and [`CheckpointError::Write`].
pub fn write_once(path: &Path, bytes: &[u8]) -> Result<(), CheckpointError> {
    if path.exists() {
        let folder = path.parent().unwrap_or(path);
        return Err(CheckpointError::Exists {
            path: folder.to_owned(),
        });
    }
    write_file(path, bytes).map_err(|source| CheckpointError::Write {
        path: path.to_owned(),
        source,
    })
}

/// Writes a file, in place of what was there, so that a crash leaves all of the one or of the other.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = path.file_name().ok_or(io::ErrorKind::InvalidFilename)?;
    let name = name.to_string_lossy();
    let fresh = path.with_file_name(format!(".{name}.{}{TEMPORARY}", std::process::id()));
    let write = || {
        let mut file = File::create(&fresh)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&fresh, path)?;
        sync_folder(path.parent().unwrap_or(Path::new("")))
    };
    write().inspect_err(|_| {
        // What is left of it is of no use, and its removal may fail as well.
        let _ = fs::remove_file(&fresh);
    })
}

/// Makes a folder and those above it that are missing, so that a power cut does not unmake them.
fn create_folder(path: &Path) -> io::Result<()> {
    let is_missing = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
    let missing: Vec<&Path> = path.ancestors().take_while(is_missing).collect();
    fs::create_dir_all(path)?;
    for folder in missing.iter().rev() {
        sync_folder(folder.parent().unwrap_or(Path::new("")))?;
    }
    Ok(())
}

/// Makes the names in a folder last. Elsewhere than on Unix a folder cannot be synced.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    let is_here = folder.as_os_str().is_empty();
    let folder = if is_here { Path::new(".") } else { folder };
    if cfg!(unix) {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
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
    let mut file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    let mut bytes = Vec::new();
    let preamble = (&mut file).take(PREAMBLE as u64).read_to_end(&mut bytes);
    preamble.map_err(failed)?;
    check_preamble(&bytes, length, codec::ID).map_err(bad)?;
    bytes.reserve_exact(length as usize - bytes.len());
    let rest = file.take(length - PREAMBLE as u64).read_to_end(&mut bytes);
    rest.map_err(failed)?;
    Checkpoint::from_bytes(&bytes).map_err(bad)
}
