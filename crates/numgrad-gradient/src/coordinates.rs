//! Which weights and biases are measured in a step, by name.
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Which coordinates of θ the `weight` sweep measures in a step; the other entries of its gradient
/// are 0.
///
/// The unit of choice is a neuron with its weights and its bias, for what a difference costs is
/// the description of the neuron that the weight enters: K weights of K neurons would cost as much
/// as all. So θ is gone through neuron by neuron, and the last neuron of a choice is cut where K is
/// reached. A choice follows from the seed and the number of the step alone.
///
/// As text they are `random:K`, `block:K`, `cyclic:K` and `saliency:RATIO:EPOCHS`, which is
/// `saliency:RATIO` where the epochs are 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[non_exhaustive]
pub enum Coordinates {
    /// Neurons drawn at random in every layer, whose share is as large as its part of θ: each
    /// coordinate is measured with the probability K/P.
    Random(Amount),
    /// K coordinates in a row, from a random one on.
    Block(Amount),
    /// K coordinates in a row, from where the last step's ended: each is measured once in P/K steps.
    Cyclic(Amount),
    /// Neurons drawn at random in every layer, whose share follows from its saliency at the start
    /// of the run (see [`Estimator::prepare`](crate::Estimator::prepare)), and kept for some epochs.
    Saliency {
        /// The part of all coordinates.
        part: Part,
        /// After so many epochs other neurons are drawn; after each step if it is 0.
        epochs: u32,
    },
}

/// How many coordinates: a number K, or a part of all P.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Amount {
    /// K coordinates; all of them where there are fewer.
    Number(u32),
    /// A part of all.
    Part(Part),
}

/// A part from 0 (without) to 1 (with), in millionths.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Part(u32);

impl Part {
    const WHOLE: f64 = 1e6;

    /// A part; `None` unless 0 < part ≤ 1. It is rounded to millionths.
    pub fn new(part: f64) -> Option<Self> {
        let millionths = (part * Self::WHOLE).round();
        (1.0..=Self::WHOLE)
            .contains(&millionths)
            .then_some(Self(millionths as u32))
    }

    /// The part as a number.
    pub fn get(self) -> f64 {
        f64::from(self.0) / Self::WHOLE
    }

    /// This part of some coordinates, at least one.
    pub fn of(self, parameters: usize) -> usize {
        ((self.get() * parameters as f64).round() as usize).clamp(1, parameters)
    }
}

impl Amount {
    /// K for a network of so many parameters.
    pub fn of(self, parameters: usize) -> usize {
        match self {
            Self::Number(count) => (count as usize).clamp(1, parameters),
            Self::Part(part) => part.of(parameters),
        }
    }
}

impl Coordinates {
    /// K for a network of so many parameters.
    pub fn count(self, parameters: usize) -> usize {
        match self {
            Self::Random(amount) | Self::Block(amount) | Self::Cyclic(amount) => {
                amount.of(parameters)
            }
            Self::Saliency { part, .. } => part.of(parameters),
        }
    }
}

/// The epochs that a saliency's neurons are kept for where nothing is said: those of DeepZero's own
/// program.
const EPOCHS: u32 = 5;

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(count) => write!(f, "{count}"),
            Self::Part(part) => write!(f, "{}%", f64::from(part.0) / 1e4),
        }
    }
}

impl FromStr for Amount {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "'{text}' is no number of coordinates: a number from 1, or a percentage up to 100%"
            )
        };
        match text.strip_suffix('%') {
            Some(percent) => {
                let percent = percent.parse::<f64>().map_err(|_| wrong())?;
                Part::new(percent / 100.0).map(Self::Part).ok_or_else(wrong)
            }
            None => match text.parse() {
                Ok(count) if count > 0 => Ok(Self::Number(count)),
                _ => Err(wrong()),
            },
        }
    }
}

impl fmt::Display for Coordinates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&match self {
            Self::Random(amount) => format!("random:{amount}"),
            Self::Block(amount) => format!("block:{amount}"),
            Self::Cyclic(amount) => format!("cyclic:{amount}"),
            Self::Saliency {
                part,
                epochs: EPOCHS,
            } => format!("saliency:{}", part.get()),
            Self::Saliency { part, epochs } => format!("saliency:{}:{epochs}", part.get()),
        })
    }
}

impl FromStr for Coordinates {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (form, amount) = text.split_once(':').unwrap_or((text, ""));
        match form {
            "random" => amount.parse().map(Self::Random),
            "block" => amount.parse().map(Self::Block),
            "cyclic" => amount.parse().map(Self::Cyclic),
            "saliency" => {
                let (ratio, epochs) = match amount.split_once(':') {
                    Some((ratio, epochs)) => (ratio, epochs.parse().ok()),
                    None => (amount, Some(EPOCHS)),
                };
                let part = ratio.parse().ok().and_then(Part::new);
                let part =
                    part.ok_or_else(|| format!("'{ratio}' is no ratio: a number up to 1, as 0.1"))?;
                let epochs = epochs.ok_or_else(|| {
                    format!("'{text}' has no number of epochs: saliency:RATIO:EPOCHS, as 0.1:5")
                })?;
                Ok(Self::Saliency { part, epochs })
            }
            _ => Err(format!(
                "unknown coordinates '{text}': all, random:K, block:K, cyclic:K or saliency:RATIO"
            )),
        }
    }
}

impl TryFrom<String> for Coordinates {
    type Error = String;

    /// As stored: a checkpoint from before the epochs were written drew in every step.
    fn try_from(text: String) -> Result<Self, String> {
        match text.parse()? {
            Self::Saliency { part, .. } if text.matches(':').count() == 1 => {
                Ok(Self::Saliency { part, epochs: 0 })
            }
            coordinates => Ok(coordinates),
        }
    }
}

impl From<Coordinates> for String {
    fn from(coordinates: Coordinates) -> Self {
        match coordinates {
            Coordinates::Saliency { part, epochs } => format!("saliency:{}:{epochs}", part.get()),
            coordinates => coordinates.to_string(),
        }
    }
}
