//! The multi-layer perceptron: a pure function of its inputs and one flat parameter vector.
use crate::product::{Matrix, MatrixMut, Onto, multiply};
use crate::{
    Activation, NonZeros, Output, Parameter, Real, ShapeError, Tile, Trace, multiply_nonzeros,
    softmax,
};
use nalgebra::{DMatrixView, DVectorView};
use std::fmt;
use std::sync::Arc;

/// The number of samples that a pass on one thread takes at a time.
const SAMPLE_TILE: usize = 32;

const MOST_LAYERS: usize = 1000;
const LARGEST_WIDTH: usize = 1 << 24;
const MOST_PARAMETERS: usize = 1 << 28;

/// A multi-layer perceptron: Z = W·X + b·1ᵀ and A = φ(Z), layer after layer.
///
/// It holds the description only. The parameters θ are a slice that is handed in: layer by layer
/// W (outputs × inputs, column-major), then b. Samples are columns: X is inputs × samples.
#[derive(Clone)]
pub struct Mlp<T: Real> {
    layers: Vec<Layer>,
    hidden: Vec<Arc<dyn Activation<T>>>,
    output: Output<T>,
    parameters: usize,
    neurons: usize,
}

/// Where a layer of weights lies in θ and in a trace's record.
#[derive(Debug, Clone, Copy)]
struct Layer {
    inputs: usize,
    outputs: usize,
    weights: usize,
    biases: usize,
    /// The number of neurons in the layers before.
    neuron: usize,
}

impl<T: Real> Mlp<T> {
    /// A network with these widths (inputs, hidden layers, outputs), the activation of each
    /// hidden layer, and the function of the output layer.
    ///
    /// # Errors
    /// Fewer than two widths, a width of 0, not one activation for each hidden layer, or more
    /// than 1,000 layers, 2²⁴ neurons in a layer or 2²⁸ parameters.
    pub fn new(
        widths: &[usize],
        hidden: Vec<Arc<dyn Activation<T>>>,
        output: Output<T>,
    ) -> Result<Self, ShapeError> {
        check_widths(widths)?;
        if hidden.len() != widths.len() - 2 {
            return Err(ShapeError::Activations {
                expected: widths.len() - 2,
                found: hidden.len(),
            });
        }
        let mut layers = Vec::with_capacity(widths.len() - 1);
        let (mut parameters, mut neurons) = (0_usize, 0_usize);
        for pair in widths.windows(2) {
            let (inputs, outputs) = (pair[0], pair[1]);
            layers.push(Layer {
                inputs,
                outputs,
                weights: parameters,
                biases: parameters + inputs * outputs,
                neuron: neurons,
            });
            parameters += (inputs + 1) * outputs;
            neurons += outputs;
            if parameters > MOST_PARAMETERS {
                return Err(ShapeError::TooLarge {
                    what: "the number of parameters",
                    found: parameters,
                    limit: MOST_PARAMETERS,
                });
            }
        }
        Ok(Self {
            layers,
            hidden,
            output,
            parameters,
            neurons,
        })
    }

    /// The number of layers of weights.
    pub fn layers(&self) -> usize {
        self.layers.len()
    }

    /// The number of inputs of the network.
    pub fn inputs(&self) -> usize {
        self.layers[0].inputs
    }

    /// The number of outputs of the network.
    pub fn outputs(&self) -> usize {
        self.width(self.layers() - 1)
    }

    /// The number of inputs of a layer.
    pub fn fan_in(&self, layer: usize) -> usize {
        self.layers[layer].inputs
    }

    /// The number of neurons of a layer.
    pub fn width(&self, layer: usize) -> usize {
        self.layers[layer].outputs
    }

    /// The number of neurons of all layers.
    pub fn neurons(&self) -> usize {
        self.neurons
    }

    /// The number of neurons in the layers before this one.
    pub fn neuron(&self, layer: usize) -> usize {
        self.layers[layer].neuron
    }

    /// The number of parameters: the length of θ.
    pub fn parameters(&self) -> usize {
        self.parameters
    }

    /// The activation of a hidden layer; `None` for the output layer.
    pub fn activation(&self, layer: usize) -> Option<&dyn Activation<T>> {
        self.hidden.get(layer).map(AsRef::as_ref)
    }

    /// The function of the output layer.
    pub fn output(&self) -> &Output<T> {
        &self.output
    }

    /// Where a layer's weights are in θ: outputs × inputs, column-major.
    pub fn weights_range(&self, layer: usize) -> std::ops::Range<usize> {
        let layer = self.layers[layer];
        layer.weights..layer.biases
    }

    /// Where a layer's biases are in θ.
    pub fn biases_range(&self, layer: usize) -> std::ops::Range<usize> {
        let layer = self.layers[layer];
        layer.biases..layer.biases + layer.outputs
    }

