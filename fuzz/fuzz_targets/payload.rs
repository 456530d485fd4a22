//! A checkpoint whose lengths and checksum are right, whatever else it holds: the first two bytes
//! say how long the header is.
#![no_main]
use libfuzzer_sys::fuzz_target;
use numgrad_fuzz as _;
use numgrad_train::checkpoint::Checkpoint;

fuzz_target!(|bytes: &[u8]| {
    let Some((length, content)) = bytes.split_first_chunk::<2>() else {
        return;
    };
    let header = usize::from(u16::from_le_bytes(*length)).min(content.len());
    let mut file = b"NUMGRAD\x01".to_vec();
    file.extend(1_u32.to_le_bytes());
    file.extend(1_u32.to_le_bytes()); // codec 1, no flags
    file.extend((header as u64).to_le_bytes());
    file.extend(((content.len() - header) as u64).to_le_bytes());
    file.extend(content);
    let checksum = blake3::hash(&file);
    file.extend(checksum.as_bytes());
    if let Ok(read) = Checkpoint::from_bytes(&file) {
        let written = read.to_bytes().expect("what was read can be written");
        assert_eq!(Checkpoint::from_bytes(&written).as_ref(), Ok(&read));
    }
});
