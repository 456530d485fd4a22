//! The neurons whose weights a rank has: a block of all neurons in a row, cut so that each rank
//! has as much to do.
use crate::choice::Choice;
use crate::team::Team;
use numgrad_core::{Mlp, Real};
use std::ops::Range;

/// The neurons of a block, layer by layer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Block(Vec<Range<usize>>);

/// Which neurons' weights are meant.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Which<'a> {
    All,
    Chosen(&'a Choice),
    Own(&'a Block),
}

impl Block {
    /// The blocks of all ranks. `cost` says what a neuron of a layer costs.
    pub(crate) fn of_ranks<T: Real>(
        network: &Mlp<T>,
        team: &Team,
        cost: impl Fn(usize) -> f64,
    ) -> Vec<Self> {
        let costs: Vec<f64> = (0..network.layers()).map(cost).collect();
        let of_layers = costs.iter().enumerate();
        let total: f64 = of_layers.map(|(l, c)| c * network.width(l) as f64).sum();
        let end = |rank: usize| {
            if rank == team.size() {
                return network.neurons();
            }
            let mut rest = total * rank as f64 / team.size() as f64;
            for (layer, &cost) in costs.iter().enumerate() {
                let width = network.width(layer);
                if rest < cost * width as f64 {
                    return network.neuron(layer) + ((rest / cost).round() as usize).min(width);
                }
                rest -= cost * width as f64;
            }
            network.neurons()
        };
        let blocks = (0..team.size()).map(|rank| (end(rank), end(rank + 1)));
        let of_layer = |layer: usize, start: usize, end: usize| {
            let (first, width) = (network.neuron(layer), network.width(layer));
            let place = |neuron: usize| neuron.clamp(first, first + width) - first;
            place(start)..place(end)
        };
        let ranges =
            |(start, end)| (0..network.layers()).map(move |layer| of_layer(layer, start, end));
        blocks.map(|block| Self(ranges(block).collect())).collect()
    }

    /// The neurons of a layer.
    pub(crate) fn of(&self, layer: usize) -> Range<usize> {
        self.0[layer].clone()
    }

    /// How many weights and biases the block has.
    pub(crate) fn coordinates<T: Real>(&self, network: &Mlp<T>) -> usize {
        let layers = self.0.iter().enumerate();
        let of_layers = layers.map(|(layer, some)| some.len() * (network.fan_in(layer) + 1));
        of_layers.sum()
    }

    /// Copies a block's rows, one layer behind the other, to their places in a gradient.
    pub(crate) fn write<T: Real>(&self, network: &Mlp<T>, rows: &[T], gradient: &mut [T]) {
        let mut start = 0;
        for (layer, some) in self
            .0
            .iter()
            .enumerate()
            .filter(|(_, some)| !some.is_empty())
        {
            let (width, inputs) = (network.width(layer), network.fan_in(layer) + 1);
            let of_layer = &mut gradient[network.weights_range(layer).start..][..inputs * width];
            let from = rows[start..].chunks_exact(some.len());
            for (to, from) in of_layer.chunks_exact_mut(width).zip(from) {
                to[some.clone()].copy_from_slice(from);
            }
            start += inputs * some.len();
        }
    }
}

impl Which<'_> {
    /// How many of a layer's neurons.
    pub(crate) fn width<T: Real>(self, network: &Mlp<T>, layer: usize) -> usize {
        match self {
            Self::All => network.width(layer),
            Self::Chosen(choice) => choice.listed(layer).len(),
            Self::Own(block) => block.of(layer).len(),
        }
    }

    /// One of them, as a neuron of its layer.
    pub(crate) fn neuron(self, layer: usize, place: usize) -> usize {
        match self {
            Self::All => place,
            Self::Chosen(choice) => choice.listed(layer)[place],
            Self::Own(block) => block.of(layer).start + place,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{LocalRank, Split};
    use numgrad_core::{ActivationKind, Architecture, OutputKind};
    use std::sync::Arc;

    fn blocks(widths: &[usize], ranks: usize) -> Vec<Block> {
        let network = Architecture::new(widths, ActivationKind::Relu, OutputKind::Softmax);
        let network = network.build::<f64>().unwrap();
        let found = LocalRank::run(ranks, |comm| {
            let team = Team::new(Arc::new(comm), Split::Samples);
            Block::of_ranks(&network, &team, |layer| (network.fan_in(layer) + 1) as f64)
        });
        assert!(found.iter().all(|blocks| *blocks == found[0]));
        found.into_iter().next().unwrap()
    }

    #[test]
    fn blocks_are_in_a_row_and_leave_nobody_more_than_a_neuron_over_the_mean() {
        for widths in [
            &[784, 50, 10][..],
            &[784, 128, 64, 10],
            &[5, 3],
            &[4, 9, 8, 7, 2],
        ] {
            let network = Architecture::new(widths, ActivationKind::Relu, OutputKind::Softmax);
            let network = network.build::<f64>().unwrap();
            for ranks in 1..9 {
                let blocks = blocks(widths, ranks);
                let mut ends = vec![0; network.layers()];
                let dearest = widths.iter().max().unwrap() + 1;
                for block in &blocks {
                    for (layer, end) in ends.iter_mut().enumerate() {
                        if !block.of(layer).is_empty() {
                            assert_eq!(block.of(layer).start, *end, "{widths:?} {ranks}");
                            *end = block.of(layer).end;
                        }
                    }
                    let mean = network.parameters() as f64 / ranks as f64;
                    let own = block.coordinates(&network) as f64;
                    assert!(own <= mean + dearest as f64, "{widths:?} {ranks}: {own}");
                }
                for (layer, end) in ends.into_iter().enumerate() {
                    assert_eq!(end, network.width(layer), "{widths:?} on {ranks}");
                }
            }
        }
    }
}
