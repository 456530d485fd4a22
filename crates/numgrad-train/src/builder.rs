//! A run in one expression: data and wishes in, a trained network out.
mod settings;

use crate::callback::Callback;
use crate::checkpoint::{RunDirectory, load};
use crate::dataset::{DataSource, Dataset, Loaded};
use crate::plan::Plan;
use crate::prepared::Prepared;
use crate::train_error::TrainError;
use crate::trainer::{Brought, Saves, Trainer};
use numgrad_core::{Activation, Real};
use numgrad_loss::{Loss, LossKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// What a run is asked to do, one wish after the other. What is not wished for is as the command
/// `numgrad train` has it, and the same wishes end with the same bits as there.
///
/// ```
/// use numgrad_train::numgrad_core::ActivationKind;
/// use numgrad_train::{Trainer, Validation};
///
/// let run = Trainer::<f64>::builder()
///     .data("digits".parse()?) // or FILE.csv, FILE.npy, mnist:FOLDER, …
///     .layers(&[64, 16, 10])
///     .activation(ActivationKind::Tanh)
///     .validation(Validation::Part(0.1))
///     .schedule("cosine".parse()?)
///     .epochs(10)
///     .train()?;
/// let last = &run.history()[9];
/// assert!(last.test_accuracy > Some(0.8) && last.validation_loss.is_some());
///
/// // A digit as it is in the data: 64 pixels from 0 to 1. The outputs are probabilities.
/// assert_eq!(run.outputs(&[0.5; 64])?.len(), 10);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Builder<'a, T: Real> {
    plan: Plan,
    dataset: Option<Dataset>,
    test: Option<Dataset>,
    brought: Brought<T>,
    callbacks: Vec<Box<dyn Callback<T> + Send + 'a>>,
    threads: usize,
    folder: Option<PathBuf>,
    save_every: Option<Duration>,
    resumed: Option<PathBuf>,
    epochs: Option<u64>,
}

impl<T: Real> Trainer<T> {
    /// What a run is asked to do, one wish after the other.
    pub fn builder<'a>() -> Builder<'a, T> {
        Builder::new()
    }
}

