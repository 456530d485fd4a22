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
        let Self {
            configuration,
            data,
            folder,
            settings,
            original,
        } = self;
        let mut trainer = trainer(configuration, data, original.as_ref())?;
        if ranks.size() == 1 {
            advise(&mut trainer)?;
        }
        let folder = RunDirectory::create(&folder)?;
        if let Some(settings) = &settings {
            save_settings(folder.path(), settings)?;
        }
        if let Some(start) = start_of(original.as_ref()) {
            save_start(folder.path(), start)?;
        }
        Ok(Begun {
            trainer,
            folder,
            original,
        })
    }

    /// The run before its first step.
    pub(super) fn trainer<T: Real>(self) -> Result<Trainer<T>, Failure> {
        trainer(self.configuration, self.data, self.original.as_ref())
    }
}

fn trainer<T: Real>(
    configuration: Configuration,
    data: Prepared,
    original: Option<&Original>,
) -> Result<Trainer<T>, Failure> {
    let start = start_of(original);
    // The data are large: there is a second copy only where a second trainer takes them.
    let copy = start.map(|_| data.clone());
    let trainer = Trainer::<T>::new(configuration, data)?;
    if let Some(original) = original {
        original.check_data(&trainer.checkpoint())?;
    }
    let (Some(start), Some(data)) = (start, copy) else {
        return Ok(trainer);
    };
    let epochs = trainer.configuration().epochs;
    Ok(Trainer::resume(start.clone(), data, Some(epochs))?)
}

/// What a run begins with, if no seed gives it.
fn start_of(original: Option<&Original>) -> Option<&Checkpoint> {
    original?.start.as_ref()
}
