//! From what was measured at each neuron to the gradient of each weight:
//! ∂L/∂W = (1/B)·Σ_m C_m·(A^m)ᵀ, one matrix product for each power of the inputs.
use crate::choice::Choice;
use crate::describe::Powers;
use crate::engine::{Room, Scratch};
use crate::probe::Batch;
use crate::workers::Workers;
use numgrad_core::{
    Matrix, MatrixMut, Mlp, NonZeros, Onto, Real, SPARSE_BLOCK, multiply, multiply_rows,
};

/// Columns of a weight matrix that one worker computes at a time.
const COLUMNS: usize = SPARSE_BLOCK;

/// Some columns of a layer's weights, or its biases.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Part {
    layer: usize,
    /// Columns of W; `None` for the biases.
    columns: Option<(usize, usize)>,
    /// Where the part lies in θ.
    start: usize,
    end: usize,
}

/// The parts of a network's gradient, in the order of θ: a fixed tiling, whatever the threads.
/// With a choice, those of its neurons' rows, one layer behind the other.
pub(crate) fn parts<T: Real>(network: &Mlp<T>, choice: Option<&Choice>) -> Vec<Part> {
    let (mut parts, mut start) = (Vec::new(), 0);
    for layer in 0..network.layers() {
        let width = choice.map_or(network.width(layer), |choice| choice.listed(layer).len());
        let inputs = network.fan_in(layer);
        if width == 0 {
            continue;
        }
        for first in (0..inputs).step_by(COLUMNS) {
            let last = (first + COLUMNS).min(inputs);
            parts.push(Part {
                layer,
                columns: Some((first, last)),
                start: start + first * width,
                end: start + last * width,
            });
        }
        let biases = start + inputs * width;
        parts.push(Part {
            layer,
            columns: None,
            start: biases,
            end: biases + width,
        });
        start = biases + width;
    }
    parts
}

/// Fills `gradient` from what the sweep left in the room, in parallel over parts.
pub(crate) fn assemble<T: Real>(
    batch: &Batch<'_, T>,
    powers: &Powers<T>,
    room: &Room<T>,
    gradient: &mut [T],
) {
    assemble_rows(batch, powers, room, (None, &room.parts), gradient);
}

/// The same of a choice's neurons: `rows` are cut into the choice's [`parts`].
pub(crate) fn assemble_rows<T: Real>(
    batch: &Batch<'_, T>,
    powers: &Powers<T>,
    room: &Room<T>,
    (choice, parts): (Option<&Choice>, &[Part]),
    rows: &mut [T],
) {
    let sources = Sources {
        batch,
        choice,
        powers,
        coefficients: &room.coefficients,
        sparse: room.is_sparse.then_some(&room.sparse[..]),
        workers: &room.workers,
    };
    sources.each(parts, rows);
}

/// What a gradient is assembled from.
struct Sources<'a, T: Real> {
    batch: &'a Batch<'a, T>,
    choice: Option<&'a Choice>,
    powers: &'a Powers<T>,
    /// A record a sample, in it a run of the layer's neurons for each power, layer after layer.
    coefficients: &'a [T],
    /// Which of the first layer's inputs are not 0, tile after tile, where they are mostly 0.
    sparse: Option<&'a [NonZeros]>,
    workers: &'a Workers<Scratch<T>>,
}

