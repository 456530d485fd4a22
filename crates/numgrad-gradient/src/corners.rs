//! How one neuron moves the logits where a piecewise linear layer lies between them: on a straight
//! line, but for the few units that cross their corner on the way.
use crate::probe::{Neurons, Probe, ProbeScratch, has_corner, reserve};
use numgrad_core::{Activation, Matrix, MatrixMut, Mlp, Onto, Real, Units, multiply};
use std::cmp::Ordering;

/// The most crossing units that are followed one by one.
const MOST: usize = 16;

/// The memory of a neuron's corners.
#[derive(Debug, Default)]
pub(crate) struct Corners<T> {
    slopes: Vec<T>,
    moved: Vec<T>,
    crossing: Vec<usize>,
    excess: Vec<T>,
}

impl<T: Real> Corners<T> {
    /// Takes the memory that any neuron of a network may need for so many distances.
    pub(crate) fn reserve(&mut self, network: &Mlp<T>, distances: usize) {
        let widths = (0..network.layers()).map(|layer| network.width(layer));
        let widest = widths.fold(0, usize::max);
        for room in [&mut self.slopes, &mut self.moved] {
            reserve(room, widest);
        }
        reserve(&mut self.crossing, widest);
        reserve(&mut self.excess, distances);
    }

    /// Writes over `direction` the move of the logits for a unit move of the neuron's a with every
    /// unit behind it on its side, and keeps the units that cross when a moves by `furthest`.
    /// `false` if the layer behind is not the last hidden one, is not piecewise linear, or has too
    /// many units that cross.
    pub(crate) fn find(
        &mut self,
        probe: &Probe<'_, T>,
        neurons: Neurons,
        furthest: T,
        direction: &mut [T],
    ) -> bool {
        let Some((units, activation)) = behind(probe, neurons) else {
            return false;
        };
        let column = column(probe, neurons);
        self.crossing.clear();
        for (k, (&w, &z)) in column.iter().zip(units.z).enumerate() {
            let stays = (w * furthest).magnitude() < z.magnitude();
            // A NaN crosses.
            if !stays {
                self.crossing.push(k);
            }
        }
        if self.crossing.len() > MOST {
            return false;
        }
        slopes(units, activation, &mut self.slopes);
        self.moved.clear();
        let sides = column.iter().zip(&self.slopes);
        self.moved.extend(sides.map(|(&w, &slope)| w * slope));
        let network = probe.network();
        let (outputs, width) = (network.outputs(), column.len());
        multiply(
            network.matrix(probe.theta, neurons.layer + 2),
            Matrix::new(&self.moved, width, 1, width),
            Onto::Nothing,
            MatrixMut::new(direction, outputs, 1, outputs),
        );
        true
    }

    /// Whether no unit crosses.
    pub(crate) fn is_straight(&self) -> bool {
        self.crossing.is_empty()
    }

    /// Adds to the moves of the logits along the direction what the crossing units add to them when a
    /// moves by the distances: a run of these for each output.
    pub(crate) fn add(
        &mut self,
        probe: &Probe<'_, T>,
        neurons: Neurons,
        distances: &[T],
        moves: &mut [T],
    ) {
        let Some((units, activation)) = behind(probe, neurons) else {
            return;
        };
        let network = probe.network();
        let outputs = network.outputs();
        let weights = &probe.theta[network.weights_range(neurons.layer + 2)];
        let column = column(probe, neurons);
        for &k in &self.crossing {
            let (w, slope) = (column[k], self.slopes[k]);
            self.excess.clear();
            self.excess.extend(distances.iter().map(|&s| w * s));
            activation.differences(units.some(k, 1), &mut self.excess);
            for (excess, &s) in self.excess.iter_mut().zip(distances) {
                *excess -= slope * (w * s);
            }
            let weights = &weights[k * outputs..][..outputs];
            for (run, &w) in moves.chunks_exact_mut(distances.len()).zip(weights) {
                for (to, &excess) in run.iter_mut().zip(&self.excess) {
                    *to += w * excess;
                }
            }
        }
    }
}

/// The last hidden layer's units, if they are behind the neuron and piecewise linear.
fn behind<'a, T: Real>(
    probe: &Probe<'a, T>,
    neurons: Neurons,
) -> Option<(Units<'a, T>, &'a dyn Activation<T>)> {
    let network = probe.network();
    let layer = neurons.layer + 1;
    let activation = network.activation(layer)?;
    (layer + 2 == network.layers() && activation.is_piecewise_linear()).then(|| {
        (
            probe.trace.units(network, layer, neurons.sample),
            activation,
        )
    })
}

/// The weights from one neuron to the layer behind it.
fn column<'a, T: Real>(probe: &Probe<'a, T>, neurons: Neurons) -> &'a [T] {
    let network = probe.network();
    let (layer, width) = (neurons.layer + 1, network.width(neurons.layer + 1));
    &probe.theta[network.weights_range(layer)][neurons.first * width..][..width]
}

/// What each unit's activation moves by for a move of z that stays on its side, half of the way to
/// the corner, divided by that move.
pub(crate) fn slopes<T: Real>(units: Units<'_, T>, by: &dyn Activation<T>, slopes: &mut Vec<T>) {
    let half = |z: T| {
        if z == T::zero() {
            T::one()
        } else {
            -T::HALF * z
        }
    };
    slopes.clear();
    slopes.extend(units.z.iter().map(|&z| half(z)));
    by.differences(units, slopes);
    for (slope, &z) in slopes.iter_mut().zip(units.z) {
        *slope /= half(z);
    }
}

/// The most corners on the way of a move that are worth a piece of their own each.
pub(crate) const MOST_CUTS: usize = 3;

/// Writes over `cuts` the moves of a neuron's z at which a unit crosses its corner, the neuron
/// itself or one behind it, in their order: those between two moves on both sides of 0. `false` where
/// they are many, or may lie further behind than in the last hidden layer.
pub(crate) fn find_cuts<T: Real>(
    probe: &Probe<'_, T>,
    neurons: Neurons,
    (low, high): (T, T),
    scratch: &mut ProbeScratch<T>,
    cuts: &mut Vec<T>,
) -> bool {
    cuts.clear();
    let network = probe.network();
    let layer = neurons.layer;
    let Some(activation) = network.activation(layer) else {
        return true; // an output's has none
    };
    if !activation.is_piecewise_linear() {
        return false;
    }
    let z = probe.trace.units(network, layer, neurons.sample).z[neurons.first];
    let crosses = has_corner(activation) && low <= -z && -z <= high;
    if crosses {
        cuts.push(-z);
    }
    if layer + 2 == network.layers() {
        return true;
    }
    let Some((units, behind)) = behind(probe, neurons) else {
        return false;
    };
    if !has_corner(behind) {
        return true;
    }
    let mut ends = [low, high];
    probe.activate(neurons, &mut ends, scratch);
    let slope = (ends[1] - ends[0]) / (high - low);
    for (&w, &z) in column(probe, neurons).iter().zip(units.z) {
        let stays = |end: T| {
            let moved = w * end;
            moved.magnitude() < z.magnitude() || (moved > T::zero()) == (z > T::zero())
        };
        if ends.into_iter().all(stays) {
            continue;
        }
        // Behind its own corner a neuron moves those units by another slope.
        if crosses || cuts.len() == MOST_CUTS {
            return false;
        }
        cuts.push(-z / (w * slope));
    }
    cuts.sort_unstable_by(|a, b| a.partial_cmp(b).unwrap_or(Ordering::Equal));
    cuts.iter().all(T::is_finite)
}
