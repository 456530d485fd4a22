//! A network's description as plain data, as a configuration and a checkpoint hold it.
use crate::{ActivationKind, Mlp, OutputKind, Real, ShapeError};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The description of a network whose functions are all of this crate.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Architecture {
    /// The number of inputs, of neurons in each hidden layer, and of outputs.
    pub widths: Vec<usize>,
    /// The activation of each hidden layer; none where it is a program's own, which only the program
    /// can build.
    pub hidden: Vec<ActivationKind>,
    /// The function of the output layer.
    pub output: OutputKind,
}

impl Architecture {
    /// A network with one activation for all its hidden layers.
    pub fn new(widths: &[usize], activation: ActivationKind, output: OutputKind) -> Self {
        Self {
            widths: widths.to_vec(),
            hidden: vec![activation; widths.len().saturating_sub(2)],
            output,
        }
    }

    /// The network itself.
    ///
    /// # Errors
    /// As [`Mlp::new`].
    pub fn build<T: Real>(&self) -> Result<Mlp<T>, ShapeError> {
        let hidden = self
            .hidden
            .iter()
            .map(|&kind| Arc::new(kind) as _)
            .collect();
        Mlp::new(&self.widths, hidden, self.output.build())
    }
}
