//! The text of a CSV file on its way to the parser: where its lines begin and its quotation marks
//! open, for errors that say where.
use std::collections::VecDeque;
use std::io::{self, Read};

/// The longest line, in bytes.
pub(super) const LONGEST_LINE: u64 = 16 << 20;

/// The bytes of a CSV file, watched as they are read.
///
/// The parser counts no line for an empty one and half a line for one that ends as on Windows.
/// Here a line ends with LF, CR LF or CR, as in an editor.
pub(super) struct Text<R> {
    bytes: R,
    delimiter: u8,
    has_ended: bool,
    offset: u64,
    line: u64,
    column: u64,
    length: u64,
    place: Place,
    after_carriage_return: bool,
    quote: (u64, u64),
    /// Offset and line of the lines with something on them that no row was made of yet.
    starts: VecDeque<(u64, u64)>,
}

/// Where in a line the next byte stands.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    LineStart,
    FieldStart,
    Field,
    Quoted,
    /// After a quotation mark that closes the field, unless another one follows.
    Closed,
}

impl<R: Read> Text<R> {
    pub(super) fn new(bytes: R, delimiter: u8) -> Self {
        Self {
            bytes,
            delimiter,
            has_ended: false,
            offset: 0,
            line: 1,
            column: 1,
            length: 0,
            place: Place::LineStart,
            after_carriage_return: false,
            quote: (0, 0),
            starts: VecDeque::new(),
        }
    }

    /// The line from 1 of the row that the parser began to look for at this offset.
    pub(super) fn line_from(&mut self, offset: u64) -> u64 {
        while let Some((start, line)) = self.starts.pop_front() {
            if start >= offset {
                return line;
            }
        }
        self.line
    }

    /// The line and the column of a quotation mark that is not closed, once the text has ended
    /// and the parser has come to its line.
    pub(super) fn open_quote(&self) -> Option<(u64, u64)> {
        let is_open = self.has_ended && self.starts.is_empty() && self.place == Place::Quoted;
        is_open.then_some(self.quote)
    }

    fn watch(&mut self, byte: u8) {
        let offset = self.offset;
        self.offset += 1;
        let follows_carriage_return = std::mem::take(&mut self.after_carriage_return);
        if byte == b'\n' && follows_carriage_return {
            return;
        }
        let ends_line = byte == b'\n' || byte == b'\r';
        if ends_line {
            self.after_carriage_return = byte == b'\r';
            self.line += 1;
        }
        if ends_line && self.place != Place::Quoted {
            (self.place, self.column, self.length) = (Place::LineStart, 1, 0);
            return;
        }
        self.length += 1;
        // The mark that says UTF-8 is no part of the first field.
        if offset < 3 && b"\xef\xbb\xbf"[offset as usize] == byte {
            return;
        }
        if self.place == Place::LineStart {
            self.starts.push_back((offset, self.line));
        }
        self.place = match (self.place, byte) {
            (Place::LineStart | Place::FieldStart, b'"') => {
                self.quote = (self.line, self.column);
                Place::Quoted
            }
            (Place::Quoted, b'"') => Place::Closed,
            (Place::Closed, b'"') | (Place::Quoted, _) => Place::Quoted,
            (_, byte) if byte == self.delimiter => {
                self.column += 1;
                Place::FieldStart
            }
            _ => Place::Field,
        };
    }
}

impl<R: Read> Read for Text<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.bytes.read(buffer)?;
        self.has_ended |= read == 0 && !buffer.is_empty();
        for &byte in &buffer[..read] {
            self.watch(byte);
            if self.length > LONGEST_LINE {
                let message = format!(
                    "line {} is longer than the limit of {LONGEST_LINE} bytes",
                    self.line
                );
                return Err(io::Error::new(io::ErrorKind::InvalidData, message));
            }
        }
        Ok(read)
    }
}
