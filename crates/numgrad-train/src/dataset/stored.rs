//! Inputs as they lie in an NPY or IDX file: numbers of any kind, converted as a batch asks for them,
//! so that neither a copy nor, of a large file, the bytes themselves are held.
use super::bytes::Bytes;
use super::npy::Number;
use super::rows::LARGEST;
use super::{DataError, Scaler};
use numgrad_core::Real;
use std::path::PathBuf;
use std::sync::Arc;

/// The inputs of samples, a row of an array each. The bits of what is read do not depend on whether
/// the array is held in memory.
#[derive(Debug, Clone, PartialEq)]
pub struct Stored {
    path: PathBuf,
    bytes: Bytes,
    number: Number,
    /// Numbers of a row in the file.
    width: usize,
    /// The number of each row that is no input.
    target: Option<usize>,
    /// The rows, where not all are samples, or in another order.
    rows: Option<Arc<[usize]>>,
    samples: usize,
    scaler: Option<Arc<Scaler>>,
}

impl Stored {
    /// All rows of an array, of `width` numbers each, without the one in the column `target`.
    pub(super) fn new(
        path: PathBuf,
        bytes: Bytes,
        number: Number,
        (samples, width): (usize, usize),
        target: Option<usize>,
    ) -> Self {
        Self {
            path,
            bytes,
            number,
            width,
            target,
            rows: None,
            samples,
            scaler: None,
        }
    }

    /// Numbers of a sample.
    pub(super) fn inputs(&self) -> usize {
        self.width - usize::from(self.target.is_some())
    }

    /// How many samples there are.
    pub(super) fn samples(&self) -> usize {
        self.samples
    }

    /// Numbers of all samples.
    pub(super) fn len(&self) -> usize {
        self.samples.saturating_mul(self.inputs())
    }

    /// Whether the numbers are bytes, as those of images: 0…255 stands for 0…1.
    pub(super) fn are_bytes(&self) -> bool {
        self.number.is_byte()
    }

    /// Some of the samples.
    pub(super) fn subset(&self, indices: &[usize]) -> Self {
        let row = |&b: &usize| self.row(b);
        Self {
            rows: Some(indices.iter().map(row).collect()),
            samples: indices.len(),
            ..self.clone()
        }
    }

    /// Scales what is read from now on.
    pub(super) fn scale(&mut self, scaler: &Scaler) {
        self.scaler = Some(Arc::new(scaler.clone()));
    }

    /// Writes a sample's inputs into `to`. `room` is used again.
    ///
    /// # Errors
    /// If the file cannot be read (any more), or a number is not finite.
    pub(super) fn read<T: Real>(
        &self,
        b: usize,
        room: &mut Vec<u8>,
        to: &mut [T],
    ) -> Result<(), DataError> {
        let mut inputs = to.iter_mut();
        self.each(b, room, |_, x| {
            if let Some(to) = inputs.next() {
                *to = T::of(x);
            }
        })
    }

    /// Calls with the column and the value of each input of a sample.
    ///
    /// # Errors
    /// As [`Stored::read`].
    pub(super) fn each(
        &self,
        b: usize,
        room: &mut Vec<u8>,
        mut take: impl FnMut(usize, f64),
    ) -> Result<(), DataError> {
        let (row, is_level) = (self.row(b), self.are_bytes());
        let mut input = 0;
        for (column, bytes) in self
            .bytes(row, room)?
            .chunks_exact(self.number.size())
            .enumerate()
        {
            if Some(column) == self.target {
                continue;
            }
            let value = self.number.value(bytes);
            let value = if is_level { value / 255.0 } else { value };
            if value.is_nan() || value.abs() > LARGEST {
                return Err(self.wrong(row, column, value));
            }
            take(
                input,
                self.scaler
                    .as_ref()
                    .map_or(value, |scaler| scaler.of(input, value)),
            );
            input += 1;
        }
        Ok(())
    }

    /// The target of each row.
    ///
    /// # Errors
    /// As [`Stored::read`].
    pub(super) fn targets(&self) -> Result<Vec<f64>, DataError> {
        let column = self.target.unwrap_or(0);
        let mut room = Vec::new();
        let target = |row| {
            let first = column * self.number.size();
            let bytes = self.bytes(row, &mut room)?;
            let value = self.number.value(&bytes[first..first + self.number.size()]);
            if value.abs() <= LARGEST {
                Ok(value)
            } else {
                Err(self.wrong(row, column, value))
            }
        };
        (0..self.samples).map(target).collect()
    }

    /// Adds the samples' bytes and all that tells what they stand for.
    ///
    /// # Errors
    /// If the file cannot be read.
    pub(super) fn hash(&self, hasher: &mut blake3::Hasher) -> Result<(), DataError> {
        let mut room = Vec::new();
        hasher.update(format!("{:?} {:?}", self.number, self.target).as_bytes());
        for b in 0..self.samples {
            hasher.update(self.bytes(self.row(b), &mut room)?);
        }
        Ok(())
    }

    fn row(&self, b: usize) -> usize {
        self.rows.as_ref().map_or(b, |rows| rows[b])
    }

    fn bytes<'a>(&'a self, row: usize, room: &'a mut Vec<u8>) -> Result<&'a [u8], DataError> {
        let length = self.width * self.number.size();
        let at = row as u64 * length as u64;
        let read = self.bytes.get(at, length, room);
        read.map_err(|source| DataError::Read {
            path: self.path.clone(),
            source,
        })
    }

    fn wrong(&self, row: usize, column: usize, value: f64) -> DataError {
        let place = format!(
            "{}: row {row}, column {column} (from 0)",
            self.path.display()
        );
        let what = if value.is_finite() {
            "too large: numbers go up to 1e150, where squares still are numbers"
        } else {
            "not a finite number, and --missing is for tables: replace it with numpy.nan_to_num, or \
             save a CSV file"
        };
        DataError::bad(place, format!("{value} is {what}"))
    }
}
