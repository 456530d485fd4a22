//! The learning rate over a run: η times a product of factors.
use crate::optimizer::power;
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;
use std::fmt;
use std::str::FromStr;

/// η_t = η·Π f(t) over some factors; over none the rate is constant.
///
/// ```
/// use numgrad_train::Schedule;
///
/// let schedule: Schedule = "warm-up:2,step:10".parse()?;
/// assert_eq!(schedule.of_step(0, 50) * schedule.of_epoch(0, &[]), 0.01);
/// assert_eq!(schedule.of_step(600, 50) * schedule.of_epoch(12, &[]), 0.1);
/// assert_eq!(schedule.to_string(), "warm-up:2,step:10:0.1");
/// # Ok::<(), String>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Schedule(Vec<Factor>);

/// One factor of a learning rate.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Factor {
    /// (t + 1)/w in the w steps of the first epochs, then 1. Goyal et al., "Accurate, large
    /// minibatch SGD", arXiv:1706.02677, section 2.2.
    WarmUp {
        /// The epochs.
        epochs: u64,
    },
    /// A factor for every so many epochs done.
    Step {
        /// The epochs between two steps.
        every: u64,
        /// What each multiplies by.
        factor: f64,
    },
    /// A factor for every epoch done.
    Exponential {
        /// What each multiplies by.
        factor: f64,
    },
    /// Half a wave from 1 to a floor, step by step over some epochs (without a number, those that
    /// the run is begun with), then the floor. Loshchilov and Hutter, "SGDR", ICLR 2017, (5).
    Cosine {
        /// What is left at the end.
        floor: f64,
        /// The epochs.
        epochs: Option<u64>,
    },
    /// A factor each time that the watched value has not improved for so many epochs.
    Plateau {
        /// The epochs.
        patience: u64,
        /// What each multiplies by.
        factor: f64,
    },
}

impl Schedule {
    /// Of these factors.
    ///
    /// # Errors
    /// A message, if a number of one cannot be.
    pub fn new(factors: Vec<Factor>) -> Result<Self, String> {
        for factor in &factors {
            factor.check()?;
        }
        Ok(Self(factors))
    }

    /// Whether the rate changes at all.
    pub fn is_constant(&self) -> bool {
        self.0.is_empty()
    }

    /// The part that is the same in all steps of an epoch, counted from 0. `watched` are the
    /// values after the epochs before, of which less is better.
    pub fn of_epoch(&self, epoch: u64, watched: &(impl IntoIterator<Item = f64> + Clone)) -> f64 {
        let factors = self.0.iter().map(|factor| match *factor {
            Factor::Step { every, factor } => power(factor, epoch / every),
            Factor::Exponential { factor } => power(factor, epoch),
            Factor::Plateau { patience, factor } => {
                power(factor, plateaus(patience, watched.clone()))
            }
            Factor::WarmUp { .. } | Factor::Cosine { .. } => 1.0,
        });
        factors.product()
    }

    /// The part that changes from step to step, at a step counted from 0.
    pub fn of_step(&self, step: u64, batches: u64) -> f64 {
        let part = |epochs: u64, done: u64| (done as f64 / (epochs * batches) as f64).min(1.0);
        let factors = self.0.iter().map(|factor| match *factor {
            Factor::WarmUp { epochs } => part(epochs, step + 1),
            Factor::Cosine { floor, epochs } => {
                let part = epochs.map_or(0.0, |epochs| part(epochs, step));
                // Of libm, because the platform's cosine has other bits on another platform.
                floor + (1.0 - floor) * 0.5 * (1.0 + libm::cos(PI * part))
            }
            Factor::Step { .. } | Factor::Exponential { .. } | Factor::Plateau { .. } => 1.0,
        });
        factors.product()
    }

    /// After how many epochs nothing is left of the rate for good, if ever: where a cosine without a
    /// floor has come down. No step learns anything from there on.
    pub fn rests_after(&self) -> Option<u64> {
        let ends = self.0.iter().filter_map(|factor| match *factor {
            Factor::Cosine { floor: 0.0, epochs } => epochs,
            _ => None,
        });
        ends.min()
    }

    /// The same, with these epochs where a factor goes over all of a run.
    pub(crate) fn over(mut self, run: u64) -> Self {
        for factor in &mut self.0 {
            if let Factor::Cosine { epochs, .. } = factor {
                epochs.get_or_insert(run.max(1));
            }
        }
        self
    }
}

