#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]

mod activation;
mod architecture;
mod error;
mod initializer;
mod mlp;
mod output;
mod parameter;
mod product;
mod softmax;
mod sparse;
mod trace;

pub use activation::{Activation, ActivationKind, Smooth, Units};
pub use architecture::Architecture;
pub use error::ShapeError;
pub use initializer::{Initializer, ParseInitializerError};
pub use mlp::Mlp;
pub use numgrad_scalar::{
    Aligned, Instructions, Precision, Real, instruction_set, use_instructions,
};
pub use output::{Output, OutputKind};
pub use parameter::Parameter;
pub use product::{Matrix, MatrixMut, Onto, PackedColumns, multiply, multiply_packed};
pub use softmax::{softmax, softmax_differences};
pub use sparse::{
    NonZeros, SPARSE_BLOCK, SparseRows, multiply_nonzeros, multiply_outer, multiply_rows,
    prefers_outer,
};
pub use trace::{Tile, TileTrace, Trace};
