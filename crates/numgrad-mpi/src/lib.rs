#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod launch;
#[cfg(feature = "mpi")]
mod rank;
mod world;

pub use launch::launched;
pub use numgrad_gradient;
pub use world::{JoinError, World};
