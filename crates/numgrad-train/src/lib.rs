#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod audit;
mod black_box;
mod builder;
mod callback;
pub mod checkpoint;
pub mod configuration;
pub mod dataset;
mod evaluation;
mod evaluation_log;
pub mod exchange;
#[cfg(feature = "download")]
pub mod fetch;
mod history;
mod minimizer;
pub mod optimizer;
mod plan;
mod prediction;
mod prepared;
pub mod regime;
pub mod streams;
mod train_error;
mod trainer;

pub use audit::{Advice, Audit};
pub use black_box::BlackBox;
pub use builder::Builder;
pub use callback::Callback;
pub use configuration::Configuration;
pub use evaluation::{Details, Evaluation, Metrics, evaluate, evaluate_in_detail};
pub use evaluation_log::{EvaluationLog, LogError, Outcome};
pub use history::{EpochRecord, LayerRecord, Spent};
pub use minimizer::{Minimization, MinimizeError, Minimizer, StepRecord};
pub use plan::Plan;
pub use prediction::predict;
pub use prepared::{PrepareError, Prepared};
pub use regime::{ClassWeights, Regime, Schedule, Validation, Watch};
pub use train_error::TrainError;
pub use trainer::{Progress, Saves, Trainer, theta_blake3};
pub use {numgrad_core, numgrad_diff, numgrad_gradient, numgrad_loss};
