//! One rank of many that are not there.
use super::Comm;
use crate::Traffic;
use std::sync::atomic::{AtomicU64, Ordering};

/// Bytes of a word: a count or a number that ranks tell each other.
const WORD: usize = 8;

/// A rank that is played, to see how long one of so many computes: what the others would hand over
/// is not waited for, and stays what it was. Of words it hears its own from everybody, so that
/// all of them seem to be alike.
///
/// What a gradient that is measured so holds for the other ranks is meaningless.
#[derive(Debug)]
pub struct PlayedRank {
    rank: usize,
    size: usize,
    bytes: AtomicU64,
    exchanges: AtomicU64,
    scattered: AtomicU64,
    scatters: AtomicU64,
    sent: AtomicU64,
}

impl PlayedRank {
    /// One rank of so many.
    ///
    /// # Panics
    /// If there is no such rank.
    pub fn new(rank: usize, size: usize) -> Self {
        assert!(rank < size, "there is no rank {rank} of {size}");
        let [bytes, exchanges, scattered, scatters, sent] =
            std::array::from_fn(|_| AtomicU64::new(0));
        Self {
            rank,
            size,
            bytes,
            exchanges,
            scattered,
            scatters,
            sent,
        }
    }

    /// What all ranks would have handed over so far.
    pub fn traffic(&self) -> Traffic {
        Traffic {
            bytes: self.bytes.load(Ordering::Relaxed),
            exchanges: self.exchanges.load(Ordering::Relaxed),
            scattered: self.scattered.load(Ordering::Relaxed),
            scatters: self.scatters.load(Ordering::Relaxed),
        }
    }

    fn count(&self, bytes: usize, own: usize) {
        self.bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        self.exchanges.fetch_add(1, Ordering::Relaxed);
        self.sent.fetch_add(own as u64, Ordering::Relaxed);
    }
}

impl Comm for PlayedRank {
    fn rank(&self) -> usize {
        self.rank
    }

    fn size(&self) -> usize {
        self.size
    }

    fn all_gather(&self, all: &mut [u8], counts: &[usize]) {
        self.count(all.len(), counts[self.rank]);
        if counts.iter().all(|&count| count == WORD) {
            let start = self.rank * WORD;
            let word: [u8; WORD] = std::array::from_fn(|k| all[start + k]);
            for words in all.chunks_exact_mut(WORD) {
                words.copy_from_slice(&word);
            }
        }
    }

    fn all_to_all(&self, own: &[u8], found: &mut [u8], times: &[usize], lengths: &[usize]) {
        let whole: usize = lengths.iter().sum();
        let pairs = times.iter().zip(lengths);
        let all: usize = pairs.map(|(times, length)| times * (whole - length)).sum();
        let (times, kept) = (&times[..=self.rank], &lengths[..=self.rank]);
        let (Some((&own_times, before)), Some((&length, kept))) =
            (times.split_last(), kept.split_last())
        else {
            return;
        };
        self.count(all, own_times * (whole - length));
        self.scattered.fetch_add(all as u64, Ordering::Relaxed);
        self.scatters.fetch_add(1, Ordering::Relaxed);
        let from = own_times * kept.iter().sum::<usize>();
        let to = length * before.iter().sum::<usize>();
        let bytes = own_times * length;
        found[to..to + bytes].copy_from_slice(&own[from..from + bytes]);
    }

    fn broadcast(&self, root: usize, bytes: &mut [u8]) {
        let own = if root == self.rank { bytes.len() } else { 0 };
        self.count(bytes.len(), own);
    }

    fn barrier(&self) {}

    fn abort(&self, status: i32) -> ! {
        panic!("rank {} ends all with status {status}", self.rank)
    }

    fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }
}
