//! Sequences of numbers, read without more memory in one piece than the file's own bytes take.
use serde::de::{Deserialize, Deserializer, SeqAccess, Visitor};
use std::fmt;
use std::marker::PhantomData;

/// The numbers of a piece: 1 MiB of f64.
const PIECE: usize = 1 << 17;

/// Reads a sequence in pieces, which are joined once its end is found. The length that it claims is
/// not believed, and a vector that grows by doubling would take up to twice the bytes of the file.
pub(super) fn in_pieces<'de, D, X>(deserializer: D) -> Result<Vec<X>, D::Error>
where
    D: Deserializer<'de>,
    X: Deserialize<'de> + Copy,
{
    deserializer.deserialize_seq(Pieces(PhantomData))
}

struct Pieces<X>(PhantomData<X>);

impl<'de, X: Deserialize<'de> + Copy> Visitor<'de> for Pieces<X> {
    type Value = Vec<X>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a sequence of numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Vec<X>, A::Error> {
        let mut whole = Vec::new();
        let mut piece = Vec::new();
        while let Some(number) = sequence.next_element()? {
            if piece.len() == PIECE {
                whole.push(std::mem::take(&mut piece));
            }
            piece.push(number);
        }
        if whole.is_empty() {
            return Ok(piece);
        }
        whole.push(piece);
        Ok(whole.concat())
    }
}
