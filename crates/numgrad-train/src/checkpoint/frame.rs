//! The frame around a checkpoint: what makes every flipped bit and every cut noticed.
//!
//! ```text
//!  0   8  magic "NUMGRAD\x01"
//!  8   4  format version, little-endian like every number
//! 12   2  codec of the payload      14   2  flags, 0
//! 16   8  header length             24   8  payload length
//! 32   …  header: JSON text
//!  …   …  payload
//! end 32  BLAKE3 of everything before
//! ```
use super::error::Fault;

/// The format version that is written. Older ones are read.
pub const FORMAT_VERSION: u32 = 2;

const MAGIC: [u8; 8] = *b"NUMGRAD\x01";
/// The bytes before the header.
pub(super) const PREAMBLE: usize = 32;
const CHECKSUM: usize = blake3::OUT_LEN;
/// The longest header: the scaling of 2²⁰ columns, the most that a CSV file may have, takes 50 MB.
const HEADER_LIMIT: u64 = 64 << 20;
/// The longest checkpoint.
pub(super) const FILE_LIMIT: u64 = 4 << 30;

/// The bytes of a checkpoint file, if they are not more than [`open`] reads.
pub(super) fn seal(codec: u16, header: &[u8], payload: &[u8]) -> Result<Vec<u8>, Fault> {
    within(header.len() as u64, HEADER_LIMIT)?;
    let length = PREAMBLE + header.len() + payload.len() + CHECKSUM;
    within(length as u64, FILE_LIMIT)?;
    let mut bytes = Vec::with_capacity(length);
    bytes.extend(MAGIC);
    bytes.extend(FORMAT_VERSION.to_le_bytes());
    bytes.extend(codec.to_le_bytes());
    bytes.extend(0_u16.to_le_bytes());
    bytes.extend((header.len() as u64).to_le_bytes());
    bytes.extend((payload.len() as u64).to_le_bytes());
    bytes.extend(header);
    bytes.extend(payload);
    let checksum = blake3::hash(&bytes);
    bytes.extend(checksum.as_bytes());
    Ok(bytes)
}

/// What a frame holds.
#[derive(Debug)]
pub(super) struct Opened<'a> {
    /// The format's version.
    pub(super) version: u32,
    pub(super) header: &'a [u8],
    pub(super) payload: &'a [u8],
}

/// What a file written with this codec holds, once everything about the frame is seen to be right.
pub(super) fn open(bytes: &[u8], codec: u16) -> Result<Opened<'_>, Fault> {
    let Preamble { version, header } = check_preamble(bytes, bytes.len() as u64, codec)?;
    let (content, checksum) = bytes.split_at(bytes.len() - CHECKSUM);
    if blake3::hash(content).as_bytes() != checksum {
        return Err(Fault::Checksum);
    }
    let (header, payload) = content[PREAMBLE..].split_at(header as usize);
    Ok(Opened {
        version,
        header,
        payload,
    })
}

/// What the first bytes of a file say.
#[derive(Debug, Clone, Copy)]
pub(super) struct Preamble {
    version: u32,
    /// The header's length.
    header: u64,
}

/// What a file of `found` bytes with these first ones says of itself; no more than [`PREAMBLE`]
/// of them are looked at: what is no checkpoint is refused before it is read.
pub(super) fn check_preamble(first: &[u8], found: u64, codec: u16) -> Result<Preamble, Fault> {
    if !first.starts_with(&MAGIC) {
        return Err(Fault::Magic);
    }
    within(found, FILE_LIMIT)?;
    let cut = |expected: u64| Fault::Length { expected, found };
    let preamble = first.get(..PREAMBLE).ok_or(cut(PREAMBLE as u64))?;
    let number = |at: usize, length: usize| {
        (preamble[at..at + length].iter().rev()).fold(0_u64, |n, &byte| n << 8 | u64::from(byte))
    };
    let version = number(8, 4) as u32;
    if version == 0 || version > FORMAT_VERSION {
        return Err(Fault::Version {
            found: version,
            newest: FORMAT_VERSION,
        });
    }
    let (named, flags) = (number(12, 2) as u16, number(14, 2) as u16);
    if named != codec || flags != 0 {
        return Err(Fault::Codec {
            codec: named,
            flags,
        });
    }
    let (header, payload) = (number(16, 8), number(24, 8));
    within(header, HEADER_LIMIT)?;
    let expected = payload
        .checked_add(header)
        .and_then(|sum| sum.checked_add((PREAMBLE + CHECKSUM) as u64))
        .ok_or(cut(u64::MAX))?;
    if expected == found {
        Ok(Preamble { version, header })
    } else {
        Err(cut(expected))
    }
}

fn within(found: u64, limit: u64) -> Result<(), Fault> {
    if found > limit {
        return Err(Fault::TooLarge { found, limit });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CODEC: u16 = 1;

    fn sealed() -> Vec<u8> {
        seal(CODEC, b"{\"epoch\":3}", &[7; 100]).unwrap()
    }

    #[test]
    fn what_was_sealed_is_found_again() {
        let bytes = sealed();
        let opened = open(&bytes, CODEC).unwrap();
        let found = (opened.version, opened.header, opened.payload);
        assert_eq!(
            found,
            (FORMAT_VERSION, &b"{\"epoch\":3}"[..], &[7; 100][..])
        );
    }

    #[test]
    fn every_flipped_bit_is_noticed() {
        let bytes = sealed();
        for bit in 0..8 * bytes.len() {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert!(open(&flipped, CODEC).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn every_cut_and_every_extension_is_noticed() {
        let bytes = sealed();
        for length in 0..bytes.len() {
            assert!(open(&bytes[..length], CODEC).is_err(), "{length} bytes");
        }
        let mut longer = bytes;
        for _ in 0..64 {
            longer.push(0);
            assert!(open(&longer, CODEC).is_err());
        }
    }

    #[test]
    fn lengths_past_counting_are_refused_before_anything_is_read() {
        for length in [1_u64 << 31, 1 << 32, 1 << 63, u64::MAX] {
            for at in [16, 24] {
                let mut bytes = sealed();
                bytes[at..at + 8].copy_from_slice(&length.to_le_bytes());
                assert!(matches!(
                    open(&bytes, CODEC),
                    Err(Fault::Length { .. } | Fault::TooLarge { .. })
                ));
            }
        }
    }

    #[test]
    fn no_header_is_written_that_would_not_be_read() {
        let longest = vec![b' '; HEADER_LIMIT as usize];
        let bytes = seal(CODEC, &longest, &[7]).unwrap();
        assert!(open(&bytes, CODEC).is_ok());
        let fault = seal(CODEC, &[longest, vec![b' ']].concat(), &[7]).unwrap_err();
        assert!(matches!(fault, Fault::TooLarge { .. }), "{fault}");
    }

    #[test]
    fn the_limit_is_on_the_sum_of_the_parts() {
        let (header, payload) = (vec![b' '; 1 << 13], vec![7; 1 << 20]);
        let bytes = seal(CODEC, &header, &payload).unwrap();
        let parts = header.len() + payload.len();
        assert_eq!(bytes.len(), PREAMBLE + parts + CHECKSUM);
        assert_eq!(bytes.capacity(), bytes.len(), "taken in one piece");
    }

    #[test]
    fn a_newer_format_says_so() {
        let mut bytes = sealed();
        bytes[8] = 9;
        let fault = open(&bytes, CODEC).unwrap_err();
        assert!(
            fault.to_string().contains("newer numgrad (format 9)"),
            "{fault}"
        );
    }
}
