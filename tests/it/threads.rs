//! The same work by other numbers of threads.
use std::fmt::Display;

/// Work by a pool of so many threads.
pub(crate) fn on<R: Send>(threads: usize, work: impl FnOnce() -> R + Send) -> R {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    pool.build().unwrap().install(work)
}

/// A gradient has the same bits, −0 and 0 being two, on 1, 2, 3 and 8 threads.
pub(crate) fn assert_equal_bits(what: impl Display, gradient: impl Fn() -> Vec<f64> + Sync) {
    let bits = || gradient().into_iter().map(f64::to_bits).collect();
    let one: Vec<u64> = on(1, bits);
    for threads in [2, 3, 8] {
        assert!(on(threads, bits) == one, "{what} on {threads} threads");
    }
}
