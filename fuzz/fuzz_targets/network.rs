//! Any bytes as a network of another program: safetensors or NPZ. The first byte chooses which.
#![no_main]
use libfuzzer_sys::fuzz_target;
use numgrad_fuzz as _;
use numgrad_train::exchange::{ForeignNetwork, Format};

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, content)) = bytes.split_first() else {
        return;
    };
    let format = [Format::Safetensors, Format::Npz][usize::from(choice % 2)];
    let _ = ForeignNetwork::from_bytes(format, content);
});
