//! A network as JSON text, for programs that read nothing else.
use super::network::{Layer, TrainedNetwork};
use super::tensor::transposed;
use super::{Description, ExchangeError, Format};
use crate::checkpoint::Numbers;
use crate::dataset::TargetScale;
use numgrad_core::{OutputKind, Precision};
use serde::ser::SerializeSeq;
use serde::{Serialize, Serializer};

#[derive(Serialize)]
struct Document<'a> {
    format: &'static str,
    #[serde(flatten)]
    description: Description,
    precision: Precision,
    widths: &'a [usize],
    /// x ← (x − offset)·factor, before the first layer.
    #[serde(skip_serializing_if = "Option::is_none")]
    input_scaling: Option<InputScaling<'a>>,
    layers: Vec<LayerText>,
    /// y = offset + spread·a, behind the last layer.
    #[serde(skip_serializing_if = "TargetScale::is_identity")]
    output_scaling: TargetScale,
}

#[derive(Serialize)]
struct InputScaling<'a> {
    offset: &'a [f64],
    factor: &'a [f64],
}

/// a ← φ(W·a + b).
#[derive(Serialize)]
struct LayerText {
    weight: Rows,
    bias: Row,
    activation: OutputKind,
}

struct Rows {
    by_rows: Numbers,
    columns: usize,
}

struct Row(Numbers);

pub(super) fn write(network: &TrainedNetwork) -> Result<Vec<u8>, ExchangeError> {
    let scaler = network.scaler();
    let text = |layer: Layer| LayerText {
        weight: Rows {
            by_rows: transposed(&layer.weights, layer.inputs, layer.outputs),
            columns: layer.inputs,
        },
        bias: Row(layer.biases),
        activation: layer.function,
    };
    let document = Document {
        format: "numgrad network, version 1",
        description: network.description(),
        precision: network.precision(),
        widths: network.widths(),
        input_scaling: (!scaler.is_identity()).then(|| InputScaling {
            offset: scaler.offsets(),
            factor: scaler.factors(),
        }),
        layers: network.layers()?.into_iter().map(text).collect(),
        output_scaling: network.target_scale(),
    };
    let mut bytes = serde_json::to_vec(&document)
        .map_err(|error| ExchangeError::syntax(Format::Json, &error))?;
    bytes.push(b'\n');
    Ok(bytes)
}

impl Serialize for Rows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rows = self.by_rows.len() / self.columns;
        let mut all = serializer.serialize_seq(Some(rows))?;
        for row in 0..rows {
            let range = row * self.columns..(row + 1) * self.columns;
            all.serialize_element(&Row(self.by_rows.slice(range)))?;
        }
        all.end()
    }
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Numbers::F32(numbers) => numbers.serialize(serializer),
            Numbers::F64(numbers) => numbers.serialize(serializer),
        }
    }
}
