//! Arrays from NPY and NPZ files, in memory as they lie in the file, or left there.
use super::bytes::Bytes;
use super::npy::Layout;
use super::reader::Reader;
use super::{DataError, LoadOptions};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use std::sync::Arc;

/// An array with its last index running fastest.
pub(super) struct Array {
    pub(super) layout: Layout,
    pub(super) bytes: Bytes,
}

impl Array {
    /// The array of an NPY file. One larger than `options.held_bytes` stays in the file; a packed
    /// one is unpacked into memory.
    pub(super) fn open(path: &Path, options: &LoadOptions) -> Result<Self, DataError> {
        let failed = |source| DataError::reading(path, source);
        let file = File::open(path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        let mut start = [0; 2];
        let is_packed = (&file).read_exact(&mut start).is_ok() && start == [0x1f, 0x8b];
        if is_packed || length <= options.held_bytes {
            let mut reader = Reader::open(path, options.max_bytes)?;
            let array = Self::read(path, "", &mut reader)?;
            return match reader.surplus()? {
                Some(more) => Err(DataError::in_file(path, format!("{more} follow the array"))),
                None => Ok(array),
            };
        }
        drop(file);
        let file = File::open(path).map_err(failed)?;
        Self::left_in(path, "", file, 0, length)
    }

    /// An array read to its end into memory, a piece at a time: memory is taken for what is there.
    /// `name` is that of an array among others.
    pub(super) fn read(path: &Path, name: &str, file: &mut impl Read) -> Result<Self, DataError> {
        let failed = |source| DataError::reading(path, source);
        let layout = Layout::read(file).map_err(failed)?;
        let layout = layout.map_err(|what| wrong(path, name, &what))?;
        let expected = layout.bytes().unwrap_or(u64::MAX);
        let mut bytes = Vec::new();
        let read = file.take(expected).read_to_end(&mut bytes);
        let read = read.map_err(failed)? as u64;
        if read < expected {
            return Err(cut(path, name, &layout, read, expected));
        }
        let bytes = if layout.is_fortran {
            by_rows(&bytes, &layout)
        } else {
            bytes
        };
        Ok(Self {
            layout,
            bytes: Bytes::Held(Arc::new(bytes)),
        })
    }

    /// An array that stays in a file, where it lies from `start` on, header and all, for `length`
    /// bytes.
    pub(super) fn left_in(
        path: &Path,
        name: &str,
        file: File,
        start: u64,
        length: u64,
    ) -> Result<Self, DataError> {
        use std::io::{Seek, SeekFrom};
        let failed = |source| DataError::reading(path, source);
        let mut reader = BufReader::new(&file);
        reader.seek(SeekFrom::Start(start)).map_err(failed)?;
        let layout = Layout::read(&mut reader).map_err(failed)?;
        let layout = layout.map_err(|what| wrong(path, name, &what))?;
        let expected = layout.bytes().unwrap_or(u64::MAX);
        let found = length.saturating_sub(layout.header);
        if found < expected {
            return Err(cut(path, name, &layout, found, expected));
        }
        if found > expected {
            let message = format!("{} bytes follow the array", found - expected);
            return Err(wrong(path, name, &message));
        }
        if layout.is_fortran && layout.shape.len() > 1 {
            let message = "is larger than what is held in memory and in Fortran order, where a \
                           sample's numbers lie far apart: save numpy.ascontiguousarray of it, or \
                           raise --held-bytes";
            return Err(wrong(path, name, message));
        }
        let start = start + layout.header;
        Ok(Self {
            layout,
            bytes: Bytes::InFile(Arc::new(file), start),
        })
    }
}

/// What is wrong with a file, or with one array in it.
pub(super) fn wrong(path: &Path, name: &str, what: &str) -> DataError {
    match name {
        "" => DataError::in_file(path, what),
        name => DataError::in_file(path, format!("the array '{name}' {what}")),
    }
}

fn cut(path: &Path, name: &str, layout: &Layout, found: u64, expected: u64) -> DataError {
    let shape = &layout.shape;
    let message =
        format!("ends after {found} of the {expected} bytes that its shape {shape:?} asks for");
    wrong(path, name, &message)
}

/// The numbers with the last index running fastest, of an array with the first one doing so.
fn by_rows(bytes: &[u8], layout: &Layout) -> Vec<u8> {
    let size = layout.number.size();
    let mut index = vec![0; layout.shape.len()];
    let mut turned = Vec::with_capacity(bytes.len());
    for _ in 0..bytes.len() / size {
        let place = index.iter().zip(&layout.shape).rev();
        let place = place.fold(0, |place, (&k, &length)| place * length + k);
        turned.extend_from_slice(&bytes[place * size..(place + 1) * size]);
        for (k, &length) in index.iter_mut().zip(&layout.shape).rev() {
            *k += 1;
            if *k < length {
                break;
            }
            *k = 0;
        }
    }
    turned
}
