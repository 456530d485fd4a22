//! How the loss of one sample changes when neurons' pre-activations move: the partial pass.
use crate::Objective;
use crate::engine::Given;
use crate::weights::Weights;
use numgrad_core::{
    Activation, ActivationKind, Matrix, MatrixMut, Mlp, Onto, Real, TileTrace, Trace, Units,
    multiply,
};
use numgrad_loss::{Target, Targets};
use numgrad_scalar::wide;

/// Entries of a block of propagated moves: 256 KiB in f64, which stays in a core's own cache.
const BLOCK: usize = 32 * 1024;

/// Entries of the directions that are found together: 1 MiB in f64. The weights that they are found
/// by are read once for them, and more would leave the cache before they are followed.
const DIRECTIONS: usize = 128 * 1024;

/// The most moves that one call of [`Probe::losses`] is given, and the least where there are more.
pub(crate) const MOST_MOVES: usize = 1024;
const LEAST_MOVES: usize = 16;

/// A batch after its forward pass.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Batch<'a, T: Real> {
    pub(crate) given: Given<'a, T>,
    pub(crate) trace: &'a Trace<T>,
    pub(crate) weights: &'a Weights<T>,
}

/// A tile of samples after its forward pass, ready to be asked what a perturbation does.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Probe<'a, T: Real> {
    pub(crate) objective: Objective<'a, T>,
    pub(crate) theta: &'a [T],
    /// The tile's inputs.
    pub(crate) x: &'a [T],
    /// The whole batch's targets.
    pub(crate) targets: &'a Targets<T>,
    /// The samples of the batch before the tile.
    pub(crate) first: usize,
    pub(crate) trace: TileTrace<'a, T>,
    pub(crate) weights: &'a Weights<T>,
}

impl<'a, T: Real> Batch<'a, T> {
    pub(crate) fn network(&self) -> &'a Mlp<T> {
        self.given.objective.network()
    }

    pub(crate) fn samples(&self) -> usize {
        self.trace.samples()
    }

    /// The inputs of a layer for a sample.
    pub(crate) fn inputs(&self, layer: usize, sample: usize) -> &'a [T] {
        let network = self.network();
        match layer {
            0 => &self.given.x[sample * network.inputs()..][..network.inputs()],
            _ => self.trace.units(network, layer - 1, sample).a,
        }
    }

    /// The tile that holds a sample, and the sample's place in it.
    pub(crate) fn probe(&self, sample: usize) -> (Probe<'a, T>, usize) {
        let (tile, size) = (sample / self.trace.tile_size(), self.trace.tile_size());
        let first = tile * size;
        let trace = self.trace.tile(tile);
        let inputs = self.network().inputs();
        let probe = Probe {
            objective: self.given.objective,
            theta: self.given.theta,
            x: &self.given.x[first * inputs..][..trace.samples() * inputs],
            targets: self.given.targets,
            first,
            trace,
            weights: self.weights,
        };
        (probe, sample - first)
    }
}

/// Neurons first..first + count of a layer, for one sample.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Neurons {
    pub(crate) layer: usize,
    pub(crate) sample: usize,
    pub(crate) first: usize,
    pub(crate) count: usize,
}

/// The memory of a probe.
#[derive(Debug, Default)]
pub(crate) struct ProbeScratch<T> {
    moves: Vec<T>,
    block: Vec<T>,
    next: Vec<T>,
    spread: [Vec<T>; 3],
    outputs: Vec<T>,
}

impl<T: Real> ProbeScratch<T> {
    /// Takes the memory that any moves of a network's neurons may need.
    pub(crate) fn reserve(&mut self, network: &Mlp<T>) {
        let widths = (1..network.layers()).map(|layer| network.width(layer));
        let widest = widths.fold(1, usize::max);
        reserve(&mut self.moves, network.outputs() * MOST_MOVES);
        for room in [&mut self.block, &mut self.next] {
            reserve(room, BLOCK.max(LEAST_MOVES * widest));
        }
        for room in &mut self.spread {
            reserve(room, MOST_MOVES);
        }
        reserve(&mut self.outputs, network.outputs());
    }
}

/// Makes room for so many entries in all.
pub(crate) fn reserve<T>(room: &mut Vec<T>, entries: usize) {
    room.reserve(entries.saturating_sub(room.len()));
}

