//! A run as plain data, and back.
use super::{Brought, Trainer};
use crate::checkpoint::{Checkpoint, Header, Numbers, Payload};
use crate::prepared::Prepared;
use crate::train_error::TrainError;
use numgrad_core::{Aligned, Real};

impl<T: Real> Trainer<T> {
    /// A run that goes on where a checkpoint was made, up to `epochs` if that is given. One that was
    /// stopped early keeps its epochs, because it does not go on.
    ///
    /// # Errors
    /// As [`Trainer::new`], if the data are not those of the checkpoint, and
    /// [`TrainError::EpochsDone`] if more epochs are done than it should end after.
    pub fn resume(
        checkpoint: Checkpoint,
        data: Prepared,
        epochs: Option<u64>,
    ) -> Result<Self, TrainError> {
        Self::resume_with(Brought::nothing(), checkpoint, data, epochs)
    }

    /// The same, with what a program brings.
    pub(crate) fn resume_with(
        brought: Brought<T>,
        checkpoint: Checkpoint,
        data: Prepared,
        epochs: Option<u64>,
    ) -> Result<Self, TrainError> {
        let Checkpoint { header, payload } = checkpoint;
        let mut configuration = header.configuration;
        let asked_before = configuration.epochs;
        if let Some(asked) = epochs {
            let done = payload.progress.epoch;
            // An epoch under way cannot be undone.
            if asked < done || (asked == done && payload.progress.batch > 0) {
                return Err(TrainError::EpochsDone { done, asked });
            }
            configuration.epochs = asked;
        }
        let mut trainer = Self::with(brought, configuration, data)?;
        if trainer.fingerprint != header.data {
            return Err(TrainError::OtherData {
                expected: header.data,
                found: trainer.fingerprint,
            });
        }
        if payload.progress.batch > trainer.batches() {
            return Err(TrainError::OtherState);
        }
        let memories: Option<Vec<Vec<T>>> = payload.memories.iter().map(Numbers::get).collect();
        let theta = payload.theta.get().ok_or(TrainError::OtherState)?;
        trainer.theta = Aligned::from(&theta[..]);
        trainer.optimizer = memories
            .and_then(|memories| trainer.optimizer.resumed(payload.optimizer_steps, memories))
            .ok_or(TrainError::OtherState)?;
        trainer.progress = payload.progress;
        trainer.layers = payload.layers;
        trainer.history = payload.history;
        (trainer.resume_kept(payload.kept)).ok_or(TrainError::OtherState)?;
        let regime = &trainer.configuration.regime;
        trainer.is_stuck = (regime.early_stopping)
            .is_some_and(|patience| regime.watched().is_stuck(&trainer.history, patience));
        if trainer.is_stuck {
            trainer.configuration.epochs = asked_before;
        }
        trainer.audits = header.audits;
        trainer.order.clear();
        Ok(trainer)
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
                target_scale: self.train.target_scale(),
                columns: self.train.columns().cloned(),
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
                progress,
                layers: self.layers.clone(),
                kept: self.kept_numbers(),
                history: self.history.clone(),
            },
        }
    }
}