    /// W of a layer, outputs × inputs.
    ///
    /// # Panics
    /// If θ is too short.
    pub fn weights<'a>(&self, theta: &'a [T], layer: usize) -> DMatrixView<'a, T> {
        let weights = &theta[self.weights_range(layer)];
        DMatrixView::from_slice(weights, self.width(layer), self.fan_in(layer))
    }

    /// b of a layer.
    ///
    /// # Panics
    /// If θ is too short.
    pub fn biases<'a>(&self, theta: &'a [T], layer: usize) -> DVectorView<'a, T> {
        DVectorView::from_slice(&theta[self.biases_range(layer)], self.width(layer))
    }

    /// Which weight or bias the entry `index` of θ is.
    ///
    /// # Panics
    /// If θ has no such entry.
    pub fn parameter(&self, index: usize) -> Parameter {
        assert!(index < self.parameters, "θ has no entry {index}");
        let layer = self.layers.partition_point(|layer| layer.weights <= index) - 1;
        let Layer {
            outputs,
            weights,
            biases,
            ..
        } = self.layers[layer];
        if index >= biases {
            return Parameter::Bias {
                layer,
                row: index - biases,
            };
        }
        Parameter::Weight {
            layer,
            row: (index - weights) % outputs,
            column: (index - weights) / outputs,
        }
    }

    /// The forward pass of a batch: inputs × samples values in `x`, a sample after the other.
    /// Every layer's z and a are left in `trace`.
    ///
    /// # Errors
    /// [`ShapeError::Length`] if θ or x do not fit.
    pub fn forward(&self, theta: &[T], x: &[T], trace: &mut Trace<T>) -> Result<(), ShapeError> {
        let samples = self.check(theta, x)?;
        trace.resize(self, samples, SAMPLE_TILE);
        for (x, tile) in x.chunks(SAMPLE_TILE * self.inputs()).zip(trace.tiles_mut()) {
            self.forward_tile(theta, x, None, tile);
        }
        Ok(())
    }

    /// Checks that θ and a batch fit, and says how many samples the batch has.
    ///
    /// # Errors
    /// [`ShapeError::Length`] if not.
    pub fn check(&self, theta: &[T], x: &[T]) -> Result<usize, ShapeError> {
        ShapeError::check_length("the parameter vector", self.parameters, theta.len())?;
        let samples = x.len() / self.inputs();
        ShapeError::check_length("the batch", samples * self.inputs(), x.len())?;
        Ok(samples)
    }

    /// The forward pass of one tile of samples into its part of [`Trace::rooms`]. Where x is
    /// mostly 0, `nonzeros` says which of its entries are not: the bits are the same, in less time.
    ///
    /// # Panics
    /// If the lengths do not fit; [`Mlp::check`] finds that out beforehand.
    pub fn forward_tile(
        &self,
        theta: &[T],
        x: &[T],
        nonzeros: Option<&NonZeros>,
        tile: Tile<'_, T>,
    ) {
        let Tile { before, after } = tile;
        let samples = x.len() / self.inputs();
        for (l, layer) in self.layers.iter().enumerate() {
            let (size, start) = (samples * layer.outputs, samples * layer.neuron);
            let (done, rest) = after.split_at_mut(start);
            let (z, memo) = before[2 * start..][..2 * size].split_at_mut(size);
            let biases = &theta[self.biases_range(l)];
            for z in z.chunks_exact_mut(layer.outputs) {
                z.copy_from_slice(biases);
            }
            let to = MatrixMut::new(z, layer.outputs, samples, layer.outputs);
            let weights = self.matrix(theta, l);
            if let (0, Some(nonzeros)) = (l, nonzeros) {
                multiply_nonzeros(weights, x, nonzeros, to);
            } else {
                let a = match l {
                    0 => x,
                    _ => &done[start - samples * layer.inputs..],
                };
                let a = Matrix::new(a, layer.inputs, samples, layer.inputs);
                multiply(weights, a, Onto::Itself, to);
            }
            self.activate(l, z, &mut rest[..size], memo);
        }
    }

    /// W of a layer, for [`multiply`].
    ///
    /// # Panics
    /// If θ is too short.
    pub fn matrix<'a>(&self, theta: &'a [T], layer: usize) -> Matrix<'a, T> {
        let outputs = self.width(layer);
        let weights = &theta[self.weights_range(layer)];
        Matrix::new(weights, outputs, self.fan_in(layer), outputs)
    }

    fn activate(&self, layer: usize, z: &[T], a: &mut [T], memo: &mut [T]) {
        match (self.activation(layer), &self.output) {
            (Some(activation), _) => activation.values(z, a, memo),
            (None, Output::Elementwise(activation)) => activation.values(z, a, memo),
            (None, Output::Softmax) => softmax(z, self.outputs(), a),
        }
    }
}

impl<T: Real> fmt::Debug for Mlp<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hidden: Vec<_> = self
            .hidden
            .iter()
            .map(|activation| activation.kind())
            .collect();
        f.debug_struct("Mlp")
            .field("layers", &self.layers)
            .field("hidden", &hidden)
            .field("output", &self.output)
            .finish_non_exhaustive()
    }
}

fn check_widths(widths: &[usize]) -> Result<(), ShapeError> {
    if widths.len() < 2 {
        return Err(ShapeError::TooFewWidths(widths.len()));
    }
    if let Some(layer) = widths.iter().position(|&width| width == 0) {
        return Err(ShapeError::ZeroWidth { layer });
    }
    let limits = [
        ("the number of layers", widths.len() - 1, MOST_LAYERS),
        (
            "a layer's width",
            widths.iter().copied().fold(0, usize::max),
            LARGEST_WIDTH,
        ),
    ];
    for (what, found, limit) in limits {
        if found > limit {
            return Err(ShapeError::TooLarge { what, found, limit });
        }
    }
    Ok(())
}