impl<'a, T: Real> Probe<'a, T> {
    pub(crate) fn network(&self) -> &'a Mlp<T> {
        self.objective.network()
    }

    /// How many moves of a layer's neurons one call of [`Probe::losses`] should be given.
    pub(crate) fn capacity(&self, layer: usize) -> usize {
        let network = self.network();
        let widest = (layer + 1..network.layers())
            .map(|l| network.width(l))
            .max()
            .unwrap_or(network.outputs());
        (BLOCK / widest).clamp(LEAST_MOVES, MOST_MOVES)
    }

    /// The inputs of a layer for a sample.
    pub(crate) fn inputs(&self, layer: usize, sample: usize) -> &'a [T] {
        let network = self.network();
        match layer {
            0 => &self.x[sample * network.inputs()..][..network.inputs()],
            _ => self.trace.units(network, layer - 1, sample).a,
        }
    }

    /// Some of the samples.
    pub(crate) fn some(&self, first: usize, samples: usize) -> Self {
        let inputs = self.network().inputs();
        Self {
            x: &self.x[first * inputs..][..samples * inputs],
            first: self.first + first,
            trace: self.trace.some(first, samples),
            ..*self
        }
    }

    /// How many samples are looked at together: all, or, where neurons are followed along what they
    /// move the logits on, as many each, and so many that the directions of a hidden layer, where
    /// there are several, stay near a core's own cache.
    pub(crate) fn part_size(&self, follows: bool) -> usize {
        let (network, samples) = (self.network(), self.trace.samples());
        let hidden = 0..network.layers() - 1;
        if !follows || hidden.len() < 2 {
            return samples;
        }
        let widest = hidden.map(|layer| network.width(layer)).fold(1, usize::max);
        let most = (DIRECTIONS / (network.outputs() * widest)).max(1);
        samples.div_ceil(samples.div_ceil(most))
    }

    /// The target of a sample, as the loss's closed form takes it.
    pub(crate) fn target(&self, sample: usize) -> Target<'a, T> {
        let target = self.targets.get(self.first + sample);
        self.objective.head.loss().soften(target)
    }

    /// Writes over `out` how the sample's loss changes when one neuron's z moves by `deltas`.
    /// The neurons' moves are grouped by node: `deltas[k * count + i]` is the k-th move of
    /// neuron first + i. The neurons that make a unit behind them cross a corner are marked.
    pub(crate) fn losses(
        &self,
        neurons: Neurons,
        deltas: &[T],
        scratch: &mut ProbeScratch<T>,
        out: &mut [T],
        crossed: &mut [bool],
    ) {
        let network = self.network();
        let (columns, outputs) = (deltas.len(), network.outputs());
        let last = network.layers() - 1;
        scratch.moves.resize(outputs * columns, T::zero());
        scratch.outputs.resize(outputs, T::zero());
        match last - neurons.layer {
            0 => move_outputs(neurons, deltas, &mut scratch.moves),
            distance => {
                let mut moves = std::mem::take(&mut scratch.block);
                moves.clear();
                moves.extend_from_slice(deltas);
                self.activate(neurons, &mut moves, scratch);
                if distance == 1 {
                    self.reach_outputs(neurons, &moves, scratch);
                } else {
                    let mut logits = std::mem::take(&mut scratch.moves);
                    self.through_layers(neurons, &mut moves, scratch, &mut logits, crossed);
                    scratch.moves = logits;
                }
                scratch.block = moves;
            }
        }
        self.objective.head.differences(
            self.trace.units(network, last, neurons.sample),
            &mut scratch.moves,
            self.target(neurons.sample),
            &mut scratch.outputs,
            out,
        );
    }

    /// Moves of z become moves of a = φ(z).
    pub(crate) fn activate(
        &self,
        neurons: Neurons,
        moves: &mut [T],
        scratch: &mut ProbeScratch<T>,
    ) {
        let Neurons {
            layer,
            sample,
            first,
            count,
        } = neurons;
        let network = self.network();
        let activation = network
            .activation(layer)
            .expect("only hidden layers come here");
        let units = self.trace.units(network, layer, sample).some(first, count);
        if count > 1 {
            activation.differences(units, moves);
            return;
        }
        // One neuron with many moves: a column of that neuron's copies, for the sake of speed.
        let values = [units.z[0], units.a[0], units.memo[0]];
        for (spread, value) in scratch.spread.iter_mut().zip(values) {
            spread.clear();
            spread.resize(moves.len(), value);
        }
        let [z, a, memo] = &scratch.spread;
        activation.differences(Units { z, a, memo }, moves);
    }

    /// Last hidden layer: the logits move by the rank-one Δa·W[:, i].
    fn reach_outputs(&self, neurons: Neurons, moves: &[T], scratch: &mut ProbeScratch<T>) {
        let network = self.network();
        let width = network.width(neurons.layer);
        let rows = self.weights.output_rows(network).chunks_exact(width);
        for (to, row) in scratch.moves.chunks_exact_mut(moves.len()).zip(rows) {
            let weights = &row[neurons.first..neurons.first + neurons.count];
            let nodes = to
                .chunks_exact_mut(neurons.count)
                .zip(moves.chunks_exact(neurons.count));
            if let [weight] = weights {
                for (to, &a) in to.iter_mut().zip(moves) {
                    *to = *weight * a;
                }
            } else {
                for (to, a) in nodes {
                    for ((to, &a), &weight) in to.iter_mut().zip(a).zip(weights) {
                        *to = weight * a;
                    }
                }
            }
        }
    }

    /// Deeper: every move becomes a column, and all columns go through each further layer as
    /// one matrix product.
    fn through_layers(
        &self,
        neurons: Neurons,
        moves: &mut Vec<T>,
        scratch: &mut ProbeScratch<T>,
        logits: &mut [T],
        crossed: &mut [bool],
    ) {
        let network = self.network();
        let (columns, last) = (moves.len(), network.layers() - 1);
        let mut layer = neurons.layer + 1;
        let mut width = network.width(layer);
        let weights = &self.theta[network.weights_range(layer)];
        let block = &mut scratch.next;
        block.resize(width * columns, T::zero());
        for (column, (to, &a)) in block.chunks_exact_mut(width).zip(moves.iter()).enumerate() {
            let neuron = neurons.first + column % neurons.count;
            for (to, &w) in to.iter_mut().zip(&weights[neuron * width..][..width]) {
                *to = w * a;
            }
        }
        while let Some(activation) = network.activation(layer) {
            let units = self.trace.units(network, layer, neurons.sample);
            if has_corner(activation) {
                for (column, moves) in block.chunks_exact(width).enumerate() {
                    crossed[column % neurons.count] |= !stays_on_its_side(units.z, moves, T::one());
                }
            }
            activation.differences(units, block);
            let from = Matrix::new(block, width, columns, width);
            layer += 1;
            width = network.width(layer);
            moves.resize(width * columns, T::zero());
            let to = MatrixMut::new(moves, width, columns, width);
            multiply(network.matrix(self.theta, layer), from, Onto::Nothing, to);
            std::mem::swap(moves, block);
        }
        debug_assert_eq!(layer, last, "the output layer ends the loop");
        for (column, moved) in block.chunks_exact(width).enumerate() {
            for (k, &moved) in moved.iter().enumerate() {
                logits[k * columns + column] = moved;
            }
        }
    }
}

