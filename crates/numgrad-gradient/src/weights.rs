//! What a gradient asks of the weights again and again: their transposes, how far a unit can be
//! moved through them, and their powers.
use crate::describe::DEGREE;
use crate::objective::Paths;
use numgrad_core::{Matrix, Mlp, Real};
use numgrad_scalar::{slices, wide};
use rayon::prelude::*;

/// Columns of a transpose that are written together: a cache line of the weights is then read once.
const TOGETHER: usize = 8;

/// Weights that are worth a second worker.
const LARGE: usize = 1 << 13;

/// The transposes of all weights but the first layer's.
#[derive(Debug, Default)]
pub(crate) struct Weights<T> {
    transposed: Vec<T>,
    /// The largest entry of the output layer's weights.
    largest_of_output: T,
    /// For each pair of hidden layers l < q, the bounds of q's units.
    bounds: Vec<T>,
    /// The size of the largest weight into the last hidden layer, and the powers of those weights'
    /// parts of it.
    largest_before_last: T,
    powers: [Vec<T>; DEGREE],
}

impl<T: Real> Weights<T> {
    /// Takes the weights from θ, in parallel, and finds what the logits' paths ask for.
    pub(crate) fn prepare(&mut self, network: &Mlp<T>, theta: &[T], paths: Paths) {
        let first = network.weights_range(0).end + network.width(0);
        self.transposed
            .resize(network.parameters() - first, T::zero());
        for layer in 1..network.layers() {
            let (inputs, width) = (network.fan_in(layer), network.width(layer));
            let range = network.weights_range(layer);
            let weights = &theta[range.clone()];
            let part = if weights.len() >= LARGE {
                TOGETHER
            } else {
                width
            };
            self.transposed[range.start - first..range.end - first]
                .par_chunks_mut(part * inputs)
                .enumerate()
                .for_each(|(k, columns)| {
                    for (m, columns) in columns.chunks_mut(TOGETHER * inputs).enumerate() {
                        let first = k * part + m * TOGETHER;
                        transpose(&weights[first..], width, inputs, columns);
                    }
                });
        }
        self.largest_of_output = slices::largest(self.output_rows(network));
        match paths {
            Paths::Unknown => {}
            Paths::Lines => self.prepare_bounds(network),
            Paths::Curves => self.prepare_powers(network),
        }
    }

    /// W of a layer but the first, transposed: inputs × outputs.
    pub(crate) fn transposed(&self, network: &Mlp<T>, layer: usize) -> Matrix<'_, T> {
        let inputs = network.fan_in(layer);
        Matrix::new(
            self.entries(network, layer),
            inputs,
            network.width(layer),
            inputs,
        )
    }

    /// W of the output layer: a run of all its inputs for each output.
    pub(crate) fn output_rows(&self, network: &Mlp<T>) -> &[T] {
        match network.layers() {
            1 => &[],
            layers => self.entries(network, layers - 1),
        }
    }

    /// The size of their largest entry; NaN if one is not finite.
    pub(crate) fn largest_of_output(&self) -> T {
        self.largest_of_output
    }

    /// The size of the largest weight into the last hidden layer.
    pub(crate) fn largest_before_last(&self) -> T {
        self.largest_before_last
    }

    /// The weights into the last hidden layer, as parts of the largest one, to the power `at` + 1:
    /// for each unit a run of its inputs.
    pub(crate) fn power(&self, at: usize) -> &[T] {
        &self.powers[at]
    }

    fn entries(&self, network: &Mlp<T>, layer: usize) -> &[T] {
        let first = network.weights_range(0).end + network.width(0);
        let range = network.weights_range(layer);
        &self.transposed[range.start - first..range.end - first]
    }

    /// How far each unit of the hidden layer `behind` can move when one neuron of a layer before
    /// it moves its activation by 1 and every slope in between is at most 1.
    pub(crate) fn bounds(&self, network: &Mlp<T>, layer: usize, behind: usize) -> &[T] {
        &self.bounds[bounds_start(network, layer, behind)..][..network.width(behind)]
    }

    fn prepare_powers(&mut self, network: &Mlp<T>) {
        let mut powers = std::mem::take(&mut self.powers);
        let weights = self.entries(network, network.layers() - 2);
        let largest = slices::largest(weights);
        let part = T::one() / largest;
        for power in &mut powers {
            power.resize(weights.len(), T::zero());
        }
        let [first, second, third, fourth] = powers.each_mut().map(|p| p.par_chunks_mut(LARGE));
        let of_part = first.zip(second).zip(third.zip(fourth));
        of_part.zip(weights.par_chunks(LARGE)).for_each(
            |(((first, second), (third, fourth)), weights)| {
                for (k, &w) in weights.iter().enumerate() {
                    let w = w * part;
                    first[k] = w;
                    second[k] = w * w;
                    third[k] = w * w * w;
                    fourth[k] = (w * w) * (w * w);
                }
            },
        );
        self.powers = powers;
        self.largest_before_last = largest;
    }

    /// max_i |W[m, i]| for the next layer, and Σ_i |W[m, i]|·(the bound of the layer before) for
    /// those further on.
    fn prepare_bounds(&mut self, network: &Mlp<T>) {
        let hidden = network.layers() - 1;
        let mut bounds = std::mem::take(&mut self.bounds);
        bounds.resize(bounds_start(network, hidden, hidden), T::zero());
        for layer in 0..hidden {
            for behind in layer + 1..hidden {
                let start = bounds_start(network, layer, behind);
                let (done, rest) = bounds.split_at_mut(start);
                let rows = self.entries(network, behind);
                let inputs = network.fan_in(behind);
                let before = (behind > layer + 1).then(|| &done[start - inputs..]);
                rest[..network.width(behind)]
                    .par_iter_mut()
                    .with_min_len(LARGE.div_ceil(4 * inputs))
                    .zip(rows.par_chunks_exact(inputs))
                    .for_each(|(bound, row)| {
                        *bound = match before {
                            None => slices::largest(row),
                            Some(before) => sum_of_sizes(row, before),
                        }
                    });
            }
        }
        self.bounds = bounds;
    }
}

/// Where the bounds of a pair of hidden layers begin; for a layer past the last, their number.
fn bounds_start<T: Real>(network: &Mlp<T>, layer: usize, behind: usize) -> usize {
    let hidden = network.layers() - 1;
    let units = |from: usize, to: usize| network.neuron(to) - network.neuron(from);
    let rows = (0..layer.min(hidden)).map(|l| units(l + 1, hidden));
    rows.sum::<usize>() + units((layer + 1).min(behind), behind)
}

/// Σ |w_i|·b_i.
fn sum_of_sizes<T: Real>(row: &[T], bounds: &[T]) -> T {
    let mut lanes = [T::zero(); 16];
    wide(
        #[inline(always)]
        || {
            for (row, bounds) in row.chunks(16).zip(bounds.chunks(16)) {
                for ((lane, &w), &bound) in lanes.iter_mut().zip(row).zip(bounds) {
                    *lane = w.magnitude().fused(bound, *lane);
                }
            }
        },
    );
    lanes.iter().fold(T::zero(), |sum, &lane| sum + lane)
}

/// Some rows of W, column-major with `width` rows, as columns.
fn transpose<T: Real>(weights: &[T], width: usize, inputs: usize, columns: &mut [T]) {
    let rows = columns.len() / inputs;
    for i in 0..inputs {
        let from = &weights[i * width..][..rows];
        for (m, &w) in from.iter().enumerate() {
            columns[m * inputs + i] = w;
        }
    }
}
