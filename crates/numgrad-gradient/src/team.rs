//! The ranks that share a gradient, and the part that each of them has.
use crate::pairwise::shares;
use crate::{Comm, GradientError, Split};
use numgrad_core::Real;
use std::ops::Range;
use std::sync::Arc;

/// Ranks that measure a gradient together. Each has the same θ and the same batch, and ends with
/// the same gradient, bit for bit that of one process.
#[derive(Debug, Clone)]
pub struct Team {
    comm: Arc<dyn Comm>,
    split: Split,
    /// Of all ranks together.
    threads: usize,
}

impl Team {
    /// A team with the current rayon pool of each rank. Every rank must call it.
    pub fn new(comm: Arc<dyn Comm>, split: Split) -> Self {
        let mut team = Self {
            comm,
            split,
            threads: 0,
        };
        team.threads = team.sum(rayon::current_num_threads() as u64) as usize;
        team
    }

    /// What is split.
    pub fn split(&self) -> Split {
        self.split
    }

    /// The ranks.
    pub fn comm(&self) -> &Arc<dyn Comm> {
        &self.comm
    }

    /// The threads of all ranks together.
    pub fn threads(&self) -> usize {
        self.threads
    }

    /// The number of ranks.
    pub fn size(&self) -> usize {
        self.comm.size()
    }

    /// The sum of a number over all ranks: 8 bytes of each.
    pub fn sum(&self, own: u64) -> u64 {
        self.each(own).into_iter().sum()
    }

    /// A number of every rank, in their order: 8 bytes of each.
    pub fn each(&self, own: u64) -> Vec<u64> {
        let size = self.size();
        let mut all = vec![0; 8 * size];
        all[8 * self.comm.rank()..][..8].copy_from_slice(&own.to_le_bytes());
        self.comm.all_gather(&mut all, &vec![8; size]);
        let words = all.as_chunks::<8>().0.iter();
        words.map(|&word| u64::from_le_bytes(word)).collect()
    }

    /// Which of so many equal things a rank has.
    pub(crate) fn part(&self, count: usize, rank: usize) -> Range<usize> {
        part(count, rank, self.size())
    }

    /// Which of them this rank has.
    pub(crate) fn own_part(&self, count: usize) -> Range<usize> {
        self.part(count, self.comm.rank())
    }

    /// The chunks of samples of every rank, where ranks that split a batch have whole ones and none
    /// of them much more samples than the others.
    pub(crate) fn chunks(&self, samples: usize) -> Option<Vec<Range<usize>>> {
        shares(samples, self.size())
    }

    /// Fills in the numbers of the other ranks, of which rank r has `count(r)`.
    pub(crate) fn gather<T: Real>(&self, all: &mut [T], count: impl Fn(usize) -> usize) {
        let size = |rank| count(rank) * size_of::<T>();
        self.gather_bytes(T::bytes_mut(all), size);
    }

    /// Hands over numbers to each rank, `times(from)·length(to)` of them: those in `own` to the ranks
    /// in their order, and into `found` what each has for this one.
    pub(crate) fn scatter<T: Real>(
        &self,
        own: &[T],
        found: &mut [T],
        times: impl Fn(usize) -> usize,
        length: impl Fn(usize) -> usize,
    ) {
        let times: Vec<usize> = (0..self.size()).map(times).collect();
        let bytes = |rank| length(rank) * size_of::<T>();
        let lengths: Vec<usize> = (0..self.size()).map(bytes).collect();
        let (own, found) = (T::bytes(own), T::bytes_mut(found));
        self.comm.all_to_all(own, found, &times, &lengths);
    }

    /// The same of a gather with bytes.
    pub(crate) fn gather_bytes(&self, all: &mut [u8], count: impl Fn(usize) -> usize) {
        let counts: Vec<usize> = (0..self.size()).map(count).collect();
        self.comm.all_gather(all, &counts);
    }

    /// What only some ranks know to have gone wrong, as every rank is to know it: the first rank's.
    /// 16 bytes of each.
    pub(crate) fn agree(&self, own: Result<(), GradientError>) -> Result<(), GradientError> {
        let failed = match &own {
            Err(GradientError::NotFinite { sample, loss }) => (*sample as u64 + 1, *loss),
            Ok(()) => (0, 0.0),
            // Of shapes and targets every rank knows.
            Err(_) => return own,
        };
        let samples = self.each(failed.0);
        let losses = self.each(failed.1.to_bits());
        let first = samples.into_iter().zip(losses).find(|found| found.0 > 0);
        first.map_or(Ok(()), |(sample, loss)| {
            Err(GradientError::NotFinite {
                sample: sample as usize - 1,
                loss: f64::from_bits(loss),
            })
        })
    }
}

/// Which of so many equal things a rank of so many has.
pub(crate) fn part(count: usize, rank: usize, ranks: usize) -> Range<usize> {
    let up_to = |rank: usize| (count as u128 * rank as u128 / ranks as u128) as usize;
    up_to(rank)..up_to(rank + 1)
}