/// How often the values have not improved for so many epochs in a row.
fn plateaus(patience: u64, watched: impl IntoIterator<Item = f64>) -> u64 {
    let (mut best, mut waited, mut plateaus) = (f64::INFINITY, 0, 0);
    for value in watched {
        if value < best {
            (best, waited) = (value, 0);
            continue;
        }
        waited += 1;
        if waited == patience {
            (waited, plateaus) = (0, plateaus + 1);
        }
    }
    plateaus
}

impl Factor {
    fn check(&self) -> Result<(), String> {
        let (name, epochs, factor) = match *self {
            Self::WarmUp { epochs } => ("warm-up", epochs, 1.0),
            Self::Step { every, factor } => ("step", every, factor),
            Self::Exponential { factor } => ("exponential", 1, factor),
            Self::Plateau { patience, factor } => ("plateau", patience, factor),
            Self::Cosine { floor, epochs } => {
                if !(0.0..=1.0).contains(&floor) {
                    return Err(format!("the floor of cosine is {floor}, not from 0 to 1"));
                }
                ("cosine", epochs.unwrap_or(1), 1.0)
            }
        };
        if epochs == 0 || epochs > MOST_EPOCHS {
            return Err(format!(
                "the epochs of {name} are {epochs}, not from 1 to {MOST_EPOCHS}"
            ));
        }
        if !(factor.is_finite() && factor > 0.0) {
            return Err(format!(
                "the factor of {name} is {factor}, not positive and finite"
            ));
        }
        Ok(())
    }
}

/// The most epochs of a factor: a billion, so that its steps can be counted.
const MOST_EPOCHS: u64 = 1_000_000_000;

const GRAMMAR: &str = "constant, or factors with commas between them: warm-up:EPOCHS, \
    step:EVERY[:FACTOR], exponential:FACTOR, cosine[:FLOOR[:EPOCHS]], plateau[:PATIENCE[:FACTOR]]";

impl FromStr for Factor {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unknown = || format!("'{text}' is no factor of a learning rate: {GRAMMAR}");
        let mut parts = text.split(':');
        let name = parts.next().unwrap_or_default();
        let numbers: Vec<&str> = parts.collect();
        let number = |place: usize, default: Option<f64>| match numbers.get(place) {
            Some(number) => number.parse().map_err(|_| unknown()),
            None => default.ok_or_else(unknown),
        };
        let epochs = |place: usize, default: Option<u64>| match numbers.get(place) {
            Some(number) => number.parse().map_err(|_| unknown()),
            None => default.ok_or_else(unknown),
        };
        let (most, factor) = match name {
            "warm-up" => (
                1,
                Self::WarmUp {
                    epochs: epochs(0, None)?,
                },
            ),
            "step" => {
                let (every, factor) = (epochs(0, None)?, number(1, Some(0.1))?);
                (2, Self::Step { every, factor })
            }
            "exponential" => (
                1,
                Self::Exponential {
                    factor: number(0, None)?,
                },
            ),
            "cosine" => {
                let over = numbers.get(1).map(|_| epochs(1, None)).transpose()?;
                let floor = number(0, Some(0.0))?;
                (
                    2,
                    Self::Cosine {
                        floor,
                        epochs: over,
                    },
                )
            }
            "plateau" => {
                let (patience, factor) = (epochs(0, Some(5))?, number(1, Some(0.5))?);
                (2, Self::Plateau { patience, factor })
            }
            _ => return Err(unknown()),
        };
        if numbers.len() > most {
            return Err(unknown());
        }
        Ok(factor)
    }
}

impl fmt::Display for Factor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WarmUp { epochs } => write!(f, "warm-up:{epochs}"),
            Self::Step { every, factor } => write!(f, "step:{every}:{factor}"),
            Self::Exponential { factor } => write!(f, "exponential:{factor}"),
            Self::Cosine { floor, epochs } => {
                write!(f, "cosine:{floor}")?;
                epochs.map_or(Ok(()), |epochs| write!(f, ":{epochs}"))
            }
            Self::Plateau { patience, factor } => write!(f, "plateau:{patience}:{factor}"),
        }
    }
}

impl FromStr for Schedule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim() == "constant" {
            return Ok(Self::default());
        }
        let factors = text.split(',').map(|factor| factor.trim().parse());
        Self::new(factors.collect::<Result<_, _>>()?)
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_constant() {
            return f.write_str("constant");
        }
        let factors: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        f.write_str(&factors.join(","))
    }
}

impl From<Schedule> for String {
    fn from(schedule: Schedule) -> Self {
        schedule.to_string()
    }
}

impl TryFrom<String> for Schedule {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}
