//! `numgrad train`: from data to a trained network, saved as it goes.
mod advice;
mod fresh;
mod repeat;
mod shared;
mod start;
mod story;

use crate::args::TrainArguments;
use crate::command::report::name_of;
use crate::failure::{Failure, Status};
use crate::interrupt::Interrupt;
use crate::out::{Out, say};
use crate::progress::{Progress, Size, Step, needs_dashboard};
use crate::ranks::Ranks;
use crate::report::{audit_line, grouped, history_table, in_time, time_line};
use crate::run_folder::{HistoryFiles, object_of};
use crate::run_report::{self, Subject};
use crate::setup::on_pool;
use crate::table::broken;
use crate::tensorboard::{EventFile, scalars};
use numgrad_core::{Precision, Real};
use numgrad_train::checkpoint::EpochRecord;
use numgrad_train::{Audit, Saves, TrainError, Trainer, theta_blake3};
use repeat::Original;
use serde_json::{Value, json};
use shared::Pace;
use start::{Begun, Start};
use std::time::Instant;
use tracing::info;

pub(crate) fn run(arguments: &TrainArguments, ranks: &Ranks, out: &mut Out) -> Result<(), Failure> {
    if arguments.run.tui {
        needs_dashboard()?;
    }
    let interrupt = Interrupt::listen()?;
    let start = match (&arguments.run.resume, &arguments.run.repeat) {
        (Some(path), _) => shared::resume(path, arguments.optimization.epochs, ranks)?,
        (None, Some(path)) => ranks.all(Start::repeat(path, arguments))?,
        (None, None) => ranks.all(Start::fresh(arguments))?,
    };
    if let (true, Start::Fresh(fresh)) = (arguments.run.print_config, &start) {
        let mut settings = arguments.settings.clone();
        settings.resolve(&fresh.configuration);
        return out.text(settings);
    }
    on_pool(arguments.run.threads, || match start.precision() {
        Precision::F32 => shared::train::<f32>(start, arguments, interrupt, ranks, out),
        Precision::F64 => shared::train::<f64>(start, arguments, interrupt, ranks, out),
    })?
}

/// A training session: the run, its folder, and who watches.
struct Session<T: Real> {
    trainer: Trainer<T>,
    saves: Saves,
    files: HistoryFiles,
    original: Option<Original>,
    interrupt: Interrupt,
    ranks: Ranks,
    pace: Pace,
    progress: Progress,
    json: bool,
    report: bool,
    events: Option<EventFile>,
}

impl<T: Real> Session<T> {
    fn start(
        start: Start,
        arguments: &TrainArguments,
        interrupt: Interrupt,
        ranks: &Ranks,
    ) -> Result<Self, Failure> {
        start.has_place()?;
        // Nothing is made of a run whose events have no place.
        let events = arguments.run.tensorboard.as_deref();
        let events = events.map(EventFile::create).transpose()?;
        let quiet = arguments.run.quiet || arguments.run.json;
        let Begun {
            trainer,
            folder,
            original,
        } = start.begin::<T>(quiet, ranks)?;
        let size = Size {
            epochs: trainer.configuration().epochs,
            batches: trainer.batches(),
            weights: trainer.theta().len(),
        };
        if !quiet {
            advice::introduce(&trainer);
        }
        let progress = trainer.progress();
        let done = progress.epoch * size.batches + progress.batch;
        let done = (done, progress.seconds);
        let mut session = Self {
            progress: if arguments.run.tui {
                Progress::dashboard(size, done, trainer.history(), &interrupt)?
            } else {
                Progress::new(size, done, quiet)
            },
            events,
            json: arguments.run.json,
            report: !arguments.run.no_report,
            files: HistoryFiles::create(folder.path())?,
            trainer,
            saves: Saves::new(folder, arguments.run.save_every),
            original,
            interrupt,
            ranks: ranks.clone(),
            pace: Pace::default(),
        };
        story::begins(&session.trainer);
        session.save()?;
        Ok(session)
    }

    fn train(mut self, out: &mut Out) -> Result<(), Failure> {
        while !self.trainer.is_finished() {
            if self.ranks.any(self.interrupt.is_asked()) {
                return self.interrupted();
            }
            if !self.trainer.epoch_is_over() {
                let loss = self.trainer.step().map_err(|error| self.explained(error))?;
                let trainer = &self.trainer;
                story::step(trainer, loss);
                self.progress.step(|| Step::of(trainer, loss));
            }
            let epoch_has_ended = self.trainer.epoch_is_over();
            if epoch_has_ended {
                let record = self.trainer.end_epoch().cloned();
                let record = record.map_err(|error| self.explained(error))?;
                self.progress
                    .epoch(&record, self.trainer.configuration().epochs);
                if let Some(lag) = self.pace.laggard(&self.ranks, record.seconds) {
                    say(format_args!("numgrad: warning: {lag}"));
                }
                story::epoch(&self.trainer);
                self.log(&record)?;
                if self.json {
                    out.line(json_of(&record, self.trainer.audits().last(), "epoch"))?;
                }
                self.saves.keep(&self.trainer)?;
            }
            if self.saves.is_due(epoch_has_ended) {
                self.save()?;
            }
        }
        self.trainer.restore_best();
        self.save()?;
        self.finish(out)
    }

