//! Known datasets from a mirror: fetched, checked, and never taken for whole before they are. The only
//! room with a road to a network, and only with the feature `download`.
mod known;
mod mirror;

pub use known::{FASHION_MNIST, MNIST};

use crate::checkpoint::sync_folder;
use mirror::{Mirror, Refusal};
use sha2::{Digest, Sha256};
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// What stands behind the name of a file that is not whole yet.
const PART: &str = ".part";

/// Bytes that are read at a time.
const PIECE: usize = 1 << 16;

/// A dataset on the network.
#[derive(Debug, Clone, Copy)]
pub struct RemoteDataset<'a> {
    /// Its name.
    pub name: &'a str,
    /// Addresses to which the files' names are added, in the order in which they are asked.
    pub mirrors: &'a [&'a str],
    /// Its files.
    pub files: &'a [RemoteFile<'a>],
}

/// A file on the network, with all that tells it from another one.
#[derive(Debug, Clone, Copy)]
pub struct RemoteFile<'a> {
    /// Its name.
    pub name: &'a str,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, as 64 hexadecimal digits in lower case.
    pub sha256: &'a str,
}

/// What a fetch found to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fetched {
    /// Nothing: the file is there.
    WasThere,
    /// All of the file was fetched.
    Whole,
    /// A fetch of before was gone on with, from this byte.
    From(u64),
}

/// A file that is not there after all.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The file or its folder cannot be written or read.
    #[error("{}: {source}", path.display())]
    Folder {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A file with this name and another content is in the folder.
    #[error("{}: is there already, and is another file: move it away, or name another folder", path.display())]
    Another {
        /// The file.
        path: PathBuf,
    },
    /// Another process is fetching the same file.
    #[error("{}: is being fetched by another process", path.display())]
    Busy {
        /// The file.
        path: PathBuf,
    },
    /// No mirror gave the file. What is there of it is kept, and gone on with.
    #[error("{name} cannot be fetched: {tried}")]
    Unreachable {
        /// The file.
        name: String,
        /// What became of each mirror.
        tried: String,
    },
    /// What a mirror gave is another file, and no other mirror has it.
    #[error("{name} cannot be fetched: {tried}")]
    Damaged {
        /// The file.
        name: String,
        /// What became of each mirror.
        tried: String,
    },
}

impl FetchError {
    /// The exit status that a program should end with, after BSD's sysexits.
    pub fn exit_code(&self) -> u8 {
        match self {
            Self::Another { .. } | Self::Damaged { .. } => 65,
            Self::Unreachable { .. } => 69,
            Self::Folder { .. } => 73,
            Self::Busy { .. } => 75,
        }
    }
}

