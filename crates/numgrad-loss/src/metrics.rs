//! How good a network's outputs are, in the words of its users.
//!
//! Outputs are outputs × samples, a sample a column.
mod by_class;
mod classification;
mod ranking;
mod regression;

pub use by_class::{ClassScore, MacroScore};
pub use classification::{ConfusionMatrix, accuracy, class_of};
pub use ranking::{auroc, auroc_by_class, top_k_accuracy};
pub use regression::{mae, r_squared, rmse};
