//! What ranks that split the samples tell each other of them.
use crate::engine::Room;
use crate::pairs::are_few;
use crate::team::Team;
use numgrad_core::{Mlp, Real, Tile};
use std::ops::Range;

/// What a gradient needs of the samples that others have measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Needs {
    /// The activations a, which are the inputs of weights.
    Activations,
    /// Which neurons are rough, too, and if any is, all of the forward pass.
    Marks,
    /// Which neurons are rough, too, and all of the forward pass only if they are many.
    Pairs,
    /// All of the forward pass.
    Pass,
}

impl Needs {
    /// Whether sums over samples do, where each rank has some of them alone.
    pub(crate) fn are_sums(self) -> bool {
        matches!(self, Self::Activations | Self::Pairs)
    }
}

/// An exchange of what is known of each sample, in tiles: each rank has the tiles of its part.
#[derive(Debug)]
pub(crate) struct Exchange<'a, T: Real> {
    pub(crate) team: &'a Team,
    pub(crate) network: &'a Mlp<T>,
    pub(crate) samples: usize,
    /// Samples of a tile.
    pub(crate) tile: usize,
}

impl<T: Real> Exchange<'_, T> {
    /// Fills in what the other ranks have found.
    pub(crate) fn all(
        &self,
        needs: Needs,
        record: usize,
        losses: &mut [T],
        trace: &mut Tile<'_, T>,
        room: &mut Room<T>,
    ) {
        let neurons = self.network.neurons();
        room.held.clear();
        (room.held).extend((0..self.team.size()).map(|rank| self.held(rank).end));
        self.gather(losses, 1);
        self.gather(trace.after, neurons);
        if record > 0 {
            self.gather(&mut room.coefficients[..self.samples * record], record);
        }
        room.has_pass = match needs {
            Needs::Activations => false,
            Needs::Marks => self.marks(room),
            Needs::Pairs => {
                let rough = self.samples * neurons;
                self.marks(room) && !are_few(self.network, self.samples, &room.rough[..rough])
            }
            Needs::Pass => true,
        };
        if room.has_pass {
            self.gather(trace.before, 2 * neurons);
        }
    }

    /// Whether any neuron is rough.
    fn marks(&self, room: &mut Room<T>) -> bool {
        let neurons = self.network.neurons();
        let rough = &mut room.rough[..self.samples * neurons];
        room.marks.clear();
        room.marks
            .extend(rough.iter().map(|&rough| u8::from(rough)));
        let count = |rank| self.held(rank).len() * neurons;
        self.team.gather_bytes(&mut room.marks, count);
        for (rough, &mark) in rough.iter_mut().zip(&room.marks) {
            *rough = mark != 0;
        }
        rough.contains(&true)
    }

    fn gather(&self, all: &mut [T], of_sample: usize) {
        (self.team).gather(all, |rank| self.held(rank).len() * of_sample);
    }

    /// The samples that a rank has.
    fn held(&self, rank: usize) -> Range<usize> {
        let tiles = self.team.part(self.samples.div_ceil(self.tile), rank);
        let up_to = |tiles: usize| (tiles * self.tile).min(self.samples);
        up_to(tiles.start)..up_to(tiles.end)
    }
}
