//! What the workspace promises as a whole, one file a promise.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

mod audit;
mod bad_input;
mod bench;
mod checkpoint;
mod command;
mod coordinates;
mod crates_alone;
mod derivatives;
mod estimators;
#[cfg(unix)]
mod minimize;
mod network;
mod properties;
mod resume;
mod sweeps;
mod terminal;
mod tidy;
mod training;
