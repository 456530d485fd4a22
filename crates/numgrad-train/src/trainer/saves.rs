//! When a run that trains is saved.
use super::Trainer;
use crate::checkpoint::{CheckpointError, RunDirectory};
use numgrad_core::Real;
use std::path::Path;
use std::time::{Duration, Instant};

/// Time between two checkpoints where none is given, at the ends of epochs and within them.
const BETWEEN_EPOCHS: Duration = Duration::from_secs(1);
const WITHIN_EPOCHS: Duration = Duration::from_secs(30);

/// The checkpoints of a run while it trains: often enough that little is lost, and no oftener.
#[derive(Debug)]
pub struct Saves {
    folder: RunDirectory,
    every: Option<Duration>,
    last: Instant,
}

impl Saves {
    /// Into this folder, after so much time: without a number after a second at the ends of epochs,
    /// and after 30 s within them.
    pub fn new(folder: RunDirectory, every: Option<Duration>) -> Self {
        Self {
            folder,
            every,
            last: Instant::now(),
        }
    }

    /// The run's folder.
    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Whether a checkpoint is due, after a step or at the end of an epoch.
    pub fn is_due(&self, epoch_has_ended: bool) -> bool {
        let pause = if epoch_has_ended {
            BETWEEN_EPOCHS
        } else {
            WITHIN_EPOCHS
        };
        self.last.elapsed() >= self.every.unwrap_or(pause)
    }

    /// Saves the run as it is.
    ///
    /// # Errors
    /// As [`RunDirectory::save`].
    pub fn save<T: Real>(&mut self, trainer: &Trainer<T>) -> Result<(), CheckpointError> {
        self.folder.save(&trainer.checkpoint())?;
        self.last = Instant::now();
        Ok(())
    }

    /// Keeps the checkpoint of the epoch that has just ended, if the run keeps any.
    ///
    /// # Errors
    /// As [`RunDirectory::keep`].
    pub fn keep<T: Real>(&mut self, trainer: &Trainer<T>) -> Result<(), CheckpointError> {
        let Some(count) = trainer.configuration().regime.keep else {
            return Ok(());
        };
        self.folder
            .keep(&trainer.checkpoint(), count, trainer.is_best())
    }
}
