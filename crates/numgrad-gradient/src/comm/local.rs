//! Ranks that are threads of one process, so that what many machines do is tested on one.
use super::Comm;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Mutex, PoisonError};

/// A rank among threads. Bytes travel by channels; a rank that ends takes the others with it, as
/// [`Comm::abort`] asks for.
///
/// ```
/// use numgrad_gradient::{Comm, LocalRank};
///
/// let squares = LocalRank::run(3, |comm| {
///     let mut all = [0; 3];
///     all[comm.rank()] = comm.rank() as u8 * 10;
///     comm.all_gather(&mut all, &[1; 3]);
///     all
/// });
/// assert_eq!(squares, [[0, 10, 20]; 3]);
/// ```
#[derive(Debug)]
pub struct LocalRank {
    rank: usize,
    to: Vec<Sender<Vec<u8>>>,
    from: Vec<Mutex<Receiver<Vec<u8>>>>,
    sent: AtomicU64,
}

impl LocalRank {
    /// So many ranks, each to be given to a thread of its own.
    pub fn group(size: usize) -> Vec<Self> {
        let mut to: Vec<Vec<_>> = (0..size).map(|_| Vec::with_capacity(size)).collect();
        let mut from: Vec<Vec<_>> = (0..size).map(|_| Vec::with_capacity(size)).collect();
        for sender in &mut to {
            for receiver in &mut from {
                let (sends, receives) = channel();
                sender.push(sends);
                receiver.push(Mutex::new(receives));
            }
        }
        let ranks = to.into_iter().zip(from).enumerate();
        let rank = |(rank, (to, from))| Self {
            rank,
            to,
            from,
            sent: AtomicU64::new(0),
        };
        ranks.map(rank).collect()
    }

    /// Runs the same work on so many ranks, and returns what each found.
    ///
    /// # Panics
    /// If a rank does.
    pub fn run<R: Send>(size: usize, work: impl Fn(Self) -> R + Sync) -> Vec<R> {
        std::thread::scope(|scope| {
            let work = &work;
            let ranks = Self::group(size).into_iter();
            let threads: Vec<_> = ranks.map(|rank| scope.spawn(move || work(rank))).collect();
            let ended = threads.into_iter().map(std::thread::ScopedJoinHandle::join);
            ended
                .map(|found| found.unwrap_or_else(|panic| std::panic::resume_unwind(panic)))
                .collect()
        })
    }

    fn send(&self, bytes: &[u8]) {
        for rank in (0..self.size()).filter(|&rank| rank != self.rank) {
            self.send_to(rank, bytes);
        }
        if self.size() > 1 {
            self.count(bytes);
        }
    }

    fn send_to(&self, rank: usize, bytes: &[u8]) {
        // Who is gone will not be waited for: the next receive says so.
        let _ = self.to[rank].send(bytes.to_vec());
    }

    fn count(&self, sent: &[u8]) {
        self.sent.fetch_add(sent.len() as u64, Ordering::Relaxed);
    }

    fn receive(&self, rank: usize, bytes: &mut [u8]) {
        let from = self.from[rank]
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let Ok(found) = from.recv() else {
            panic!("rank {rank} has gone, and rank {} waits for it", self.rank)
        };
        bytes.copy_from_slice(&found);
    }
}

impl Comm for LocalRank {
    fn rank(&self) -> usize {
        self.rank
    }

    fn size(&self) -> usize {
        self.to.len()
    }

    fn all_gather(&self, all: &mut [u8], counts: &[usize]) {
        let start: usize = counts[..self.rank].iter().sum();
        self.send(&all[start..start + counts[self.rank]]);
        let mut rest = all;
        for (rank, &count) in counts.iter().enumerate() {
            let (part, behind) = rest.split_at_mut(count);
            rest = behind;
            if rank != self.rank {
                self.receive(rank, part);
            }
        }
    }

    fn all_to_all(&self, own: &[u8], found: &mut [u8], times: &[usize], lengths: &[usize]) {
        let mut rest = own;
        let mut kept = &own[..0];
        for (rank, length) in lengths.iter().enumerate() {
            let (part, behind) = rest.split_at(times[self.rank] * length);
            rest = behind;
            if rank == self.rank {
                kept = part;
            } else {
                self.send_to(rank, part);
                self.count(part);
            }
        }
        let mut rest = found;
        for (rank, times) in times.iter().enumerate() {
            let (part, behind) = rest.split_at_mut(times * lengths[self.rank]);
            rest = behind;
            if rank == self.rank {
                part.copy_from_slice(kept);
            } else {
                self.receive(rank, part);
            }
        }
    }

    fn broadcast(&self, root: usize, bytes: &mut [u8]) {
        if root == self.rank {
            self.send(bytes);
        } else {
            self.receive(root, bytes);
        }
    }

    fn barrier(&self) {
        let counts = vec![0; self.size()];
        self.all_gather(&mut [], &counts);
    }

    fn abort(&self, status: i32) -> ! {
        panic!("rank {} ends all with status {status}", self.rank)
    }

    fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }
}
