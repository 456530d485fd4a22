//! A training that ranks share: rank 0 keeps the run and speaks, and the others follow it.
use super::Session;
use super::start::Start;
use crate::args::TrainArguments;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::out::{Out, say, shout};
use crate::ranks::{Lag, Ranks, described};
use numgrad_core::Real;
use numgrad_train::checkpoint::{Checkpoint, RunDirectory};
use numgrad_train::{Prepared, Trainer};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// How long after a request to stop rank 0 should still be there, if it was not what ended.
const GRACE: Duration = Duration::from_millis(100);

/// The seconds that a rank has computed, from epoch to epoch.
#[derive(Debug, Default)]
pub(super) struct Pace {
    busy: f64,
    is_said: bool,
}

impl Pace {
    /// The rank that lags, the first time that one does.
    pub(super) fn laggard(&mut self, ranks: &Ranks, seconds: f64) -> Option<Lag> {
        let lag = ranks.laggard(seconds, &mut self.busy)?;
        let is_news = !std::mem::replace(&mut self.is_said, true);
        is_news.then_some(lag)
    }
}

/// What every rank starts from: rank 0 reads the checkpoint, and the others have it from there, so
/// that the run's folder may be on its machine alone.
pub(super) fn resume(path: &Path, epochs: Option<u64>, ranks: &Ranks) -> Result<Start, Failure> {
    if ranks.size() == 1 {
        return Start::resume(path, epochs);
    }
    let own = ranks.is_first().then(|| Start::resume(path, epochs));
    let own = ranks.all(own.transpose())?;
    let bytes = match &own {
        Some(Start::Resumed { checkpoint, .. }) => checkpoint.to_bytes(),
        _ => Ok(Vec::new()),
    };
    let bad = |fault| Failure::data(format_args!("{}: {fault}", path.display()));
    let bytes = ranks.broadcast(ranks.all(bytes.map_err(bad))?);
    let followed = || -> Result<Start, Failure> {
        let checkpoint = Checkpoint::from_bytes(&bytes).map_err(bad)?;
        Ok(Start::Followed {
            data: Box::new(Prepared::load(&checkpoint.header.configuration)?),
            checkpoint: Box::new(checkpoint),
            epochs,
        })
    };
    ranks.all(own.map_or_else(followed, Ok))
}

/// Trains: alone, as the first rank, or behind it.
pub(super) fn train<T: Real>(
    start: Start,
    arguments: &TrainArguments,
    interrupt: Interrupt,
    ranks: &Ranks,
    out: &mut Out,
) -> Result<(), Failure> {
    if !ranks.is_first() {
        let trainer = ranks.all(follower::<T>(start))?;
        let ended = follow(trainer, arguments, &interrupt, ranks);
        Interrupt::end();
        return ranks.ended(ended);
    }
    let started = Session::<T>::start(start, arguments, interrupt, ranks);
    let session = ranks.all(started)?;
    let ended = lead(session, arguments, ranks, out);
    Interrupt::end();
    ranks.ended(ended)
}

/// Takes the steps of a run, and the others along.
fn lead<T: Real>(
    mut session: Session<T>,
    arguments: &TrainArguments,
    ranks: &Ranks,
    out: &mut Out,
) -> Result<(), Failure> {
    let folder = session.saves.path().to_owned();
    announce(&folder, ranks);
    let kind = session.trainer.configuration().perturb;
    if let Some(team) = ranks.team(kind, arguments.run.distribute) {
        session.trainer.share(team.clone())?;
        say(format_args!("numgrad: {}", described(&team)));
        let run = folder.display().to_string();
        Interrupt::advise(move || {
            say(format_args!(
                "numgrad: asked to stop; if the job ends before the run is saved, go on from its \
                 last checkpoint with the same launcher and: numgrad train --resume {run}"
            ));
        });
    }
    Interrupt::go_on_with(format!("numgrad train --resume {}", folder.display()));
    session.train(out)
}

/// Tells every rank where rank 0 keeps the run.
fn announce(folder: &Path, ranks: &Ranks) -> PathBuf {
    let name = folder.as_os_str().as_encoded_bytes().to_vec();
    PathBuf::from(String::from_utf8_lossy(&ranks.broadcast(name)).into_owned())
}

/// The run of a rank that keeps nothing.
fn follower<T: Real>(start: Start) -> Result<Trainer<T>, Failure> {
    Ok(match start {
        Start::Fresh(fresh) => fresh.trainer()?,
        Start::Resumed {
            checkpoint,
            data,
            epochs,
            ..
        }
        | Start::Followed {
            checkpoint,
            data,
            epochs,
        } => Trainer::resume(*checkpoint, *data, epochs)?,
    })
}

/// Takes the steps that rank 0 takes.
fn follow<T: Real>(
    mut trainer: Trainer<T>,
    arguments: &TrainArguments,
    interrupt: &Interrupt,
    ranks: &Ranks,
) -> Result<(), Failure> {
    let folder = announce(Path::new(""), ranks);
    let rank = ranks.rank();
    Interrupt::advise(move || last_words(rank, &folder));
    let kind = trainer.configuration().perturb;
    if let Some(team) = ranks.team(kind, arguments.run.distribute) {
        trainer.share(team)?;
    }
    let mut pace = Pace::default();
    while !trainer.is_finished() {
        if ranks.any(interrupt.is_asked()) {
            return Err(Failure::untold(crate::failure::Status::Interrupted as u8));
        }
        if !trainer.epoch_is_over() {
            trainer.step()?;
        }
        if trainer.epoch_is_over() {
            trainer.end_epoch()?;
            pace.laggard(ranks, trainer.progress().seconds);
        }
    }
    Ok(())
}

/// What a rank says when it is asked to stop and rank 0, which would say it, has gone. Only one
/// rank can take the run's folder, and it keeps it to its end.
fn last_words(rank: usize, folder: &Path) {
    thread::sleep(GRACE);
    if Interrupt::is_over() {
        return;
    }
    if let Ok(taken) = RunDirectory::open(folder) {
        let run = folder.display();
        shout(format_args!(
            "numgrad: rank {rank}: rank 0 has gone, and the job ends; go on from its last checkpoint \
             with the same launcher and: numgrad train --resume {run}"
        ));
        std::mem::forget(taken);
    }
}
