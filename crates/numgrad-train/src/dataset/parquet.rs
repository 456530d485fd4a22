//! A Parquet file as the text of a table: its names, then a line a row, so that it is read in every way
//! as a CSV file is. Row n of the file is line n + 1 of the text.
use super::DataError;
use parquet::basic::Repetition;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::reader::RowIter;
use parquet::record::{Field, Row};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// The text, made as it is read. Memory: that of a page of each column, and of a line.
pub(super) struct Text {
    rows: RowIter<'static>,
    names: Vec<String>,
    line: Vec<u8>,
    read: usize,
}

impl Text {
    /// Opens a file of plain columns.
    ///
    /// # Errors
    /// If it is no Parquet file, or a column holds lists or records.
    pub(super) fn open(path: &Path) -> Result<Self, DataError> {
        let wrong = |message: String| DataError::in_file(path, message);
        let file = File::open(path).map_err(|source| DataError::reading(path, source))?;
        let reader = SerializedFileReader::new(file);
        let reader = reader
            .map_err(|error| wrong(format!("is no Parquet file, or a damaged one: {error}")))?;
        let schema = reader.metadata().file_metadata().schema().clone();
        let mut names = Vec::new();
        for field in schema.get_fields() {
            let info = field.get_basic_info();
            let is_list = info.has_repetition() && info.repetition() == Repetition::REPEATED;
            if !field.is_primitive() || is_list {
                let message = format!(
                    "column '{}' holds lists or records, where a number or a word is needed: write \
                     the file without it",
                    super::rows::clipped(field.name())
                );
                return Err(wrong(message));
            }
            names.push(field.name().to_owned());
        }
        let mut line = Vec::new();
        for (column, name) in names.iter().enumerate() {
            part(&mut line, column);
            quote(&mut line, name);
        }
        line.push(b'\n');
        Ok(Self {
            rows: RowIter::from_file_into(Box::new(reader)),
            names,
            line,
            read: 0,
        })
    }

    /// Puts a row in the place of the line before.
    fn write(&mut self, row: &Row) -> io::Result<()> {
        self.line.clear();
        self.read = 0;
        for (column, (_, field)) in row.get_column_iter().enumerate() {
            part(&mut self.line, column);
            match field {
                Field::Null => {}
                Field::Bool(is) => number(&mut self.line, u8::from(*is)),
                Field::Byte(x) => number(&mut self.line, x),
                Field::Short(x) => number(&mut self.line, x),
                Field::Int(x) => number(&mut self.line, x),
                Field::Long(x) => number(&mut self.line, x),
                Field::UByte(x) => number(&mut self.line, x),
                Field::UShort(x) => number(&mut self.line, x),
                Field::UInt(x) => number(&mut self.line, x),
                Field::ULong(x) => number(&mut self.line, x),
                Field::Float16(x) => number(&mut self.line, x.to_f64()),
                Field::Float(x) => number(&mut self.line, f64::from(*x)),
                Field::Double(x) => number(&mut self.line, x),
                Field::Str(word) => quote(&mut self.line, word),
                _ => {
                    let name = self.names.get(column).map_or("", String::as_str);
                    let message = format!(
                        "column '{}' holds dates, decimals or bytes, where a number or a word is \
                         needed: write the file without it, or with numbers",
                        super::rows::clipped(name)
                    );
                    return Err(io::Error::new(io::ErrorKind::InvalidData, message));
                }
            }
        }
        self.line.push(b'\n');
        Ok(())
    }
}

impl Read for Text {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.read == self.line.len() {
            let Some(row) = self.rows.next() else {
                return Ok(0);
            };
            let row = row.map_err(|error| {
                let message = format!("is a damaged Parquet file: {error}");
                io::Error::new(io::ErrorKind::InvalidData, message)
            })?;
            self.write(&row)?;
        }
        let count = buffer.len().min(self.line.len() - self.read);
        buffer[..count].copy_from_slice(&self.line[self.read..self.read + count]);
        self.read += count;
        Ok(count)
    }
}

fn part(line: &mut Vec<u8>, column: usize) {
    if column > 0 {
        line.push(b',');
    }
}

fn number(line: &mut Vec<u8>, x: impl std::fmt::Display) {
    line.extend(x.to_string().bytes());
}

/// A word in quotation marks, whatever it holds.
fn quote(line: &mut Vec<u8>, word: &str) {
    line.push(b'"');
    line.extend(word.replace('"', "\"\"").bytes());
    line.push(b'"');
}
