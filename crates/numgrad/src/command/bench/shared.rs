//! The step of one process, and the one that ranks share, beside what the model of `scale` says.
mod gathers;
mod report;
mod steps;

use super::case::{self, Case, Setting};
use super::growth::Growth;
use super::{budget, configured};
use crate::args::{BenchArguments, named_or_every};
use crate::command::scale::network::Network;
use crate::failure::{Failure, Status};
use crate::out::Out;
use crate::ranks::Ranks;
use crate::setup::pool;
use numgrad_core::{Precision, Real};
use numgrad_gradient::{Comm, EstimatorKind, Perturb, PlayedRank, Split, Team, Traffic};
use numgrad_train::{Configuration, Prepared, Trainer};
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;
use steps::Steps;

/// How often one process, played ranks and the team take turns, so that a machine that is at other
/// work for a while is slow for all of them.
const ROUNDS: u32 = 5;

/// The most steps of a round: of a small network more would not tell more.
const MOST_STEPS: f64 = 2000.0;

/// What ranks took, in one setting.
#[derive(Debug)]
struct Figures {
    setting: Setting,
    weights: usize,
    ranks: usize,
    /// Of rank 0.
    threads: usize,
    network: Network,
    sweeps: Vec<Shared>,
}

/// A step of one estimator: a gradient and the optimizer's move.
#[derive(Debug, Clone, Copy)]
struct Shared {
    kind: EstimatorKind,
    split: Split,
    /// Seconds of a step of one process, of its fastest, and of its gradient.
    alone: f64,
    alone_least: f64,
    alone_gradient: f64,
    /// Seconds of the optimizer's move, which every rank makes.
    update: f64,
    /// Seconds of a step that all share, and of the fastest.
    together: f64,
    together_least: f64,
    /// Seconds of a played rank's gradient, on the rank that takes longest.
    played: f64,
    /// What all ranks handed over in a step.
    bytes: u64,
    /// The same by the model.
    traffic: Traffic,
}

pub(super) fn run(arguments: &BenchArguments, ranks: &Ranks, out: &mut Out) -> Result<(), Failure> {
    if Growth::asked(&arguments.growth).is_some() {
        let message = "a growth is measured by one process: start it without a launcher";
        return Err(Failure::usage(message));
    }
    let (setting, data) = ranks.all(configured(arguments))?;
    let path = arguments.write_case.as_ref().filter(|_| ranks.is_first());
    let written = path.map(|path| case::write(path, &setting, &data));
    ranks.all(written.transpose())?;
    let pool = ranks.all(pool(setting.threads))?;
    let figures = pool.install(|| match setting.run.precision {
        Precision::F32 => measure::<f32>(setting, &data, arguments, ranks),
        Precision::F64 => measure::<f64>(setting, &data, arguments, ranks),
    })?;
    if arguments.json {
        report::json(&figures, out)
    } else {
        report::table(&figures, out)
    }
}

fn measure<T: Real>(
    setting: Setting,
    data: &Prepared,
    arguments: &BenchArguments,
    ranks: &Ranks,
) -> Result<Figures, Failure> {
    let run = &setting.run;
    let team = |kind, split| ranks.team(kind, split).ok_or_else(nobody);
    // As in a training, all ranks are to have the same data and settings.
    let trainer = Trainer::<f64>::new(run.clone(), data.clone());
    let mut trainer = ranks.all(trainer.map_err(Failure::from))?;
    let by_default = team(run.perturb, None)?;
    trainer.share(by_default.clone())?;
    let case = ranks.all(Case::<T>::new(&setting, data))?;
    let clock = Clock {
        ranks,
        of_round: budget(arguments) / ROUNDS,
    };
    let network = gathers::network(&**by_default.comm(), clock.of_round);
    let mut sweeps = Vec::new();
    for kind in named_or_every(&arguments.perturb) {
        let is_named = !arguments.perturb.is_empty();
        // Full passes take minutes.
        if !is_named && kind == Perturb::WeightNaive.into() {
            continue;
        }
        let team = team(kind, arguments.distribute)?;
        let mut can = kind.build::<T>(run.scheme, T::of(run.step), run.seed)?;
        match can.share(team.clone()) {
            Err(_) if !is_named => {}
            can => {
                can?;
                sweeps.push(clock.shared(kind, run, &case, &team)?);
            }
        }
    }
    Ok(Figures {
        weights: case.theta.len(),
        ranks: ranks.size(),
        threads: rayon::current_num_threads(),
        network,
        sweeps,
        setting,
    })
}

fn nobody() -> Failure {
    Failure::new(Status::Internal, "one rank shares with nobody")
}

/// The ranks that take turns, and for how long each time.
struct Clock<'a> {
    ranks: &'a Ranks,
    of_round: Duration,
}

impl Clock<'_> {
    /// One process, the ranks as each would compute if nobody waited, and the team, in turn.
    fn shared<T: Real>(
        &self,
        kind: EstimatorKind,
        run: &Configuration,
        case: &Case<T>,
        team: &Team,
    ) -> Result<Shared, Failure> {
        let (ranks, comm) = (self.ranks, team.comm());
        let role = Arc::new(PlayedRank::new(comm.rank(), comm.size()));
        let played = Team::new(Arc::clone(&role) as Arc<dyn Comm>, team.split());
        // What one rank alone finds to be wrong must not leave the others waiting for it.
        let steps = |team| ranks.all(Steps::of(kind, run, case, team));
        let (mut alone, mut played) = (steps(None)?, steps(Some(played))?);
        let mut together = steps(Some(team.clone()))?;
        ranks.all(alone.take())?;
        let before = role.traffic();
        ranks.all(played.take())?;
        let traffic = role.traffic() - before;
        ranks.all(together.take())?;
        let (mut sent, mut count) = (0, 0);
        for _ in 0..ROUNDS {
            // Who waits in MPI may keep a core, or what two cores share, from who computes.
            let own = if ranks.is_first() {
                alone.take_for(self.of_round)
            } else {
                sleep(self.of_round);
                Ok(())
            };
            ranks.all(own)?;
            ranks.all(played.take_for(self.of_round))?;
            let steps = self.steps_of_round(together.whole(), &**comm);
            let before = comm.sent();
            for _ in 0..steps {
                together.take()?;
            }
            sent += comm.sent() - before;
            count += steps;
        }
        let longest = team.each(played.gradient().to_bits()).into_iter();
        let most = |own| team.each(own).into_iter().max().unwrap_or_default();
        Ok(Shared {
            kind,
            split: team.split(),
            alone: alone.whole(),
            alone_least: alone.least(),
            alone_gradient: alone.gradient(),
            update: alone.update(),
            together: together.whole(),
            together_least: together.least(),
            played: longest.map(f64::from_bits).fold(0.0, f64::max),
            bytes: team.sum(sent) / count,
            traffic: Traffic {
                bytes: most(traffic.bytes),
                exchanges: most(traffic.exchanges),
                scattered: most(traffic.scattered),
                scatters: most(traffic.scatters),
            },
        })
    }

    /// How many steps the ranks share in a round, as rank 0 says: every rank takes as many.
    fn steps_of_round(&self, seconds: f64, comm: &dyn Comm) -> u64 {
        let steps = self.of_round.as_secs_f64() / seconds;
        let mut word = (steps.clamp(1.0, MOST_STEPS) as u64).to_le_bytes();
        comm.broadcast(0, &mut word);
        u64::from_le_bytes(word)
    }
}
