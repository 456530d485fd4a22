//! One measurement for each coordinate, in parallel, with the same outcome on any number of
//! threads.
use rayon::prelude::*;
use std::convert::Infallible;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Runs that a thread's share is cut into, so that a slow one can be helped with.
const RUNS: usize = 8;

/// Fills the k-th `width` slots with `measure(scratch, k, slots)`, for every k.
///
/// A scratch is made for each run of coordinates, never for each coordinate.
pub(crate) fn sweep<T: Send, S>(
    slots: &mut [T],
    width: usize,
    scratch: impl Fn() -> S + Sync + Send,
    measure: impl Fn(&mut S, usize, &mut [T]) + Sync + Send,
) {
    let done = try_sweep(slots, width, scratch, |scratch, k, slots| {
        measure(scratch, k, slots);
        Ok::<(), Infallible>(())
    });
    match done {
        Ok(()) => {}
        Err((_, never)) => match never {},
    }
}

/// [`sweep`] with measurements that can fail.
///
/// # Errors
/// The error with the lowest k, whichever came first: nothing below it is ever skipped.
#[inline]
pub(crate) fn try_sweep<T: Send, S, E: Send>(
    slots: &mut [T],
    width: usize,
    scratch: impl Fn() -> S + Sync + Send,
    measure: impl Fn(&mut S, usize, &mut [T]) -> Result<(), E> + Sync + Send,
) -> Result<(), (usize, E)> {
    if slots.is_empty() {
        return Ok(());
    }
    let threads = rayon::current_num_threads();
    if threads > 1 {
        return in_parallel(threads, slots, width, scratch, measure);
    }
    // Handing work to a pool costs more than a small gradient.
    let mut scratch = scratch();
    for (k, slots) in slots.chunks_exact_mut(width).enumerate() {
        measure(&mut scratch, k, slots).map_err(|error| (k, error))?;
    }
    Ok(())
}

#[inline(never)]
fn in_parallel<T: Send, S, E: Send>(
    threads: usize,
    slots: &mut [T],
    width: usize,
    scratch: impl Fn() -> S + Sync + Send,
    measure: impl Fn(&mut S, usize, &mut [T]) -> Result<(), E> + Sync + Send,
) -> Result<(), (usize, E)> {
    let lowest = AtomicUsize::new(usize::MAX);
    let first = Mutex::new(None);
    let run = (slots.len() / width).div_ceil(RUNS * threads);
    slots
        .par_chunks_exact_mut(width)
        .enumerate()
        .with_min_len(run)
        .for_each_init(scratch, |scratch, (k, slots)| {
            if k > lowest.load(Ordering::Relaxed) {
                return;
            }
            if let Err(error) = measure(scratch, k, slots) {
                let mut first = first
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                if lowest.fetch_min(k, Ordering::Relaxed) > k {
                    *first = Some((k, error));
                }
            }
        });
    let first = first.into_inner();
    first
        .unwrap_or_else(std::sync::PoisonError::into_inner)
        .map_or(Ok(()), Err)
}
