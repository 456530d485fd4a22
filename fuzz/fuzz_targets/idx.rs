//! Any bytes as two IDX files, packed or not: the first two bytes say where the second begins.
#![no_main]
use libfuzzer_sys::fuzz_target;
use numgrad_fuzz::file;
use numgrad_train::dataset::{DataSource, LoadOptions};

fuzz_target!(|bytes: &[u8]| {
    let Some((length, content)) = bytes.split_first_chunk::<2>() else {
        return;
    };
    let length = usize::from(u16::from_le_bytes(*length)).min(content.len());
    let (images, labels) = content.split_at(length);
    let options = LoadOptions {
        max_bytes: 1 << 20,
        ..LoadOptions::default()
    };
    let files = (file("images", images), file("labels", labels));
    let _ = DataSource::Idx(files.0, files.1).load(&options);
});
