//! Any bytes as a CSV file, packed or not. The first byte chooses how it is read.
#![no_main]
use libfuzzer_sys::fuzz_target;
use numgrad_fuzz::file;
use numgrad_train::dataset::{DataSource, Header, LoadOptions, Missing, Task};

fuzz_target!(|bytes: &[u8]| {
    let Some((choice, text)) = bytes.split_first() else {
        return;
    };
    let options = LoadOptions {
        header: [Header::Auto, Header::Yes, Header::No][usize::from(choice % 3)],
        task: [None, Some(Task::Classification), Some(Task::Regression)]
            [usize::from(choice / 3 % 3)],
        target: (choice & 0x80 != 0).then(|| "0".to_owned()),
        missing: [Missing::Error, Missing::Drop, Missing::Mean][usize::from(choice / 9 % 3)],
        max_bytes: 1 << 20,
        ..LoadOptions::default()
    };
    let _ = DataSource::Csv(file("data.csv", text)).load(&options);
});
