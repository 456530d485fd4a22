//! What the training driver promises, through its public interface.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

mod arrays;
mod bad_data;
mod checkpoint_parts;
mod checkpoints;
mod datasets;
mod first_losses;
mod fixture;
mod folder;
mod optimizers;
mod ranks;
mod regime;
mod tables;
