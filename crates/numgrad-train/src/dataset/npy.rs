//! The header of an NPY file: the kind of its numbers, their order, and the shape
//! (<https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>).
use std::io::{self, Read};

pub(crate) const MAGIC: &[u8] = b"\x93NUMPY";

/// The longest header: that of a plain array has about 120 bytes.
const LONGEST: u64 = 1 << 16;

/// The most dimensions, as in NumPy.
const MOST_DIMENSIONS: usize = 64;

/// How an array lies in its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Layout {
    pub(crate) number: Number,
    /// Column-major: the first index runs fastest.
    pub(crate) is_fortran: bool,
    pub(crate) shape: Vec<usize>,
    /// The bytes before the first number.
    pub(crate) header: u64,
}

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number {
    kind: Kind,
    size: usize,
    is_big_endian: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Unsigned,
    Signed,
    Float,
}

impl Layout {
    /// Reads the header, which is a Python dictionary of three keys: strictly, and without
    /// recursion, so that no header can exhaust the stack.
    pub(crate) fn read(file: &mut impl Read) -> io::Result<Result<Self, String>> {
        let mut start = [0; 8];
        if let Err(error) = file.read_exact(&mut start) {
            return cut(error);
        }
        if &start[..6] != MAGIC {
            return Ok(Err(
                "is no NPY file: it does not begin with \\x93NUMPY".to_owned()
            ));
        }
        let width = match start[6] {
            1 => 2,
            2 | 3 => 4,
            version => {
                let message = format!("is of NPY version {version}; 1, 2 and 3 are known");
                return Ok(Err(message));
            }
        };
        let mut length = [0; 4];
        if let Err(error) = file.read_exact(&mut length[..width]) {
            return cut(error);
        }
        let length = u64::from(u32::from_le_bytes(length));
        if length > LONGEST {
            let message = format!("has a header of {length} bytes, more than {LONGEST}");
            return Ok(Err(message));
        }
        let mut text = Vec::new();
        if (file.take(length).read_to_end(&mut text)? as u64) < length {
            return Ok(Err(CUT.to_owned()));
        }
        let header = (start.len() + width) as u64 + length;
        Ok(String::from_utf8(text)
            .map_err(|_| "has a header that is no text".to_owned())
            .and_then(|text| Self::parse(&text, header)))
    }

    fn parse(text: &str, header: u64) -> Result<Self, String> {
        let wrong = || {
            let shown: String = text.chars().take(80).flat_map(char::escape_debug).collect();
            format!("has a header that is not read: {shown}")
        };
        let mut rest = text.trim().strip_prefix('{').ok_or_else(wrong)?;
        rest = rest.strip_suffix('}').ok_or_else(wrong)?;
        let (mut number, mut order, mut shape) = (None, None, None);
        while !rest.trim_start_matches([' ', ',']).is_empty() {
            rest = rest.trim_start_matches([' ', ',']);
            let (key, after) = quoted(rest).ok_or_else(wrong)?;
            let after = after.trim_start().strip_prefix(':').ok_or_else(wrong)?;
            let after = after.trim_start();
            rest = match key {
                "descr" if number.is_none() => {
                    let (descr, after) = quoted(after).ok_or_else(|| {
                        "holds records or objects, where plain numbers are needed".to_owned()
                    })?;
                    number = Some(Number::parse(descr)?);
                    after
                }
                "fortran_order" if order.is_none() => {
                    let (value, after) = match after.strip_prefix("True") {
                        Some(after) => (true, after),
                        None => (false, after.strip_prefix("False").ok_or_else(wrong)?),
                    };
                    order = Some(value);
                    after
                }
                "shape" if shape.is_none() => {
                    let after = after.strip_prefix('(').ok_or_else(wrong)?;
                    let (inner, after) = after.split_once(')').ok_or_else(wrong)?;
                    shape = Some(lengths(inner).ok_or_else(wrong)?);
                    after
                }
                _ => return Err(wrong()),
            };
        }
        let layout = Self {
            number: number.ok_or_else(wrong)?,
            is_fortran: order.ok_or_else(wrong)?,
            shape: shape.ok_or_else(wrong)?,
            header,
        };
        layout
            .bytes()
            .map(|_| layout.clone())
            .ok_or_else(|| format!("has the shape {:?}, which is past counting", layout.shape))
    }

