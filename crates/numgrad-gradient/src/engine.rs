//! The memory of a gradient, and the forward pass that every sweep begins with.
use crate::assemble::{Part, parts};
use crate::chain::ChainScratch;
use crate::describe::DescribeScratch;
use crate::direct::DirectScratch;
use crate::neuron::NeuronScratch;
use crate::nonzero::NonZeros;
use crate::probe::Probe;
use crate::workers::Workers;
use crate::{GradientError, Objective};
use numgrad_core::{Mlp, Real, Trace};
use numgrad_loss::Targets;

/// Memory that is used again from one gradient to the next.
#[derive(Debug, Default)]
pub(crate) struct Engine<T> {
    trace: Trace<T>,
    last_transposed: Vec<T>,
    room: Room<T>,
}

/// What is measured at each neuron, and the memory to measure it.
#[derive(Debug, Default)]
pub(crate) struct Room<T> {
    /// What the sweep measured: see [`Coefficients`](crate::assemble::Coefficients).
    pub(crate) coefficients: Vec<T>,
    /// The neurons whose description failed, a record a sample.
    pub(crate) rough: Vec<bool>,
    /// The higher powers of the inputs: see [`InputPowers`](crate::assemble::InputPowers).
    pub(crate) raised: Vec<T>,
    /// The nonzero inputs, for what is evaluated directly.
    pub(crate) nonzeros: NonZeros,
    /// A row of weights and a bias for each neuron: what is evaluated directly.
    pub(crate) rows: Vec<T>,
    /// The tiling of the gradient, for the network of this shape.
    pub(crate) parts: Vec<Part>,
    shape: Vec<usize>,
    pub(crate) workers: Workers<Scratch<T>>,
}

/// The memory of one worker.
#[derive(Debug, Default)]
pub(crate) struct Scratch<T> {
    pub(crate) describe: DescribeScratch<T>,
    pub(crate) direct: DirectScratch<T>,
    pub(crate) chain: ChainScratch<T>,
    pub(crate) neuron: NeuronScratch<T>,
}

impl<T> Engine<T> {
    /// The last forward pass.
    pub(crate) fn trace(&self) -> &Trace<T> {
        &self.trace
    }
}

impl<T: Real> Engine<T> {
    /// The forward pass, in parallel over tiles of samples: what can be asked about the batch,
    /// its mean loss, and the room to measure in.
    pub(crate) fn pass<'a>(
        &'a mut self,
        objective: &Objective<'a, T>,
        theta: &'a [T],
        x: &'a [T],
        targets: &'a Targets<T>,
    ) -> Result<(Probe<'a, T>, T, &'a mut Room<T>), GradientError> {
        let network = objective.network();
        let loss = objective.loss_in_parallel(theta, x, targets, &mut self.trace)?;
        transpose_last(network, theta, &mut self.last_transposed);
        self.room.prepare(network);
        let probe = Probe {
            objective: *objective,
            theta,
            x,
            targets,
            trace: &self.trace,
            last_transposed: &self.last_transposed,
        };
        Ok((probe, loss, &mut self.room))
    }
}

impl<T: Real> Room<T> {
    fn prepare(&mut self, network: &Mlp<T>) {
        self.workers.prepare();
        let shape = || {
            let widths = (0..network.layers()).map(|layer| network.width(layer));
            std::iter::once(network.inputs()).chain(widths)
        };
        if !shape().eq(self.shape.iter().copied()) {
            self.shape.clear();
            self.shape.extend(shape());
            self.parts = parts(network);
        }
    }
}

/// W of the output layer, a row after the other.
fn transpose_last<T: Real>(network: &Mlp<T>, theta: &[T], transposed: &mut Vec<T>) {
    let last = network.layers() - 1;
    let (outputs, inputs) = (network.width(last), network.fan_in(last));
    let weights = &theta[network.weights_range(last)];
    transposed.clear();
    for k in 0..outputs {
        transposed.extend((0..inputs).map(|i| weights[i * outputs + k]));
    }
}
