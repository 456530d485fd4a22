//! The bytes of a data file, unpacked if it is gzip, up to a limit.
use super::DataError;
use flate2::bufread::MultiGzDecoder;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// Bytes that are asked for at a time: memory is taken for what is really there.
const PIECE: u64 = 1 << 20;

/// A data file as it is read: `limit` more bytes at most.
pub(super) struct Reader<'a> {
    path: &'a Path,
    bytes: Box<dyn Read>,
    limit: u64,
    left: u64,
}

impl<'a> Reader<'a> {
    /// Opens a file; gzip is told by its first two bytes.
    pub(super) fn open(path: &'a Path, limit: u64) -> Result<Self, DataError> {
        let failed = |source| DataError::reading(path, source);
        let file = File::open(path).map_err(failed)?;
        if file.metadata().map_err(failed)?.is_dir() {
            return Err(DataError::in_file(
                path,
                "is a folder, where a file is needed",
            ));
        }
        let mut packed = BufReader::with_capacity(PIECE as usize, file);
        let is_gzip = packed
            .fill_buf()
            .map_err(failed)?
            .starts_with(&[0x1f, 0x8b]);
        let bytes: Box<dyn Read> = if is_gzip {
            Box::new(MultiGzDecoder::new(packed))
        } else {
            Box::new(packed)
        };
        Ok(Self {
            path,
            bytes,
            limit,
            left: limit,
        })
    }

    /// The next `length` bytes, or as many as there are.
    pub(super) fn take(&mut self, length: u64) -> Result<Vec<u8>, DataError> {
        if length > self.left {
            return Err(self.over());
        }
        let mut taken = Vec::new();
        while (taken.len() as u64) < length {
            let piece = PIECE.min(length - taken.len() as u64);
            let read = (&mut self.bytes).take(piece).read_to_end(&mut taken);
            if read.map_err(|source| DataError::reading(self.path, source))? == 0 {
                break;
            }
        }
        self.left -= taken.len() as u64;
        Ok(taken)
    }

    /// All that is left.
    pub(super) fn rest(&mut self) -> Result<Vec<u8>, DataError> {
        let mut taken = Vec::new();
        let read = (&mut self.bytes)
            .take(self.left + 1)
            .read_to_end(&mut taken);
        read.map_err(|source| DataError::reading(self.path, source))?;
        if taken.len() as u64 > self.left {
            return Err(self.over());
        }
        Ok(taken)
    }

    fn over(&self) -> DataError {
        DataError::in_file(
            self.path,
            format!(
                "holds more than {} bytes when unpacked: raise the limit with --max-data-bytes",
                self.limit
            ),
        )
    }
}
