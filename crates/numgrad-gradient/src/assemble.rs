//! From what was measured at each neuron to the gradient of each weight:
//! ∂L/∂W = (1/B)·Σ_m C_m·(A^m)ᵀ, one matrix product for each power of the inputs.
use crate::block::Which;
use crate::choice::Choice;
use crate::describe::Powers;
use crate::engine::{Room, Scratch};
use crate::probe::Batch;
use crate::tiling::Part;
use crate::workers::Workers;
use numgrad_core::{
    Matrix, MatrixMut, NonZeros, Onto, Real, multiply, multiply_outer, multiply_rows, prefers_outer,
};
use numgrad_scalar::lanes::{dispatch, load_first, store_run};
use numgrad_scalar::{Simd, WithSimd, wide};

/// Fills `gradient` from what the sweep left in the room, in parallel over parts.
pub(crate) fn assemble<T: Real>(
    batch: &Batch<'_, T>,
    powers: &Powers<T>,
    room: &Room<T>,
    gradient: &mut [T],
) {
    assemble_rows(batch, powers, room, (Which::All, &room.parts), gradient);
}

/// The same of some neurons: `rows` are cut into their parts. The records hold a choice's neurons
/// alone, but all of those of whom a block is a part.
pub(crate) fn assemble_rows<T: Real>(
    batch: &Batch<'_, T>,
    powers: &Powers<T>,
    room: &Room<T>,
    (which, parts): (Which<'_>, &[Part]),
    rows: &mut [T],
) {
    let sources = Sources {
        batch,
        which,
        powers,
        coefficients: &room.coefficients,
        sparse: room.is_sparse.then(|| room.tiles_in_use()),
        workers: &room.workers,
    };
    sources.each(parts, rows);
}

/// What a gradient is assembled from.
struct Sources<'a, T: Real> {
    batch: &'a Batch<'a, T>,
    which: Which<'a>,
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
        wide(
            #[inline(always)]
            || {
                for entry in gradient {
                    *entry *= mean;
                }
            },
        );
    }

    fn choice(&self) -> Option<&Choice> {
        match self.which {
            Which::Chosen(choice) => Some(choice),
            Which::All | Which::Own(_) => None,
        }
    }

    /// The neurons of a layer that are asked for.
    fn width(&self, layer: usize) -> usize {
        self.which.width(self.batch.network(), layer)
    }

    /// The neurons of a layer that have places in the records, and how many of them stand before
    /// those that are asked for.
    fn recorded(&self, layer: usize) -> (usize, usize) {
        match self.which {
            Which::All | Which::Chosen(_) => (self.width(layer), 0),
            Which::Own(block) => (self.batch.network().width(layer), block.of(layer).start),
        }
    }

    /// The recorded neurons before a layer.
    fn neuron(&self, layer: usize) -> usize {
        let all = self.batch.network().neuron(layer);
        self.choice().map_or(all, |choice| choice.start(layer))
    }

    /// All recorded neurons.
    fn neurons(&self) -> usize {
        let all = self.batch.network().neurons();
        self.choice().map_or(all, Choice::neurons)
    }

    /// What was measured of a layer for one power: neurons × samples.
    fn measured(&self, layer: usize, power: usize, first: usize, samples: usize) -> Matrix<'_, T> {
        let (recorded, before) = self.recorded(layer);
        let powers = self.powers.get().len();
        let record = powers * self.neurons();
        let start = first * record + powers * self.neuron(layer) + power * recorded + before;
        Matrix::new(
            &self.coefficients[start..],
            self.width(layer),
            samples,
            record,
        )
    }

    /// The first layer, by its inputs that are not 0.
    fn add_nonzeros(&self, (first, last): (usize, usize), tiles: &[NonZeros], gradient: &mut [T]) {
        let width = self.width(0);
        let gathered = &mut self.workers.own().gathered;
        let by_samples = prefers_outer::<T>(width);
        if !by_samples {
            gathered.gather(self.batch.given.x, tiles, first..last);
        }
        let mut onto = Onto::Nothing;
        for (m, &(power, _)) in self.powers.get().iter().enumerate() {
            let measured = self.measured(0, m, 0, self.batch.samples());
            let to = MatrixMut::new(gradient, width, last - first, width);
            let raise = |x| small_power(x, power);
            if by_samples {
                let inputs = (self.batch.given.x, tiles, first..last);
                multiply_outer(measured, inputs, raise, onto, to);
            } else {
                multiply_rows(measured, gathered, raise, onto, to);
            }
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
        let powers = self.powers.get().len();
        let record = powers * self.neurons();
        let (recorded, before) = self.recorded(layer);
        dispatch(Totals {
            records: &self.coefficients[..self.batch.samples() * record],
            record,
            start: powers * self.neuron(layer) + before,
            runs: (powers, recorded),
            sums: gradient,
        });
    }
}

/// The sums of runs of numbers, sample after sample: from `start` on, each record holds some runs
/// that begin with the numbers to be summed.
struct Totals<'a, T> {
    records: &'a [T],
    record: usize,
    start: usize,
    /// Their number, and from one to the next.
    runs: (usize, usize),
    sums: &'a mut [T],
}

impl<T: Real> WithSimd for Totals<'_, T> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let width = self.sums.len();
        for (first, sums) in (0..width)
            .step_by(T::lanes::<S>())
            .zip(self.sums.chunks_mut(T::lanes::<S>()))
        {
            let mut sum = T::spread(simd, T::ZERO);
            for start in (self.start..self.records.len()).step_by(self.record) {
                for run in 0..self.runs.0 {
                    let from = &self.records[start + run * self.runs.1 + first..];
                    let [numbers] = load_first(simd, from, sums.len());
                    sum = T::plus(simd, sum, numbers);
                }
            }
            store_run(simd, sums, [sum]);
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