impl<T: Real> Default for Builder<'_, T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<'a, T: Real> Builder<'a, T> {
    /// No wish yet: 64-32-10 on the digits.
    pub fn new() -> Self {
        Self::of(Plan::default())
    }

    /// The wishes of a plan; its precision is T's.
    pub fn of(plan: Plan) -> Self {
        Self {
            plan: Plan {
                precision: T::PRECISION,
                ..plan
            },
            dataset: None,
            test: None,
            brought: Brought::nothing(),
            callbacks: Vec::new(),
            threads: 0,
            folder: None,
            save_every: None,
            resumed: None,
            epochs: None,
        }
    }

    /// Samples that are in memory already. A part of them is held out for testing, unless
    /// [`test_dataset`](Self::test_dataset) brings others.
    #[must_use]
    pub fn dataset(mut self, samples: Dataset) -> Self {
        self.dataset = Some(samples);
        self
    }

    /// The samples to test on, beside those of [`dataset`](Self::dataset).
    #[must_use]
    pub fn test_dataset(mut self, samples: Dataset) -> Self {
        self.test = Some(samples);
        self
    }

    /// An activation of your own for the hidden layers: a closure, or one in
    /// [`Smooth`](numgrad_core::Smooth) that has no jumps. A checkpoint cannot hold it, so that only
    /// a builder with the same one resumes the run.
    #[must_use]
    pub fn own_activation(mut self, activation: impl Activation<T> + 'static) -> Self {
        self.brought.activation = Some(Arc::new(activation));
        self
    }

    /// A loss of your own: a closure, or one in [`Smooth`](numgrad_loss::Smooth) that has no jumps. A
    /// checkpoint cannot hold it, so that only a builder with the same one resumes the run.
    #[must_use]
    pub fn own_loss(mut self, loss: impl Loss<T> + 'static) -> Self {
        self.brought.loss = Some(Box::new(loss));
        self
    }

    /// Is told of each epoch, and may end the run. It may be called more than once.
    #[must_use]
    pub fn callback(mut self, callback: impl Callback<T> + Send + 'a) -> Self {
        self.callbacks.push(Box::new(callback));
        self
    }

    /// Threads of a pool of the run's own; by default, and with 0, the current rayon pool. No bit
    /// depends on it.
    #[must_use]
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Saves the run into a new folder as it trains, as `numgrad train --run` does: `numgrad`
    /// evaluates, reports, exports and resumes it.
    #[must_use]
    pub fn save_in(mut self, folder: impl AsRef<Path>) -> Self {
        self.folder = Some(folder.as_ref().to_owned());
        self
    }

    /// Time between two checkpoints; by default a second at the ends of epochs, and 30 s within them.
    #[must_use]
    pub fn save_every(mut self, time: Duration) -> Self {
        self.save_every = Some(time);
        self
    }

    /// Goes on with the run in this folder, bit for bit, and saves it there. The run keeps its
    /// settings: only the epochs (the total), threads, callbacks, data in memory, and an activation or
    /// loss of your own count, which must be those that it was begun with.
    #[must_use]
    pub fn resume(mut self, folder: impl AsRef<Path>) -> Self {
        self.resumed = Some(folder.as_ref().to_owned());
        self
    }

    /// The run before its next step, for a loop of your own. It is saved nowhere, and no callback is
    /// told of it.
    ///
    /// # Errors
    /// If the data cannot be had, or the wishes do not fit each other or the data.
    pub fn build(self) -> Result<Trainer<T>, TrainError> {
        Ok(self.begin()?.trainer)
    }

    /// Trains to the end, or to where a callback ends it. Where the run stops early, the best weights
    /// are restored.
    ///
    /// # Errors
    /// As [`build`](Self::build), if the loss is not finite any more ([`TrainError::Diverged`]), and if
    /// a checkpoint cannot be written.
    pub fn train(self) -> Result<Trainer<T>, TrainError> {
        if self.threads == 0 {
            return self.train_here();
        }
        let pool = rayon::ThreadPoolBuilder::new().num_threads(self.threads);
        let pool = pool.build().map_err(|error| {
            TrainError::Setting(format!(
                "{} threads cannot be started: {error}",
                self.threads
            ))
        })?;
        pool.install(|| self.train_here())
    }

    fn train_here(self) -> Result<Trainer<T>, TrainError> {
        let save_every = self.save_every;
        let Begun {
            mut trainer,
            folder,
            mut callbacks,
        } = self.begin()?;
        let mut saves = folder.map(|folder| Saves::new(folder, save_every));
        let mut told: Vec<&mut dyn Callback<T>> = Vec::new();
        for callback in &mut callbacks {
            told.push(&mut **callback);
        }
        trainer.run_saved(&mut told, saves.as_mut())?;
        Ok(trainer)
    }

    fn begin(self) -> Result<Begun<'a, T>, TrainError> {
        match self.resumed.clone() {
            Some(folder) => self.go_on(&folder),
            None => self.start(),
        }
    }

    fn start(mut self) -> Result<Begun<'a, T>, TrainError> {
        let free = self.folder.as_deref().map(RunDirectory::is_free);
        free.transpose()?;
        let given = self.given();
        if given.is_some() {
            self.plan.data = DataSource::Memory;
        }
        if self.brought.loss.is_some() {
            self.plan.loss = Some(LossKind::Own);
        }
        let (mut configuration, data) = match given {
            Some(loaded) => self.plan.with(loaded)?,
            None => self.plan.load()?,
        };
        if self.brought.activation.is_some() {
            // A configuration without it is one that nobody takes for the whole.
            configuration.architecture.hidden.clear();
        }
        let trainer = Trainer::with(self.brought, configuration, data)?;
        let folder = self.folder.as_deref().map(RunDirectory::create);
        Ok(Begun {
            trainer,
            folder: folder.transpose()?,
            callbacks: self.callbacks,
        })
    }

    fn go_on(mut self, folder: &Path) -> Result<Begun<'a, T>, TrainError> {
        // The folder is taken first: no other process then changes what is read from it.
        let directory = RunDirectory::open(folder)?;
        let checkpoint = load(folder)?.checkpoint;
        let configuration = &checkpoint.header.configuration;
        let data = match self.given() {
            Some(loaded) => Prepared::of(configuration, loaded)?,
            None => Prepared::load(configuration)?,
        };
        let trainer = Trainer::resume_with(self.brought, checkpoint, data, self.epochs)?;
        Ok(Begun {
            trainer,
            folder: Some(directory),
            callbacks: self.callbacks,
        })
    }

    /// The data in memory.
    fn given(&mut self) -> Option<Loaded> {
        let train = self.dataset.take()?;
        Some(Loaded {
            train,
            test: self.test.take(),
        })
    }
}

impl<T: Real> std::fmt::Debug for Builder<'_, T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Builder")
            .field("plan", &self.plan)
            .field("folder", &self.folder)
            .field("resumed", &self.resumed)
            .finish_non_exhaustive()
    }
}

/// A run that is ready to train.
struct Begun<'a, T: Real> {
    trainer: Trainer<T>,
    folder: Option<RunDirectory>,
    callbacks: Vec<Box<dyn Callback<T> + Send + 'a>>,
}
