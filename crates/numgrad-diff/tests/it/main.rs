//! What the crate promises, one file a promise.
#![allow(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

mod batched;
mod domains;
mod extrapolation;
mod higher;
mod matrices;
mod schemes;
