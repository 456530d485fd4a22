//! What is seen while a run trains: a bar on a terminal, a line an epoch elsewhere.
use crate::out::say;
use crate::report::share;
use indicatif::{ProgressBar, ProgressStyle};
use numgrad_train::checkpoint::EpochRecord;
use std::io::IsTerminal;

/// The progress of a run, on standard error.
#[derive(Debug)]
pub(crate) enum Progress {
    Bar(ProgressBar),
    Lines,
    Nothing,
}

impl Progress {
    pub(crate) fn new(steps: u64, quiet: bool) -> Self {
        if quiet {
            return Self::Nothing;
        }
        if !std::io::stderr().is_terminal() {
            return Self::Lines;
        }
        let template = "{wide_bar} {percent:>3}% {msg} {eta} left";
        let style =
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        Self::Bar(ProgressBar::new(steps).with_style(style))
    }

    pub(crate) fn step(&self, done: u64, epoch: u64, loss: f64) {
        if let Self::Bar(bar) = self {
            bar.set_position(done);
            bar.set_message(format!("epoch {epoch} loss {loss:.4}"));
        }
    }

    pub(crate) fn epoch(&self, record: &EpochRecord, epochs: u64) {
        if let Self::Lines = self {
            say(format_args!(
                "epoch {}/{epochs}: train loss {:.5}, test loss {:.5}, train accuracy {}, test \
                 accuracy {}, {:.1} s",
                record.epoch,
                record.train_loss,
                record.test_loss,
                share(record.train_accuracy),
                share(record.test_accuracy),
                record.seconds
            ));
        }
    }

    /// Makes room for what is printed next.
    pub(crate) fn clear(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}
