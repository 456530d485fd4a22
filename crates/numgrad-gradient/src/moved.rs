//! The loss of a batch with every parameter moved along a direction, without a second θ: a few
//! columns of weights at a time are moved in a scratch, multiplied, and forgotten. θ itself is
//! never written to, so that nothing has to be restored.
use crate::{Batch, GradientError, Objective};
use numgrad_core::{Matrix, MatrixMut, Mlp, Onto, Output, Real, Units, multiply, softmax};
use numgrad_diff::{DIRECTION_TILE, Direction};
use rayon::prelude::*;
use std::ops::Range;

/// The weights that are moved at a time, if a column has no more.
const CHUNK: usize = 1 << 18;

/// The entries that a worker draws or moves at a time.
const PIECE: usize = 16 * DIRECTION_TILE;

/// The samples that are multiplied at a time.
const SAMPLES: usize = 32;

/// The parameters from which on a single pass is worth all threads.
const LARGE: usize = 1 << 20;

/// Whether the threads share one pass, and not the directions.
pub(crate) fn is_large(parameters: usize) -> bool {
    parameters >= LARGE
}

/// The memory of the passes along one direction.
#[derive(Debug, Default)]
pub(crate) struct MovedScratch<T> {
    /// Some entries of the direction, and those of θ moved along them.
    entries: Vec<f64>,
    moved: Vec<T>,
    /// z and a of a layer for each move, and what an activation remembers.
    before: Vec<T>,
    after: Vec<T>,
    memo: Vec<T>,
}

/// L(θ + t·v) for each move t along a direction v, over `losses`. Each entry of v is drawn once.
///
/// # Errors
/// [`GradientError::NotFinite`] for the first sample whose loss is not a finite number.
pub(crate) fn losses_along<T: Real>(
    objective: &Objective<'_, T>,
    theta: &[T],
    (direction, moves): (&Direction, &[f64]),
    batch: Batch<'_, T>,
    scratch: &mut MovedScratch<T>,
    losses: &mut [f64],
) -> Result<(), GradientError> {
    let network = objective.network();
    let samples = batch.targets.len();
    let widest = (0..network.layers()).map(|layer| network.width(layer));
    let room = widest.fold(0, usize::max) * samples;
    scratch.before.resize(moves.len() * room, T::zero());
    scratch.after.resize(moves.len() * room, T::zero());
    scratch.memo.resize(room, T::zero());
    let along = Along {
        network,
        theta,
        direction,
        moves,
        room,
    };
    for layer in 0..network.layers() {
        along.biases(layer, scratch);
        along.weights(layer, batch.x, scratch);
        along.activations(layer, samples, scratch);
    }
    let outputs = network.outputs();
    for (k, loss) in losses.iter_mut().enumerate() {
        let mut sum = 0.0;
        for sample in 0..samples {
            let unit = k * room + sample * outputs..k * room + (sample + 1) * outputs;
            let units = Units {
                z: &scratch.before[unit.clone()],
                a: &scratch.after[unit],
                memo: &[], // a value needs none
            };
            // Summed in f64, whatever the network's precision: two of these are subtracted.
            let value = objective.head.value(units, batch.targets.get(sample));
            let value = value.as_f64();
            if !value.is_finite() {
                return Err(GradientError::NotFinite {
                    sample,
                    loss: value,
                });
            }
            sum += value;
        }
        *loss = sum / samples as f64;
    }
    Ok(())
}

/// The passes along one direction, a layer at a time. z and a of a layer are outputs × samples
/// each, in a room for each move.
struct Along<'a, T: Real> {
    network: &'a Mlp<T>,
    theta: &'a [T],
    direction: &'a Direction,
    moves: &'a [f64],
    room: usize,
}

