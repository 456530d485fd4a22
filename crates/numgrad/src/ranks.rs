//! The ranks of a run: who prints and writes, and what they must agree on.
use crate::args::Command;
use crate::failure::Failure;
use crate::out;
use numgrad_gradient::{Comm, EstimatorKind, Split, Team};
use numgrad_mpi::World;
use std::fmt;
use std::sync::Arc;

/// How many times as long as the median rank a rank may compute before it is said to lag.
const LAG: f64 = 1.5;

/// The least seconds of an epoch that say anything about a lag.
const LEAST: f64 = 0.1;

/// This process among those that share its work; alone if there are no others.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ranks(Option<Arc<dyn Comm>>);

impl Ranks {
    /// Those of MPI's world. All but rank 0 are silent from then on.
    pub(crate) fn of(world: Option<&World>) -> Self {
        let ranks = Self(world.map(|world| Arc::clone(world.comm())));
        if !ranks.is_first() {
            out::silence();
        }
        ranks
    }

    /// Whether a command shares its work with other ranks, if there are any.
    pub(crate) fn can(&self, command: &Command) -> Result<(), Failure> {
        if self.size() == 1 || matches!(command, Command::Train(_) | Command::Bench(_)) {
            return Ok(());
        }
        let message = "only train and bench share their work with other ranks: start other commands \
                       without a launcher";
        Err(Failure::usage(message))
    }

    /// Whether this process prints and writes.
    pub(crate) fn is_first(&self) -> bool {
        self.rank() == 0
    }

    pub(crate) fn rank(&self) -> usize {
        self.0.as_ref().map_or(0, |comm| comm.rank())
    }

    pub(crate) fn size(&self) -> usize {
        self.0.as_ref().map_or(1, |comm| comm.size())
    }

    /// The team that shares gradients; none of a single rank.
    pub(crate) fn team(&self, kind: EstimatorKind, split: Option<Split>) -> Option<Team> {
        let comm = self.0.as_ref().filter(|comm| comm.size() > 1)?;
        let split = split.unwrap_or_else(|| Split::of(kind));
        Some(Team::new(Arc::clone(comm), split))
    }

    /// Goes on only if every rank can. Who cannot says so, and the others end with its status.
    pub(crate) fn all<V>(&self, own: Result<V, Failure>) -> Result<V, Failure> {
        let Some(comm) = &self.0 else {
            return own;
        };
        let mut each = vec![0; comm.size()];
        if let Err(failure) = &own {
            each[comm.rank()] = failure.status as u8;
        }
        comm.all_gather(&mut each, &vec![1; comm.size()]);
        let Some(first) = each.iter().position(|&status| status > 0) else {
            return own;
        };
        match own {
            Err(failure) if first == comm.rank() => Err(failure.told_by(first)),
            _ => Err(Failure::untold(each[first])),
        }
    }

    /// Whether this is so on any rank.
    pub(crate) fn any(&self, own: bool) -> bool {
        let Some(comm) = &self.0 else {
            return own;
        };
        let mut each = vec![0; comm.size()];
        each[comm.rank()] = u8::from(own);
        comm.all_gather(&mut each, &vec![1; comm.size()]);
        each.contains(&1)
    }

    /// The bytes that rank 0 has, on every rank.
    pub(crate) fn broadcast(&self, own: Vec<u8>) -> Vec<u8> {
        let Some(comm) = &self.0 else {
            return own;
        };
        let mut bytes = own;
        let mut length = (bytes.len() as u64).to_le_bytes();
        comm.broadcast(0, &mut length);
        bytes.resize(u64::from_le_bytes(length) as usize, 0);
        comm.broadcast(0, &mut bytes);
        bytes
    }

    /// Ends the other ranks too, if they would wait for this one: for what it alone knows of. What
    /// all ranks find in their numbers, or have agreed on, ends each by itself.
    pub(crate) fn ended<V>(&self, result: Result<V, Failure>) -> Result<V, Failure> {
        match (&self.0, result) {
            (Some(comm), Err(failure)) if comm.size() > 1 && !failure.is_common() => {
                out::shout(format_args!("numgrad: rank {}: {failure}", comm.rank()));
                comm.abort(failure.status as i32)
            }
            (_, result) => result,
        }
    }

