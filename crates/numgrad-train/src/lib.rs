#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod audit;
mod black_box;
pub mod checkpoint;
pub mod configuration;
pub mod dataset;
mod evaluation;
mod evaluation_log;
mod minimizer;
pub mod optimizer;
mod prepared;
pub mod streams;
mod train_error;
mod trainer;

pub use audit::{Advice, Audit};
pub use black_box::BlackBox;
pub use configuration::Configuration;
pub use evaluation::{Evaluation, Metrics, evaluate};
pub use evaluation_log::{EvaluationLog, LogError, Outcome};
pub use minimizer::{Minimization, MinimizeError, Minimizer, StepRecord};
pub use prepared::{PrepareError, Prepared};
pub use train_error::TrainError;
pub use trainer::{Progress, Trainer, theta_blake3};
pub use {numgrad_core, numgrad_diff, numgrad_gradient, numgrad_loss};
