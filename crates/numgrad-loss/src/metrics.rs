//! How good a network's outputs are, in the words of its users.
//!
//! Outputs are outputs × samples, a sample a column.
mod classification;
mod regression;

pub use classification::{ConfusionMatrix, accuracy, class_of};
pub use regression::{r_squared, rmse};
