//! Any text as a checkpoint's header, and as the configuration in it.
#![no_main]
use libfuzzer_sys::fuzz_target;
use numgrad_fuzz as _;
use numgrad_train::Configuration;
use numgrad_train::checkpoint::Header;

fuzz_target!(|text: &[u8]| {
    if let Ok(header) = serde_json::from_slice::<Header>(text) {
        serde_json::to_vec(&header).expect("what was read can be written");
    }
    if let Ok(configuration) = serde_json::from_slice::<Configuration>(text) {
        // Whether there is such a network is said, and nothing large is taken for it.
        let _ = configuration.architecture.build::<f64>();
    }
});
