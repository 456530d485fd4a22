//! What the workspace promises as a whole, one file a promise.
mod sweeps;