/// Whether a function that is linear on each side of 0 has a corner there.
pub(crate) fn has_corner<T: Real>(activation: &dyn Activation<T>) -> bool {
    activation.is_piecewise_linear() && activation.kind() != Some(ActivationKind::Identity)
}

/// Whether |d·scale| < |z| for every unit and its move d.
pub(crate) fn stays_on_its_side<T: Real>(z: &[T], moves: &[T], scale: T) -> bool {
    let mut lanes = [T::zero(); 16];
    wide(
        #[inline(always)]
        || {
            for (z, d) in z.chunks(16).zip(moves.chunks(16)) {
                for ((lane, &z), &d) in lanes.iter_mut().zip(z).zip(d) {
                    // Written so that a NaN crosses.
                    *lane = T::choose((d * scale).magnitude() < z.magnitude(), *lane, T::ONE);
                }
            }
        },
    );
    lanes.iter().all(|&lane| lane == T::zero())
}

/// A neuron of the output layer moves its own logit and no other.
fn move_outputs<T: Real>(neurons: Neurons, deltas: &[T], moves: &mut [T]) {
    moves.fill(T::zero());
    for (column, &delta) in deltas.iter().enumerate() {
        let neuron = neurons.first + column % neurons.count;
        moves[neuron * deltas.len() + column] = delta;
    }
}
