//! The rough neurons of ranks that add up their own samples: each evaluates directly those of its
//! samples, and hands over a row of sums for each node and neuron.
use super::Ranks;
use crate::direct::{Direct, reserve_direct};
use crate::engine::Room;
use crate::pairs::{Pair, add, find, gather, numbers, with_rows};
use crate::pairwise::Node;
use crate::stencil::Quotient;
use numgrad_core::Real;
use rayon::prelude::*;

impl<T: Real> Ranks<'_, T> {
    /// Leaves in the room which neurons are rough for the samples of this rank's nodes, and the row
    /// of each. Returns how often a sample's loss was evaluated.
    pub(super) fn measure_rough(&self, how: Quotient<'_, T>, room: &mut Room<T>) -> u64 {
        let network = self.batch.network();
        let marks = self.mark(room);
        let mut pairs = std::mem::take(&mut room.pairs);
        find(network, &marks, &mut pairs);
        let mut rows = std::mem::take(&mut room.direct.rows);
        rows.clear();
        rows.resize(numbers(network, &pairs), T::zero());
        let evaluations = self.evaluate(how, room, &pairs, &mut rows);
        (room.pairs, room.direct.rows) = (pairs, rows);
        evaluations
    }

    /// Adds to the gradient what the rough neurons of all ranks have measured: this one with so many
    /// evaluations. Returns those of all ranks.
    pub(super) fn add_rough(
        &self,
        evaluations: u64,
        room: &mut Room<T>,
        gradient: &mut [T],
    ) -> u64 {
        let network = self.batch.network();
        let count = |rank| self.of(rank).len() * network.neurons();
        self.team.gather_bytes(&mut room.marks, count);
        let marks: Vec<bool> = room.marks.iter().map(|&mark| mark != 0).collect();
        let mut pairs = std::mem::take(&mut room.pairs);
        find(network, &marks, &mut pairs);
        let shared = (self.team, &self.ends[..]);
        let evaluations = gather(network, &pairs, shared, room, |room, _, rows| {
            rows.copy_from_slice(&room.direct.rows);
            evaluations
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

    /// Marks the neurons that are rough for some sample of each of this rank's nodes, among the
    /// marks of all ranks, and returns its own.
    fn mark(&self, room: &mut Room<T>) -> Vec<bool> {
        let neurons = self.batch.network().neurons();
        let mut own = vec![false; self.own().len() * neurons];
        let nodes = self.nodes[self.own()].iter();
        for (&node, marks) in nodes.zip(own.chunks_exact_mut(neurons)) {
            let samples = self.samples(node);
            let rough = &room.rough[samples.start * neurons..samples.end * neurons];
            for of_sample in rough.chunks_exact(neurons) {
                for (mark, &rough) in marks.iter_mut().zip(of_sample) {
                    *mark |= rough;
                }
            }
        }
        room.marks.clear();
        room.marks.resize(self.nodes.len() * neurons, 0);
        let marks = room.marks[self.own().start * neurons..].iter_mut();
        for (to, &mark) in marks.zip(&own) {
            *to = u8::from(mark);
        }
        own
    }

    /// Fills the rows of this rank's pairs, whose places are among its own nodes.
    fn evaluate(
        &self,
        how: Quotient<'_, T>,
        room: &mut Room<T>,
        pairs: &[Pair],
        rows: &mut [T],
    ) -> u64 {
        let batch = self.batch;
        let (network, samples) = (batch.network(), batch.samples());
        reserve_direct(
            batch,
            how.stencil,
            (&mut room.direct.inputs, &mut room.workers),
        );
        let neurons = network.neurons();
        let rough = &room.rough[..samples * neurons];
        let nodes = &self.nodes[self.own()];
        let is_own = |b: &usize| nodes.iter().any(|&node| self.samples(node).contains(b));
        let is_needed = |b: usize| is_own(&b) && rough[b * neurons..][..neurons].contains(&true);
        (room.direct.inputs).find(batch, is_needed, &room.workers);
        let direct = Direct {
            batch,
            how,
            rough,
            nonzeros: &room.direct.inputs,
            workers: &room.workers,
        };
        let one = |(pair, row): (Pair, &mut [T])| {
            direct.row((pair.layer, pair.neuron), nodes[pair.place], row)
        };
        with_rows(network, pairs, rows).map(one).sum()
    }
}
