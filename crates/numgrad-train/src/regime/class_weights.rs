//! How much a sample of each class counts.
use crate::dataset::{Dataset, Labels};
use numgrad_loss::balanced_weights;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The weights of the classes: `balanced`, or a number for each class in the order of the classes, as
/// `1,2.5,1`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum ClassWeights {
    /// [`balanced_weights`] of the training data. A run replaces it by those numbers when it begins.
    Balanced,
    /// A weight for each class.
    Given(Vec<f64>),
}

impl ClassWeights {
    /// The weights as numbers, balanced for these training data; of data without classes as they are.
    #[must_use]
    pub(crate) fn of(self, train: &Dataset) -> Self {
        match (self, train.labels()) {
            (Self::Balanced, Labels::Classes { classes, labels }) => {
                Self::Given(balanced_weights(labels, *classes))
            }
            (weights, _) => weights,
        }
    }
}

impl fmt::Display for ClassWeights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Balanced => f.pad("balanced"),
            Self::Given(weights) => {
                let words: Vec<String> = weights.iter().map(f64::to_string).collect();
                f.pad(&words.join(","))
            }
        }
    }
}

impl FromStr for ClassWeights {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "balanced" {
            return Ok(Self::Balanced);
        }
        let number = |word: &str| {
            let number = word.trim().parse().ok();
            number.filter(|w: &f64| w.is_finite() && *w > 0.0)
        };
        let numbers: Option<Vec<f64>> = text.split(',').map(number).collect();
        numbers.map(Self::Given).ok_or_else(|| {
            format!(
                "'{text}' is not balanced, and no positive numbers like 1,2.5,1, one for a class"
            )
        })
    }
}

impl From<ClassWeights> for String {
    fn from(weights: ClassWeights) -> Self {
        weights.to_string()
    }
}

impl TryFrom<String> for ClassWeights {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}
