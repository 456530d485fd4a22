//! The training loop: a step a mini-batch, a record an epoch, and a checkpoint at any time.
mod audit;
mod epoch;
mod kept;
mod outputs;
mod pace;
mod parts;
mod progress;
mod ranks;
mod run;
mod saved;
mod saves;
mod step;

pub(crate) use parts::Brought;
use parts::Parts;
pub use progress::Progress;
pub use saves::Saves;

use self::kept::Kept;
use crate::audit::Audit;
use crate::configuration::Configuration;
use crate::dataset::{DataError, Dataset, Scaler};
use crate::history::{EpochRecord, LayerRecord};
use crate::optimizer::Optimizer;
use crate::prepared::Prepared;
use crate::streams::{Purpose, stream};
use crate::train_error::{TrainError, check};
use numgrad_core::{Aligned, Mlp, Real};
use numgrad_gradient::{Batch, Estimator, Objective, Team};
use numgrad_loss::{Loss, Targets};

/// A run under way: everything it needs from one step to the next.
pub struct Trainer<T: Real> {
    configuration: Configuration,
    network: Mlp<T>,
    loss: Box<dyn Loss<T>>,
    estimator: Box<dyn Estimator<T>>,
    optimizer: Optimizer<T>,
    theta: Aligned<T>,
    gradient: Aligned<T>,
    /// η with the factors of the epoch under way.
    epoch_rate: f64,
    /// Whether the watched value has not improved for as long as the run is patient.
    is_stuck: bool,
    kept: Option<Kept<T>>,
    /// θ before the last step of an epoch.
    before: Vec<T>,
    /// The last step of the epoch under way, once it is taken.
    layers: Vec<LayerRecord>,
    train: Dataset,
    validation: Option<Dataset>,
    test: Dataset,
    scaler: Scaler,
    fingerprint: String,
    order: Vec<usize>,
    x: Vec<T>,
    targets: Targets<T>,
    progress: Progress,
    history: Vec<EpochRecord>,
    audits: Vec<Audit>,
    /// The ranks that the run is shared with.
    team: Option<Team>,
}

impl<T: Real> Trainer<T> {
    /// A run at its beginning.
    ///
    /// # Errors
    /// If the configuration's parts do not fit each other or the data.
    pub fn new(configuration: Configuration, data: Prepared) -> Result<Self, TrainError> {
        Self::with(Brought::nothing(), configuration, data)
    }

    /// The same, with what a program brings.
    pub(crate) fn with(
        brought: Brought<T>,
        mut configuration: Configuration,
        data: Prepared,
    ) -> Result<Self, TrainError> {
        configuration.settle(&data.train)?;
        let Parts { network, loss } = Parts::of(&configuration, brought)?;
        check(&configuration, &network, &data)?;
        let step = T::of(configuration.step);
        let kind = configuration.perturb;
        let estimator = kind.build(configuration.scheme, step, configuration.seed);
        let mut theta = Aligned::zeros(network.parameters());
        let mut random = stream(configuration.seed, Purpose::Initialise, 0);
        configuration
            .initializer
            .draw(&network, &mut random, &mut theta);
        let optimizer = Optimizer::new(
            configuration.optimizer,
            configuration.learning_rate,
            configuration.weight_decay,
            theta.len(),
        );
        let mut trainer = Self {
            gradient: Aligned::default(),
            epoch_rate: configuration.learning_rate,
            is_stuck: false,
            kept: None,
            before: Vec::with_capacity(theta.len()),
            layers: Vec::with_capacity(network.layers()),
            fingerprint: fingerprint(&data)?,
            order: Vec::new(),
            x: Vec::new(),
            targets: Targets::Labels(Vec::new()),
            progress: Progress::default(),
            history: Vec::new(),
            audits: Vec::new(),
            team: None,
            train: data.train,
            validation: data.validation,
            test: data.test,
            scaler: data.scaler,
            configuration,
            network,
            loss,
            estimator: estimator.map_err(TrainError::Gradient)?,
            optimizer,
            theta,
        };
        trainer.prepare()?;
        Ok(trainer)
    }

