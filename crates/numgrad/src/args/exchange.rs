//! What can be asked of `numgrad export` and `numgrad import`.
use super::{DataArguments, GradientArguments, OptimizationArguments};
use clap::Args;
use numgrad_core::{ActivationKind, OutputKind};
use numgrad_loss::LossKind;
use numgrad_train::exchange::Format;
use std::path::PathBuf;

const EXPORT_EXAMPLES: &str = "\
Examples:
  numgrad export RUN --output model.onnx
  numgrad export RUN --output model.safetensors --fold-scaling
  numgrad export RUN --format json --output model.txt

An exported network takes raw inputs: the numbers of the data before the run scaled them (of images,
bytes divided by 255). In ONNX the scaling is part of the graph. Elsewhere it stands beside the layers:
x becomes (x - scaling.offset) * scaling.factor before the first one, and a predicted value is
output * target.spread + target.offset behind the last. Layers are 0.weight (outputs x inputs) and
0.bias, 2.weight and 2.bias, and so on, which a torch.nn.Sequential of Linear and activations loads as
they are.";

const IMPORT_EXAMPLES: &str = "\
Examples:
  numgrad import model.safetensors --data my.csv --target price --run imported
  numgrad import other.npz --data mnist:FOLDER --activation tanh --output softmax
  numgrad train --resume imported --epochs 20

The file holds a pair of tensors for each layer: NAME.weight (outputs x inputs) and NAME.bias, in f32 or
f64; layers follow each other by the numbers in their names. Widths and precision are the file's. A
file that numgrad exported says the rest as well; options come before what it says.";

#[derive(Debug, Args)]
#[command(after_help = EXPORT_EXAMPLES)]
pub(crate) struct ExportArguments {
    /// A run's folder, or a checkpoint
    #[arg(value_name = "RUN")]
    pub(crate) run: PathBuf,
    /// safetensors, npz, onnx or json [default: what the output's extension says]
    #[arg(long, value_name = "NAME")]
    pub(crate) format: Option<Format>,
    /// The file to write, in place of what is there
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: PathBuf,
    /// Put the scaling of the inputs into the first layer's weights and biases, and that of targets into
    /// a linear last layer's
    #[arg(long)]
    pub(crate) fold_scaling: bool,
    /// One JSON object on standard output, and nothing else there
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = IMPORT_EXAMPLES)]
pub(crate) struct ImportArguments {
    /// A safetensors or an NPZ file
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) data: DataArguments,
    #[command(flatten)]
    pub(crate) functions: FunctionArguments,
    #[command(flatten)]
    pub(crate) gradient: GradientArguments,
    #[command(flatten)]
    pub(crate) optimization: OptimizationArguments,
    /// The folder to save the run in [default: runs/ and the time and seed]
    #[arg(long, value_name = "DIR", help_heading = "Run")]
    pub(crate) run: Option<PathBuf>,
    /// One JSON object on standard output, and nothing else there
    #[arg(long, help_heading = "Run")]
    pub(crate) json: bool,
}

/// What the tensors of a network do not say.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Network")]
pub(crate) struct FunctionArguments {
    /// The hidden layers' activation [default: what the file says, else relu]
    #[arg(long, value_name = "NAME")]
    pub(crate) activation: Option<ActivationKind>,
    /// The output layer's function [default: what the file says, else softmax for classes,
    /// identity for regression]
    #[arg(long, value_name = "NAME")]
    pub(crate) output: Option<OutputKind>,
    /// The loss to train on [default: what the file says, else as in train]
    #[arg(long, value_name = "NAME")]
    pub(crate) loss: Option<LossKind>,
    /// The seed of every random number, of the samples held out as well [default: what the file says,
    /// else 0]
    #[arg(long)]
    pub(crate) seed: Option<u64>,
}
