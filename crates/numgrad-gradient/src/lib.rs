#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod assemble;
mod backpropagation;
mod chain;
mod choice;
mod chosen;
mod chosen_weights;
mod coordinates;
mod corners;
mod describe;
mod direct;
mod direction;
mod engine;
mod error;
mod estimator;
mod estimator_kind;
mod head;
mod layer_losses;
mod measure;
mod moved;
mod naive;
mod neuron;
mod nonzero;
mod objective;
mod output_lines;
mod perturb;
mod probe;
mod random;
mod saliency;
mod stencil;
mod straight;
mod weights;
mod workers;

pub use backpropagation::Backpropagation;
pub use chosen::differences_at;
pub use chosen_weights::ChosenWeights;
pub use coordinates::{Amount, Coordinates, Part};
pub use error::GradientError;
pub use estimator::{Batch, Estimator};
pub use estimator_kind::EstimatorKind;
pub use measure::{FiniteDifferences, Measurement};
pub use objective::Objective;
pub use perturb::Perturb;
pub use random::RandomEstimator;
pub use stencil::default_step;
pub use {numgrad_core, numgrad_diff, numgrad_loss};
