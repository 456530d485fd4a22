//! Files of networks: written whole or not at all, read within a limit.
use super::ExchangeError;
use crate::checkpoint::write_file;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The largest file that is read: what the largest network takes in f64, and its header.
pub(super) const LIMIT: u64 = (8 << 28) + (64 << 20);

pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), ExchangeError> {
    write_file(path, bytes).map_err(|source| ExchangeError::Write {
        path: path.to_owned(),
        source,
    })
}

/// The bytes of a file. Memory is taken as they come, and no more than the limit.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, ExchangeError> {
    let failed = |source: io::Error| ExchangeError::Read {
        path: path.to_owned(),
        source,
    };
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(LIMIT + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > LIMIT {
        return Err(ExchangeError::TooLarge {
            found: bytes.len() as u64,
            limit: LIMIT,
        });
    }
    Ok(bytes)
}
