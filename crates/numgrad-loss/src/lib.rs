//! Losses and metrics.
#![forbid(unsafe_code)]

mod error;
mod kind;
mod loss;
mod targets;

pub use error::LossError;
pub use kind::LossKind;
pub use loss::{Link, Loss, Smooth};
pub use targets::{Target, Targets};
