//! How the neurons before a smooth last hidden layer move the logits: its units' activations are
//! polynomials in the moves of their z, described once for each sample, and so the logits move on
//! curves, A_1·t + A_2·t² + A_3·t³ + A_4·t⁴ with A_m = Σ_k v_k·c_km·(w_k)^m: one matrix product
//! for each power serves all neurons of the layer.
use crate::describe::{DEGREE, NODES, evaluate, fit, tolerance};
use crate::probe::{Probe, reserve};
use numgrad_core::{Matrix, MatrixMut, Onto, Real, multiply};
use numgrad_scalar::{slices, wide};

/// How much further than its z a neuron's activation may move.
const STEEPEST: f64 = 2.0;

/// The powers that are always followed. The fourth is where it is not below the tolerance.
const USUAL: usize = 3;

/// The curves of a few samples.
#[derive(Debug, Default)]
pub(crate) struct Curves<T> {
    samples: Vec<Sample<T>>,
    /// For each node and unit the move of its activation.
    nodes: Vec<T>,
    /// For each power, sample and output a run of the units, c·v.
    terms: [Vec<T>; DEGREE],
    /// For each power the chosen neurons' weights, where not all are asked for.
    some_weights: Vec<T>,
    /// For each power, sample and output a run of the neurons: A_m.
    coefficients: [Vec<T>; DEGREE],
}

/// What is known of a sample.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sample<T> {
    /// t is the move of a neuron's activation divided by this.
    pub(crate) reach: T,
    pub(crate) needs_fourth: bool,
}

impl<T> Sample<T> {
    /// How many powers are followed.
    pub(crate) fn powers(&self) -> usize {
        if self.needs_fourth { DEGREE } else { USUAL }
    }
}

impl<T: Real> Curves<T> {
    /// The curves for `layer`, right before the last hidden one, as far as the moves of its
    /// activations by the `distances`, node after node; z moves by up to `ranges`. Samples whose
    /// units are not polynomials so far are not `followed`.
    pub(crate) fn find(
        &mut self,
        probe: &Probe<'_, T>,
        (layer, some): (usize, Option<&[usize]>),
        (ranges, distances): (&[T], &[T]),
        followed: &mut [bool],
    ) {
        let network = probe.network();
        let (behind, outputs) = (layer + 1, network.outputs());
        let (inner, all) = (network.width(behind), network.width(layer));
        let width = some.map_or(all, <[usize]>::len);
        let columns = followed.len() * outputs;
        self.samples.clear();
        reserve(&mut self.nodes, NODES.len() * inner);
        for (terms, to) in self.terms.iter_mut().zip(&mut self.coefficients) {
            terms.resize(columns * inner, T::zero());
            to.resize(columns * width, T::zero());
        }
        for (sample, followed) in followed.iter_mut().enumerate() {
            let nodes = distances.chunks_exact(ranges.len() * width);
            let mut nodes = nodes.map(|node| &node[sample * width..][..width]);
            let reach = T::of(STEEPEST) * ranges[sample];
            // Written so that a NaN fails.
            *followed = nodes.all(|node| slices::largest(node) <= reach);
            let found = if *followed {
                self.describe(probe, behind, (sample, reach))
            } else {
                None
            };
            *followed = found.is_some();
            self.samples.push(Sample {
                reach,
                needs_fourth: found.unwrap_or(false),
            });
        }
        if !followed.contains(&true) {
            return;
        }
        let needs_fourth = self.samples.iter().any(|sample| sample.needs_fourth);
        for power in 0..if needs_fourth { DEGREE } else { USUAL } {
            let weights = probe.weights.power(power);
            let weights = match some {
                None => weights,
                Some(some) => {
                    self.some_weights.clear();
                    for of_unit in weights.chunks_exact(all) {
                        self.some_weights.extend(some.iter().map(|&i| of_unit[i]));
                    }
                    &self.some_weights
                }
            };
            multiply(
                Matrix::new(weights, width, inner, width),
                Matrix::new(&self.terms[power], inner, columns, inner),
                Onto::Nothing,
                MatrixMut::new(&mut self.coefficients[power], width, columns, width),
            );
        }
    }

    /// The units of a sample, for moves of a neuron's activation by up to `reach`: whether they
    /// need the fourth power, or `None` if they are no polynomials so far.
    fn describe(
        &mut self,
        probe: &Probe<'_, T>,
        behind: usize,
        (sample, reach): (usize, T),
    ) -> Option<bool> {
        let network = probe.network();
        let activation = network.activation(behind)?;
        let inner = network.width(behind);
        let range = reach * probe.weights.largest_before_last();
        self.nodes.clear();
        for node in NODES {
            let length = self.nodes.len() + inner;
            self.nodes.resize(length, T::of(node) * range);
        }
        let units = probe.trace.units(network, behind, sample);
        activation.differences(units, &mut self.nodes);
        let tolerance = tolerance(activation.difference_is_exact(), range)
            * slices::largest(&self.nodes[..2 * inner]);
        let (moves, check) = self.nodes.split_at_mut((NODES.len() - 1) * inner);
        let [up, down, half_up, half_down] = split(moves, inner);
        wide(
            #[inline(always)]
            || {
                for k in 0..inner {
                    let polynomial = fit([up[k], down[k], half_up[k], half_down[k]]);
                    check[k] = evaluate(&polynomial, T::of(NODES[4])) - check[k];
                    [up[k], down[k], half_up[k], half_down[k]] = polynomial;
                }
            },
        );
        // Written so that a NaN fails.
        let is_good = slices::largest(check) <= tolerance && tolerance > T::zero();
        if !is_good {
            return None;
        }
        let needs_fourth = slices::largest(half_down) > tolerance;
        let polynomials = [&*up, &*down, &*half_up, &*half_down];
        let used = if needs_fourth { DEGREE } else { USUAL };
        let rows = probe.weights.output_rows(network).chunks_exact(inner);
        for (terms, polynomial) in self.terms.iter_mut().zip(polynomials).take(used) {
            let terms = &mut terms[sample * network.outputs() * inner..];
            for (terms, row) in terms.chunks_exact_mut(inner).zip(rows.clone()) {
                for ((term, &c), &v) in terms.iter_mut().zip(polynomial).zip(row) {
                    *term = c * v;
                }
            }
        }
        Some(needs_fourth)
    }

    pub(crate) fn samples(&self) -> &[Sample<T>] {
        &self.samples
    }

    /// A_m of a sample, for each power m from 1 on and each output a run of so many neurons.
    pub(crate) fn of(&self, sample: usize, length: usize) -> [&[T]; DEGREE] {
        std::array::from_fn(|power| &self.coefficients[power][sample * length..][..length])
    }
}

/// The four runs of so many entries.
fn split<T>(entries: &mut [T], length: usize) -> [&mut [T]; 4] {
    let (low, high) = entries.split_at_mut(2 * length);
    let ((one, two), (three, four)) = (low.split_at_mut(length), high.split_at_mut(length));
    [one, two, three, four]
}
