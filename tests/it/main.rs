//! What the workspace promises as a whole, one file a promise.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

mod network;
mod sweeps;
