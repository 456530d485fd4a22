#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod assemble;
mod backpropagation;
mod chain;
mod corners;
mod describe;
mod direct;
mod direction;
mod engine;
mod error;
mod head;
mod layer_losses;
mod measure;
mod naive;
mod neuron;
mod nonzero;
mod objective;
mod perturb;
mod probe;
mod stencil;
mod straight;
mod weights;
mod workers;

pub use backpropagation::Backpropagation;
pub use error::GradientError;
pub use measure::{FiniteDifferences, Measurement};
pub use objective::Objective;
pub use perturb::Perturb;
pub use stencil::default_step;
pub use {numgrad_core, numgrad_diff, numgrad_loss};
