//! The rough neurons of ranks that add up their own samples: each evaluates directly those of its
//! samples, and hands over a row of sums for each node and neuron.
use super::Ranks;
use crate::direct::{Direct, reserve_direct};
use crate::engine::Room;
use crate::pairs::{Pair, add, find, gather, with_rows};
use crate::pairwise::Node;
use crate::stencil::Quotient;
use numgrad_core::Real;
use rayon::prelude::*;

/// Bytes of a count.
const WORD: usize = size_of::<u64>();

impl<T: Real> Ranks<'_, T> {
    /// Adds to the gradient what the rough neurons measure. Returns how often a sample's loss was
    /// evaluated, on all ranks.
    pub(crate) fn add_rough(
        &self,
        how: Quotient<'_, T>,
        room: &mut Room<T>,
        gradient: &mut [T],
    ) -> u64 {
        let network = self.batch.network();
        let mut pairs = std::mem::take(&mut room.pairs);
        let (marks, count) = self.marks(room);
        find(network, &marks, &mut pairs);
        let shared = (self.team, &self.ends[..]);
        let evaluations = gather(network, &pairs, shared, room, |room, own, rows| {
            self.evaluate(how, room, (own, count), rows)
        });
        pairs.sort_by_key(|pair| (pair.layer, pair.neuron));
        let known = |node: Node| {
            let place = self.place(node)?;
            Some(place..place + 1)
        };
        let all = &(0..gradient.len());
        add(self.batch, &pairs, &room.blocks, known, (all, gradient));
        room.pairs = pairs;
        evaluations
    }

    /// Which neurons are rough for some sample of each node, and how often one is for a sample.
    fn marks(&self, room: &mut Room<T>) -> (Vec<bool>, usize) {
        let neurons = self.batch.network().neurons();
        let size = |rank: usize| WORD + self.of(rank).len() * neurons;
        let rank = self.team.comm().rank();
        let before: usize = (0..rank).map(size).sum();
        let all = &mut room.marks;
        all.clear();
        all.resize((0..self.team.size()).map(size).sum(), 0);
        let (word, marks) = all[before..][..size(rank)].split_at_mut(WORD);
        let mut count = 0;
        let nodes = self.nodes[self.own()].iter();
        for (&node, marks) in nodes.zip(marks.chunks_exact_mut(neurons)) {
            let samples = self.samples(node);
            let rough = &room.rough[samples.start * neurons..samples.end * neurons];
            for of_sample in rough.chunks_exact(neurons) {
                for (mark, &rough) in marks.iter_mut().zip(of_sample) {
                    *mark |= u8::from(rough);
                    count += u64::from(rough);
                }
            }
        }
        word.copy_from_slice(&count.to_le_bytes());
        self.team.gather_bytes(all, size);
        let (mut of_nodes, mut total, mut rest) = (Vec::new(), 0, &all[..]);
        for rank in 0..self.team.size() {
            let (own, behind) = rest.split_at(size(rank));
            rest = behind;
            let Some((&word, marks)) = own.split_first_chunk() else {
                break;
            };
            total += u64::from_le_bytes(word);
            of_nodes.extend(marks.iter().map(|&mark| mark != 0));
        }
        (of_nodes, total as usize)
    }

    /// Fills the rows of this rank's pairs. `count` is the number of all marks.
    fn evaluate(
        &self,
        how: Quotient<'_, T>,
        room: &mut Room<T>,
        (pairs, count): (&[Pair], usize),
        rows: &mut [T],
    ) -> u64 {
        let batch = self.batch;
        let (network, samples) = (batch.network(), batch.samples());
        reserve_direct(batch, how.stencil, room);
        let neurons = network.neurons();
        let rough = &room.rough[..samples * neurons];
        let own: Vec<_> = (self.nodes[self.own()].iter())
            .map(|&node| self.samples(node))
            .collect();
        let is_needed = |b: usize| {
            own.iter().any(|samples| samples.contains(&b))
                && rough[b * neurons..][..neurons].contains(&true)
        };
        (room.nonzero_inputs).find(batch, is_needed, count > 4 * samples);
        let direct = Direct {
            batch,
            how,
            rough,
            nonzeros: &room.nonzero_inputs,
            workers: &room.workers,
        };
        let one = |(pair, row): (Pair, &mut [T])| {
            direct.row((pair.layer, pair.neuron), self.nodes[pair.place], row)
        };
        with_rows(network, pairs, rows).map(one).sum()
    }
}