    /// Shows the estimator the first parameters and the first samples.
    fn prepare(&mut self) -> Result<(), TrainError> {
        let samples = self.configuration.batch_size.min(self.train.samples());
        let first: Vec<usize> = (0..samples).collect();
        self.train.gather(&first, &mut self.x, &mut self.targets)?;
        let objective = Objective::new(&self.network, &*self.loss);
        let batch = Batch {
            x: &self.x,
            targets: &self.targets,
            step: 0,
        };
        let steps = self.batches();
        let spent = (self.estimator).prepare(&objective, &self.theta, batch, steps);
        self.progress.loss_evaluations = spent.map_err(TrainError::Gradient)?;
        Ok(())
    }

    /// The mini-batches of an epoch.
    pub fn batches(&self) -> u64 {
        self.train.samples().div_ceil(self.configuration.batch_size) as u64
    }

    /// Whether the epoch under way has no batch left.
    pub fn epoch_is_over(&self) -> bool {
        self.progress.batch >= self.batches()
    }

    /// Whether all epochs are done, or the run has stopped early.
    pub fn is_finished(&self) -> bool {
        self.is_stuck || self.progress.epoch >= self.configuration.epochs
    }

    /// Whether the watched value has not improved for as long as the run is patient, so that no
    /// number of epochs makes it go on.
    pub fn is_stopped_early(&self) -> bool {
        self.is_stuck
    }

    /// How far the run is.
    pub fn progress(&self) -> Progress {
        self.progress
    }

    /// A record for each epoch done.
    pub fn history(&self) -> &[EpochRecord] {
        &self.history
    }

    /// An audit for each epoch done, if the configuration asks for them.
    pub fn audits(&self) -> &[Audit] {
        &self.audits
    }

    /// What the run was asked to do.
    pub fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// The network.
    pub fn network(&self) -> &Mlp<T> {
        &self.network
    }

    /// What is minimised.
    pub fn objective(&self) -> Objective<'_, T> {
        Objective::new(&self.network, &*self.loss)
    }

    /// θ.
    pub fn theta(&self) -> &[T] {
        &self.theta
    }

    /// How the inputs are scaled, with the training data's numbers.
    pub fn scaler(&self) -> &Scaler {
        &self.scaler
    }

    /// The training data.
    pub fn train_data(&self) -> &Dataset {
        &self.train
    }

    /// The test data.
    pub fn test_data(&self) -> &Dataset {
        &self.test
    }
}

impl<T: Real> std::fmt::Debug for Trainer<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Trainer")
            .field("configuration", &self.configuration)
            .field("progress", &self.progress)
            .finish_non_exhaustive()
    }
}

/// BLAKE3 of θ's little-endian bytes, layer by layer, W then b.
pub fn theta_blake3<T: Real>(theta: &[T]) -> blake3::Hash {
    let mut bytes = Vec::with_capacity(8 * theta.len());
    for &entry in theta {
        entry.write_le(&mut bytes);
    }
    blake3::hash(&bytes)
}

/// BLAKE3 of the training data as they are used, of what steers the run,
/// and of the numbers that scaled them.
fn fingerprint(data: &Prepared) -> Result<String, DataError> {
    let mut hasher = blake3::Hasher::new();
    hasher.update(data.train.fingerprint()?.as_bytes());
    for number in data.scaler.numbers() {
        hasher.update(&number.to_le_bytes());
    }
    let targets = data.train.target_scale();
    if !targets.is_identity() {
        for number in [targets.offset(), targets.spread()] {
            hasher.update(&number.to_le_bytes());
        }
    }
    if let Some(validation) = &data.validation {
        hasher.update(validation.fingerprint()?.as_bytes());
    }
    Ok(hasher.finalize().to_hex().to_string())
}
