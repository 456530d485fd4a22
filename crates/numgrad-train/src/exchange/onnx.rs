//! ONNX: a graph of operators, which its runtimes execute (opset 13, a message of
//! <https://github.com/onnx/onnx/blob/main/onnx/onnx.proto>).
//!
//! The graph takes `input`, batch × inputs, and gives `output`, batch × outputs. Scaling is computed
//! in f64, as in a run, and cast to the network's precision behind it. A layer is a `Gemm` with W as
//! it lies in θ, which by rows is inputs × outputs.
mod activation;

use super::network::{FACTOR, Layer, OFFSET, TARGET_OFFSET, TARGET_SPREAD, TrainedNetwork};
use super::protobuf::Message;
use super::tensor::bytes;
use super::{ExchangeError, Format};
use crate::checkpoint::Numbers;
use numgrad_core::{OutputKind, Precision};

const IR_VERSION: u64 = 8;
const OPSET: u64 = 13;
/// No message is larger.
const LIMIT: u64 = i32::MAX as u64;

/// The numbers of element types.
const FLOAT: u64 = 1;
const DOUBLE: u64 = 11;
/// The number of the attributes' type.
const ATTRIBUTE_INTEGER: u64 = 2;

pub(super) fn write(network: &TrainedNetwork) -> Result<Vec<u8>, ExchangeError> {
    let mut graph = Graph::new(network.precision());
    graph.scale(network);
    for (number, layer) in network.layers()?.into_iter().enumerate() {
        graph.layer(2 * number, &layer)?;
    }
    graph.rescale(network);
    let description = serde_json::to_string(&network.description())
        .map_err(|error| ExchangeError::syntax(Format::Onnx, &error))?;
    let entry = Message::default().text(1, "numgrad").text(2, &description);
    let widths = network.widths();
    let bytes = Message::default()
        .integer(1, IR_VERSION)
        .text(2, "numgrad")
        .text(3, env!("CARGO_PKG_VERSION"))
        .message(7, &graph.message(widths[0], widths[widths.len() - 1]))
        .message(8, &Message::default().text(1, "").integer(2, OPSET))
        .message(14, &entry)
        .into_bytes();
    match bytes.len() as u64 {
        found if found > LIMIT => Err(ExchangeError::TooLarge {
            found,
            limit: LIMIT,
        }),
        _ => Ok(bytes),
    }
}

/// A graph under construction: every node follows the one before.
struct Graph {
    precision: Precision,
    nodes: Vec<Message>,
    constants: Vec<Message>,
    /// The name of what the last node gave.
    last: String,
}

impl Graph {
    fn new(precision: Precision) -> Self {
        Self {
            precision,
            nodes: Vec::new(),
            constants: Vec::new(),
            last: "input".to_owned(),
        }
    }

    /// (x − offset)·factor.
    fn scale(&mut self, network: &TrainedNetwork) {
        let scaler = network.scaler();
        if !scaler.is_identity() {
            self.widely([
                ("Sub", OFFSET, scaler.offsets()),
                ("Mul", FACTOR, scaler.factors()),
            ]);
        }
    }

    /// offset + spread·a.
    fn rescale(&mut self, network: &TrainedNetwork) {
        let scale = network.target_scale();
        if !scale.is_identity() {
            self.widely([
                ("Mul", TARGET_SPREAD, &[scale.spread()]),
                ("Add", TARGET_OFFSET, &[scale.offset()]),
            ]);
        }
    }

    /// Operators with a constant each, in f64.
    fn widely(&mut self, operators: [(&str, &str, &[f64]); 2]) {
        let is_narrow = self.precision == Precision::F32;
        if is_narrow {
            self.cast(Precision::F64);
        }
        for (operator, name, column) in operators {
            let column = Numbers::F64(column.to_vec());
            self.constant(name, &[column.len()], &column);
            self.node(operator, &[name], Vec::new());
        }
        if is_narrow {
            self.cast(Precision::F32);
        }
    }

    fn layer(&mut self, number: usize, layer: &Layer) -> Result<(), ExchangeError> {
        let (weight, bias) = (format!("{number}.weight"), format!("{number}.bias"));
        self.constant(&weight, &[layer.inputs, layer.outputs], &layer.weights);
        self.constant(&bias, &[layer.outputs], &layer.biases);
        self.node("Gemm", &[&weight, &bias], Vec::new());
        match layer.function {
            OutputKind::Softmax => {
                self.node("Softmax", &[], vec![integer("axis", -1)]);
                Ok(())
            }
            OutputKind::Elementwise(kind) => self.activation(number + 1, kind),
        }
    }

    /// An operator on what the last node gave, and on others by name.
    fn node(&mut self, operator: &str, others: &[&str], attributes: Vec<Message>) {
        let name = format!("{operator}.{}", self.nodes.len());
        self.named(&name, operator, others, attributes);
    }

    fn named(&mut self, name: &str, operator: &str, others: &[&str], attributes: Vec<Message>) {
        let inputs = [&[&*self.last], others].concat();
        let inputs = inputs.into_iter();
        let node = inputs.fold(Message::default(), |all, input| all.text(1, input));
        let node = node.text(2, name).text(3, name).text(4, operator);
        self.nodes.push(node.messages(5, attributes));
        name.clone_into(&mut self.last);
    }

    fn cast(&mut self, precision: Precision) {
        self.node(
            "Cast",
            &[],
            vec![integer("to", element(precision).cast_signed())],
        );
    }

    fn constant(&mut self, name: &str, shape: &[usize], values: &Numbers) {
        let element = element(values.precision());
        let shape = shape.iter();
        let tensor = shape.fold(Message::default(), |all, &n| all.integer(1, n as u64));
        let tensor = tensor
            .integer(2, element)
            .text(8, name)
            .bytes(9, &bytes(values));
        self.constants.push(tensor);
    }

    fn message(mut self, inputs: usize, outputs: usize) -> Message {
        self.named("output", "Identity", &[], Vec::new());
        let element = element(self.precision);
        Message::default()
            .messages(1, self.nodes)
            .text(2, "numgrad")
            .messages(5, self.constants)
            .message(11, &port("input", element, inputs))
            .message(12, &port("output", element, outputs))
    }
}

fn element(precision: Precision) -> u64 {
    match precision {
        Precision::F32 => FLOAT,
        Precision::F64 => DOUBLE,
    }
}

/// A matrix of any number of rows that goes in or out.
fn port(name: &str, element: u64, columns: usize) -> Message {
    let batch = Message::default().text(2, "batch");
    let columns = Message::default().integer(1, columns as u64);
    let shape = Message::default().message(1, &batch).message(1, &columns);
    let tensor = Message::default().integer(1, element).message(2, &shape);
    let kind = Message::default().message(1, &tensor);
    Message::default().text(1, name).message(2, &kind)
}

fn integer(name: &str, value: i64) -> Message {
    let attribute = Message::default()
        .text(1, name)
        .integer(3, value.cast_unsigned());
    attribute.integer(20, ATTRIBUTE_INTEGER)
}