impl<T: Real> Along<'_, T> {
    /// Starts each z of a layer as its bias.
    fn biases(&self, layer: usize, scratch: &mut MovedScratch<T>) {
        let range = self.network.biases_range(layer);
        let width = range.len();
        self.draw(range.clone(), &mut scratch.entries);
        for (k, z) in scratch.before.chunks_exact_mut(self.room).enumerate() {
            self.shift(k, range.start, &scratch.entries, &mut scratch.moved);
            for z in z.chunks_exact_mut(width) {
                z.copy_from_slice(&scratch.moved);
            }
        }
    }

    /// Adds (W + t·V)·A to each z of a layer, some columns of W at a time, in their order.
    fn weights(&self, layer: usize, x: &[T], scratch: &mut MovedScratch<T>) {
        let network = self.network;
        let (inputs, outputs) = (network.fan_in(layer), network.width(layer));
        let first = network.weights_range(layer).start;
        let samples = x.len() / network.inputs();
        let most = (CHUNK / outputs).clamp(1, inputs);
        for column in (0..inputs).step_by(most) {
            let columns = most.min(inputs - column);
            let start = first + column * outputs;
            self.draw(start..start + columns * outputs, &mut scratch.entries);
            for (k, z) in scratch.before.chunks_exact_mut(self.room).enumerate() {
                self.shift(k, start, &scratch.entries, &mut scratch.moved);
                let weights = Matrix::new(&scratch.moved, outputs, columns, outputs);
                let a = if layer == 0 {
                    x
                } else {
                    &scratch.after[k * self.room..]
                };
                let multiply_tile = |(tile, z): (usize, &mut [T])| {
                    let samples = z.len() / outputs;
                    let a = &a[tile * SAMPLES * inputs + column..];
                    let a = Matrix::new(a, columns, samples, inputs);
                    let z = MatrixMut::new(z, outputs, samples, outputs);
                    multiply(weights, a, Onto::Itself, z);
                };
                let (z, tile) = (&mut z[..samples * outputs], SAMPLES * outputs);
                if self.is_large() {
                    z.par_chunks_mut(tile).enumerate().for_each(multiply_tile);
                } else {
                    z.chunks_mut(tile).enumerate().for_each(multiply_tile);
                }
            }
        }
    }

    /// a of a layer from its z.
    fn activations(&self, layer: usize, samples: usize, scratch: &mut MovedScratch<T>) {
        let (network, width) = (self.network, self.network.width(layer));
        let numbers = samples * width;
        let before = scratch.before.chunks_exact(self.room);
        let after = scratch.after.chunks_exact_mut(self.room);
        for (z, a) in before.zip(after) {
            let (z, a) = (&z[..numbers], &mut a[..numbers]);
            match (network.activation(layer), network.output()) {
                (Some(activation), _) => activation.values(z, a, &mut scratch.memo[..numbers]),
                (None, Output::Elementwise(activation)) => {
                    activation.values(z, a, &mut scratch.memo[..numbers]);
                }
                (None, Output::Softmax) => softmax(z, width, a),
            }
        }
    }

    /// The direction's entries of a part of θ.
    fn draw(&self, range: Range<usize>, entries: &mut Vec<f64>) {
        entries.resize(range.len(), 0.0);
        if self.is_large() {
            let pieces = entries.par_chunks_mut(PIECE).enumerate();
            pieces.for_each(|(k, piece)| self.direction.fill(range.start + k * PIECE, piece));
        } else {
            self.direction.fill(range.start, entries);
        }
    }

    /// θ + t·v from `start` on, as far as the entries go.
    fn shift(&self, k: usize, start: usize, entries: &[f64], moved: &mut Vec<T>) {
        moved.resize(entries.len(), T::zero());
        let t = self.moves[k];
        let shift_piece = |((moved, theta), entries): ((&mut [T], &[T]), &[f64])| {
            for ((moved, &theta), &v) in moved.iter_mut().zip(theta).zip(entries) {
                *moved = theta + T::of(t * v);
            }
        };
        let theta = &self.theta[start..][..entries.len()];
        if self.is_large() {
            let pieces = moved.par_chunks_mut(PIECE).zip(theta.par_chunks(PIECE));
            (pieces.zip(entries.par_chunks(PIECE))).for_each(shift_piece);
        } else {
            shift_piece(((moved, theta), entries));
        }
    }

    fn is_large(&self) -> bool {
        is_large(self.theta.len())
    }
}
