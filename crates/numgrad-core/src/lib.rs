#![doc = include_str!("../README.md")]
#![deny(unsafe_code)] // product.rs alone calls a kernel that takes pointers

mod activation;
mod architecture;
mod error;
mod initializer;
mod mlp;
mod output;
mod parameter;
mod product;
mod softmax;
mod trace;

pub use activation::{Activation, ActivationKind, Smooth, Units};
pub use architecture::Architecture;
pub use error::ShapeError;
pub use initializer::{Initializer, ParseInitializerError};
pub use mlp::{Mlp, SAMPLE_TILE};
pub use numgrad_scalar::{Precision, Real, instruction_set};
pub use output::{Output, OutputKind};
pub use parameter::Parameter;
pub use product::{Matrix, MatrixMut, multiply};
pub use softmax::{softmax, softmax_differences};
pub use trace::{Tile, Trace};
