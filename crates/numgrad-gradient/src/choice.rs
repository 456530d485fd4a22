//! The coordinates of one step: some neurons of each layer, and which of their inputs.
use crate::coordinates::Coordinates;
use numgrad_core::{Mlp, Real};
use rand::rngs::ChaCha8Rng;
use rand::seq::index;
use rand::{RngExt, SeedableRng};
use std::ops::Range;

/// What the key of a step's draws says: no other stream of numgrad has this purpose.
const PURPOSE: u64 = 6;

/// The neurons that are measured, and the coordinates that are written.
#[derive(Debug, Default, Clone)]
pub(crate) struct Choice {
    /// The chosen neurons of each layer, in their order. Of the output layer, which costs least,
    /// all are measured if any is chosen.
    layers: Vec<Vec<usize>>,
    /// Where each layer's neurons begin among the chosen ones, and where the last one's end.
    starts: Vec<usize>,
    /// Layer, place among the layer's chosen neurons, and inputs; the bias is the last input.
    pieces: Vec<Stretch>,
}

/// A stretch of inputs of a neuron: layer, neuron (or its place among the chosen ones) and inputs.
type Stretch = (usize, usize, Range<usize>);

impl Choice {
    /// The choice of a step, or of all steps that have this draw in common. `shares` says how many
    /// coordinates each layer has where that is not its part of θ.
    pub(crate) fn draw<T: Real>(
        coordinates: Coordinates,
        network: &Mlp<T>,
        shares: Option<&[usize]>,
        (seed, draw): (u64, u64),
    ) -> Self {
        let mut key = [0; 32];
        for (bytes, word) in key.chunks_exact_mut(8).zip([seed, PURPOSE, draw]) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        let mut random = ChaCha8Rng::from_seed(key);
        let parameters = network.parameters();
        let count = coordinates.count(parameters);
        let stretches = match coordinates {
            Coordinates::Random(_) | Coordinates::Saliency { .. } => {
                let even = || even_shares(network, count, random.random());
                let shares = shares.map_or_else(even, <[usize]>::to_vec);
                let layers = shares.into_iter().enumerate();
                let draw = |(layer, share)| draw_neurons(network, layer, share, &mut random);
                layers.flat_map(draw).collect()
            }
            Coordinates::Block(_) => in_a_row(network, random.random_range(0..parameters), count),
            Coordinates::Cyclic(_) => {
                let start = u128::from(draw) * count as u128 % parameters as u128;
                in_a_row(network, start as usize, count)
            }
        };
        Self::of_stretches(network, stretches)
    }

    fn of_stretches<T: Real>(network: &Mlp<T>, stretches: Vec<Stretch>) -> Self {
        let last = network.layers() - 1;
        let mut layers = vec![Vec::new(); network.layers()];
        for &(layer, neuron, _) in &stretches {
            layers[layer].push(neuron);
        }
        for neurons in &mut layers {
            neurons.sort_unstable();
            neurons.dedup();
        }
        if !layers[last].is_empty() {
            layers[last] = (0..network.width(last)).collect();
        }
        let place = |layer: usize, neuron: usize| layers[layer].partition_point(|&i| i < neuron);
        let pieces = stretches.into_iter();
        let pieces = pieces.map(|(layer, neuron, inputs)| (layer, place(layer, neuron), inputs));
        let pieces = pieces.collect();
        let mut starts = vec![0];
        for neurons in &layers {
            starts.push(starts[starts.len() - 1] + neurons.len());
        }
        Self {
            layers,
            starts,
            pieces,
        }
    }

    /// How many coordinates the measured neurons have.
    pub(crate) fn coordinates<T: Real>(&self, network: &Mlp<T>) -> usize {
        let layers = self.layers.iter().enumerate();
        let of_layers = layers.map(|(layer, some)| some.len() * (network.fan_in(layer) + 1));
        of_layers.sum()
    }

    /// How many neurons are measured.
    pub(crate) fn neurons(&self) -> usize {
        self.starts[self.layers.len()]
    }

    /// The neurons of a layer; `None` if these are all.
    pub(crate) fn of(&self, layer: usize) -> Option<&[usize]> {
        let is_output = layer + 1 == self.layers.len();
        let neurons = &self.layers[layer][..];
        (!is_output || neurons.is_empty()).then_some(neurons)
    }

    /// The neurons of a layer, even if these are all.
    pub(crate) fn listed(&self, layer: usize) -> &[usize] {
        &self.layers[layer]
    }

    /// What is to be written of a layer: places among its chosen neurons, and inputs, of which the
    /// bias is the last.
    pub(crate) fn pieces_of(&self, layer: usize) -> impl Iterator<Item = (usize, Range<usize>)> {
        let of_layer = self.pieces.iter().filter(move |piece| piece.0 == layer);
        of_layer.map(|(_, place, inputs)| (*place, inputs.clone()))
    }

    /// Where the layer's neurons begin among the chosen ones.
    pub(crate) fn start(&self, layer: usize) -> usize {
        self.starts[layer]
    }
}

/// Each layer's part of `count` coordinates, its part of θ: rounded so that the sum is `count` and
/// the mean over `offset` ∈ [0, 1) exact.
fn even_shares<T: Real>(network: &Mlp<T>, count: usize, offset: f64) -> Vec<usize> {
    let parameters = network.parameters() as f64;
    let up_to = |end: usize| (count as f64 * end as f64 / parameters + offset).floor() as usize;
    let share = |layer| {
        let end = network.biases_range(layer).end;
        let end = if layer + 1 == network.layers() {
            count
        } else {
            up_to(end).min(count)
        };
        end - up_to(network.weights_range(layer).start).min(count)
    };
    (0..network.layers()).map(share).collect()
}

/// Neurons of a layer in a random order until there are enough coordinates; the last one is cut,
/// from a random input on.
fn draw_neurons<T: Real>(
    network: &Mlp<T>,
    layer: usize,
    share: usize,
    random: &mut ChaCha8Rng,
) -> Vec<Stretch> {
    let (width, length) = (network.width(layer), network.fan_in(layer) + 1);
    let amount = share.div_ceil(length).min(width);
    let drawn = index::sample(random, width, amount);
    let mut rest = share;
    let mut stretches = Vec::with_capacity(amount + 1);
    for neuron in drawn {
        let count = rest.min(length);
        rest -= count;
        if count == length {
            stretches.push((layer, neuron, 0..length));
            continue;
        }
        let start = random.random_range(0..length);
        let end = (start + count).min(length);
        stretches.push((layer, neuron, start..end));
        if start + count > length {
            stretches.push((layer, neuron, 0..start + count - length));
        }
    }
    stretches
}

/// `count` coordinates from a position on, in the order of the neurons, and from the first on
/// where the last is passed.
fn in_a_row<T: Real>(network: &Mlp<T>, start: usize, count: usize) -> Vec<Stretch> {
    let mut stretches = Vec::new();
    let mut add = |from: usize, to: usize| {
        for layer in 0..network.layers() {
            let (first, length) = (
                network.weights_range(layer).start,
                network.fan_in(layer) + 1,
            );
            for neuron in 0..network.width(layer) {
                let at = first + neuron * length;
                let inputs = from.clamp(at, at + length) - at..to.clamp(at, at + length) - at;
                if !inputs.is_empty() {
                    stretches.push((layer, neuron, inputs));
                }
            }
        }
    };
    let parameters = network.parameters();
    add(start, (start + count).min(parameters));
    add(0, (start + count).saturating_sub(parameters));
    stretches
}
