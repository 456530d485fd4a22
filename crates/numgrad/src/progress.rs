//! What is seen while a run trains: a bar for its epochs and one for its batches on a terminal, or a
//! dashboard; a line an epoch elsewhere.
#[cfg(feature = "tui")]
use crate::dashboard::Dashboard;
use crate::failure::Failure;
use crate::interrupt::Interrupt;
use crate::log;
use crate::out::say;
use crate::report::{fixed, share};
use crate::table::error_width;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use numgrad_core::Real;
use numgrad_train::Trainer;
use numgrad_train::checkpoint::EpochRecord;
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Time between two looks at a batch: a step may take less than writing about it.
const BETWEEN: Duration = Duration::from_millis(80);

/// The progress of a run, on standard error.
#[derive(Debug)]
pub(crate) enum Progress {
    #[cfg(feature = "tui")]
    Dashboard(Dashboard),
    Bars(Bars),
    Lines,
    Nothing,
}

/// A bar over all steps, and one over the batches of the epoch under way.
#[derive(Debug)]
pub(crate) struct Bars {
    both: MultiProgress,
    epochs: ProgressBar,
    batches: ProgressBar,
    size: Size,
    /// Steps and seconds of training of which this session knows nothing.
    before: (u64, f64),
    drawn: Instant,
}

/// What a run will take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    pub(crate) epochs: u64,
    /// Batches of an epoch.
    pub(crate) batches: u64,
    pub(crate) weights: usize,
}

/// A batch that is done.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    /// Epochs done, and batches of the one under way.
    pub(crate) epoch: u64,
    pub(crate) batch: u64,
    pub(crate) loss: f64,
    /// The part of the epoch's samples so far that was classified rightly.
    pub(crate) accuracy: Option<f64>,
    /// Seconds of training since the run began.
    pub(crate) seconds: f64,
}

impl Step {
    /// The batch that a run has just done, with its loss.
    pub(crate) fn of<T: Real>(trainer: &Trainer<T>, loss: f64) -> Self {
        let progress = trainer.progress();
        let size = trainer.configuration().batch_size as u64;
        let samples = (progress.batch * size).min(trainer.train_data().samples() as u64);
        let is_classified = trainer.train_data().classes().is_some();
        Self {
            epoch: progress.epoch,
            batch: progress.batch,
            loss,
            accuracy: is_classified.then(|| progress.correct as f64 / samples as f64),
            seconds: progress.seconds,
        }
    }
}

impl Progress {
    /// `done` is the number of steps, and the seconds of training, that a resumed run has behind
    /// it.
    pub(crate) fn new(size: Size, done: (u64, f64), quiet: bool) -> Self {
        if quiet {
            return Self::Nothing;
        }
        // What is logged would tear the bars.
        if !is_on_terminal() || log::is_listening() {
            return Self::Lines;
        }
        let both = MultiProgress::new();
        let bar = |length, template: &str| {
            let style = ProgressStyle::with_template(template);
            let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
            both.add(ProgressBar::new(length).with_style(style.progress_chars("█▉▊▋▌▍▎▏ ")))
        };
        let epochs = bar(
            size.epochs.saturating_mul(size.batches),
            "{bar:12} {prefix} {wide_msg}",
        );
        let batches = bar(size.batches, "{bar:12} batch {pos}/{len} {wide_msg}");
        epochs.set_position(done.0);
        epochs.reset_eta();
        let epoch = (done.0 / size.batches + 1).min(size.epochs);
        epochs.set_prefix(format!("epoch {epoch}/{}", size.epochs));
        Self::Bars(Bars {
            both,
            epochs,
            batches,
            size,
            before: done,
            drawn: Instant::now(),
        })
    }

    /// A dashboard, or lines where there is no terminal for it.
    pub(crate) fn dashboard(
        size: Size,
        done: (u64, f64),
        history: &[EpochRecord],
        interrupt: &Interrupt,
    ) -> Result<Self, Failure> {
        if !is_on_terminal() {
            say("numgrad: warning: --tui needs a terminal: a line an epoch takes its place");
            return Ok(Self::Lines);
        }
        #[cfg(feature = "tui")]
        let shown = Dashboard::open(size, done, history, interrupt.clone())
            .map(Self::Dashboard)
            .map_err(|error| {
                let message = format!("the terminal cannot be taken for --tui: {error}");
                Failure::new(crate::failure::Status::Io, message)
            });
        #[cfg(not(feature = "tui"))]
        let shown = needs_dashboard().map(|()| {
            let _ = (size, done, history, interrupt);
            Self::Lines
        });
        shown
    }

    pub(crate) fn step(&mut self, step: impl FnOnce() -> Step) {
        #[cfg(feature = "tui")]
        if let Self::Dashboard(dashboard) = self {
            dashboard.step(step());
            return;
        }
        if let Self::Bars(bars) = self
            && bars.drawn.elapsed() >= BETWEEN
        {
            bars.drawn = Instant::now();
            bars.draw(step());
        }
    }

