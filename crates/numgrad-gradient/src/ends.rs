//! A function with jumps may be flat between them, as a step is: many moves of z then end in the same
//! move of a, or in none, and change the loss alike.
use crate::probe::{Neurons, Probe, ProbeScratch, reserve};
use numgrad_core::Real;

/// The ends that another one is compared with, so that a function with many takes little more than their
/// moves of a, which are found once for this.
const COMPARED: usize = 4;

/// The moves of one neuron by where they end.
#[derive(Debug, Default)]
pub(crate) struct Ends<T> {
    /// The moves of a.
    moves: Vec<T>,
    /// For each move of z, which of those that are asked for it is like; `None` if it moves nothing.
    likes: Vec<Option<usize>>,
    losses: Vec<T>,
}

impl<T: Real> Ends<T> {
    /// Takes the memory that so many moves may need.
    pub(crate) fn reserve(&mut self, moves: usize) {
        for room in [&mut self.moves, &mut self.losses] {
            reserve(room, moves);
        }
        reserve(&mut self.likes, moves);
    }

    /// Leaves one move of each of the first few ends in `deltas`, and all of the others.
    pub(crate) fn gather(
        &mut self,
        probe: &Probe<'_, T>,
        neurons: Neurons,
        deltas: &mut Vec<T>,
        scratch: &mut ProbeScratch<T>,
    ) {
        self.moves.clear();
        self.moves.extend_from_slice(deltas);
        probe.activate(neurons, &mut self.moves, scratch);
        self.likes.clear();
        let mut asked = 0;
        for k in 0..deltas.len() {
            let end = self.moves[k];
            if end == T::zero() {
                self.likes.push(None);
                continue;
            }
            let known = &self.moves[..asked.min(COMPARED)];
            let like = known.iter().position(|&known| known == end);
            if like.is_none() {
                (self.moves[asked], deltas[asked]) = (end, deltas[k]);
                asked += 1;
            }
            self.likes.push(like.or(Some(asked - 1)));
        }
        deltas.truncate(asked);
    }

    /// From the losses of those that were asked for to those of all.
    pub(crate) fn spread(&mut self, losses: &mut Vec<T>) {
        std::mem::swap(&mut self.losses, losses);
        let of = |like: &Option<usize>| like.map_or(T::zero(), |like| self.losses[like]);
        losses.clear();
        losses.extend(self.likes.iter().map(of));
    }
}
