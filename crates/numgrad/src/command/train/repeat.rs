//! `numgrad train --repeat`: a run from its beginning once more, and whether it came out the same.
use crate::failure::Failure;
use crate::report::warn;
use crate::run_folder::{read_start, settings_of};
use numgrad_core::Real;
use numgrad_train::checkpoint::{Checkpoint, Numbers, load};
use numgrad_train::{TrainError, Trainer};
use std::path::{Path, PathBuf};

/// A run to repeat.
pub(super) struct Original {
    path: PathBuf,
    /// As far as it came.
    pub(super) last: Checkpoint,
    /// What it began with, if no seed gives it.
    pub(super) start: Option<Checkpoint>,
    pub(super) settings: Option<String>,
}

impl Original {
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let loaded = load(path)?;
        warn(loaded.warning.as_ref());
        let folder = loaded.path.parent().unwrap_or(Path::new(""));
        let last = loaded.checkpoint;
        Ok(Self {
            path: path.to_owned(),
            start: read_start(folder)?,
            settings: settings_of(folder, last.header.configuration.epochs),
            last,
        })
    }

    /// Whether the data are those of the original.
    pub(super) fn check_data(&self, repeated: &Checkpoint) -> Result<(), Failure> {
        let (expected, found) = (&self.last.header.data, &repeated.header.data);
        if expected == found {
            return Ok(());
        }
        Err(TrainError::OtherData {
            expected: expected.clone(),
            found: found.clone(),
        }
        .into())
    }

    /// Says in which way the repetition is the same; an error if it is another run.
    pub(super) fn compare<T: Real>(&self, repeated: &Trainer<T>) -> Result<String, Failure> {
        let original = &self.last.payload;
        let progress = repeated.progress();
        let differs = |what: &str| {
            Err(Failure::data(format!(
                "the repetition differs from {}: {what} (written by numgrad {} on {})",
                self.path.display(),
                self.last.header.numgrad,
                self.last.header.cpu
            )))
        };
        for (old, new) in original.history.iter().zip(repeated.history()) {
            let losses = |train: f64, test: f64| [train.to_bits(), test.to_bits()];
            if losses(old.train_loss, old.test_loss) != losses(new.train_loss, new.test_loss) {
                return differs(&format!("the losses of epoch {} are others", old.epoch));
            }
        }
        if progress.epoch < original.progress.epoch {
            return differs(&format!(
                "it ended with epoch {}, but there are {} to repeat",
                progress.epoch, original.progress.epoch
            ));
        }
        if original.history.is_empty() && original.progress.batch > 0 {
            return Ok(format!(
                "nothing was compared, because {} came to the end of no epoch",
                self.path.display()
            ));
        }
        if (original.progress.epoch, original.progress.batch) != (progress.epoch, progress.batch) {
            return Ok(format!(
                "the same losses in the {} epochs that {} came to",
                original.progress.epoch,
                self.path.display()
            ));
        }
        if original.theta != Numbers::of(repeated.theta()) {
            return differs("the parameters at the end are others");
        }
        Ok(format!("the same bits as {}", self.path.display()))
    }
}
