//! IDX, the format of MNIST: a big-endian header, then bytes.
use super::bytes::Bytes;
use super::npy::Number;
use super::reader::Reader;
use super::stored::Stored;
use super::{DataError, Dataset, Features, Labels, LoadOptions};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The first two bytes are 0, the third says 8-bit unsigned values, the fourth the dimensions.
const BYTES: [u8; 3] = [0, 0, 8];

/// The bytes before the first pixel.
const HEADER: u64 = 16;

/// Images and labels from two IDX files.
pub(super) fn load(
    images: &Path,
    labels: &Path,
    options: &LoadOptions,
) -> Result<Dataset, DataError> {
    let (shape, pixels) = if let Some((shape, pixels)) = left_in(images, options)? {
        (shape, Features::Stored(pixels))
    } else {
        let (shape, pixels) = read(images, 3, options.max_bytes)?;
        (shape, Features::Bytes(pixels))
    };
    let (counts, values) = read(labels, 1, options.max_bytes)?;
    if shape[0] != counts[0] {
        return Err(DataError::in_file(
            labels,
            format!(
                "has {} labels for the {} images of {}",
                counts[0],
                shape[0],
                images.display()
            ),
        ));
    }
    let inputs = shape[1].checked_mul(shape[2]).unwrap_or(0);
    let classes = values
        .iter()
        .max()
        .map_or(0, |&largest| usize::from(largest) + 1);
    let labels = Labels::Classes {
        classes,
        labels: values.into_iter().map(u32::from).collect(),
    };
    Dataset::new(inputs, pixels, labels).map_err(|message| DataError::in_file(images, message))
}

/// MNIST's training and test sets from a folder with its four files, packed or not.
pub(super) fn load_mnist(
    folder: &Path,
    options: &LoadOptions,
) -> Result<(Dataset, Dataset), DataError> {
    let file = |name: &str| -> Result<PathBuf, DataError> {
        let candidates = [folder.join(name), folder.join(format!("{name}.gz"))];
        let found = candidates.iter().find(|path| path.exists());
        found
            .cloned()
            .ok_or_else(|| DataError::not_found(&candidates[1]))
    };
    let set = |name: &str| {
        let images = file(&format!("{name}-images-idx3-ubyte"))?;
        let labels = file(&format!("{name}-labels-idx1-ubyte"))?;
        load(&images, &labels, options)
    };
    Ok((set("train")?, set("t10k")?))
}

/// The images of an unpacked file that is larger than what is held in memory: they stay there.
fn left_in(path: &Path, options: &LoadOptions) -> Result<Option<(Vec<usize>, Stored)>, DataError> {
    let failed = |source| DataError::reading(path, source);
    let length = std::fs::metadata(path).map_err(failed)?.len();
    let mut reader = Reader::open(path, u64::MAX)?;
    if reader.is_packed() || length <= options.held_bytes {
        return Ok(None);
    }
    let (shape, expected) = header(path, &mut reader, 3)?;
    let found = length.saturating_sub(HEADER);
    if found != expected {
        let message =
            format!("holds {found} values, but its dimensions {shape:?} ask for {expected}");
        return Err(DataError::in_file(path, message));
    }
    let file = std::fs::File::open(path).map_err(failed)?;
    let bytes = Bytes::InFile(Arc::new(file), HEADER);
    let extent = (shape[0], shape[1].saturating_mul(shape[2]));
    let stored = Stored::new(path.to_owned(), bytes, Number::BYTE, extent, None);
    Ok(Some((shape, stored)))
}

/// The dimensions in the header of an IDX file of bytes, and how many values they ask for.
fn header(
    path: &Path,
    reader: &mut Reader<'_>,
    dimensions: u8,
) -> Result<(Vec<usize>, u64), DataError> {
    let bad = |message: String| DataError::in_file(path, message);
    let magic = reader.take(4)?;
    if magic.len() < 4 || magic[..3] != BYTES || magic[3] != dimensions {
        return Err(bad(format!(
            "the first bytes are {magic:02x?}, but an IDX file of 8-bit values in {dimensions} \
             dimensions begins with [00, 00, 08, {dimensions:02x}]"
        )));
    }
    let header = reader.take(4 * u64::from(dimensions))?;
    if header.len() < 4 * usize::from(dimensions) {
        return Err(bad("ends within its header".to_owned()));
    }
    let shape: Vec<usize> = (header.chunks_exact(4))
        .map(|bytes| bytes.iter().fold(0, |n, &byte| n << 8 | usize::from(byte)))
        .collect();
    let expected = (shape.iter()).try_fold(1_u64, |product, &n| product.checked_mul(n as u64));
    let expected =
        expected.ok_or_else(|| bad(format!("dimensions {shape:?} are past counting")))?;
    if expected == 0 {
        return Err(bad(format!(
            "has the dimensions {shape:?}: there is nothing in it"
        )));
    }
    Ok((shape, expected))
}

/// The dimensions and the values of an IDX file of bytes with this many dimensions.
fn read(path: &Path, dimensions: u8, limit: u64) -> Result<(Vec<usize>, Vec<u8>), DataError> {
    let bad = |message: String| DataError::in_file(path, message);
    let mut reader = Reader::open(path, limit)?;
    let (shape, expected) = header(path, &mut reader, dimensions)?;
    let values = reader.take(expected)?;
    if (values.len() as u64) < expected {
        return Err(bad(format!(
            "ends after {} of the {expected} values that its dimensions {shape:?} ask for",
            values.len()
        )));
    }
    if let Some(more) = reader.surplus()? {
        return Err(bad(format!(
            "{more} follow the {expected} values of {shape:?}"
        )));
    }
    Ok((shape, values))
}
