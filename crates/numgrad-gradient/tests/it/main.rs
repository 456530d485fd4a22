//! What the crate promises, one file a promise; what it promises together with others is in the
//! workspace's tests.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

mod case;
mod estimates;
mod ranks;
mod series;
mod terms;
