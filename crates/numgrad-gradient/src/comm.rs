//! What ranks, which are processes that share a run, say to each other.
mod local;
mod played;

pub use local::LocalRank;
pub use played::PlayedRank;

use std::fmt;

/// The ranks of a run, as one of them sees them: MPI's communicator, or threads of one process.
///
/// Every rank makes the same calls in the same order. Nobody adds anything up on the way: what
/// travels is gathered, and each rank sums in the order that one process would. So bits do not
/// depend on the number of ranks, and −0 stays −0.
pub trait Comm: fmt::Debug + Send + Sync {
    /// Which of the ranks this one is, from 0.
    fn rank(&self) -> usize;

    /// How many ranks there are.
    fn size(&self) -> usize;

    /// Gives every rank the parts of all: part r is `counts[r]` bytes long and stands behind those
    /// before it. Each rank calls it with its own part in place.
    fn all_gather(&self, all: &mut [u8], counts: &[usize]);

    /// Gives every rank what the others have for it, an all-to-all: `times[from]·lengths[to]` bytes.
    /// `own` is what this rank has for each, one part behind the other, and `found` what each has for
    /// this one; what it has for itself is copied.
    fn all_to_all(&self, own: &[u8], found: &mut [u8], times: &[usize], lengths: &[usize]);

    /// Gives every rank the bytes of one.
    fn broadcast(&self, root: usize, bytes: &mut [u8]);

    /// Waits until every rank is here.
    fn barrier(&self);

    /// Ends all ranks, with this exit status. For what one rank alone knows to have gone wrong:
    /// the others would wait for it for ever.
    fn abort(&self, status: i32) -> !;

    /// The bytes that this rank has handed over: of an all-gather its own part, once, of a broadcast
    /// the whole, if they are its own, and of an all-to-all what is for others. What a network
    /// carries is up to ranks − 1 times as much, but for an all-to-all.
    fn sent(&self) -> u64;

    /// The seconds that this rank has waited in calls for the others, and for the network; 0 where
    /// nobody looks at a clock.
    fn waited(&self) -> f64 {
        0.0
    }
}
