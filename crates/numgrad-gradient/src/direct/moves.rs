//! The loss of one sample at many moves of one neuron's z.
use crate::corners::{Corners, MOST_CUTS, find_cuts};
use crate::ends::Ends;
use crate::pieces::{Pieces, VALUES};
use crate::probe::{MOST_MOVES, Neurons, Probe, ProbeScratch, reserve};
use numgrad_core::{Mlp, Real};
use numgrad_loss::SoftmaxCrossEntropy;
use numgrad_scalar::slices;

/// The memory of a direct evaluation.
#[derive(Debug, Default)]
pub(crate) struct DirectScratch<T> {
    probe: ProbeScratch<T>,
    pub(super) deltas: Vec<T>,
    pub(super) losses: Vec<T>,
    pub(super) quotients: Vec<T>,
    direction: Vec<T>,
    offsets: Vec<T>,
    moves: Vec<T>,
    corners: Corners<T>,
    pub(super) pieces: Pieces<T>,
    ends: Ends<T>,
}

impl<T: Real> DirectScratch<T> {
    /// Takes the memory that any neuron may need, so that nothing is allocated when one is the
    /// first to need so much.
    pub(super) fn reserve(&mut self, network: &Mlp<T>, points: usize) {
        let inputs = (0..network.layers()).map(|layer| network.fan_in(layer) + 1);
        let values = inputs.fold(0, usize::max);
        let columns = (values * points).min(MOST_MOVES.max(points));
        let columns = columns.max(VALUES * (MOST_CUTS + 1));
        reserve(&mut self.quotients, values);
        for room in [&mut self.deltas, &mut self.losses] {
            reserve(room, columns);
        }
        reserve(&mut self.moves, network.outputs() * columns);
        for room in [&mut self.direction, &mut self.offsets] {
            reserve(room, network.outputs());
        }
        self.corners.reserve(network, columns);
        self.ends.reserve(columns);
        self.pieces.reserve();
        self.probe.reserve(network);
    }

    /// Describes φ piece by piece, up to the furthest of so many moves. `false` if it is not to be
    /// had so.
    pub(super) fn describe(
        &mut self,
        probe: &Probe<'_, T>,
        (layer, neuron, sample): (usize, usize, usize),
        (furthest, moves): (T, usize),
        evaluations: &mut u64,
    ) -> bool {
        let neurons = Neurons {
            layer,
            sample,
            first: neuron,
            count: 1,
        };
        let way = (-furthest, furthest);
        let (pieces, scratch) = (&mut self.pieces, &mut self.probe);
        // Other losses may have corners of their own.
        let is_asked = probe.objective.head.is_softmax_cross_entropy()
            && find_cuts(probe, neurons, way, scratch, pieces.cuts())
            && pieces.ask(moves, way, &mut self.deltas);
        if !is_asked {
            return false;
        }
        *evaluations += self.deltas.len() as u64;
        self.evaluate(probe, (layer, neuron, sample));
        let exact = probe.objective.differences_are_exact();
        self.pieces.describe(&self.losses, exact)
    }

    /// Fills `losses` with what the sample's loss changes by at each of the `deltas`. Returns how often it
    /// was evaluated.
    pub(super) fn evaluate_ends(
        &mut self,
        probe: &Probe<'_, T>,
        (layer, neuron, sample): (usize, usize, usize),
    ) -> u64 {
        let activation = probe.network().activation(layer);
        let may_jump = activation.is_some_and(|activation| !activation.is_piecewise_smooth());
        if may_jump {
            let neurons = Neurons {
                layer,
                sample,
                first: neuron,
                count: 1,
            };
            self.ends
                .gather(probe, neurons, &mut self.deltas, &mut self.probe);
        }
        if !self.deltas.is_empty() {
            self.evaluate(probe, (layer, neuron, sample));
        }
        let evaluations = self.deltas.len() as u64;
        if may_jump {
            self.ends.spread(&mut self.losses);
        }
        evaluations
    }

    /// The same by an evaluation for each of them.
    fn evaluate(&mut self, probe: &Probe<'_, T>, (layer, neuron, sample): (usize, usize, usize)) {
        let neurons = Neurons {
            layer,
            sample,
            first: neuron,
            count: 1,
        };
        if self.along_line(probe, neurons) {
            return;
        }
        self.losses.resize(self.deltas.len(), T::zero());
        let (losses, crossed) = (&mut self.losses, &mut [false]);
        probe.losses(neurons, &self.deltas, &mut self.probe, losses, crossed);
    }

    /// The same where the logits move on a straight line.
    fn along_line(&mut self, probe: &Probe<'_, T>, neurons: Neurons) -> bool {
        let network = probe.network();
        let (last, outputs) = (network.layers() - 1, network.outputs());
        let Neurons {
            layer,
            sample,
            first: neuron,
            ..
        } = neurons;
        self.losses.clear();
        self.losses.extend_from_slice(&self.deltas);
        self.direction.clear();
        self.direction.resize(outputs, T::zero());
        if layer < last {
            probe.activate(neurons, &mut self.losses, &mut self.probe);
        }
        match last - layer {
            0 => self.direction[neuron] = T::one(),
            1 => {
                let weights = &probe.theta[network.weights_range(last)];
                let column = &weights[neuron * outputs..][..outputs];
                self.direction.copy_from_slice(column);
            }
            _ => {
                let furthest = slices::largest(&self.losses);
                if furthest == T::zero() {
                    return true; // a dead unit moves nothing
                }
                let direction = &mut self.direction;
                if !self.corners.find(probe, neurons, furthest, direction) {
                    return false;
                }
                if !self.corners.is_straight() {
                    self.by_differences(probe, neurons, true);
                    return true;
                }
            }
        }
        if !probe.objective.head.is_softmax_cross_entropy() {
            self.by_differences(probe, neurons, false);
            return true;
        }
        SoftmaxCrossEntropy::along(
            probe.trace.units(network, last, sample).a,
            &self.direction,
            probe.target(sample),
            &mut self.losses,
            &mut self.offsets,
        )
    }

    /// The same for any loss, and where some units cross their corner.
    fn by_differences(&mut self, probe: &Probe<'_, T>, neurons: Neurons, has_corners: bool) {
        let network = probe.network();
        let (outputs, distances) = (network.outputs(), &mut self.losses);
        self.moves.resize(outputs * distances.len(), T::zero());
        self.offsets.resize(outputs, T::zero());
        let runs = self.moves.chunks_exact_mut(distances.len());
        for (run, &v) in runs.zip(&self.direction) {
            for (to, &s) in run.iter_mut().zip(&*distances) {
                *to = s * v;
            }
        }
        if has_corners {
            self.corners.add(probe, neurons, distances, &mut self.moves);
        }
        probe.objective.head.differences(
            probe
                .trace
                .units(network, network.layers() - 1, neurons.sample),
            &mut self.moves,
            probe.target(neurons.sample),
            &mut self.offsets,
            distances,
        );
    }
}
