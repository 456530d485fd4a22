//! Event files that TensorBoard reads: a scalar for each number of an epoch.
//!
//! A file is a row of records, each the length of its data (u64, little-endian), the masked CRC-32C
//! of these eight bytes, the data, and the masked CRC-32C of the data. The data are an `Event` in
//! protocol buffers. Source: TensorFlow, `core/lib/io/record_writer.h` and
//! `core/util/event.proto`, `core/framework/summary.proto`.
use crate::failure::{Failure, Status};
use crc::{CRC_32_ISCSI, Crc};
use serde_json::Value;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

const CRC: Crc<u32> = Crc::<u32>::new(&CRC_32_ISCSI);

/// An event file that is being written. Each record reaches the file whole.
#[derive(Debug)]
pub(crate) struct EventFile {
    file: File,
    path: PathBuf,
}

impl EventFile {
    /// A new file in this folder, which is made if it is missing. TensorBoard reads a run's files
    /// in the order of the times in their names, so that a resumed run has one more.
    ///
    /// # Errors
    /// [`Status::CannotCreate`].
    pub(crate) fn create(folder: &Path) -> Result<Self, Failure> {
        let seconds = now();
        let name = |number: u32| {
            format!(
                "events.out.tfevents.{:010}.numgrad.{}.{number}",
                seconds as u64,
                std::process::id()
            )
        };
        let path = folder.join(name(0));
        let create = || {
            fs::create_dir_all(folder)?;
            let mut options = OpenOptions::new();
            let mut file = options.write(true).create_new(true).open(&path)?;
            file.write_all(&record(&version(seconds)))?;
            Ok(file)
        };
        match create() {
            Ok(file) => Ok(Self { file, path }),
            Err(error) => {
                let error: io::Error = error;
                let message = format!("{} cannot be written: {error}", path.display());
                Err(Failure::new(Status::CannotCreate, message))
            }
        }
    }

    /// Adds a record of numbers by name.
    ///
    /// # Errors
    /// [`Status::Io`].
    pub(crate) fn add(&mut self, step: u64, scalars: &[(String, f64)]) -> Result<(), Failure> {
        let event = event(now(), step, scalars);
        self.file.write_all(&record(&event)).map_err(|error| {
            let message = format!("{} cannot be written: {error}", self.path.display());
            Failure::new(Status::Io, message)
        })
    }
}

/// The numbers of an epoch's record by the names that TensorBoard groups them by: `train_loss` is
/// loss/train, an entry of a list or of an object is named by its path, and all else is in run/.
pub(crate) fn scalars(record: &Value) -> Vec<(String, f64)> {
    let mut found = Vec::new();
    for (key, value) in record.as_object().into_iter().flatten() {
        let grouped = ["loss", "accuracy"].into_iter().find_map(|what| {
            let of = key.strip_suffix(what)?.strip_suffix('_')?;
            Some(format!("{what}/{of}"))
        });
        let name = match grouped {
            Some(name) => name,
            None if value.is_number() => format!("run/{key}"),
            None => key.clone(),
        };
        add_numbers(name, value, &mut found);
    }
    found
}

fn add_numbers(name: String, value: &Value, found: &mut Vec<(String, f64)>) {
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                add_numbers(format!("{name}/{key}"), value, found);
            }
        }
        Value::Array(entries) => {
            for (place, value) in (1..).zip(entries) {
                add_numbers(format!("{name}/{place}"), value, found);
            }
        }
        value => found.extend(value.as_f64().map(|number| (name, number))),
    }
}

fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0.0, |since| since.as_secs_f64())
}

/// A record around its data.
fn record(data: &[u8]) -> Vec<u8> {
    let length = (data.len() as u64).to_le_bytes();
    let sums = [masked(&length).to_le_bytes(), masked(data).to_le_bytes()];
    [&length[..], &sums[0], data, &sums[1]].concat()
}

/// A checksum that may itself be checksummed.
fn masked(bytes: &[u8]) -> u32 {
    CRC.checksum(bytes)
        .rotate_right(15)
        .wrapping_add(0xa282_ead8)
}

/// The event that a file begins with.
fn version(seconds: f64) -> Vec<u8> {
    let mut event = double(1, seconds);
    event.extend(bytes(3, b"brain.Event:2"));
    event
}

fn event(seconds: f64, step: u64, scalars: &[(String, f64)]) -> Vec<u8> {
    let mut event = double(1, seconds);
    event.extend(key(2, 0));
    event.extend(varint(step));
    let values = scalars.iter().flat_map(|(name, value)| {
        let mut scalar = bytes(1, name.as_bytes());
        scalar.extend(key(2, 5));
        scalar.extend((*value as f32).to_le_bytes());
        bytes(1, &scalar)
    });
    event.extend(bytes(5, &values.collect::<Vec<u8>>()));
    event
}

/// A field's number and how it is written: 0 a varint, 1 eight bytes, 2 a length and bytes, 5 four
/// bytes.
fn key(field: u64, kind: u64) -> Vec<u8> {
    varint(field << 3 | kind)
}

fn bytes(field: u64, content: &[u8]) -> Vec<u8> {
    [&key(field, 2)[..], &varint(content.len() as u64), content].concat()
}

fn double(field: u64, number: f64) -> Vec<u8> {
    [&key(field, 1)[..], &number.to_le_bytes()].concat()
}

/// Seven bits a byte, the lowest first; the eighth says that more follow.
fn varint(mut number: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_of_a_record_has_a_name() {
        let record = serde_json::json!({
            "event": "epoch", "epoch": 2, "train_loss": 0.5, "test_accuracy": null,
            "audit": { "cosine": 0.9 }, "layers": [{ "gradient_norm": 3.0 }],
        });
        let expected = [
            ("run/epoch", 2.0),
            ("loss/train", 0.5),
            ("audit/cosine", 0.9),
            ("layers/1/gradient_norm", 3.0),
        ];
        let expected = expected.map(|(name, number)| (name.to_owned(), number));
        assert_eq!(scalars(&record), expected);
    }

    #[test]
    fn records_are_the_bytes_that_tensorflow_writes() {
        // CRC-32C of 32 zero bytes: RFC 3720, appendix B.4.
        assert_eq!(CRC.checksum(&[0; 32]), 0x8a91_36aa);
        let event = event(1.5, 300, &[("loss".to_owned(), 0.25)]);
        let expected = [
            &[0x09, 0, 0, 0, 0, 0, 0, 0xf8, 0x3f][..], // wall_time: 1.5
            &[0x10, 0xac, 0x02],                       // step: 300
            &[0x2a, 0x0d, 0x0a, 0x0b],                 // summary, its one value
            b"\x0a\x04loss",                           // tag
            &[0x15, 0, 0, 0x80, 0x3e],                 // simple_value: 0.25
        ];
        assert_eq!(event, expected.concat());
        // As TensorBoard's own RecordWriter frames them.
        let record = record(&event);
        assert_eq!(record[..8], [0x1b, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(record[8..12], [0x1a, 0x0d, 0x9e, 0x13]);
        assert_eq!(record[12..39], event);
        assert_eq!(record[39..], [0x99, 0x08, 0xde, 0xed]);
    }
}
