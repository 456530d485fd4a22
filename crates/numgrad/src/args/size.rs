//! Sizes in bytes, as people write them.
use std::fmt;
use std::str::FromStr;

/// What may stand behind a number of bytes. Two letters are powers of 1000, three of 1024.
const UNITS: [(&str, u64); 7] = [
    ("GiB", 1 << 30),
    ("MiB", 1 << 20),
    ("KiB", 1 << 10),
    ("GB", 1_000_000_000),
    ("MB", 1_000_000),
    ("KB", 1000),
    ("B", 1),
];

/// So many bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) u64);

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.trim_end_matches(|letter: char| !letter.is_ascii_digit());
        let unit = text[digits.len()..].trim();
        let known = UNITS
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(unit));
        let factor = match (unit, known) {
            ("", _) => Some(1),
            (_, Some(&(_, factor))) => Some(factor),
            _ => None,
        };
        let number: Option<u64> = digits.parse().ok();
        let bytes = number
            .zip(factor)
            .map(|(number, factor)| number.checked_mul(factor));
        match bytes {
            Some(Some(bytes)) => Ok(Self(bytes)),
            Some(None) => Err(format!("'{text}' is more than 2^64 bytes")),
            None => Err(format!(
                "'{text}' is no size: a number of bytes, or one with KiB, MiB, GiB, KB, MB or GB, as \
                 256MiB"
            )),
        }
    }
}

impl fmt::Display for Size {
    /// In the largest power of 1024 of which it is a multiple.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of_1024 = UNITS.iter().take(3);
        let largest = of_1024.filter(|(_, factor)| self.0 > 0 && self.0.is_multiple_of(*factor));
        match largest.into_iter().next() {
            Some((name, factor)) => f.pad(&format!("{}{name}", self.0 / factor)),
            None => f.pad(&self.0.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Size;

    #[test]
    fn a_size_is_read_in_every_unit_and_written_as_it_is_read() {
        for (text, bytes) in [
            ("0", 0),
            ("4096", 4096),
            ("256MiB", 256 << 20),
            ("4 gib", 4 << 30),
            ("3KiB", 3072),
            ("5kb", 5000),
            ("7MB", 7_000_000),
            ("2GB", 2_000_000_000),
            ("9B", 9),
        ] {
            let size: Size = text.parse().expect(text);
            assert_eq!(size.0, bytes, "{text}");
            assert_eq!(size.to_string().parse(), Ok(size), "{text}");
        }
        assert_eq!(Size(256 << 20).to_string(), "256MiB");
        for text in ["", "MiB", "-1", "1.5GiB", "1XB", "99999999999GiB"] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
    }
}
