//! From a pass to the gradient: by one process, or by ranks that have a block of neurons each.
use crate::assemble::assemble_rows;
use crate::block::{Block, Which};
use crate::columns::runs;
use crate::describe::Powers;
use crate::engine::{Pass, Room};
use crate::pairs::add_pairs;
use crate::probe::Batch;
use crate::stencil::Quotient;
use crate::sums::Ranks;
use crate::team::Team;
use crate::tiling::{parts, parts_of_run};
use crate::{GradientError, Split};
use numgrad_core::{Mlp, Real};

/// Multiply-adds that the description of a neuron of the last hidden layer takes for each output.
const OF_OUTPUT: usize = 8;

/// Where the entries of a gradient come from, once a pass is done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct From<'a, T> {
    /// From these powers of the inputs, where the pass left coefficients.
    pub(crate) powers: Option<&'a Powers<T>>,
    /// From rough neurons, evaluated directly.
    pub(crate) direct: Option<Quotient<'a, T>>,
}

impl<T: Real> From<'_, T> {
    /// The blocks of the ranks, if a gradient is shared: cut by what a neuron's weights cost.
    pub(crate) fn blocks(&self, network: &Mlp<T>, team: Option<&Team>) -> Option<Vec<Block>> {
        let team = team?;
        let last = network.layers() - 1;
        let behind = |layer| {
            let layers = layer + 1..=last;
            let products = layers.map(|l| network.fan_in(l) * network.width(l));
            products.skip(1).sum::<usize>() + network.outputs()
        };
        let cost = |layer: usize| {
            let weights = network.fan_in(layer) + 1;
            match self.powers {
                // A partial pass for each weight.
                None => weights * behind(layer),
                Some(powers) if layer + 1 == last && team.split() == Split::Coordinates => {
                    weights * powers.get().len() + OF_OUTPUT * network.outputs()
                }
                Some(powers) => weights * powers.get().len(),
            }
        };
        Some(Block::of_ranks(network, team, |layer| cost(layer) as f64))
    }

    /// Fills the gradient. Returns the mean loss, and how often a rough neuron's loss was evaluated
    /// for a sample.
    ///
    /// # Errors
    /// If a loss is not finite.
    pub(crate) fn conclude(
        &self,
        pass: Pass<'_, T>,
        blocks: Option<&[Block]>,
        gradient: &mut [T],
    ) -> Result<(T, u64), GradientError> {
        if let (Some(powers), Some(team), Some(shares)) = (self.powers, pass.team, &pass.shares) {
            let ranks = Ranks::new(&pass.batch, team, shares);
            let direct = self.direct;
            return ranks.conclude(powers, direct, (pass.losses, pass.room), gradient);
        }
        let loss = pass.loss()?;
        Ok((loss, self.of_known(pass, blocks, gradient)))
    }

    /// The same where this rank knows of the samples of all.
    fn of_known(&self, pass: Pass<'_, T>, blocks: Option<&[Block]>, gradient: &mut [T]) -> u64 {
        let Pass {
            batch, room, team, ..
        } = pass;
        let (Some(team), Some(blocks)) = (team, blocks) else {
            return self.fill(&batch, room, Which::All, gradient);
        };
        if let (Some(powers), Split::Samples, false) = (self.powers, team.split(), room.has_pass) {
            return self.by_columns(&batch, powers, room, team, gradient);
        }
        let network = batch.network();
        let own = &blocks[team.comm().rank()];
        let mut all = std::mem::take(&mut room.blocks);
        all.resize(network.parameters(), T::zero());
        let before = blocks[..team.comm().rank()].iter();
        let start: usize = before.map(|block| block.coordinates(network)).sum();
        let rows = &mut all[start..][..own.coordinates(network)];
        let which = Which::Own(own);
        let evaluations = self.fill(&batch, room, which, rows);
        team.gather(&mut all, |rank| blocks[rank].coordinates(network));
        let mut rest = &all[..];
        for block in blocks {
            let (rows, behind) = rest.split_at(block.coordinates(network));
            block.write(network, rows, gradient);
            rest = behind;
        }
        room.blocks = all;
        self.direct.map_or(0, |_| team.sum(evaluations))
    }

    /// Fills the rows of some neurons. What is evaluated directly is so beside the assembly: nobody
    /// waits for the one before the other begins. Returns how often a sample's loss was evaluated.
    pub(crate) fn fill(
        &self,
        batch: &Batch<'_, T>,
        room: &mut Room<T>,
        which: Which<'_>,
        rows: &mut [T],
    ) -> u64 {
        let network = batch.network();
        let marks = batch.samples() * network.neurons();
        let mut direct = std::mem::take(&mut room.direct);
        if let Some(how) = self.direct {
            let rough = &room.rough[..marks];
            direct.reserve(batch, how.stencil, (rough, &mut room.workers));
        }
        let found = &*room;
        let ((), evaluations) = rayon::join(
            || match (self.powers, which) {
                (None, _) => rows.fill(T::zero()),
                (Some(powers), Which::All) => {
                    assemble_rows(batch, powers, found, (which, &found.parts), rows);
                }
                (Some(powers), _) => {
                    let parts = parts(network, which, rayon::current_num_threads());
                    assemble_rows(batch, powers, found, (which, &parts), rows);
                }
            },
            || {
                let marks = (&found.rough[..marks], &found.workers);
                let measured = |how| direct.measure(batch, how, marks, which);
                self.direct.map_or(0, measured)
            },
        );
        if self.direct.is_some() {
            direct.add(batch, which, rows);
        }
        room.direct = direct;
        evaluations
    }

    /// The same where the samples are split and who has one evaluates its rough neurons: each rank
    /// then assembles some columns, which takes but those inputs of all samples.
    fn by_columns(
        &self,
        batch: &Batch<'_, T>,
        powers: &Powers<T>,
        room: &mut Room<T>,
        team: &Team,
        gradient: &mut [T],
    ) -> u64 {
        let runs = runs(batch, room, team);
        let run = &runs[team.comm().rank()];
        let own = &mut gradient[run.clone()];
        let parts = parts_of_run(batch.network(), run, rayon::current_num_threads());
        assemble_rows(batch, powers, room, (Which::All, &parts), own);
        let evaluations =
            (self.direct).map(|how| add_pairs(batch, how, room, team, (run, &mut *own)));
        team.gather(gradient, |rank| runs[rank].len());
        evaluations.unwrap_or(0)
    }
}

/// The own block, where a rank measures its own neurons alone.
pub(crate) fn measured_alone<'a>(
    team: Option<&Team>,
    blocks: Option<&'a [Block]>,
) -> Option<&'a Block> {
    let team = team.filter(|team| team.split() == Split::Coordinates)?;
    Some(&blocks?[team.comm().rank()])
}
