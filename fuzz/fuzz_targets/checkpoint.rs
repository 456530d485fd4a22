//! Any bytes as a checkpoint file.
#![no_main]
use libfuzzer_sys::fuzz_target;
use numgrad_fuzz as _;
use numgrad_train::checkpoint::Checkpoint;

fuzz_target!(|bytes: &[u8]| {
    let _ = Checkpoint::from_bytes(bytes);
});
