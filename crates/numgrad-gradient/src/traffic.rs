//! What ranks hand over in a step, by a model that the tests count.
use crate::describe::Powers;
use crate::pairwise::{Node, chunks, shares};
use crate::stencil::Stencil;
use crate::team::part;
use crate::{EstimatorKind, Perturb, Split};
use numgrad_core::{Mlp, Real};
use numgrad_diff::{Rank, Scheme};
use std::ops::Sub;

/// What the ranks of a gradient hand over, all together: what [`Comm::sent`](crate::Comm::sent)
/// counts, summed over the ranks.
///
/// With P parameters, N neurons, B samples, R ranks, w bytes a number and p powers of the inputs
/// (2 for central differences, 1 of the `neuron` and `layer` sweeps):
///
/// | split | bytes of a step |
/// | --- | --- |
/// | directions | 8 a direction; of ranked losses, 8 for each loss |
/// | coordinates | w·P, and to count evaluations 8·R (`weight`, `weight-direct`), or 16·R to agree on a failure (`weight-naive`) |
/// | samples | w·(B·(1 + N + p·N) + P); of `weight` B·N marks too, and where neurons are rough their rows, w·r numbers, and 8·R, or if that is less w·2·B·N instead of the rows; of `weight-direct` w·2·B·N and 8·R |
/// | samples, by sums | w·(B + S·P − P_own) of an all-to-all and w·P; of `weight` S·N marks too, and where neurons are rough their rows, w·r numbers, and 8·R |
///
/// The last line is of batches of more than 256 samples whose chunks of 256 are shared evenly: then
/// each rank has S/R sums of its samples for each weight, one where R and the number of chunks are
/// powers of two, and P_own are those it needs not hand over. It holds for `weight`, `neuron` and
/// `layer`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Traffic {
    /// Bytes, each counted once.
    pub bytes: u64,
    /// Exchanges, in each of which every rank waits for all.
    pub exchanges: u64,
    /// Of the bytes, those of all-to-alls, of which each goes to one rank; the others go to all.
    pub scattered: u64,
    /// Of the exchanges, the all-to-alls.
    pub scatters: u64,
}

impl Sub for Traffic {
    type Output = Self;

    /// What came to be handed over since then.
    fn sub(self, before: Self) -> Self {
        Self {
            bytes: self.bytes - before.bytes,
            exchanges: self.exchanges - before.exchanges,
            scattered: self.scattered - before.scattered,
            scatters: self.scatters - before.scatters,
        }
    }
}

/// A gradient whose traffic is asked for.
#[derive(Debug, Clone, Copy)]
pub struct Shared {
    /// The estimator.
    pub kind: EstimatorKind,
    /// The difference scheme.
    pub scheme: Scheme,
    /// What is split.
    pub split: Split,
    /// Samples of the batch.
    pub samples: usize,
    /// The number of ranks.
    pub ranks: usize,
    /// r: a number for each weight and the bias of every neuron that cannot be described for a
    /// sample, because it crosses a corner.
    pub rough: u64,
}

impl Shared {
    /// The traffic of a step; `None` of chosen coordinates, whose number of neurons changes from
    /// step to step, and of what cannot be split so.
    pub fn traffic<T: Real>(&self, network: &Mlp<T>) -> Option<Traffic> {
        if self.ranks < 2 {
            return Some(Traffic::default());
        }
        let ranks = self.ranks as u64;
        let number = size_of::<T>() as u64;
        let gradient = number * network.parameters() as u64;
        let mut traffic = Traffic::default();
        let mut exchange = |count: u64| {
            traffic.bytes += count;
            traffic.exchanges += 1;
        };
        match (self.kind, self.split) {
            (EstimatorKind::Directions(directions), Split::Directions) => {
                let moves = Stencil::<T>::new(self.scheme).evaluations();
                let ranked = directions.rank == Rank::Centred;
                exchange(8 * directions.count as u64 * if ranked { moves } else { 1 });
            }
            (EstimatorKind::Sweep(Perturb::WeightNaive), Split::Coordinates) => {
                exchange(8 * ranks);
                exchange(8 * ranks);
                exchange(gradient);
            }
            (EstimatorKind::Sweep(perturb), Split::Coordinates) => {
                exchange(gradient);
                if matches!(perturb, Perturb::Weight | Perturb::WeightDirect) {
                    exchange(8 * ranks);
                }
            }
            (EstimatorKind::Sweep(perturb), Split::Samples) if perturb != Perturb::WeightNaive => {
                if let Some(sums) = self.sums(perturb) {
                    return Some(self.traffic_of_sums(network, perturb, &sums));
                }
                let neurons = (self.samples * network.neurons()) as u64;
                exchange(number * self.samples as u64);
                exchange(number * neurons);
                let powers = match perturb {
                    Perturb::Weight => Powers::of(&Stencil::<T>::new(self.scheme), T::one())
                        .get()
                        .len(),
                    Perturb::Neuron | Perturb::Layer => 1,
                    _ => 0,
                };
                if powers > 0 {
                    exchange(number * neurons * powers as u64);
                }
                if perturb == Perturb::Weight {
                    exchange(neurons);
                }
                let is_rough = perturb == Perturb::Weight && self.rough > 0;
                if is_rough || perturb == Perturb::WeightDirect {
                    let pass = 2 * neurons;
                    exchange(number * if is_rough { self.rough.min(pass) } else { pass });
                    exchange(8 * ranks);
                }
                exchange(gradient);
            }
            _ => return None,
        }
        Some(traffic)
    }

    /// How many sums of samples each rank has, where it hands over these.
    fn sums(&self, perturb: Perturb) -> Option<Vec<usize>> {
        if perturb == Perturb::WeightDirect {
            return None;
        }
        let shares = shares(self.samples, self.ranks)?;
        let nodes = |share| Node::cover(share, chunks(self.samples)).len();
        Some(shares.iter().map(nodes).collect())
    }

    fn traffic_of_sums<T: Real>(
        &self,
        network: &Mlp<T>,
        perturb: Perturb,
        sums: &[usize],
    ) -> Traffic {
        let (ranks, number) = (self.ranks as u64, size_of::<T>() as u64);
        let parameters = network.parameters() as u64;
        let handed_over = sums.iter().enumerate().map(|(rank, &sums)| {
            let own = part(network.parameters(), rank, self.ranks).len();
            sums as u64 * (parameters - own as u64)
        });
        let scattered = number * handed_over.sum::<u64>();
        let mut bytes = scattered + number * (self.samples as u64 + parameters);
        let mut exchanges = 3;
        if perturb == Perturb::Weight {
            let sums: usize = sums.iter().sum();
            bytes += (sums * network.neurons()) as u64;
            exchanges += 1;
            if self.rough > 0 {
                bytes += number * self.rough + 8 * ranks;
                exchanges += 2;
            }
        }
        Traffic {
            bytes,
            exchanges,
            scattered,
            scatters: 1,
        }
    }
}
