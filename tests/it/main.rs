//! What the workspace promises as a whole, one file a promise.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

mod audit;
mod bad_input;
mod bench;
mod browser;
mod builder;
mod checkpoint;
mod classes;
mod comfort;
mod command;
mod configuration;
mod coordinates;
mod crates_alone;
mod data;
mod data_flags;
mod derivatives;
mod describe;
mod determinism;
mod estimators;
mod examples;
mod exchange;
mod features;
mod foreign_files;
mod images;
mod log;
#[cfg(unix)]
mod minimize;
mod narrow;
mod network;
mod properties;
mod ranks;
mod refusals;
mod regime;
mod report;
mod resources;
mod resume;
mod smooth_units;
mod supply;
mod sweeps;
mod teaching;
mod tensorboard;
mod terminal;
mod threads;
mod tidy;
mod training;
