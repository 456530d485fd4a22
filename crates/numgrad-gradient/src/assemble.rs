//! From what was measured at each neuron to the gradient of each weight:
//! ∂L/∂W = (1/B)·Σ_m C_m·(A^m)ᵀ, one matrix product for each power of the inputs.
use crate::block::Which;
use crate::choice::Choice;
use crate::describe::Powers;
use crate::engine::{Room, Scratch};
use crate::pairwise::{Node, chunks, scale};
use crate::probe::Batch;
use crate::tiling::Part;
use crate::workers::Workers;
use numgrad_core::{
    Matrix, MatrixMut, NonZeros, Onto, Real, multiply, multiply_outer, multiply_rows, prefers_outer,
};
use numgrad_scalar::lanes::{dispatch, load_first, store_run};
use numgrad_scalar::{Simd, WithSimd};
use std::ops::Range;

/// Fills the rows of some neurons from what the sweep left in the room, in parallel over the parts
/// that they are cut into. The records hold a choice's neurons alone, but all of those of whom a
/// block is a part.
pub(crate) fn assemble_rows<T: Real>(
    batch: &Batch<'_, T>,
    powers: &Powers<T>,
    room: &Room<T>,
    (which, parts): (Which<'_>, &[Part]),
    rows: &mut [T],
) {
    let mean = T::one() / T::of(batch.samples() as f64);
    let node = Node::root(chunks(batch.samples()));
    Sources::new(batch, powers, room, which, (node, Some(mean))).each(parts, rows);
}

/// The sum over a node's samples, for all weights: what the gradient is the mean of.
pub(crate) fn assemble_node<T: Real>(
    batch: &Batch<'_, T>,
    powers: &Powers<T>,
    room: &Room<T>,
    node: Node,
    sums: &mut [T],
) {
    Sources::new(batch, powers, room, Which::All, (node, None)).each(&room.parts, sums);
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
    /// The samples that are added up, and what their sum is multiplied by.
    node: Node,
    factor: Option<T>,
}

impl<'a, T: Real> Sources<'a, T> {
    fn new(
        batch: &'a Batch<'a, T>,
        powers: &'a Powers<T>,
        room: &'a Room<T>,
        which: Which<'a>,
        (node, factor): (Node, Option<T>),
    ) -> Self {
        Self {
            batch,
            which,
            powers,
            coefficients: &room.coefficients,
            sparse: room.is_sparse.then(|| room.tiles_in_use()),
            workers: &room.workers,
            node,
            factor,
        }
    }

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
        let samples = self.batch.samples();
        let mut waiting = std::mem::take(&mut self.workers.own().sums);
        let mut chunk = |node: Node, sum: &mut [T]| {
            node.chunk()?;
            self.chunk(part, &node.samples(samples), sum);
            Some(true)
        };
        (self.node).add_up(chunks(samples), &mut chunk, gradient, &mut waiting);
        self.workers.own().sums = waiting;
        if let Some(factor) = self.factor {
            scale(gradient, factor);
        }
    }

    /// The sum over the samples of a chunk, which begin and end with a tile.
    fn chunk(&self, part: Part, samples: &Range<usize>, sum: &mut [T]) {
        match (part.columns, self.sparse) {
            (None, _) => self.biases(part.layer, samples, sum),
            (Some(columns), Some(tiles)) if part.layer == 0 => {
                self.add_nonzeros(columns, (samples, &tiles[self.tiles(samples)]), sum);
            }
            (Some(columns), _) => self.add_all(part.layer, columns, samples, sum),
        }
    }

    /// The tiles of some samples.
    fn tiles(&self, samples: &Range<usize>) -> Range<usize> {
        let tile = self.batch.trace.tile_size();
        samples.start / tile..samples.end.div_ceil(tile)
    }

    /// The network's inputs of some samples.
    fn inputs(&self, samples: &Range<usize>) -> &'a [T] {
        let inputs = self.batch.network().inputs();
        &self.batch.given.x[samples.start * inputs..samples.end * inputs]
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
    fn measured(&self, layer: usize, power: usize, samples: &Range<usize>) -> Matrix<'_, T> {
        let (recorded, before) = self.recorded(layer);
        let powers = self.powers.get().len();
        let record = powers * self.neurons();
        let start =
            samples.start * record + powers * self.neuron(layer) + power * recorded + before;
        Matrix::new(
            &self.coefficients[start..],
            self.width(layer),
            samples.len(),
            record,
        )
    }

    /// The first layer, by its inputs that are not 0.
    fn add_nonzeros(
        &self,
        (first, last): (usize, usize),
        (samples, tiles): (&Range<usize>, &[NonZeros]),
        gradient: &mut [T],
    ) {
        let x = self.inputs(samples);
        let width = self.width(0);
        let gathered = &mut self.workers.own().gathered;
        let by_samples = prefers_outer::<T>(width);
        if !by_samples {
            gathered.gather(x, tiles, first..last);
        }
        let mut onto = Onto::Nothing;
        for (m, &(power, _)) in self.powers.get().iter().enumerate() {
            let measured = self.measured(0, m, samples);
            let to = MatrixMut::new(gradient, width, last - first, width);
            let raise = |x| small_power(x, power);
            if by_samples {
                let inputs = (x, tiles, first..last);
                multiply_outer(measured, inputs, raise, onto, to);
            } else {
                multiply_rows(measured, gathered, raise, onto, to);
            }
            onto = Onto::Itself;
        }
    }

    /// Any layer, by all its inputs.
    fn add_all(
        &self,
        layer: usize,
        (first, last): (usize, usize),
        samples: &Range<usize>,
        gradient: &mut [T],
    ) {
        let network = self.batch.network();
        let (width, fan_in, count) = (self.width(layer), network.fan_in(layer), last - first);
        let room = &mut self.workers.own().raised;
        let mut onto = Onto::Nothing;
        for (m, &(power, _)) in self.powers.get().iter().enumerate() {
            let inputs = if layer == 0 && power == 1 {
                let inputs = &self.inputs(samples)[first..];
                Matrix::new(inputs, count, samples.len(), fan_in)
            } else {
                self.raise((layer, first..last), samples, power, room);
                Matrix::new(room, count, samples.len(), count)
            };
            let measured = self.measured(layer, m, samples);
            let to = MatrixMut::new(gradient, width, count, width);
            multiply(measured, inputs.transposed(), onto, to);
            onto = Onto::Itself;
        }
    }

    /// Some inputs of a layer to a power, sample after sample: those of all tiles together, so that
    /// products are as long as they can be.
    fn raise(
        &self,
        (layer, which): (usize, Range<usize>),
        samples: &Range<usize>,
        power: i32,
        raised: &mut Vec<T>,
    ) {
        let network = self.batch.network();
        let fan_in = network.fan_in(layer);
        raised.clear();
        let mut add = |inputs: &[T]| {
            for inputs in inputs.chunks_exact(fan_in) {
                let inputs = inputs[which.clone()].iter();
                raised.extend(inputs.map(|&x| small_power(x, power)));
            }
        };
        if layer == 0 {
            return add(self.inputs(samples));
        }
        for tile in self.tiles(samples) {
            add(self.batch.trace.tile(tile).layer(network, layer - 1).a);
        }
    }

    fn biases(&self, layer: usize, samples: &Range<usize>, gradient: &mut [T]) {
        let powers = self.powers.get().len();
        let record = powers * self.neurons();
        let (recorded, before) = self.recorded(layer);
        dispatch(Totals {
            records: &self.coefficients[samples.start * record..samples.end * record],
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

/// x to a power of 1 to 4.
fn small_power<T: Real>(x: T, power: i32) -> T {
    match power {
        1 => x,
        2 => x * x,
        3 => x * x * x,
        _ => (x * x) * (x * x),
    }
}
