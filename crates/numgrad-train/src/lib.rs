#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub mod checkpoint;
pub mod configuration;
pub mod dataset;
mod evaluation;
pub mod optimizer;
mod prepared;
pub mod streams;
mod train_error;
mod trainer;

pub use configuration::Configuration;
pub use evaluation::{Evaluation, Metrics, evaluate};
pub use prepared::{PrepareError, Prepared};
pub use train_error::TrainError;
pub use trainer::{Progress, Trainer, theta_blake3};
pub use {numgrad_core, numgrad_diff, numgrad_gradient, numgrad_loss};
