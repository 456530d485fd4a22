//! `numgrad train`: from data to a trained network, saved as it goes.
use crate::args::TrainArguments;
use crate::failure::{Failure, Status};
use crate::interrupt::Interrupt;
use crate::out::{Out, say};
use crate::progress::Progress;
use crate::report::{audit_line, default_folder, grouped, history_table, warn};
use crate::setup::{configure, on_pool};
use numgrad_core::{Precision, Real};
use numgrad_gradient::Perturb;
use numgrad_train::checkpoint::{Checkpoint, EpochRecord, RunDirectory, load};
use numgrad_train::{Audit, Configuration, Prepared, TrainError, Trainer, theta_blake3};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Time between two checkpoints, at the ends of epochs and within them.
const BETWEEN_EPOCHS: Duration = Duration::from_secs(1);
const WITHIN_EPOCHS: Duration = Duration::from_secs(30);

/// The longest epoch that nobody is warned of.
const LONG_EPOCH: f64 = 60.0;

pub(crate) fn run(arguments: &TrainArguments, out: &mut Out) -> Result<(), Failure> {
    let interrupt = Interrupt::listen()?;
    let start = match &arguments.run.resume {
        Some(path) => Start::resume(path, arguments.optimization.epochs)?,
        None => Start::fresh(arguments)?,
    };
    on_pool(arguments.run.threads, || match start.precision() {
        Precision::F32 => Session::<f32>::start(start, arguments, interrupt)?.train(out),
        Precision::F64 => Session::<f64>::start(start, arguments, interrupt)?.train(out),
    })?
}

/// What a run starts from.
enum Start {
    Fresh(Box<(Configuration, Prepared)>, PathBuf),
    Resumed {
        checkpoint: Box<Checkpoint>,
        data: Box<Prepared>,
        epochs: Option<u64>,
        folder: RunDirectory,
    },
}

impl Start {
    fn fresh(arguments: &TrainArguments) -> Result<Self, Failure> {
        let TrainArguments {
            data,
            network,
            gradient,
            optimization,
            run,
        } = arguments;
        let configured = configure(data, network, gradient, optimization)?;
        let folder = run
            .run
            .clone()
            .unwrap_or_else(|| default_folder(network.seed));
        Ok(Self::Fresh(Box::new(configured), folder))
    }

    fn resume(path: &Path, epochs: Option<u64>) -> Result<Self, Failure> {
        // The folder is taken first: no other process then changes what is read from it.
        let parent = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        let folder = if path.is_file() {
            parent.unwrap_or(Path::new("."))
        } else {
            path
        };
        let folder = RunDirectory::open(folder)?;
        let loaded = load(path)?;
        warn(loaded.warning.as_ref());
        let header = &loaded.checkpoint.header;
        Ok(Self::Resumed {
            data: Box::new(Prepared::load(&header.configuration)?),
            checkpoint: Box::new(loaded.checkpoint),
            epochs,
            folder,
        })
    }

    fn precision(&self) -> Precision {
        match self {
            Self::Fresh(configured, _) => configured.0.precision,
            Self::Resumed { checkpoint, .. } => checkpoint.header.configuration.precision,
        }
    }
}

/// A training session: the run, its folder, and who watches.
struct Session<T: Real> {
    trainer: Trainer<T>,
    folder: RunDirectory,
    saved: Instant,
    interrupt: Interrupt,
    progress: Progress,
    json: bool,
}

impl<T: Real> Session<T> {
    fn start(
        start: Start,
        arguments: &TrainArguments,
        interrupt: Interrupt,
    ) -> Result<Self, Failure> {
        let (trainer, folder) = match start {
            Start::Fresh(configured, path) => {
                let (configuration, data) = *configured;
                let mut trainer = Trainer::<T>::new(configuration, data)?;
                advise(&mut trainer)?;
                (trainer, RunDirectory::create(&path)?)
            }
            Start::Resumed {
                checkpoint,
                data,
                epochs,
                folder,
            } => (Trainer::<T>::resume(*checkpoint, *data, epochs)?, folder),
        };
        let total = trainer.configuration().epochs * trainer.batches();
        let mut session = Self {
            progress: Progress::new(total, arguments.run.quiet || arguments.run.json),
            json: arguments.run.json,
            trainer,
            folder,
            saved: Instant::now(),
            interrupt,
        };
        session.save()?;
        Ok(session)
    }

