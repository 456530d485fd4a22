//! Any bytes as an NPY file, a table with its target in the last column, or as an NPZ file. The first
//! byte chooses which, and whether the numbers stay in the file.
#![no_main]
use libfuzzer_sys::fuzz_target;
use numgrad_fuzz::file;
use numgrad_train::dataset::{DataSource, LoadOptions};

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, content)) = bytes.split_first() else {
        return;
    };
    let options = LoadOptions {
        max_bytes: 1 << 20,
        held_bytes: if choice & 2 == 0 { 1 << 20 } else { 0 },
        ..LoadOptions::default()
    };
    let source = if choice & 1 == 0 {
        DataSource::Npy(file("data.npy", content))
    } else {
        DataSource::Npz(file("data.npz", content))
    };
    let _ = source.load(&options);
});
