//! What is watched from epoch to epoch: by a plateau, by early stopping, for the best weights.
use crate::history::EpochRecord;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A value of an epoch's record that should become better.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Watch {
    /// The loss on the validation data.
    ValidationLoss,
    /// The accuracy on the validation data.
    ValidationAccuracy,
    /// The mean loss over the epoch's batches.
    TrainLoss,
    /// The loss on the test data, which then are no test any more.
    TestLoss,
    /// The accuracy on the test data, which then are no test any more.
    TestAccuracy,
}

impl Watch {
    /// Every one.
    pub const ALL: [Self; 5] = [
        Self::ValidationLoss,
        Self::ValidationAccuracy,
        Self::TrainLoss,
        Self::TestLoss,
        Self::TestAccuracy,
    ];

    /// The watched value of an epoch, of which less is better: an accuracy has its sign changed.
    /// Where the record has no such value, infinity.
    pub fn value(self, record: &EpochRecord) -> f64 {
        let value = match self {
            Self::ValidationLoss => record.validation_loss,
            Self::ValidationAccuracy => record.validation_accuracy.map(|accuracy| -accuracy),
            Self::TrainLoss => Some(record.train_loss),
            Self::TestLoss => Some(record.test_loss),
            Self::TestAccuracy => record.test_accuracy.map(|accuracy| -accuracy),
        };
        value.unwrap_or(f64::INFINITY)
    }

    /// The place in the history of the first record with the best value.
    pub fn best(self, history: &[EpochRecord]) -> Option<usize> {
        (0..history.len())
            .min_by(|&a, &b| self.value(&history[a]).total_cmp(&self.value(&history[b])))
    }

    /// Whether the value has not improved in the last so many epochs.
    pub fn is_stuck(self, history: &[EpochRecord], patience: u64) -> bool {
        self.best(history)
            .is_some_and(|best| (history.len() - 1 - best) as u64 >= patience)
    }

    pub(crate) fn is_of_validation(self) -> bool {
        matches!(self, Self::ValidationLoss | Self::ValidationAccuracy)
    }

    pub(crate) fn is_accuracy(self) -> bool {
        matches!(self, Self::ValidationAccuracy | Self::TestAccuracy)
    }
}

impl fmt::Display for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::ValidationLoss => "validation-loss",
            Self::ValidationAccuracy => "validation-accuracy",
            Self::TrainLoss => "train-loss",
            Self::TestLoss => "test-loss",
            Self::TestAccuracy => "test-accuracy",
        })
    }
}

impl FromStr for Watch {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL
            .into_iter()
            .find(|watch| watch.to_string() == name);
        found.ok_or_else(|| {
            let names = Self::ALL.map(|watch| watch.to_string());
            format!("'{name}' cannot be watched: one of {}", names.join(", "))
        })
    }
}
