//! Which weight or bias an entry of θ is.
use std::fmt;

/// One entry of θ: a weight or a bias of a layer. Layers, rows and columns count from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parameter {
    /// W\[row, column\] of the layer: from input `column` to neuron `row`.
    Weight {
        /// The layer of weights.
        layer: usize,
        /// The neuron.
        row: usize,
        /// The input of the layer.
        column: usize,
    },
    /// b\[row\] of the layer.
    Bias {
        /// The layer of weights.
        layer: usize,
        /// The neuron.
        row: usize,
    },
}

impl fmt::Display for Parameter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Weight { layer, row, column } => write!(f, "W{layer}[{row},{column}]"),
            Self::Bias { layer, row } => write!(f, "b{layer}[{row}]"),
        }
    }
}
