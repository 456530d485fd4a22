#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

pub use numgrad_core as core;
pub use numgrad_diff as diff;
pub use numgrad_gradient as gradient;
pub use numgrad_loss as loss;
pub use numgrad_train as train;

pub use numgrad_train::{
    Builder, Callback, EpochRecord, Evaluation, Schedule, TrainError, Trainer, Validation, Watch,
};
