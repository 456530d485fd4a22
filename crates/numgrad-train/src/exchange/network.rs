//! What leaves a run: the network, its parameters, and how its inputs and targets are scaled.
use super::tensor::{Tensor, transposed};
use super::{ExchangeError, Format, file, json, npz, onnx, rescaling, safetensors};
use crate::checkpoint::{Checkpoint, Numbers};
use crate::dataset::{Scaler, Scaling, TargetScale};
use crate::regime::Validation;
use numgrad_core::{ActivationKind, Architecture, OutputKind, Precision, ShapeError};
use numgrad_loss::LossKind;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// A trained network by itself, with all that its outputs need.
#[derive(Debug, Clone, PartialEq)]
pub struct TrainedNetwork {
    architecture: Architecture,
    theta: Numbers,
    scaling: Scaling,
    scaler: Scaler,
    target_scaling: Scaling,
    target_scale: TargetScale,
    loss: LossKind,
    split: Split,
}

/// What tensors do not say of a network: numgrad's own exports carry it along.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Description {
    /// The version of numgrad that wrote it.
    pub numgrad: String,
    /// The activation of each hidden layer.
    pub hidden: Vec<ActivationKind>,
    /// The function of the output layer.
    pub output: OutputKind,
    /// The loss it was trained on.
    pub loss: LossKind,
    /// How the run scaled its inputs.
    pub scaling: Scaling,
    /// How the run scaled its targets.
    #[serde(default, skip_serializing_if = "Scaling::is_none")]
    pub target_scaling: Scaling,
    /// Which samples it was trained on; files of before do not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<Split>,
}

/// How a run parted its data: with the same file, the same samples are held out again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Split {
    /// The seed that drew the samples.
    pub seed: u64,
    /// The part held out for testing, where the data had no test set.
    pub test_fraction: f64,
    /// The part of the training data held out for validation, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub validation: Option<f64>,
}

/// A layer of weights as it lies in θ.
pub(super) struct Layer {
    pub(super) inputs: usize,
    pub(super) outputs: usize,
    /// W, outputs × inputs, column by column.
    pub(super) weights: Numbers,
    pub(super) biases: Numbers,
    pub(super) function: OutputKind,
}

impl TrainedNetwork {
    /// The network of a checkpoint.
    pub fn of(checkpoint: &Checkpoint) -> Self {
        let run = &checkpoint.header.configuration;
        Self {
            architecture: run.architecture.clone(),
            theta: checkpoint.payload.theta.clone(),
            scaling: run.scaling,
            scaler: checkpoint.header.scaler.clone(),
            target_scaling: run.target_scaling,
            target_scale: checkpoint.header.target_scale,
            loss: run.loss,
            split: Split {
                seed: run.seed,
                test_fraction: run.test_fraction,
                validation: match run.regime.validation {
                    Some(Validation::Part(part)) => Some(part),
                    _ => None,
                },
            },
        }
    }

    /// The same function of raw inputs with no scaling before it, and none of its outputs: W and b of
    /// the first and of the last layer take them in, the last ones only if that layer is linear. Their
    /// rounding may change outputs more than a scaling does that stays by itself, where values are
    /// large beside their spread.
    ///
    /// # Errors
    /// [`ShapeError`] if the network cannot be.
    pub fn fold_scaling(mut self) -> Result<Self, ShapeError> {
        let identity = Scaler::identity();
        let network = self.architecture.build::<f64>()?;
        self.theta = rescaling::rescaled(&network, &self.theta, &self.scaler, &identity);
        self.scaler = identity;
        self.scaling = Scaling::None;
        if self.architecture.output.is_linear() {
            let identity = TargetScale::IDENTITY;
            let scale = std::mem::take(&mut self.target_scale);
            self.theta = rescaling::retargeted(&network, &self.theta, scale, identity);
            self.target_scaling = Scaling::None;
        }
        Ok(self)
    }

    /// The number of inputs, of neurons in each hidden layer, and of outputs.
    pub fn widths(&self) -> &[usize] {
        &self.architecture.widths
    }

    /// The precision of the parameters.
    pub fn precision(&self) -> Precision {
        self.theta.precision()
    }

