//! The training loop: a step a mini-batch, a record an epoch, and a checkpoint at any time.
mod audit;
mod pace;

use crate::audit::Audit;
use crate::checkpoint::{Checkpoint, EpochRecord, Header, Numbers, Payload};
use crate::configuration::Configuration;
use crate::dataset::{Dataset, Scaler, order};
use crate::evaluation::{Evaluation, evaluate};
use crate::optimizer::{Optimizer, OptimizerKind};
use crate::prepared::Prepared;
use crate::streams::{Purpose, stream};
use crate::train_error::{TrainError, check};
use numgrad_core::{Mlp, Real};
use numgrad_gradient::{Batch, Estimator, GradientError, Measurement, Objective};
use numgrad_loss::metrics::class_of;
use numgrad_loss::{Loss, Target, Targets};
use std::time::Instant;

/// A run under way: everything it needs from one step to the next.
pub struct Trainer<T: Real> {
    configuration: Configuration,
    network: Mlp<T>,
    loss: Box<dyn Loss<T>>,
    estimator: Box<dyn Estimator<T>>,
    optimizer: Optimizer<T>,
    theta: Vec<T>,
    gradient: Vec<T>,
    train: Dataset,
    test: Dataset,
    scaler: Scaler,
    fingerprint: String,
    order: Vec<usize>,
    x: Vec<T>,
    targets: Targets<T>,
    progress: Progress,
    history: Vec<EpochRecord>,
    audits: Vec<Audit>,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Progress {
    /// Epochs done.
    pub epoch: u64,
    /// Batches done of the epoch under way.
    pub batch: u64,
    /// The sum of their samples' losses, each before its step.
    pub loss_sum: f64,
    /// Their samples classified rightly, each before its step.
    pub correct: u64,
    /// Batch losses measured since the run began.
    pub loss_evaluations: u64,
    /// Per-sample losses really evaluated since the run began.
    pub sample_evaluations: u64,
    /// Seconds of training since the run began.
    pub seconds: f64,
    /// The best test loss so far.
    pub best: Option<f64>,
}

impl<T: Real> Trainer<T> {
    /// A run at its beginning.
    ///
    /// # Errors
    /// If the configuration's parts do not fit each other or the data.
    pub fn new(configuration: Configuration, data: Prepared) -> Result<Self, TrainError> {
        let network: Mlp<T> = configuration.architecture.build()?;
        check(&configuration, &network, &data)?;
        let loss = configuration.loss.build()?;
        let step = T::of(configuration.step);
        let kind = configuration.perturb;
        let estimator = kind.build(configuration.scheme, step, configuration.seed);
        let mut theta = vec![T::zero(); network.parameters()];
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
            gradient: Vec::new(),
            fingerprint: fingerprint(&data),
            order: Vec::new(),
            x: Vec::new(),
            targets: Targets::Labels(Vec::new()),
            progress: Progress::default(),
            history: Vec::new(),
            audits: Vec::new(),
            train: data.train,
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
        self.train.gather(&first, &mut self.x, &mut self.targets);
        let objective = Objective::new(&self.network, &*self.loss);
        let batch = Batch {
            x: &self.x,
            targets: &self.targets,
            step: 0,
        };
        let spent = self.estimator.prepare(&objective, &self.theta, batch);
        self.progress.loss_evaluations = spent.map_err(TrainError::Gradient)?;
        Ok(())
    }

    /// A run that goes on where a checkpoint was made, up to `epochs` if that is given.
    ///
    /// # Errors
    /// As [`Trainer::new`], and if the data are not those of the checkpoint.
    pub fn resume(
        checkpoint: Checkpoint,
        data: Prepared,
        epochs: Option<u64>,
    ) -> Result<Self, TrainError> {
        let Checkpoint { header, payload } = checkpoint;
        let mut configuration = header.configuration;
        configuration.epochs = epochs.unwrap_or(configuration.epochs);
        let mut trainer = Self::new(configuration, data)?;
        if trainer.fingerprint != header.data {
            return Err(TrainError::OtherData {
                expected: header.data,
                found: trainer.fingerprint,
            });
        }
        if payload.batch > trainer.batches() {
            return Err(TrainError::OtherState);
        }
        let memories: Option<Vec<Vec<T>>> = payload.memories.iter().map(Numbers::get).collect();
        trainer.theta = payload.theta.get().ok_or(TrainError::OtherState)?;
        trainer.optimizer = memories
            .and_then(|memories| trainer.optimizer.resumed(payload.optimizer_steps, memories))
            .ok_or(TrainError::OtherState)?;
        trainer.progress = Progress {
            epoch: payload.epoch,
            batch: payload.batch,
            loss_sum: payload.loss_sum,
            correct: payload.correct,
            loss_evaluations: payload.loss_evaluations,
            sample_evaluations: payload.sample_evaluations,
            seconds: payload.seconds,
            best: payload.best,
        };
        trainer.history = payload.history;
        trainer.audits = header.audits;
        trainer.order.clear();
        Ok(trainer)
    }

