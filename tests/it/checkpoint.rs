//! Whatever happens to a checkpoint's bytes, it is noticed, and nothing surprising is done.
use crate::command::succeeds;
use numgrad_train::checkpoint::{Checkpoint, FORMAT_VERSION};

/// A real, small checkpoint: 4-2-3 on iris.
fn bytes() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let data = crate::command::workspace().join("datasets/iris.csv");
    let words = format!(
        "train --data {} --layers 4,2,3 --epochs 2 --run run --quiet",
        data.display()
    );
    succeeds(folder.path(), &words);
    std::fs::read(folder.path().join("run/last.ckpt")).unwrap()
}

#[test]
fn every_flipped_bit_and_every_cut_of_a_real_checkpoint_is_noticed() {
    let whole = bytes();
    assert!(Checkpoint::from_bytes(&whole).is_ok());
    let mut bytes = whole.clone();
    for bit in 0..8 * bytes.len() {
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(Checkpoint::from_bytes(&bytes).is_err(), "bit {bit}");
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    for length in 0..whole.len() {
        assert!(
            Checkpoint::from_bytes(&whole[..length]).is_err(),
            "{length} bytes"
        );
    }
    for more in [1, 7, 512, 4096] {
        let mut longer = whole.clone();
        longer.resize(whole.len() + more, 0);
        assert!(
            Checkpoint::from_bytes(&longer).is_err(),
            "{more} more bytes"
        );
    }
}

/// Somebody who can compute a checksum can write what it vouches for.
#[test]
fn a_changed_payload_with_its_checksum_made_right_is_refused_or_read_and_never_a_panic() {
    let whole = bytes();
    let end = whole.len() - 32;
    let header = u64::from_le_bytes(whole[16..24].try_into().unwrap()) as usize;
    let mut read = 0;
    for at in 32 + header..end {
        for value in [0, 1, 0x7f, 0x80, 0xff] {
            let mut bytes = whole.clone();
            bytes[at] = value;
            let checksum = blake3::hash(&bytes[..end]);
            bytes[end..].copy_from_slice(checksum.as_bytes());
            read += usize::from(Checkpoint::from_bytes(&bytes).is_ok());
        }
    }
    // A weight may be any number; lengths and what must fit together may not.
    assert!(read > 0);
    for length in [1_u64 << 31, 1 << 32, 1 << 63, u64::MAX] {
        let mut bytes = whole.clone();
        // The payload begins with θ: a tag of four bytes, then its length.
        bytes[32 + header + 4..32 + header + 12].copy_from_slice(&length.to_le_bytes());
        let checksum = blake3::hash(&bytes[..end]);
        bytes[end..].copy_from_slice(checksum.as_bytes());
        assert!(
            Checkpoint::from_bytes(&bytes).is_err(),
            "a length of {length}"
        );
    }
}

#[test]
fn a_checkpoint_that_is_read_and_written_again_has_the_same_bytes() {
    let whole = bytes();
    let checkpoint = Checkpoint::from_bytes(&whole).unwrap();
    assert_eq!(checkpoint.to_bytes().unwrap(), whole);
    assert_eq!(FORMAT_VERSION, 2);
}
