//! What the crate promises, one file a promise.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

mod batched;
mod check;
#[cfg(feature = "complex")]
mod complex;
mod domains;
mod estimates;
mod extrapolation;
mod higher;
mod hostile;
mod ladder;
mod ladder_functions;
mod matrices;
mod noise;
mod random;
mod schemes;
mod sparse;
mod statuses;
