//! The payload as format 1 kept it: without where the time went, without layers.
use super::payload::{self, Header, Numbers};
use crate::history::{EpochRecord, Spent};
use crate::trainer::Progress;
use serde::Deserialize;

/// The numbers of a checkpoint in format 1.
#[derive(Debug, Deserialize)]
pub(super) struct Payload {
    theta: Numbers,
    memories: Vec<Numbers>,
    optimizer_steps: u64,
    epoch: u64,
    batch: u64,
    loss_sum: f64,
    correct: u64,
    loss_evaluations: u64,
    sample_evaluations: u64,
    seconds: f64,
    best: Option<f64>,
    history: Vec<Record>,
}

#[derive(Debug, Deserialize)]
struct Record {
    epoch: u64,
    train_loss: f64,
    test_loss: f64,
    train_accuracy: Option<f64>,
    test_accuracy: Option<f64>,
    loss_evaluations: u64,
    seconds: f64,
}

impl Payload {
    /// The same numbers as they are kept today. A learning rate was the same in every step.
    pub(super) fn today(self, header: &Header) -> payload::Payload {
        let learning_rate = header.configuration.learning_rate;
        let records = self.history.into_iter();
        payload::Payload {
            theta: self.theta,
            memories: self.memories,
            optimizer_steps: self.optimizer_steps,
            progress: Progress {
                epoch: self.epoch,
                batch: self.batch,
                loss_sum: self.loss_sum,
                correct: self.correct,
                loss_evaluations: self.loss_evaluations,
                sample_evaluations: self.sample_evaluations,
                seconds: self.seconds,
                best: self.best,
                spent: Spent::default(),
            },
            layers: Vec::new(),
            kept: None,
            history: records.map(|record| record.today(learning_rate)).collect(),
        }
    }
}

impl Record {
    fn today(self, learning_rate: f64) -> EpochRecord {
        EpochRecord {
            epoch: self.epoch,
            train_loss: self.train_loss,
            validation_loss: None,
            test_loss: self.test_loss,
            train_accuracy: self.train_accuracy,
            validation_accuracy: None,
            test_accuracy: self.test_accuracy,
            learning_rate,
            loss_evaluations: self.loss_evaluations,
            seconds: self.seconds,
            spent: Spent::default(),
            layers: Vec::new(),
        }
    }
}
