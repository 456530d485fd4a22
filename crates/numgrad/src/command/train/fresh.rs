//! A run at its beginning, in a folder of its own.
use super::advice::advise;
use super::repeat::Original;
use super::start::Begun;
use crate::failure::Failure;
use crate::ranks::Ranks;
use crate::run_folder::{save_settings, save_start};
use numgrad_core::Real;
use numgrad_train::checkpoint::{Checkpoint, RunDirectory};
use numgrad_train::{Configuration, Prepared, Trainer};
use std::path::PathBuf;

/// A run in a new folder.
pub(super) struct Fresh {
    pub(super) configuration: Configuration,
    pub(super) data: Prepared,
    pub(super) folder: PathBuf,
    /// The settings as a file says them.
    pub(super) settings: Option<String>,
    /// The run that this one repeats.
    pub(super) original: Option<Original>,
}

impl Fresh {
    /// The run before its first step, in its folder.
    pub(super) fn begin<T: Real>(self, ranks: &Ranks) -> Result<Begun<T>, Failure> {
        let mut trainer = self.trainer::<T>()?;
        if ranks.size() == 1 {
            advise(&mut trainer)?;
        }
        let folder = RunDirectory::create(&self.folder)?;
        if let Some(settings) = &self.settings {
            save_settings(folder.path(), settings)?;
        }
        if let Some(start) = self.start() {
            save_start(folder.path(), start)?;
        }
        Ok(Begun {
            trainer,
            folder,
            original: self.original,
        })
    }

    /// The run before its first step.
    pub(super) fn trainer<T: Real>(&self) -> Result<Trainer<T>, Failure> {
        let trainer = Trainer::<T>::new(self.configuration.clone(), self.data.clone())?;
        if let Some(original) = &self.original {
            original.check_data(&trainer.checkpoint())?;
        }
        let Some(start) = self.start() else {
            return Ok(trainer);
        };
        let epochs = trainer.configuration().epochs;
        Ok(Trainer::resume(
            start.clone(),
            self.data.clone(),
            Some(epochs),
        )?)
    }

    /// What the run begins with, if no seed gives it.
    fn start(&self) -> Option<&Checkpoint> {
        self.original.as_ref()?.start.as_ref()
    }
}
