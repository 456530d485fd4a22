//! What is minimised: a network's mean loss over a batch.
use crate::GradientError;
use crate::head::Head;
use numgrad_core::{Activation, Mlp, NonZeros, Real, Tile, TileTrace, Trace};
use numgrad_loss::{Loss, SoftmaxCrossEntropy, Targets};
use rayon::prelude::*;

/// Samples that a forward pass without a gradient takes at a time.
const TILE: usize = 32;

/// On what the neurons of a layer move the logits, as far as the loss is known along it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Paths {
    #[default]
    Unknown,
    Lines,
    Curves,
}

/// A network and a loss: L(θ) = (1/B)·Σ_b loss(network(θ, x_b), t_b).
#[derive(Clone, Copy)]
pub struct Objective<'a, T: Real> {
    network: &'a Mlp<T>,
    pub(crate) head: Head<'a, T>,
}

impl<'a, T: Real> Objective<'a, T> {
    /// The mean loss of a network. Where the loss has a form on logits for the network's output
    /// (softmax with cross-entropy or the zero-one loss, sigmoid with binary cross-entropy), that form is
    /// used.
    pub fn new(network: &'a Mlp<T>, loss: &'a dyn Loss<T>) -> Self {
        Self {
            network,
            head: Head::new(network.output(), network.outputs(), loss),
        }
    }

    /// The network.
    pub fn network(&self) -> &'a Mlp<T> {
        self.network
    }

    /// Whether the loss and every activation carry their own difference, so that f32 keeps its
    /// digits at a small step.
    pub fn differences_are_exact(&self) -> bool {
        let hidden = 0..self.network.layers() - 1;
        self.head.difference_is_exact()
            && hidden
                .filter_map(|layer| self.network.activation(layer))
                .all(Activation::difference_is_exact)
    }

    /// Whether the loss and every activation are continuous, and smooth but for corners.
    pub(crate) fn is_piecewise_smooth(&self) -> bool {
        let hidden = 0..self.network.layers() - 1;
        self.head.is_piecewise_smooth()
            && hidden
                .filter_map(|layer| self.network.activation(layer))
                .all(Activation::is_piecewise_smooth)
    }

    /// Whether the loss along a straight line of the logits is known as a series: that of softmax
    /// with cross-entropy, or of a sum of a term for each logit or output.
    pub(crate) fn has_series(&self) -> bool {
        self.head.form().is_some()
    }

    /// On what the neurons before the last hidden layer move the logits.
    pub(crate) fn paths(&self) -> Paths {
        let hidden = self.network.layers() - 1;
        match self.network.activation(hidden.saturating_sub(1)) {
            Some(last) if self.has_series() && hidden > 1 => {
                if last.is_piecewise_linear() {
                    Paths::Lines
                } else if last.is_piecewise_smooth() {
                    Paths::Curves
                } else {
                    Paths::Unknown
                }
            }
            _ => Paths::Unknown,
        }
    }

    /// The mean loss of a batch, with the trace of its forward pass left in `trace`. It runs on
    /// the calling thread.
    ///
    /// # Errors
    /// If θ, the batch or the targets do not fit, or a sample's loss is not finite.
    pub fn loss(
        &self,
        theta: &[T],
        x: &[T],
        targets: &Targets<T>,
        trace: &mut Trace<T>,
    ) -> Result<T, GradientError> {
        self.check(theta, x, targets)?;
        self.network.forward(theta, x, trace)?;
        self.mean_loss(targets, trace)
    }

    /// The same on the current rayon pool, in parallel over tiles of samples: the bits are equal
    /// at every thread count.
    ///
    /// # Errors
    /// As [`Objective::loss`].
    pub fn loss_in_parallel(
        &self,
        theta: &[T],
        x: &[T],
        targets: &Targets<T>,
        trace: &mut Trace<T>,
    ) -> Result<T, GradientError> {
        let samples = self.check(theta, x, targets)?;
        let network = self.network;
        trace.resize(network, samples, TILE);
        let Tile { before, after } = trace.rooms();
        x.par_chunks(TILE * network.inputs())
            .zip(before.par_chunks_mut(2 * TILE * network.neurons()))
            .zip(after.par_chunks_mut(TILE * network.neurons()))
            .for_each_init(NonZeros::default, |nonzeros, ((x, before), after)| {
                let is_sparse = nonzeros.find(x, network.inputs());
                let nonzeros = is_sparse.then_some(&*nonzeros);
                network.forward_tile(theta, x, nonzeros, Tile { before, after });
            });
        self.mean_loss(targets, trace)
    }

    /// Checks that everything fits, and says how many samples the batch has.
    pub(crate) fn check(
        &self,
        theta: &[T],
        x: &[T],
        targets: &Targets<T>,
    ) -> Result<usize, GradientError> {
        let samples = self.network.check(theta, x)?;
        if samples == 0 {
            return Err(GradientError::EmptyBatch);
        }
        numgrad_core::ShapeError::check_length("the list of targets", samples, targets.len())?;
        targets.check(self.network.outputs())?;
        for b in 0..samples {
            self.head
                .loss()
                .check_target(targets.get(b))
                .map_err(|error| error.at_sample(b))?;
        }
        Ok(samples)
    }

    /// The mean loss after a forward pass: a sum in the order of the samples.
    pub(crate) fn mean_loss(
        &self,
        targets: &Targets<T>,
        trace: &Trace<T>,
    ) -> Result<T, GradientError> {
        let last = self.network.layers() - 1;
        let samples = 0..trace.samples();
        mean(samples.map(|b| {
            let units = trace.units(self.network, last, b);
            self.head.value(units, targets.get(b))
        }))
    }

    /// The loss of each sample of a tile, of which the batch has `first` before it.
    pub(crate) fn sample_losses(
        &self,
        trace: &TileTrace<'_, T>,
        targets: &Targets<T>,
        first: usize,
        losses: &mut [T],
    ) {
        let last = self.network.layers() - 1;
        let is_plain = self.head.is_softmax_cross_entropy() && !self.head.softens_labels();
        if let (true, Targets::Labels(labels)) = (is_plain, targets) {
            let units = trace.layer(self.network, last);
            let labels = labels[first..].iter().map(|&label| label as usize);
            let classes = self.network.outputs();
            SoftmaxCrossEntropy::of_labels(units.z, units.a, classes, labels, losses);
            return;
        }
        for (b, loss) in losses.iter_mut().enumerate() {
            let units = trace.units(self.network, last, b);
            *loss = self.head.value(units, targets.get(first + b));
        }
    }
}

/// The mean of the samples' losses, summed in their order.
pub(crate) fn mean<T: Real>(losses: impl ExactSizeIterator<Item = T>) -> Result<T, GradientError> {
    let samples = losses.len();
    let mut sum = T::zero();
    for (sample, loss) in losses.enumerate() {
        if !loss.is_finite() {
            return Err(GradientError::NotFinite {
                sample,
                loss: loss.as_f64(),
            });
        }
        sum += loss;
    }
    Ok(sum / T::of(samples as f64))
}

impl<T: Real> std::fmt::Debug for Objective<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Objective")
            .field("network", self.network)
            .field("head", &self.head)
            .finish()
    }
}
