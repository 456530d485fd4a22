//! A rank of MPI.
use crate::JoinError;
use mpi::Threading;
use mpi::collective::{CommunicatorCollectives, Root};
use mpi::datatype::PartitionMut;
use mpi::environment::initialize_with_threading;
use mpi::point_to_point::send_receive_into;
use mpi::topology::{Communicator, SimpleCommunicator};
use numgrad_gradient::Comm;
use std::io::Write;
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// The exit status of a rank that panics: a defect.
const DEFECT: i32 = 70;

/// The most bytes of a message: MPI counts them in 31 bits.
const MESSAGE: usize = 1 << 30;

/// MPI from its start to its end.
pub(crate) struct Universe(
    #[expect(dead_code, reason = "it ends MPI when it is dropped")] mpi::environment::Universe,
);

impl std::fmt::Debug for Universe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Universe")
    }
}

/// This process among MPI's ranks. The communicator is MPI's own world, which is asked for anew at
/// each call.
#[derive(Debug)]
pub(crate) struct MpiRank {
    rank: usize,
    size: usize,
    sent: AtomicU64,
    /// Nanoseconds in calls.
    waited: AtomicU64,
}

/// Starts MPI. Ranks call it from one thread at a time, which need not be the main one.
pub(crate) fn join() -> Result<(Universe, MpiRank), JoinError> {
    let started = initialize_with_threading(Threading::Serialized);
    let (universe, threading) = started.ok_or(JoinError::Twice)?;
    if threading < Threading::Serialized {
        return Err(JoinError::Threads);
    }
    let world = SimpleCommunicator::world();
    let rank = MpiRank {
        rank: world.rank() as usize,
        size: world.size() as usize,
        sent: AtomicU64::new(0),
        waited: AtomicU64::new(0),
    };
    abort_on_panic(rank.rank, rank.size);
    Ok((Universe(universe), rank))
}

/// Ends all ranks when a thread of this one panics, once that has been said.
fn abort_on_panic(rank: usize, size: usize) {
    let say = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        say(panic);
        // Where standard error is gone, nobody can be told.
        let _ = writeln!(
            std::io::stderr().lock(),
            "numgrad: rank {rank} of {size} panicked: it ends the job"
        );
        SimpleCommunicator::world().abort(DEFECT);
    }));
}

impl MpiRank {
    fn timed(&self, sent: usize, call: impl FnOnce(&SimpleCommunicator)) {
        let started = Instant::now();
        call(&SimpleCommunicator::world());
        let waited = started.elapsed().as_nanos() as u64;
        self.waited.fetch_add(waited, Ordering::Relaxed);
        if self.size > 1 {
            self.sent.fetch_add(sent as u64, Ordering::Relaxed);
        }
    }
}

impl Comm for MpiRank {
    fn rank(&self) -> usize {
        self.rank
    }

    fn size(&self) -> usize {
        self.size
    }

    fn all_gather(&self, all: &mut [u8], counts: &[usize]) {
        if self.size == 1 {
            return;
        }
        if all.len() > MESSAGE {
            let mut rest = all;
            for (rank, &count) in counts.iter().enumerate() {
                let (part, behind) = rest.split_at_mut(count);
                self.broadcast(rank, part);
                rest = behind;
            }
            return;
        }
        if let [first, _] = *counts {
            // Two ranks swap their parts where these lie, with no copy on the way.
            let (first, second) = all.split_at_mut(first);
            let (own, other) = match self.rank {
                0 => (first, second),
                _ => (second, first),
            };
            self.timed(own.len(), |world| {
                let peer = world.process_at_rank(counted(1 - self.rank));
                send_receive_into(&*own, &peer, other, &peer);
            });
            return;
        }
        let start: usize = counts[..self.rank].iter().sum();
        let own = all[start..start + counts[self.rank]].to_vec();
        let counts: Vec<i32> = counts.iter().map(|&count| counted(count)).collect();
        let places = counts.iter().scan(0, |end, &count| {
            let start = *end;
            *end += count;
            Some(start)
        });
        let places: Vec<i32> = places.collect();
        self.timed(own.len(), |world| {
            let mut parts = PartitionMut::new(all, &counts[..], &places[..]);
            world.all_gather_varcount_into(&own[..], &mut parts);
        });
    }

    fn all_to_all(&self, own: &[u8], found: &mut [u8], times: &[usize], lengths: &[usize]) {
        let start = |counts: &[usize], rank: usize| counts[..rank].iter().sum::<usize>();
        let to = |rank: usize| {
            let first = times[self.rank] * start(lengths, rank);
            first..first + times[self.rank] * lengths[rank]
        };
        let from = |rank: usize| {
            let first = start(times, rank) * lengths[self.rank];
            first..first + times[rank] * lengths[self.rank]
        };
        found[from(self.rank)].copy_from_slice(&own[to(self.rank)]);
        // As many messages of every pair, some of which may be empty.
        let longest = |counts: &[usize]| counts.iter().copied().max().unwrap_or_default();
        let messages = (longest(times) * longest(lengths)).div_ceil(MESSAGE);
        let piece = |part: &Range<usize>, k: usize| {
            let up_to = |k: usize| (part.start + k * MESSAGE).min(part.end);
            up_to(k)..up_to(k + 1)
        };
        for distance in 1..self.size {
            let next = (self.rank + distance) % self.size;
            let last = (self.rank + self.size - distance) % self.size;
            let (own_part, found_part) = (to(next), from(last));
            for k in 0..messages {
                let own = &own[piece(&own_part, k)];
                let found = &mut found[piece(&found_part, k)];
                self.timed(own.len(), |world| {
                    let next = world.process_at_rank(counted(next));
                    let last = world.process_at_rank(counted(last));
                    send_receive_into(own, &next, found, &last);
                });
            }
        }
    }

    fn broadcast(&self, root: usize, bytes: &mut [u8]) {
        for piece in bytes.chunks_mut(MESSAGE) {
            let sent = if root == self.rank { piece.len() } else { 0 };
            self.timed(sent, |world| {
                world.process_at_rank(counted(root)).broadcast_into(piece);
            });
        }
    }

    fn barrier(&self) {
        self.timed(0, CommunicatorCollectives::barrier);
    }

    fn abort(&self, status: i32) -> ! {
        SimpleCommunicator::world().abort(status)
    }

    fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }

    fn waited(&self) -> f64 {
        self.waited.load(Ordering::Relaxed) as f64 * 1e-9
    }
}

/// A number as MPI takes it.
fn counted(number: usize) -> i32 {
    i32::try_from(number).expect("ranks, and bytes of a message, are below 2³¹")
}
