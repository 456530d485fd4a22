//! The one place that names bincode: the payload's bytes.
//!
//! bincode 2.0.1 is pinned, because 3.0.0 cannot be built and the crate is no longer maintained.
//! With fixed-size little-endian integers the bytes are so plain that another codec can take its
//! place without a new format.
use super::error::Fault;
use super::frame::FILE_LIMIT;
use super::payload::Payload;
use bincode::config;
use serde::de::DeserializeOwned;

/// The number of this codec in a file's frame.
pub(super) const ID: u16 = 1;

/// The most bytes to decode. Where addresses have 32 bits, memory is the limit.
const LIMIT: usize = if usize::BITS < 64 {
    usize::MAX
} else {
    FILE_LIMIT as usize
};

/// A payload holds numbers and sequences of numbers only, for which the decoder takes no memory
/// before their bytes are there; the limit guards the rest.
fn configuration() -> impl config::Config {
    config::standard()
        .with_fixed_int_encoding()
        .with_limit::<LIMIT>()
}

pub(super) fn encode(payload: &Payload) -> Result<Vec<u8>, Fault> {
    bincode::serde::encode_to_vec(payload, configuration())
        .map_err(|error| Fault::Content(error.to_string()))
}

pub(super) fn decode<P: DeserializeOwned>(bytes: &[u8]) -> Result<P, Fault> {
    let content = |message: String| Fault::Content(message);
    let (payload, read) = bincode::serde::decode_from_slice(bytes, configuration())
        .map_err(|error| content(error.to_string()))?;
    if read == bytes.len() {
        Ok(payload)
    } else {
        let rest = bytes.len() - read;
        Err(content(format!(
            "{rest} bytes follow what should be the end"
        )))
    }
}
