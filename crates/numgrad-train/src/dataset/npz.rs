//! NPZ: a zip archive of arrays, as numpy.savez and numpy.savez_compressed write it.
use super::array::{Array, wrong};
use super::{DataError, LoadOptions};
use flate2::read::DeflateDecoder;
use rawzip::{CompressionMethod, RECOMMENDED_BUFFER_SIZE, ZipArchive};
use std::fs::File;
use std::io::Read;
use std::path::Path;

/// The most arrays whose names are looked at.
const MOST_ARRAYS: usize = 1 << 16;

/// The names of the arrays in a file, in their order.
pub(super) fn names(path: &Path) -> Result<Vec<String>, DataError> {
    let (archive, mut buffer) = open(path)?;
    let mut entries = archive.entries(&mut buffer);
    let mut names = Vec::new();
    while let Some(entry) = entries
        .next_entry()
        .map_err(|error| damaged(path, &error))?
    {
        let name = String::from_utf8_lossy(entry.file_path().as_ref()).into_owned();
        if let Some(name) = name.strip_suffix(".npy") {
            names.push(name.to_owned());
        }
        if names.len() > MOST_ARRAYS {
            let message = format!("holds more than {MOST_ARRAYS} arrays");
            return Err(DataError::in_file(path, message));
        }
    }
    Ok(names)
}

/// An array of a file. One that is not packed and larger than `options.held_bytes` stays in the
/// file; the length and the checksum of others are compared as they are read.
pub(super) fn array(path: &Path, name: &str, options: &LoadOptions) -> Result<Array, DataError> {
    let damaged = |error| damaged(path, &error);
    let (archive, mut buffer) = open(path)?;
    let mut entries = archive.entries(&mut buffer);
    let mut found = None;
    while let Some(entry) = entries.next_entry().map_err(damaged)? {
        if entry.file_path().as_ref().strip_suffix(b".npy") == Some(name.as_bytes()) {
            let claimed = entry.uncompressed_size_hint();
            found = Some((entry.wayfinder(), entry.compression_method(), claimed));
            break;
        }
    }
    let (wayfinder, method, claimed) =
        found.ok_or_else(|| DataError::in_file(path, format!("holds no array '{name}'")))?;
    let entry = archive.get_entry(wayfinder).map_err(damaged)?;
    let (start, end) = entry.compressed_data_range();
    let length = end.saturating_sub(start);
    if method == CompressionMethod::STORE && length > options.held_bytes {
        let file = File::open(path).map_err(|source| DataError::reading(path, source))?;
        return Array::left_in(path, name, file, start, length);
    }
    if claimed > options.max_bytes {
        let message = format!(
            "has {claimed} bytes when unpacked: raise the limit of {} with --max-data-bytes",
            options.max_bytes
        );
        return Err(wrong(path, name, &message));
    }
    let unpacked: Box<dyn Read> = match method {
        CompressionMethod::STORE => Box::new(entry.reader()),
        CompressionMethod::DEFLATE => Box::new(DeflateDecoder::new(entry.reader())),
        other => {
            let message = format!("is packed by the method {other}; numpy's own are read");
            return Err(wrong(path, name, &message));
        }
    };
    // Who claims less than there is has it cut off here.
    let mut checked = entry.verifying_reader(unpacked.take(claimed.saturating_add(1)));
    let array = Array::read(path, name, &mut checked)?;
    // Only at the end are the length and the checksum compared.
    let more = checked
        .read(&mut [0])
        .map_err(|source| DataError::reading(path, source))?;
    if more > 0 {
        return Err(wrong(path, name, "is followed by more bytes"));
    }
    Ok(array)
}

fn open(path: &Path) -> Result<(ZipArchive<rawzip::FileReader>, Vec<u8>), DataError> {
    let file = File::open(path).map_err(|source| DataError::reading(path, source))?;
    let mut buffer = vec![0; RECOMMENDED_BUFFER_SIZE];
    let archive =
        ZipArchive::from_file(file, &mut buffer).map_err(|error| damaged(path, &error))?;
    Ok((archive, buffer))
}

fn damaged(path: &Path, error: &rawzip::Error) -> DataError {
    DataError::in_file(path, format!("is no NPZ file, or a damaged one: {error}"))
}