    /// Trains on the next mini-batch, and returns the loss before the step.
    ///
    /// # Errors
    /// [`TrainError::Diverged`] if the loss is not finite any more; the parameters are then those
    /// before the step.
    pub fn step(&mut self) -> Result<f64, TrainError> {
        let started = Instant::now();
        if self.order.is_empty() || self.progress.batch == 0 {
            let Configuration { seed, .. } = self.configuration;
            order(
                self.train.samples(),
                seed,
                self.progress.epoch,
                &mut self.order,
            );
        }
        let size = self.configuration.batch_size;
        let first = self.progress.batch as usize * size;
        let batch = &self.order[first..(first + size).min(self.order.len())];
        self.train.gather(batch, &mut self.x, &mut self.targets);
        let samples = batch.len();
        let measured = self
            .follow()
            .map_err(|error| TrainError::of_gradient(error, &self.progress, self.batches()))?;
        let correct = (0..samples).filter(|&b| self.is_correct(b)).count();
        let loss = measured.loss.as_f64();
        self.progress.batch += 1;
        self.progress.loss_sum += loss * samples as f64;
        self.progress.correct += correct as u64;
        self.progress.loss_evaluations += measured.loss_evaluations;
        self.progress.sample_evaluations += measured.sample_evaluations;
        self.progress.seconds += started.elapsed().as_secs_f64();
        Ok(loss)
    }

    /// Estimates the gradient of the batch and takes the optimizer's step.
    fn follow(&mut self) -> Result<Measurement<T>, GradientError> {
        let objective = Objective::new(&self.network, &*self.loss);
        let batch = Batch {
            x: &self.x,
            targets: &self.targets,
            step: self.optimizer.steps(),
        };
        let (theta, optimizer) = (&mut self.theta, &mut self.optimizer);
        if optimizer.kind() == OptimizerKind::GradientDescent {
            let (rate, decay) = (
                T::of(optimizer.learning_rate),
                T::of(optimizer.weight_decay),
            );
            let descended = (self.estimator).descend(&objective, theta, batch, rate, decay);
            if let Some(measured) = descended {
                let measured = measured?;
                optimizer.count();
                return Ok(measured);
            }
        }
        self.gradient.resize(theta.len(), T::zero());
        let gradient = &mut self.gradient;
        let measured = (self.estimator).estimate(&objective, theta, batch, gradient)?;
        optimizer.step(theta, gradient);
        Ok(measured)
    }

    /// Whether the batch's sample was classified rightly before the step.
    fn is_correct(&self, b: usize) -> bool {
        let output = self.estimator.trace().output(&self.network, b);
        matches!(self.targets.get(b), Target::Label(label) if label == class_of(output))
    }

    /// Ends an epoch whose batches are all done: evaluates the test data, and adds a record to
    /// the history.
    ///
    /// # Errors
    /// [`TrainError::Diverged`] if the test loss is not finite.
    pub fn end_epoch(&mut self) -> Result<&EpochRecord, TrainError> {
        let test = self.evaluate_test()?;
        let samples = self.train.samples() as f64;
        let progress = &mut self.progress;
        progress.epoch += 1;
        progress.batch = 0;
        if progress.best.is_none_or(|best| test.loss < best) {
            progress.best = Some(test.loss);
        }
        let classified = self.train.classes().is_some();
        self.history.push(EpochRecord {
            epoch: progress.epoch,
            train_loss: progress.loss_sum / samples,
            test_loss: test.loss,
            train_accuracy: classified.then_some(progress.correct as f64 / samples),
            test_accuracy: test.accuracy(),
            loss_evaluations: progress.loss_evaluations,
            seconds: progress.seconds,
        });
        progress.loss_sum = 0.0;
        progress.correct = 0;
        if self.configuration.audit > 0 {
            let audit = self.audit()?;
            self.audits.push(audit);
        }
        Ok(&self.history[self.history.len() - 1])
    }

    /// Evaluates the parameters as they are on the test data.
    ///
    /// # Errors
    /// [`TrainError::Diverged`] if the loss is not finite.
    pub fn evaluate_test(&self) -> Result<Evaluation, TrainError> {
        evaluate(&self.objective(), &self.theta, &self.test)
            .map_err(|error| TrainError::of_gradient(error, &self.progress, self.batches()))
    }

    /// Everything that the next step needs, as plain data.
    pub fn checkpoint(&self) -> Checkpoint {
        let progress = self.progress;
        Checkpoint {
            header: Header {
                numgrad: env!("CARGO_PKG_VERSION").to_owned(),
                configuration: self.configuration.clone(),
                data: self.fingerprint.clone(),
                scaler: self.scaler.clone(),
                parameters: self.theta.len() as u64,
                epoch: progress.epoch,
                step: progress.epoch * self.batches() + progress.batch,
                audits: self.audits.clone(),
                cpu: numgrad_core::instruction_set(),
            },
            payload: Payload {
                theta: Numbers::of(&self.theta),
                memories: self
                    .optimizer
                    .memories()
                    .iter()
                    .map(|m| Numbers::of(m))
                    .collect(),
                optimizer_steps: self.optimizer.steps(),
                epoch: progress.epoch,
                batch: progress.batch,
                loss_sum: progress.loss_sum,
                correct: progress.correct,
                loss_evaluations: progress.loss_evaluations,
                sample_evaluations: progress.sample_evaluations,
                seconds: progress.seconds,
                best: progress.best,
                history: self.history.clone(),
            },
        }
    }

    /// The mini-batches of an epoch.
    pub fn batches(&self) -> u64 {
        self.train.samples().div_ceil(self.configuration.batch_size) as u64
    }

    /// Whether the epoch under way has no batch left.
    pub fn epoch_is_over(&self) -> bool {
        self.progress.batch >= self.batches()
    }

    /// Whether all epochs are done.
    pub fn is_finished(&self) -> bool {
        self.progress.epoch >= self.configuration.epochs
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

    /// The training data.
    pub fn train_data(&self) -> &Dataset {
        &self.train
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

/// BLAKE3 of the training data as they are used, and of the numbers that scaled them.
fn fingerprint(data: &Prepared) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(data.train.fingerprint().as_bytes());
    for number in data.scaler.numbers() {
        hasher.update(&number.to_le_bytes());
    }
    hasher.finalize().to_hex().to_string()
}
