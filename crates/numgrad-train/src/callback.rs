//! Who looks on while a run trains.
use crate::history::EpochRecord;
use std::ops::ControlFlow;

/// Is told of each epoch, and may end the run. A closure with the method's signature is one.
///
/// ```
/// use numgrad_train::{Callback, EpochRecord};
/// use std::ops::ControlFlow;
///
/// // Ends a run that is good enough.
/// let mut enough = |record: &EpochRecord, _theta: &[f64]| match record.test_accuracy {
///     Some(accuracy) if accuracy > 0.97 => ControlFlow::Break(()),
///     _ => ControlFlow::Continue(()),
/// };
/// # let _: &mut dyn Callback<f64> = &mut enough;
/// ```
pub trait Callback<T> {
    /// What the epoch came to, and θ after it. A run that is ended this way restores its best
    /// weights, if it watches for them; a checkpoint of it goes on as if nothing had ended it.
    fn epoch(&mut self, record: &EpochRecord, theta: &[T]) -> ControlFlow<()>;
}

impl<T, F: FnMut(&EpochRecord, &[T]) -> ControlFlow<()>> Callback<T> for F {
    fn epoch(&mut self, record: &EpochRecord, theta: &[T]) -> ControlFlow<()> {
        self(record, theta)
    }
}
