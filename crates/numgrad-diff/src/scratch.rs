//! Room that a thread keeps between measurements, so that one of few variables allocates nothing.
use crate::Real;
use std::cell::RefCell;
use std::ops::{Deref, DerefMut};
use std::thread::LocalKey;

/// Slices that a thread keeps, at most.
const KEPT: usize = 4;

/// Entries of a slice that is kept, at most. Beyond, an allocation is nothing beside the
/// evaluations, and the room would be held for as long as the thread lives.
const LONGEST: usize = 4096;

/// The slices of one type that a thread keeps.
pub(crate) type Kept<T> = RefCell<Vec<Vec<T>>>;

/// A worker's own copy of a slice, in room that its thread may have kept.
pub(crate) struct Scratch<T: Real>(Vec<T>);

impl<T: Real> Scratch<T> {
    #[inline]
    pub(crate) fn copy(slice: &[T]) -> Self {
        let mut room = with(T::kept(), Vec::pop).flatten().unwrap_or_default();
        room.clear();
        room.extend_from_slice(slice);
        Self(room)
    }

    /// So many zeros.
    pub(crate) fn zeros(length: usize) -> Self {
        let mut room = Self::copy(&[]);
        room.0.resize(length, T::default());
        room
    }
}

impl<T: Real> Drop for Scratch<T> {
    #[inline]
    fn drop(&mut self) {
        if self.0.capacity() <= LONGEST {
            let room = std::mem::take(&mut self.0);
            with(T::kept(), |kept| {
                if kept.len() < KEPT {
                    kept.push(room);
                }
            });
        }
    }
}

/// None while the thread ends and its room is gone.
#[inline]
fn with<T, R>(
    kept: &'static LocalKey<Kept<T>>,
    look: impl FnOnce(&mut Vec<Vec<T>>) -> R,
) -> Option<R> {
    kept.try_with(|kept| kept.try_borrow_mut().ok().map(|mut kept| look(&mut kept)))
        .ok()
        .flatten()
}

impl<T: Real> Deref for Scratch<T> {
    type Target = [T];

    #[inline]
    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<T: Real> DerefMut for Scratch<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut [T] {
        &mut self.0
    }
}
