//! Scratch memory for each thread, allocated once.
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One scratch a thread of the pool. A worker takes its own, so that nobody waits.
#[derive(Debug)]
pub(crate) struct Workers<S> {
    scratch: Vec<Mutex<S>>,
}

impl<S> Default for Workers<S> {
    fn default() -> Self {
        Self {
            scratch: Vec::new(),
        }
    }
}

impl<S: Default> Workers<S> {
    /// Makes sure that every thread of the current pool has its scratch.
    pub(crate) fn prepare(&mut self) {
        let threads = rayon::current_num_threads();
        if self.scratch.len() < threads {
            self.scratch.resize_with(threads, Mutex::default);
        }
    }

    /// The scratch of every thread, while none of them works.
    pub(crate) fn all(&mut self) -> impl Iterator<Item = &mut S> {
        let each = self.scratch.iter_mut();
        each.map(|scratch| scratch.get_mut().unwrap_or_else(PoisonError::into_inner))
    }

    /// The scratch of the calling thread. What a panic left there is overwritten anyway.
    pub(crate) fn own(&self) -> MutexGuard<'_, S> {
        let thread = rayon::current_thread_index().unwrap_or(0) % self.scratch.len();
        self.scratch[thread]
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}