    /// The number of parameters.
    pub fn parameters(&self) -> usize {
        self.theta.len()
    }

    /// How inputs are scaled before the first layer.
    pub fn scaler(&self) -> &Scaler {
        &self.scaler
    }

    /// How targets were scaled: a predicted value is an output times the spread, plus the offset.
    pub fn target_scale(&self) -> TargetScale {
        self.target_scale
    }

    /// What tensors alone do not say.
    pub fn description(&self) -> Description {
        Description {
            numgrad: env!("CARGO_PKG_VERSION").to_owned(),
            hidden: self.architecture.hidden.clone(),
            output: self.architecture.output,
            loss: self.loss,
            scaling: self.scaling,
            target_scaling: self.target_scaling,
            split: Some(self.split.clone()),
        }
    }

    /// The bytes of a file.
    ///
    /// # Errors
    /// If the network cannot be, or the format has no word for one of its functions.
    pub fn to_bytes(&self, format: Format) -> Result<Vec<u8>, ExchangeError> {
        match format {
            Format::Safetensors => safetensors::write(&self.tensors()?, &self.description()),
            Format::Npz => npz::write(&self.tensors()?, &self.description()),
            Format::Onnx => onnx::write(self),
            Format::Json => json::write(self),
        }
    }

    /// Writes a file, in place of what was there: a crash leaves all of it or what was before.
    /// Returns its length in bytes.
    ///
    /// # Errors
    /// As [`to_bytes`](Self::to_bytes), and [`ExchangeError::Write`].
    pub fn save(&self, path: &Path, format: Format) -> Result<u64, ExchangeError> {
        let bytes = self.to_bytes(format)?;
        file::write(path, &bytes)?;
        Ok(bytes.len() as u64)
    }

    /// The layers, first to last.
    pub(super) fn layers(&self) -> Result<Vec<Layer>, ExchangeError> {
        let network = self.architecture.build::<f64>()?;
        let hidden = self.architecture.hidden.iter();
        let functions = hidden
            .map(|&kind| OutputKind::Elementwise(kind))
            .chain([self.architecture.output]);
        let layer = |(l, function)| Layer {
            inputs: network.fan_in(l),
            outputs: network.width(l),
            weights: self.theta.slice(network.weights_range(l)),
            biases: self.theta.slice(network.biases_range(l)),
            function,
        };
        Ok(functions.enumerate().map(layer).collect())
    }

    fn tensors(&self) -> Result<Vec<Tensor>, ExchangeError> {
        let mut tensors = Vec::new();
        for (l, layer) in self.layers()?.into_iter().enumerate() {
            let Layer {
                inputs, outputs, ..
            } = layer;
            // By columns, outputs × inputs is inputs × outputs by rows.
            tensors.push(Tensor {
                name: format!("{}.weight", 2 * l),
                shape: vec![outputs, inputs],
                values: transposed(&layer.weights, inputs, outputs),
            });
            tensors.push(Tensor {
                name: format!("{}.bias", 2 * l),
                shape: vec![outputs],
                values: layer.biases,
            });
        }
        let (inputs, targets) = (&self.scaler, self.target_scale);
        let mut scaling = Vec::new();
        if !inputs.is_identity() {
            scaling.push((OFFSET, inputs.offsets().to_vec()));
            scaling.push((FACTOR, inputs.factors().to_vec()));
        }
        if !targets.is_identity() {
            scaling.push((TARGET_OFFSET, vec![targets.offset()]));
            scaling.push((TARGET_SPREAD, vec![targets.spread()]));
        }
        tensors.extend(scaling.into_iter().map(|(name, numbers)| Tensor {
            name: name.to_owned(),
            shape: vec![numbers.len()],
            values: Numbers::F64(numbers),
        }));
        Ok(tensors)
    }
}

/// The tensors that hold the scaling.
pub(super) const OFFSET: &str = "scaling.offset";
pub(super) const FACTOR: &str = "scaling.factor";
/// The tensors of one number that hold the targets' scale.
pub(super) const TARGET_OFFSET: &str = "target.offset";
pub(super) const TARGET_SPREAD: &str = "target.spread";
