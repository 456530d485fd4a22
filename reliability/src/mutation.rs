//! Changes of a checkpoint by somebody who knows the format: lengths and checksum are made right.
use rand::{Rng, RngExt};

const PREAMBLE: usize = 32;
const CHECKSUM: usize = 32;

/// Numbers at which readers err.
const LENGTHS: [u64; 12] = [
    0,
    1,
    0x7f,
    0xff,
    0xffff,
    1 << 31,
    (1 << 32) - 1,
    1 << 32,
    1 << 61,
    1 << 63,
    u64::MAX - 7,
    u64::MAX,
];

/// A changed copy of a checkpoint file, with the checksum that belongs to it.
pub(crate) fn mutate(bytes: &[u8], random: &mut impl Rng) -> Vec<u8> {
    let header = u64::from_le_bytes(std::array::from_fn(|k| bytes[16 + k])) as usize;
    let content = &bytes[PREAMBLE..bytes.len() - CHECKSUM];
    let (mut header, mut payload) = {
        let (header, payload) = content.split_at(header);
        (header.to_vec(), payload.to_vec())
    };
    for _ in 0..random.random_range(1..4) {
        // What is structure is in the header and at both ends of the payload.
        match random.random_range(0..3) {
            0 => change(&mut header, random),
            1 => change_ends(&mut payload, random),
            _ => change(&mut payload, random),
        }
    }
    let mut changed = bytes[..16].to_vec();
    changed.extend((header.len() as u64).to_le_bytes());
    changed.extend((payload.len() as u64).to_le_bytes());
    changed.extend(header);
    changed.extend(payload);
    if random.random_range(0..16) == 0 {
        let at = random.random_range(0..PREAMBLE);
        changed[at] = random.random();
    }
    let checksum = blake3::hash(&changed);
    changed.extend(checksum.as_bytes());
    changed
}

/// Changes the first or the last 256 bytes.
fn change_ends(part: &mut Vec<u8>, random: &mut impl Rng) {
    let length = part.len().min(256);
    let at = if random.random() {
        0
    } else {
        part.len() - length
    };
    let mut end = part[at..at + length].to_vec();
    change(&mut end, random);
    part.splice(at..at + length, end);
}

fn change(part: &mut Vec<u8>, random: &mut impl Rng) {
    if part.is_empty() {
        return part.push(random.random());
    }
    let at = random.random_range(0..part.len());
    let some = random.random_range(1..=64.min(part.len() - at));
    match random.random_range(0..6) {
        0 => part[at] = random.random(),
        1 => part[at] ^= 1 << random.random_range(0..8),
        2 => {
            let number = LENGTHS[random.random_range(0..LENGTHS.len())].to_le_bytes();
            let some = number.len().min(part.len() - at);
            part[at..at + some].copy_from_slice(&number[..some]);
        }
        3 => drop(part.drain(at..at + some)),
        4 => {
            let copy = part[at..at + some].to_vec();
            let to = random.random_range(0..=part.len());
            part.splice(to..to, copy);
        }
        _ => part.truncate(at),
    }
}
