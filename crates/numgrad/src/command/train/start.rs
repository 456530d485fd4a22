//! What a training starts from: its settings, a run that goes on, or one that is repeated.
use super::advice::{say_if_over, warn_of_rest};
use super::fresh::Fresh;
use super::repeat::Original;
use crate::args::TrainArguments;
use crate::failure::{Failure, Status};
use crate::ranks::Ranks;
use crate::report::{default_folder, warn};
use crate::run_folder::{save_settings, settings_of};
use crate::setup::{configure, loaded_again};
use numgrad_core::{Precision, Real};
use numgrad_train::checkpoint::{Checkpoint, RunDirectory, load};
use numgrad_train::{Prepared, Trainer};
use std::path::Path;

/// What a run starts from.
pub(super) enum Start {
    Fresh(Box<Fresh>),
    Resumed {
        checkpoint: Box<Checkpoint>,
        data: Box<Prepared>,
        epochs: Option<u64>,
        folder: RunDirectory,
    },
    /// A run that another rank resumes, and keeps.
    Followed {
        checkpoint: Box<Checkpoint>,
        data: Box<Prepared>,
        epochs: Option<u64>,
    },
}

/// A run that is ready to train.
pub(super) struct Begun<T: Real> {
    pub(super) trainer: Trainer<T>,
    pub(super) folder: RunDirectory,
    /// The run that this one repeats.
    pub(super) original: Option<Original>,
}

impl Start {
    pub(super) fn fresh(arguments: &TrainArguments) -> Result<Self, Failure> {
        let TrainArguments {
            data,
            network,
            gradient,
            optimization,
            run,
            settings,
            config: _,
        } = arguments;
        let (configuration, data) = configure(data, network, gradient, optimization)?;
        let mut settings = settings.of_the_numbers();
        settings.resolve(&configuration);
        let folder = run.run.clone();
        Ok(Self::Fresh(Box::new(Fresh {
            folder: folder.unwrap_or_else(|| default_folder(configuration.seed)),
            settings: Some(settings.to_string()),
            original: None,
            configuration,
            data,
        })))
    }

    pub(super) fn repeat(path: &Path, arguments: &TrainArguments) -> Result<Self, Failure> {
        let original = Original::read(path)?;
        let configuration = original.last.header.configuration.clone();
        let folder = arguments.run.run.clone();
        Ok(Self::Fresh(Box::new(Fresh {
            data: loaded_again(&configuration)?,
            folder: folder.unwrap_or_else(|| default_folder(configuration.seed)),
            settings: original.settings.clone(),
            original: Some(original),
            configuration,
        })))
    }

    pub(super) fn resume(path: &Path, epochs: Option<u64>) -> Result<Self, Failure> {
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
            data: Box::new(loaded_again(&header.configuration)?),
            checkpoint: Box::new(loaded.checkpoint),
            epochs,
            folder,
        })
    }

    pub(super) fn precision(&self) -> Precision {
        match self {
            Self::Fresh(fresh) => fresh.configuration.precision,
            Self::Resumed { checkpoint, .. } | Self::Followed { checkpoint, .. } => {
                checkpoint.header.configuration.precision
            }
        }
    }

    /// Whether a new run's folder holds nothing of somebody else.
    pub(super) fn has_place(&self) -> Result<(), Failure> {
        match self {
            Self::Fresh(fresh) => Ok(RunDirectory::is_free(&fresh.folder)?),
            Self::Resumed { .. } | Self::Followed { .. } => Ok(()),
        }
    }

    /// The run at its beginning, or where it stopped, with its folder; and what is to be known of it
    /// before it trains.
    pub(super) fn begin<T: Real>(self, quiet: bool, ranks: &Ranks) -> Result<Begun<T>, Failure> {
        let begun = match self {
            Self::Fresh(fresh) => fresh.begin(ranks)?,
            Self::Resumed {
                checkpoint,
                data,
                epochs,
                folder,
            } => {
                let trainer = Trainer::<T>::resume(*checkpoint, *data, epochs)?;
                say_if_over(&trainer, quiet);
                keep_epochs(&folder, trainer.configuration().epochs)?;
                Begun {
                    trainer,
                    folder,
                    original: None,
                }
            }
            Self::Followed { .. } => {
                let message = "the first rank follows nobody";
                return Err(Failure::new(Status::Internal, message));
            }
        };
        warn_of_rest(&begun.trainer);
        Ok(begun)
    }
}

/// Lets the settings of a run that goes on say how far.
fn keep_epochs(folder: &RunDirectory, epochs: u64) -> Result<(), Failure> {
    match settings_of(folder.path(), epochs) {
        Some(settings) => save_settings(folder.path(), &settings),
        None => Ok(()),
    }
}