    /// The bytes of the numbers; `None` if they are past counting.
    pub(crate) fn bytes(&self) -> Option<u64> {
        let size = self.number.size as u64;
        let bytes = self.shape.iter().try_fold(size, |product, &length| {
            product.checked_mul(u64::try_from(length).ok()?)
        })?;
        // A shape with a 0 in it counts no number, but its rows are counted by themselves.
        let row = self
            .shape
            .iter()
            .skip(1)
            .try_fold(size, |product, &length| {
                product.checked_mul(u64::try_from(length.max(1)).ok()?)
            });
        row.filter(|&row| isize::try_from(row).is_ok())
            .map(|_| bytes)
    }

    /// The rows, and the numbers of a row: all dimensions but the first.
    pub(crate) fn rows(&self) -> (usize, usize) {
        let rows = self.shape.first().copied().unwrap_or(1);
        (rows, self.shape.iter().skip(1).product())
    }
}

const CUT: &str = "ends within its header";

fn cut<T>(error: io::Error) -> io::Result<Result<T, String>> {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => Ok(Err(CUT.to_owned())),
        _ => Err(error),
    }
}

/// The text in quotation marks at the start, and what follows it.
fn quoted(text: &str) -> Option<(&str, &str)> {
    let mark = text
        .chars()
        .next()
        .filter(|mark| matches!(mark, '\'' | '"'))?;
    text[1..].split_once(mark)
}

fn lengths(inner: &str) -> Option<Vec<usize>> {
    let parts = inner.split(',').map(str::trim);
    let parts = parts
        .filter(|part| !part.is_empty())
        .take(MOST_DIMENSIONS + 1);
    // Python 2 wrote 3L.
    let lengths = parts.map(|part| part.strip_suffix('L').unwrap_or(part).parse().ok());
    let lengths: Vec<usize> = lengths.collect::<Option<_>>()?;
    (lengths.len() <= MOST_DIMENSIONS).then_some(lengths)
}

impl Number {
    /// A byte, which stands for 0 to 255.
    pub(crate) const BYTE: Self = Self {
        kind: Kind::Unsigned,
        size: 1,
        is_big_endian: false,
    };

    fn parse(descr: &str) -> Result<Self, String> {
        let unknown = || {
            let shown: String = descr
                .chars()
                .take(20)
                .flat_map(char::escape_debug)
                .collect();
            format!(
                "holds '{shown}', where b1, i1 to i8, u1 to u8, f4 or f8 are needed: save it with \
                 .astype(numpy.float32)"
            )
        };
        let mut parts = descr.chars();
        let order = parts
            .next()
            .filter(|order| matches!(order, '<' | '>' | '|' | '='));
        let (kind, size) = (parts.next(), parts.as_str());
        let is_big_endian = order.ok_or_else(unknown)? == '>';
        let size = size.parse().map_err(|_| unknown())?;
        let kind = match (kind, size) {
            (Some('b'), 1) | (Some('u'), 1 | 2 | 4 | 8) => Kind::Unsigned,
            (Some('i'), 1 | 2 | 4 | 8) => Kind::Signed,
            (Some('f'), 4 | 8) => Kind::Float,
            _ => return Err(unknown()),
        };
        Ok(Self {
            kind,
            size,
            is_big_endian,
        })
    }

    /// Its bytes.
    pub(crate) fn size(self) -> usize {
        self.size
    }

    /// Whether it is a number of f32.
    pub(crate) fn is_single(self) -> bool {
        self.kind == Kind::Float && self.size == size_of::<f32>()
    }

    /// Whether it is a byte from 0 to 255, as pixels are.
    pub(crate) fn is_byte(self) -> bool {
        self.kind == Kind::Unsigned && self.size == 1
    }

    /// The number in as many bytes as it has. Integers past 2⁵³ are rounded.
    pub(crate) fn value(self, bytes: &[u8]) -> f64 {
        // The usual kinds need no loop.
        match (self.kind, self.is_big_endian, bytes) {
            (Kind::Float, false, &[a, b, c, d]) => return f32::from_le_bytes([a, b, c, d]).into(),
            (Kind::Unsigned, _, &[byte]) => return byte.into(),
            _ => {}
        }
        let mut wide = [0; 8];
        for (k, to) in wide.iter_mut().take(self.size).enumerate() {
            let at = if self.is_big_endian {
                self.size - 1 - k
            } else {
                k
            };
            *to = bytes.get(at).copied().unwrap_or(0);
        }
        let bits = u64::from_le_bytes(wide);
        let unused = 64 - 8 * self.size as u32;
        match (self.kind, self.size) {
            (Kind::Unsigned, _) => bits as f64,
            (Kind::Signed, _) => ((bits << unused).cast_signed() >> unused) as f64,
            (Kind::Float, 4) => f32::from_bits(bits as u32).into(),
            (Kind::Float, _) => f64::from_bits(bits),
        }
    }
}
