//! NPZ: arrays by name in a zip archive, as `numpy.savez` and `numpy.savez_compressed` write it.
use super::file::LIMIT;
use super::tensor::Tensor;
use super::{Description, ExchangeError, Format, npy};
use flate2::bufread::DeflateDecoder;
use rawzip::{CompressionMethod, ZipArchive, ZipArchiveWriter, ZipSliceEntry};
use std::io::{self, Read, Write};

/// The array that describes the network: the bytes of a JSON text. In files of before it is no array
/// but the text itself, which has the same name in NumPy.
const DESCRIPTION: &str = "numgrad.json";
/// The extension of an array's member.
const ARRAY: &str = ".npy";

pub(super) fn write(
    tensors: &[Tensor],
    description: &Description,
) -> Result<Vec<u8>, ExchangeError> {
    let mut file = Vec::new();
    let mut archive = ZipArchiveWriter::new(&mut file);
    for tensor in tensors {
        let name = format!("{}{ARRAY}", tensor.name);
        add(&mut archive, &name, &npy::write(tensor)).map_err(|error| syntax(&error))?;
    }
    let described = serde_json::to_vec(description).map_err(|error| syntax(&error))?;
    let name = format!("{DESCRIPTION}{ARRAY}");
    add(&mut archive, &name, &npy::write_text(&described)).map_err(|error| syntax(&error))?;
    archive.finish().map_err(|error| syntax(&error))?;
    Ok(file)
}

fn add<W: Write>(
    archive: &mut ZipArchiveWriter<W>,
    name: &str,
    content: &[u8],
) -> Result<(), rawzip::Error> {
    let (mut entry, configuration) = archive.new_file(name).start()?;
    let mut writer = configuration.wrap(&mut entry);
    writer.write_all(content)?;
    let (_, descriptor) = writer.finish()?;
    entry.finish(descriptor)?;
    Ok(())
}

pub(super) fn read(file: &[u8]) -> Result<(Vec<Tensor>, Option<Description>), ExchangeError> {
    let archive = ZipArchive::from_slice(file).map_err(|error| syntax(&error))?;
    let (mut tensors, mut description) = (Vec::new(), None);
    // Members may unpack to a thousand times their size, and overlap.
    let mut left = LIMIT;
    let mut entries = archive.entries();
    while let Some(entry) = entries.next_entry().map_err(|error| syntax(&error))? {
        let path = entry.file_path();
        let name = String::from_utf8_lossy(path.as_bytes()).into_owned();
        let method = entry.compression_method();
        let found = archive
            .get_entry(entry.wayfinder())
            .map_err(|error| syntax(&error))?;
        let content = unpacked(&found, method, &mut left).map_err(|error| {
            ExchangeError::tensor(&name, &format!("cannot be unpacked: {error}"))
        })?;
        if name.strip_suffix(ARRAY).unwrap_or(&name) == DESCRIPTION {
            let text = if name == DESCRIPTION {
                &content
            } else {
                npy::read_text(&content).map_err(|why| ExchangeError::tensor(&name, &why))?
            };
            description = Some(serde_json::from_slice(text).map_err(|error| syntax(&error))?);
        } else if let Some(name) = name.strip_suffix(ARRAY) {
            let tensor = npy::read(name, &content);
            tensors.push(tensor.map_err(|why| ExchangeError::tensor(name, &why))?);
        } else {
            return Err(ExchangeError::tensor(&name, &"is no NumPy array"));
        }
    }
    Ok((tensors, description))
}

/// A member's content, checked against its length and checksum, within what is left to unpack.
fn unpacked(
    entry: &ZipSliceEntry<'_>,
    method: CompressionMethod,
    left: &mut u64,
) -> io::Result<Vec<u8>> {
    let data: Box<dyn Read> = match method {
        CompressionMethod::STORE => Box::new(entry.data()),
        CompressionMethod::DEFLATE => Box::new(DeflateDecoder::new(entry.data())),
        other => return Err(io::Error::other(format!("it is packed by method {other}"))),
    };
    let mut content = Vec::new();
    let limited = data.take(*left + 1);
    entry.verifying_reader(limited).read_to_end(&mut content)?;
    *left = left
        .checked_sub(content.len() as u64)
        .ok_or_else(|| io::Error::other("it is longer than any network"))?;
    Ok(content)
}

fn syntax(error: &impl ToString) -> ExchangeError {
    ExchangeError::syntax(Format::Npz, error)
}