    /// Adds the epoch to TensorBoard's file, if there is one.
    fn log(&mut self, record: &EpochRecord) -> Result<(), Failure> {
        let Some(events) = &mut self.events else {
            return Ok(());
        };
        let audit = self.trainer.audits().last();
        let audit = audit.filter(|audit| audit.epoch == record.epoch);
        let added = events.add(record.epoch, &scalars(&json_of(record, audit, "epoch")));
        added.inspect_err(|_| self.progress.clear())
    }

    fn save(&mut self) -> Result<(), Failure> {
        let started = Instant::now();
        self.saves.save(&self.trainer)?;
        let progress = self.trainer.progress();
        info!(
            folder = %self.saves.path().display(),
            epoch = progress.epoch,
            batch = progress.batch,
            seconds = started.elapsed().as_secs_f64(),
            "checkpoint written"
        );
        self.files
            .follow(self.trainer.history(), self.trainer.audits())
    }

    fn interrupted(mut self) -> Result<(), Failure> {
        self.save()?;
        self.progress.clear();
        self.write_report();
        let run = self.saves.path().display();
        Err(Failure::new(
            Status::Interrupted,
            format!("stopped and saved; go on with: numgrad train --resume {run}"),
        ))
    }

    /// Draws the page about the run. The run is saved by then, so that it does not fail with its
    /// page. None is drawn before an epoch has ended: there is nothing to see.
    fn write_report(&self) {
        if !self.report || self.trainer.history().is_empty() {
            return;
        }
        let (trainer, folder) = (&self.trainer, self.saves.path());
        let subject = Subject {
            name: &name_of(folder),
            checkpoint: &trainer.checkpoint(),
            data: Some((trainer.train_data(), trainer.test_data())),
        };
        if let Err(failure) = run_report::write(subject, &folder.join(run_report::FILE)) {
            say(format_args!("numgrad: warning: no report: {failure}"));
        }
    }

    /// A failure of the run, with the checkpoint that is left of it.
    fn explained(&self, error: TrainError) -> Failure {
        self.progress.clear();
        let failure = Failure::from(error);
        let run = self.saves.path().display();
        Failure::new(
            failure.status,
            format!("{failure}; the last good checkpoint is in {run}"),
        )
    }

    fn finish(self, out: &mut Out) -> Result<(), Failure> {
        self.progress.clear();
        self.write_report();
        let trainer = &self.trainer;
        advice::warn_of_no_fit(trainer);
        let run = self.saves.path();
        let original = self.original.as_ref();
        let repeated = original
            .map(|original| original.compare(trainer))
            .transpose()?;
        let Some(record) = trainer.record() else {
            return self.finish_untrained(repeated, out);
        };
        if self.json {
            let mut line = json_of(record, trainer.audits().last(), "finished");
            line["run"] = json!(run);
            line["theta_blake3"] = json!(theta_blake3(trainer.theta()).to_hex().as_str());
            if let Some(repeated) = repeated {
                line["repeated"] = json!(repeated);
            }
            return out.line(line);
        }
        history_table(trainer.history(), out)?;
        if trainer.configuration().regime.early_stopping.is_some() {
            let watched = trainer.configuration().regime.watched();
            out.line(broken(&format!(
                "the weights of epoch {} are restored: its {watched} is the best",
                record.epoch
            )))?;
        }
        let progress = trainer.progress();
        out.line(broken(&format!(
            "{} loss evaluations, {} of one sample, {} of training",
            grouped(progress.loss_evaluations),
            grouped(progress.sample_evaluations),
            in_time(progress.seconds)
        )))?;
        time_line(trainer.history(), out)?;
        audit_line(trainer.audits(), trainer.configuration(), out)?;
        out.line(format_args!("saved in {}", run.display()))?;
        repeated.map_or(Ok(()), |repeated| {
            out.line(format_args!("repeated: {repeated}"))
        })
    }
}

impl<T: Real> Session<T> {
    /// A run of no epoch is its network as it begins: to evaluate, to export, to train on.
    fn finish_untrained(&self, repeated: Option<String>, out: &mut Out) -> Result<(), Failure> {
        let run = self.saves.path();
        if self.json {
            let theta = theta_blake3(self.trainer.theta());
            return out.line(json!({
                "event": "finished", "epoch": 0, "run": run, "theta_blake3": theta.to_hex().as_str(),
                "repeated": repeated,
            }));
        }
        out.line("nothing was trained in 0 epochs: the network is saved as it begins")?;
        out.line(format_args!("saved in {}", run.display()))?;
        repeated.map_or(Ok(()), |repeated| {
            out.line(format_args!("repeated: {repeated}"))
        })
    }
}

fn json_of(record: &EpochRecord, audit: Option<&Audit>, event: &str) -> Value {
    let mut line = json!({ "event": event });
    if let Some(line) = line.as_object_mut() {
        line.extend(object_of(record, audit));
    }
    line
}