impl<T: Real> Sources<'_, T> {
    fn each(&self, parts: &[Part], gradient: &mut [T]) {
        match parts {
            [] => {}
            [part] => self.one(*part, gradient),
            _ => {
                let (left, right) = parts.split_at(parts.len() / 2);
                let cut = left[left.len() - 1].end - left[0].start;
                let (low, high) = gradient.split_at_mut(cut);
                rayon::join(|| self.each(left, low), || self.each(right, high));
            }
        }
    }

    fn one(&self, part: Part, gradient: &mut [T]) {
        match (part.columns, self.sparse) {
            (None, _) => self.biases(part.layer, gradient),
            (Some(columns), Some(tiles)) if part.layer == 0 => {
                self.add_nonzeros(columns, tiles, gradient);
            }
            (Some(columns), _) => self.add_all(part.layer, columns, gradient),
        }
        let mean = T::one() / T::of(self.batch.samples() as f64);
        for entry in gradient {
            *entry *= mean;
        }
    }

    /// The neurons of a layer that were measured.
    fn width(&self, layer: usize) -> usize {
        let all = self.batch.network().width(layer);
        self.choice.map_or(all, |choice| choice.listed(layer).len())
    }

    /// The measured neurons before a layer.
    fn neuron(&self, layer: usize) -> usize {
        let all = self.batch.network().neuron(layer);
        self.choice.map_or(all, |choice| choice.start(layer))
    }

    /// All measured neurons.
    fn neurons(&self) -> usize {
        let all = self.batch.network().neurons();
        self.choice.map_or(all, Choice::neurons)
    }

    /// What was measured of a layer for one power: neurons × samples.
    fn measured(&self, layer: usize, power: usize, first: usize, samples: usize) -> Matrix<'_, T> {
        let (width, powers) = (self.width(layer), self.powers.get().len());
        let record = powers * self.neurons();
        let start = first * record + powers * self.neuron(layer) + power * width;
        Matrix::new(&self.coefficients[start..], width, samples, record)
    }

    /// The first layer, by its inputs that are not 0.
    fn add_nonzeros(&self, (first, last): (usize, usize), tiles: &[NonZeros], gradient: &mut [T]) {
        let width = self.width(0);
        let gathered = &mut self.workers.own().gathered;
        gathered.gather(self.batch.given.x, tiles, first / COLUMNS);
        let mut onto = Onto::Nothing;
        for (m, &(power, _)) in self.powers.get().iter().enumerate() {
            let measured = self.measured(0, m, 0, self.batch.samples());
            let to = MatrixMut::new(gradient, width, last - first, width);
            let raise = |x| small_power(x, power);
            multiply_rows(measured, gathered, raise, onto, to);
            onto = Onto::Itself;
        }
    }

    /// Any layer, by all its inputs.
    fn add_all(&self, layer: usize, (first, last): (usize, usize), gradient: &mut [T]) {
        let batch = self.batch;
        let network = batch.network();
        let (width, fan_in, count) = (self.width(layer), network.fan_in(layer), last - first);
        let raised = &mut self.workers.own().raised;
        let mut onto = Onto::Nothing;
        for (m, &(power, _)) in self.powers.get().iter().enumerate() {
            let mut add = |start: usize, samples: usize, inputs: &[T]| {
                let mut inputs = Matrix::new(&inputs[first..], count, samples, fan_in);
                if power > 1 {
                    raise(inputs, power, raised);
                    inputs = Matrix::new(raised, count, samples, count);
                }
                let measured = self.measured(layer, m, start, samples);
                let to = MatrixMut::new(gradient, width, count, width);
                multiply(measured, inputs.transposed(), onto, to);
                onto = Onto::Itself;
            };
            if layer == 0 {
                add(0, batch.samples(), batch.given.x);
                continue;
            }
            let mut start = 0;
            for tile in batch.trace.tiles() {
                add(start, tile.samples(), tile.layer(network, layer - 1).a);
                start += tile.samples();
            }
        }
    }

    fn biases(&self, layer: usize, gradient: &mut [T]) {
        let (width, powers) = (self.width(layer), self.powers.get().len());
        let record = powers * self.neurons();
        let start = powers * self.neuron(layer);
        gradient.fill(T::zero());
        for record in self
            .coefficients
            .chunks_exact(record)
            .take(self.batch.samples())
        {
            for run in record[start..][..powers * width].chunks_exact(width) {
                for (gradient, &c) in gradient.iter_mut().zip(run) {
                    *gradient += c;
                }
            }
        }
    }
}

/// Each entry of a matrix to a power, column after column.
fn raise<T: Real>(matrix: Matrix<'_, T>, power: i32, raised: &mut Vec<T>) {
    raised.clear();
    for column in matrix.columns() {
        raised.extend(column.iter().map(|&x| small_power(x, power)));
    }
}

/// x to a power of 1 to 4.
fn small_power<T: Real>(x: T, power: i32) -> T {
    match power {
        1 => x,
        2 => x * x,
        3 => x * x * x,
        _ => (x * x) * (x * x),
    }
}
