//! The bytes of a data file, unpacked if it is gzip, up to a limit.
use super::DataError;
use flate2::bufread::MultiGzDecoder;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

/// Bytes that are asked for at a time: memory is taken for what is really there.
const PIECE: u64 = 1 << 20;

/// A data file as it is read: `limit` more bytes at most.
pub(super) struct Reader<'a> {
    path: &'a Path,
    bytes: Box<dyn Read>,
    is_packed: bool,
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
        Self::of(path, file, limit)
    }

    /// The bytes of anything that is read; `path` is for errors.
    pub(super) fn of(
        path: &'a Path,
        bytes: impl Read + 'static,
        limit: u64,
    ) -> Result<Self, DataError> {
        let failed = |source| DataError::reading(path, source);
        let mut packed = BufReader::with_capacity(PIECE as usize, bytes);
        let is_packed = packed
            .fill_buf()
            .map_err(failed)?
            .starts_with(&[0x1f, 0x8b]);
        let bytes: Box<dyn Read> = if is_packed {
            Box::new(MultiGzDecoder::new(packed))
        } else {
            Box::new(packed)
        };
        Ok(Self {
            path,
            bytes,
            is_packed,
            limit,
            left: limit,
        })
    }

    /// Whether the file is gzip.
    pub(super) fn is_packed(&self) -> bool {
        self.is_packed
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

    /// How many bytes follow, if any do. A file with more of them than a piece is not read to its
    /// end to count them.
    pub(super) fn surplus(&mut self) -> Result<Option<String>, DataError> {
        let mut rest = Vec::new();
        let read = (&mut self.bytes).take(PIECE).read_to_end(&mut rest);
        let found = read.map_err(|source| DataError::reading(self.path, source))? as u64;
        Ok(match found {
            0 => None,
            PIECE => Some(format!("{PIECE} bytes or more")),
            _ => Some(format!("{found} bytes")),
        })
    }

    fn over(&self) -> DataError {
        DataError::in_file(self.path, self.over_message())
    }

    fn over_message(&self) -> String {
        format!(
            "holds more than {} bytes when unpacked: raise the limit with --max-data-bytes",
            self.limit
        )
    }
}

impl Read for Reader<'_> {
    /// Reads up to the limit, at which the file has to end.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 && !buffer.is_empty() {
            return match self.bytes.read(&mut [0])? {
                0 => Ok(0),
                _ => Err(io::Error::new(
                    io::ErrorKind::InvalidData,
                    self.over_message(),
                )),
            };
        }
        let most = usize::try_from(self.left).unwrap_or(usize::MAX);
        let most = most.min(buffer.len());
        let read = self.bytes.read(&mut buffer[..most])?;
        self.left -= read as u64;
        Ok(read)
    }
}