    /// The rank that computes longest, if that is much longer than the median rank does. `seconds`
    /// are those of this rank's training, its waiting for others included.
    pub(crate) fn laggard(&self, seconds: f64, before: &mut f64) -> Option<Lag> {
        let comm = self.0.as_ref().filter(|comm| comm.size() > 1)?;
        let busy = seconds - comm.waited();
        let own = (busy - std::mem::replace(before, busy)).max(0.0);
        let mut each = vec![0; 8 * comm.size()];
        each[8 * comm.rank()..][..8].copy_from_slice(&own.to_le_bytes());
        comm.all_gather(&mut each, &vec![8; comm.size()]);
        let words = each.as_chunks::<8>().0.iter();
        let each: Vec<f64> = words.map(|&word| f64::from_le_bytes(word)).collect();
        Lag::of(&each)
    }
}

/// How many ranks and threads share a gradient, and by what.
pub(crate) fn described(team: &Team) -> String {
    format!(
        "{} ranks with {} threads in all share each gradient by {}",
        team.size(),
        team.threads(),
        team.split()
    )
}

/// A rank that lags.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Lag {
    rank: usize,
    times: f64,
}

impl Lag {
    fn of(seconds: &[f64]) -> Option<Self> {
        let mut sorted = seconds.to_vec();
        sorted.sort_by(f64::total_cmp);
        let median = sorted[(sorted.len() - 1) / 2];
        let longest = sorted[sorted.len() - 1];
        let rank = seconds.iter().position(|&own| own == longest)?;
        let lags = longest > LEAST && longest > LAG * median;
        lags.then(|| Self {
            rank,
            times: longest / median.max(f64::MIN_POSITIVE),
        })
    }
}

impl fmt::Display for Lag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rank, times } = self;
        write!(
            f,
            "rank {rank} computes {times:.1} times as long as the median rank, and the others wait: \
             is its machine slower, or at other work?"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Status;
    use numgrad_gradient::LocalRank;

    fn on<R: Send>(size: usize, work: impl Fn(Ranks) -> R + Sync) -> Vec<R> {
        LocalRank::run(size, |rank| work(Ranks(Some(Arc::new(rank)))))
    }

    #[test]
    fn all_ranks_end_with_the_status_of_the_first_that_fails_and_it_alone_says_why() {
        let found = on(3, |ranks| {
            let own = match ranks.rank() {
                0 => Ok(()),
                rank => Err(Failure::data(format_args!("bad {rank}"))),
            };
            let agreed = ranks.all(own);
            let failure = ranks.ended(agreed).unwrap_err();
            (failure.status, failure.to_string())
        });
        let messages: Vec<&str> = found.iter().map(|(_, message)| &message[..]).collect();
        assert_eq!(messages, ["", "rank 1: bad 1", ""]);
        assert!(found.iter().all(|(status, _)| *status == Status::Data));
        assert!(
            on(2, |ranks| ranks.all(Ok(())).is_ok())
                .into_iter()
                .all(|ok| ok)
        );
    }

    #[test]
    fn what_one_rank_has_or_asks_for_all_have() {
        let found = on(3, |ranks| {
            let own = if ranks.is_first() {
                vec![7; 5]
            } else {
                Vec::new()
            };
            (
                ranks.any(ranks.rank() == 2),
                ranks.any(false),
                ranks.broadcast(own),
            )
        });
        assert!(
            found
                .into_iter()
                .all(|all| all == (true, false, vec![7; 5]))
        );
    }

    #[test]
    fn a_rank_lags_that_takes_much_longer_than_the_median() {
        assert_eq!(Lag::of(&[1.0, 1.2, 1.1]), None);
        assert_eq!(Lag::of(&[0.0001, 0.01]), None, "too short to tell");
        let lag = Lag::of(&[1.0, 1.0, 3.0]).unwrap();
        assert_eq!((lag.rank, lag.times), (2, 3.0));
    }
}
