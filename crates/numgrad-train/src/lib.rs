#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod checkpoint;
pub mod configuration;
pub mod dataset;
mod evaluation;
pub mod optimizer;
mod prepared;
pub mod streams;
mod trainer;

pub use configuration::Configuration;
pub use evaluation::{Evaluation, Metrics, evaluate};
pub use prepared::{PrepareError, Prepared};
pub use trainer::{Progress, TrainError, Trainer, theta_blake3};