    fn train(mut self, out: &mut Out) -> Result<(), Failure> {
        while !self.trainer.is_finished() {
            if self.interrupt.is_asked() {
                return self.interrupted();
            }
            if !self.trainer.epoch_is_over() {
                let loss = self.trainer.step().map_err(|error| self.explained(error))?;
                let progress = self.trainer.progress();
                let done = progress.epoch * self.trainer.batches() + progress.batch;
                self.progress.step(done, progress.epoch + 1, loss);
            }
            let mut pause = WITHIN_EPOCHS;
            if self.trainer.epoch_is_over() {
                let record = self.trainer.end_epoch().cloned();
                let record = record.map_err(|error| self.explained(error))?;
                self.progress
                    .epoch(&record, self.trainer.configuration().epochs);
                if self.json {
                    out.line(json_of(&record, self.trainer.audits().last(), "epoch"))?;
                }
                pause = BETWEEN_EPOCHS;
            }
            if self.saved.elapsed() >= pause {
                self.save()?;
            }
        }
        self.save()?;
        self.finish(out)
    }

    fn save(&mut self) -> Result<(), Failure> {
        self.folder.save(&self.trainer.checkpoint())?;
        self.saved = Instant::now();
        Ok(())
    }

    fn interrupted(mut self) -> Result<(), Failure> {
        self.save()?;
        self.progress.clear();
        let run = self.folder.path().display();
        Err(Failure::new(
            Status::Interrupted,
            format!("stopped and saved; go on with: numgrad train --resume {run}"),
        ))
    }

    /// A failure of the run, with the checkpoint that is left of it.
    fn explained(&self, error: TrainError) -> Failure {
        self.progress.clear();
        let failure = Failure::from(error);
        let run = self.folder.path().display();
        Failure::new(
            failure.status,
            format!("{failure}; the last good checkpoint is in {run}"),
        )
    }

    fn finish(self, out: &mut Out) -> Result<(), Failure> {
        self.progress.clear();
        let trainer = &self.trainer;
        let run = self.folder.path();
        let Some(last) = trainer.history().last() else {
            return out.line(format_args!("saved in {}", run.display()));
        };
        if self.json {
            let mut line = json_of(last, trainer.audits().last(), "finished");
            line["run"] = json!(run);
            line["theta_blake3"] = json!(theta_blake3(trainer.theta()).to_hex().as_str());
            return out.line(line);
        }
        history_table(trainer.history(), out)?;
        let progress = trainer.progress();
        out.line(format_args!(
            "{} loss evaluations, {} of one sample, in {:.2} s of training",
            grouped(progress.loss_evaluations),
            grouped(progress.sample_evaluations),
            progress.seconds
        ))?;
        audit_line(trainer.audits(), trainer.configuration(), out)?;
        out.line(format_args!("saved in {}", run.display()))
    }
}

/// Says how long an epoch will take if that is long, and what would be faster.
fn advise<T: Real>(trainer: &mut Trainer<T>) -> Result<(), Failure> {
    let chosen = trainer.configuration().perturb;
    let seconds = trainer.estimate_epoch(chosen)?;
    if seconds <= LONG_EPOCH {
        return Ok(());
    }
    let mut faster = None;
    for perturb in [Perturb::Weight, Perturb::Neuron, Perturb::Layer] {
        if chosen != perturb.into() {
            let other = trainer.estimate_epoch(perturb.into())?;
            if other < seconds / 2.0 {
                faster = Some((perturb, other));
                break;
            }
        }
    }
    let advice = faster.map_or(String::new(), |(perturb, other)| {
        format!("; --perturb {perturb} would take about {}", duration(other))
    });
    say(format_args!(
        "numgrad: an epoch with --perturb {chosen} will take about {}{advice}",
        duration(seconds)
    ));
    Ok(())
}

fn duration(seconds: f64) -> String {
    match seconds {
        s if s < 120.0 => format!("{s:.1} s"),
        s if s < 7200.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3600.0),
    }
}

fn json_of(record: &EpochRecord, audit: Option<&Audit>, event: &str) -> serde_json::Value {
    let mut line = json!({
        "event": event,
        "epoch": record.epoch,
        "train_loss": record.train_loss,
        "test_loss": record.test_loss,
        "train_accuracy": record.train_accuracy,
        "test_accuracy": record.test_accuracy,
        "loss_evaluations": record.loss_evaluations,
        "seconds": record.seconds,
    });
    if let Some(audit) = audit {
        line["audit"] = json!(audit);
    }
    line
}