    pub(crate) fn epoch(&self, record: &EpochRecord, epochs: u64) {
        match self {
            #[cfg(feature = "tui")]
            Self::Dashboard(dashboard) => dashboard.epoch(record),
            Self::Lines => say(line(record, epochs)),
            Self::Bars(bars) => {
                let left = indicatif::HumanDuration(bars.epochs.eta());
                let mut parts = vec![
                    format!("{left:#} left"),
                    format!("test loss {:.4}", record.test_loss),
                ];
                parts.extend(accuracy(record.test_accuracy));
                let room = room(&bars.epochs.prefix());
                bars.epochs.set_message(fitting(&parts, room));
            }
            Self::Nothing => {}
        }
    }

    /// Makes room for what is printed next.
    pub(crate) fn clear(&self) {
        #[cfg(feature = "tui")]
        if let Self::Dashboard(dashboard) = self {
            dashboard.close();
        }
        if let Self::Bars(bars) = self {
            bars.batches.finish_and_clear();
            bars.epochs.finish_and_clear();
            // A terminal that is gone needs no clearing.
            let _ = bars.both.clear();
        }
    }
}

/// Whether a dashboard is built in.
pub(crate) fn needs_dashboard() -> Result<(), Failure> {
    if cfg!(feature = "tui") {
        return Ok(());
    }
    Err(Failure::usage(
        "--tui is not built in: install with cargo install --path crates/numgrad --features tui",
    ))
}

/// Whether something can be drawn in place.
fn is_on_terminal() -> bool {
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    !is_dumb && std::io::stderr().is_terminal()
}

impl Bars {
    fn draw(&self, step: Step) {
        let Size {
            epochs,
            batches,
            weights,
        } = self.size;
        let done = step.epoch * batches + step.batch;
        self.epochs.set_position(done);
        self.epochs
            .set_prefix(format!("epoch {}/{epochs}", (step.epoch + 1).min(epochs)));
        self.batches.set_position(step.batch);
        let measured = (done.saturating_sub(self.before.0)) as f64 * weights as f64;
        let rate = measured / (step.seconds - self.before.1).max(1e-9);
        let mut parts = vec![format!("loss {:.4}", step.loss)];
        parts.extend(accuracy(step.accuracy));
        parts.push(format!("{} weights/s", with_prefix(rate)));
        let room = room(&format!("batch {}/{batches}", step.batch));
        self.batches.set_message(fitting(&parts, room));
    }
}

fn accuracy(accuracy: Option<f64>) -> Option<String> {
    accuracy.map(|accuracy| format!("accuracy {accuracy:.4}"))
}

/// An epoch as a line, with what was measured of it.
fn line(record: &EpochRecord, epochs: u64) -> String {
    let loss = |of: &str, loss: f64| format!("{of} loss {}", fixed(loss, 5));
    let right = |of: &str, part: Option<f64>| Some(format!("{of} accuracy {}", share(Some(part?))));
    let losses = [
        Some(loss("train", record.train_loss)),
        record.validation_loss.map(|of| loss("validation", of)),
        Some(loss("test", record.test_loss)),
    ];
    let accuracies = [
        right("train", record.train_accuracy),
        right("validation", record.validation_accuracy),
        right("test", record.test_accuracy),
    ];
    let parts: Vec<String> = losses.into_iter().chain(accuracies).flatten().collect();
    let (parts, seconds) = (parts.join(", "), record.seconds);
    format!("epoch {}/{epochs}: {parts}, {seconds:.1} s", record.epoch)
}

/// The columns that are left for a message behind a bar of 12 and these words.
fn room(words: &str) -> usize {
    let width = error_width().unwrap_or(usize::MAX);
    width.saturating_sub(12 + 1 + words.chars().count() + 1)
}

/// As many parts, from the first on, as have room: half a number would be another one.
fn fitting(parts: &[String], room: usize) -> String {
    let joined = (1..=parts.len()).rev().map(|many| parts[..many].join(", "));
    let mut fits = joined.filter(|text| text.chars().count() <= room);
    fits.next().unwrap_or_default()
}

/// A rate with three digits and a prefix of the SI.
pub(crate) fn with_prefix(rate: f64) -> String {
    let prefixes = [(1e9, " G"), (1e6, " M"), (1e3, " k")];
    let found = prefixes.into_iter().find(|(size, _)| rate >= *size);
    let (size, prefix) = found.unwrap_or((1.0, " "));
    let digits = rate / size;
    let decimals = usize::from(digits < 100.0);
    format!("{digits:.decimals$}{prefix}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_number_is_cut() {
        let parts = ["loss 0.5", "accuracy 0.9"].map(str::to_owned);
        assert_eq!(fitting(&parts, 22), "loss 0.5, accuracy 0.9");
        assert_eq!(fitting(&parts, 21), "loss 0.5");
        assert_eq!(fitting(&parts, 7), "");
    }

    #[test]
    fn rates_have_a_prefix() {
        let found = [0.0, 12.34, 999.0, 1.5e3, 2.346e8, 7e12].map(with_prefix);
        assert_eq!(found, ["0.0 ", "12.3 ", "999 ", "1.5 k", "235 M", "7000 G"]);
    }
}
