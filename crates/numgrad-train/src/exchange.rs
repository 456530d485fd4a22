//! A trained network by itself, to other programs and back: safetensors, NPZ, ONNX and JSON.
//!
//! What is written takes *raw* inputs: the numbers of the data before the run scaled them (of
//! images, bytes divided by 255). In ONNX the scaling is part of the graph; elsewhere it stands
//! beside the layers as `scaling.offset` and `scaling.factor`, x ← (x − offset)·factor, and
//! `target.offset` and `target.spread`, y = offset + spread·output, unless
//! [`TrainedNetwork::fold_scaling`] has put them into the first and last layer.
//!
//! | tensor | shape | |
//! | --- | --- | --- |
//! | `0.weight`, `2.weight`, … | outputs × inputs, by rows | W of the first layer, of the second, … |
//! | `0.bias`, `2.bias`, … | outputs | b |
//! | `scaling.offset`, `scaling.factor` | inputs | only if the run scaled its inputs; always in f64 |
//! | `target.offset`, `target.spread` | 1 | only if the run scaled its targets; always in f64 |
//!
//! The names are those of a `torch.nn.Sequential` that alternates `Linear` and activations.
mod error;
mod file;
mod foreign;
mod format;
mod json;
mod network;
mod npy;
mod npz;
mod onnx;
mod protobuf;
mod rescaling;
mod safetensors;
mod tensor;

pub use error::ExchangeError;
pub use foreign::ForeignNetwork;
pub use format::Format;
pub use network::{Description, Split, TrainedNetwork};
