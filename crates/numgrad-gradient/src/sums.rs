//! The gradient of ranks that have whole chunks of a batch: each adds up its own samples, for all
//! weights, and what travels are the sums.
mod rough;

use crate::GradientError;
use crate::assemble::assemble_node;
use crate::describe::Powers;
use crate::engine::Room;
use crate::objective::mean;
use crate::pairwise::{Node, chunks, samples_of, scale};
use crate::probe::Batch;
use crate::stencil::Quotient;
use crate::team::Team;
use numgrad_core::Real;
use numgrad_scalar::slices;
use rayon::prelude::*;
use std::ops::Range;

/// Entries that one worker adds up at a time: few enough to stay in its nearest cache.
const TOGETHER: usize = 1 << 10;

/// The ranks of a batch, and the nodes whose sums they have.
#[derive(Debug)]
pub(crate) struct Ranks<'a, T: Real> {
    batch: &'a Batch<'a, T>,
    team: &'a Team,
    shares: &'a [Range<usize>],
    /// One rank's behind the other's, in the order of the samples.
    nodes: Vec<Node>,
    /// Where each rank's nodes end.
    ends: Vec<usize>,
}

impl<'a, T: Real> Ranks<'a, T> {
    /// Ranks that have these chunks each.
    pub(crate) fn new(batch: &'a Batch<'a, T>, team: &'a Team, shares: &'a [Range<usize>]) -> Self {
        let chunks = chunks(batch.samples());
        let (mut nodes, mut ends) = (Vec::new(), Vec::new());
        for share in shares {
            nodes.extend(Node::cover(share, chunks));
            ends.push(nodes.len());
        }
        Self {
            batch,
            team,
            shares,
            nodes,
            ends,
        }
    }

    /// The nodes of a rank, as places among all.
    fn of(&self, rank: usize) -> Range<usize> {
        let start = rank.checked_sub(1).map_or(0, |before| self.ends[before]);
        start..self.ends[rank]
    }

    /// The nodes of this rank.
    fn own(&self) -> Range<usize> {
        self.of(self.team.comm().rank())
    }

    /// A node's place among all that some rank has.
    fn place(&self, node: Node) -> Option<usize> {
        let first = |node: &Node| node.chunks(usize::MAX).start;
        let found = self.nodes.binary_search_by_key(&first(&node), first);
        found.ok().filter(|&place| self.nodes[place] == node)
    }

    fn samples(&self, node: Node) -> Range<usize> {
        node.samples(self.batch.samples())
    }

    /// Fills the gradient, and the losses of all samples. What a rank computes alone comes first, so
    /// that ranks wait for the slowest of them once a step. Returns the mean loss, and how often a
    /// rough neuron's loss was evaluated for a sample, on all ranks.
    ///
    /// # Errors
    /// If a loss is not finite: on all ranks.
    pub(crate) fn conclude(
        &self,
        powers: &Powers<T>,
        direct: Option<Quotient<'_, T>>,
        (losses, room): (&mut [T], &mut Room<T>),
        gradient: &mut [T],
    ) -> Result<(T, u64), GradientError> {
        self.sum_own(powers, room, gradient.len());
        let samples = |rank: usize| samples_of(&self.shares[rank], self.batch.samples());
        let own = &losses[samples(self.team.comm().rank())];
        // Where a loss is not finite, the gradient is of no use.
        let is_finite = slices::largest(own).is_finite();
        let direct = direct.map(|how| {
            if is_finite {
                self.measure_rough(how, room)
            } else {
                0
            }
        });
        self.team.gather(losses, |rank| samples(rank).len());
        let loss = mean(losses.iter().copied())?;
        self.add_sums(room, gradient);
        let evaluations = direct.map_or(0, |own| self.add_rough(own, room, gradient));
        Ok((loss, evaluations))
    }

    /// Adds up the samples of this rank, for all weights.
    fn sum_own(&self, powers: &Powers<T>, room: &mut Room<T>, parameters: usize) {
        let own = &self.nodes[self.own()];
        let mut sums = std::mem::take(&mut room.sums);
        sums.resize(own.len() * parameters, T::zero());
        for (node, sums) in own.iter().zip(sums.chunks_exact_mut(parameters)) {
            assemble_node(self.batch, powers, room, *node, sums);
        }
        if own.len() > 1 {
            // What is for one rank is to lie together.
            room.blocks.clear();
            for part in (0..self.team.size()).map(|rank| self.team.part(parameters, rank)) {
                for sums in sums.chunks_exact(parameters) {
                    room.blocks.extend_from_slice(&sums[part.clone()]);
                }
            }
            std::mem::swap(&mut room.blocks, &mut sums);
        }
        room.sums = sums;
    }

    /// Adds up for a part of θ what all ranks have, and gathers the parts.
    fn add_sums(&self, room: &mut Room<T>, gradient: &mut [T]) {
        let (team, parameters) = (self.team, gradient.len());
        let part = |rank| team.part(parameters, rank);
        let run = team.own_part(parameters);
        let found = &mut room.sums_of_ranks;
        found.resize(self.nodes.len() * run.len(), T::zero());
        let nodes = |rank| self.of(rank).len();
        team.scatter(&room.sums, found, nodes, |rank| part(rank).len());
        let samples = self.batch.samples();
        let (chunks, mean) = (chunks(samples), T::one() / T::of(samples as f64));
        let (root, workers) = (Node::root(chunks), &room.workers);
        let pieces = gradient[run.clone()].par_chunks_mut(TOGETHER);
        pieces.enumerate().for_each(|(k, sum)| {
            let mut known = |node: Node, to: &mut [T]| {
                let place = self.place(node)?;
                let from = &found[place * run.len() + k * TOGETHER..];
                to.copy_from_slice(&from[..to.len()]);
                Some(true)
            };
            root.add_up(chunks, &mut known, sum, &mut workers.own().sums);
            scale(sum, mean);
        });
        team.gather(gradient, |rank| part(rank).len());
    }
}