impl RemoteFile<'_> {
    /// Brings the file into a folder, from the first mirror that gives it. An interrupted fetch goes on
    /// where it was, at any mirror that can; the file has its name only once its SHA-256 is right.
    /// `watch` is told how many bytes are there. Memory: 64 KiB.
    ///
    /// # Errors
    /// [`FetchError`], with what became of each mirror.
    pub fn fetch(
        &self,
        mirrors: &[&str],
        folder: &Path,
        watch: &mut dyn FnMut(u64),
    ) -> Result<Fetched, FetchError> {
        let path = folder.join(self.name);
        let failed = |source| FetchError::Folder {
            path: path.clone(),
            source,
        };
        fs::create_dir_all(folder).map_err(failed)?;
        if path.exists() {
            let mut there = Part::of(File::open(&path).map_err(failed)?);
            there.read_to_end(self.bytes).map_err(failed)?;
            return if self.is(&there) {
                Ok(Fetched::WasThere)
            } else {
                Err(FetchError::Another { path })
            };
        }
        let part_path = folder.join(format!("{}{PART}", self.name));
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false);
        let file = options.open(&part_path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(FetchError::Busy { path }),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        let mut part = Part::of(file);
        part.read_to_end(self.bytes).map_err(failed)?;
        if part.length > self.bytes || (part.length == self.bytes && !self.is(&part)) {
            part.clear().map_err(failed)?;
        }
        let from = part.length;
        let (mut tried, mut is_damaged) = (Vec::new(), false);
        for address in mirrors {
            let mirror = Mirror::new(address);
            // A part of before may be another file's, so that a second try is without it.
            for _ in 0..2 {
                let is_resumed = part.length > 0;
                match self.fill(&mut part, &mirror, watch) {
                    Ok(()) if self.is(&part) => {
                        part.file.sync_all().map_err(failed)?;
                        fs::rename(&part_path, &path).map_err(failed)?;
                        sync_folder(folder).map_err(failed)?;
                        return Ok(match from {
                            0 => Fetched::Whole,
                            from => Fetched::From(from),
                        });
                    }
                    Ok(()) => {
                        let found = part.digest();
                        part.clear().map_err(failed)?;
                        if is_resumed {
                            continue;
                        }
                        is_damaged = true;
                        tried.push(format!(
                            "{address} gave another file, with the SHA-256 {found} instead of {}",
                            self.sha256
                        ));
                    }
                    Err(Refusal::Disk(source)) => return Err(failed(source)),
                    Err(Refusal::Mirror(why)) => tried.push(format!("{address} {why}")),
                }
                break;
            }
        }
        if part.length == 0 {
            // An empty part is of no use, and its removal may fail as well.
            let _ = fs::remove_file(&part_path);
        }
        let (name, tried) = (self.name.to_owned(), tried.join("; "));
        Err(if is_damaged {
            FetchError::Damaged { name, tried }
        } else {
            FetchError::Unreachable { name, tried }
        })
    }

    /// Whether these bytes are the file.
    fn is(&self, part: &Part) -> bool {
        part.length == self.bytes && part.digest() == self.sha256
    }

    /// Asks a mirror for what is missing.
    fn fill(
        &self,
        part: &mut Part,
        mirror: &Mirror<'_>,
        watch: &mut dyn FnMut(u64),
    ) -> Result<(), Refusal> {
        watch(part.length);
        if part.length == self.bytes {
            return Ok(());
        }
        let (start, body) = mirror.ask(self.name, part.length)?;
        if start != part.length {
            part.clear().map_err(Refusal::Disk)?;
        }
        // One byte more than the file has tells another file from it.
        let mut body = body.take(self.bytes + 1 - part.length);
        let mut piece = vec![0; PIECE];
        loop {
            let read = match body.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => {
                    let at = part.length;
                    return Err(Refusal::Mirror(format!(
                        "broke off after {at} bytes: {error}"
                    )));
                }
            };
            part.push(&piece[..read]).map_err(Refusal::Disk)?;
            watch(part.length);
        }
        if part.length < self.bytes {
            let (at, bytes) = (part.length, self.bytes);
            return Err(Refusal::Mirror(format!(
                "broke off after {at} of {bytes} bytes"
            )));
        }
        Ok(())
    }
}

/// What is there of a file, with its digest so far.
struct Part {
    file: File,
    hash: Sha256,
    length: u64,
}

impl Part {
    fn of(file: File) -> Self {
        Self {
            file,
            hash: Sha256::new(),
            length: 0,
        }
    }

    /// Reads what is there, up to one byte past `most`.
    fn read_to_end(&mut self, most: u64) -> io::Result<()> {
        let mut piece = vec![0; PIECE];
        let mut file = (&self.file).take(most + 1);
        loop {
            match file.read(&mut piece)? {
                0 => return Ok(()),
                read => {
                    self.hash.update(&piece[..read]);
                    self.length += read as u64;
                }
            }
        }
    }

    fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.hash.update(bytes);
        self.length += bytes.len() as u64;
        Ok(())
    }

    fn clear(&mut self) -> io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        (self.hash, self.length) = (Sha256::new(), 0);
        Ok(())
    }

    fn digest(&self) -> String {
        let digest = self.hash.clone().finalize();
        let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        digits
            .filter_map(|digit| char::from_digit(digit.into(), 16))
            .collect()
    }
}
