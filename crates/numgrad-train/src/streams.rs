//! Where randomness comes from: a stream of its own for each purpose and epoch.
//!
//! No generator's state is ever stored. A resumed run asks for the same stream again and finds
//! the same numbers.
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

/// What a stream of random numbers is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Which samples are held out.
    Split,
    /// The first weights.
    Initialise,
    /// The order of the samples in an epoch.
    Shuffle,
    /// What is audited after an epoch.
    Audit,
    /// The plane that a loss landscape is drawn on.
    Landscape,
    /// Which samples are validated on.
    Validation,
}

/// The stream of a purpose in an epoch. ChaCha8 is portable, so that its numbers are the same on
/// every machine; its key is BLAKE3 of the seed, the purpose and the epoch.
pub fn stream(seed: u64, purpose: Purpose, epoch: u64) -> ChaCha8Rng {
    let purpose: u64 = match purpose {
        Purpose::Split => 1,
        Purpose::Initialise => 2,
        Purpose::Shuffle => 3,
        // 4 is that of random directions.
        Purpose::Audit => 5,
        Purpose::Landscape => 16,
        Purpose::Validation => 6,
    };
    let mut hasher = blake3::Hasher::new();
    for number in [seed, purpose, epoch] {
        hasher.update(&number.to_le_bytes());
    }
    ChaCha8Rng::from_seed(*hasher.finalize().as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::RngExt;

    #[test]
    fn streams_are_the_same_for_ever_and_differ_from_each_other() {
        let first = |seed, purpose, epoch| stream(seed, purpose, epoch).random::<u64>();
        let found = [
            first(0, Purpose::Split, 0),
            first(0, Purpose::Initialise, 0),
            first(0, Purpose::Shuffle, 1),
            first(1, Purpose::Shuffle, 1),
        ];
        let pinned: [u64; 4] = [
            2_987_680_699_124_130_068,
            1_627_403_984_347_171_005,
            17_666_958_460_042_106_020,
            3_066_048_456_842_389_634,
        ];
        assert_eq!(found, pinned);
    }
}
