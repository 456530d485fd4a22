//! Any bytes as a PNG image, in a folder of images.
#![no_main]
use libfuzzer_sys::fuzz_target;
use numgrad_fuzz::file;
use numgrad_train::dataset::{DataSource, LoadOptions};

fuzz_target!(|bytes: &[u8]| {
    let path = file("image.png", bytes);
    let Some(folder) = path.parent() else { return };
    let options = LoadOptions {
        max_bytes: 1 << 20,
        ..LoadOptions::default()
    };
    let source = DataSource::Images(folder.to_owned());
    let _ = source.load_inputs(None, 0, &options);
});
