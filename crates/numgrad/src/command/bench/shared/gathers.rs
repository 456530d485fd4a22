//! How long the ranks' all-gathers take.
use super::steps::median;
use crate::command::scale::network::{Network, Timed};
use numgrad_gradient::Comm;
use std::time::{Duration, Instant};

/// Bytes of an all-gather, of all ranks together: from a word to a large gradient.
const SIZES: [usize; 7] = [1 << 6, 1 << 10, 1 << 13, 1 << 16, 1 << 18, 1 << 20, 1 << 22];

/// The fewest and the most all-gathers of a size.
const TIMES: (f64, f64) = (9.0, 255.0);

/// The network that the ranks have, as rank 0 sees it, by all-gathers of several sizes.
pub(super) fn network(comm: &dyn Comm, of_size: Duration) -> Network {
    let all = SIZES.map(|bytes| timed(comm, bytes / comm.size() + 1, of_size));
    Network::through(comm.size(), &all)
}

/// The median time of an all-gather of so many bytes of each rank.
fn timed(comm: &dyn Comm, bytes: usize, time: Duration) -> Timed {
    let (rank, size) = (comm.rank(), comm.size());
    let counts = vec![bytes; size];
    let mut all = vec![0; bytes * size];
    let mut gather = |value: u8| {
        // As in a step: what is sent was written just before.
        all[rank * bytes..][..bytes].fill(value);
        comm.barrier();
        let started = Instant::now();
        comm.all_gather(&mut all, &counts);
        started.elapsed().as_secs_f64()
    };
    // The first one finds out how often there is time for it.
    let times = time.as_secs_f64() / gather(0);
    let mut times = [times.clamp(TIMES.0, TIMES.1) as u8];
    comm.broadcast(0, &mut times);
    Timed {
        bytes: (bytes * size) as f64,
        seconds: median((0..times[0]).map(gather).collect()),
    }
}
