//! Where training starts: the first weights, from a seed.
use crate::{Mlp, Real};
use rand::Rng;
use rand_distr::{Distribution, Normal, Uniform};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How the first weights are drawn. Biases start at 0.
///
/// n_in and n_out are the inputs and outputs of the layer. Xavier: Glorot and Bengio,
/// "Understanding the difficulty of training deep feedforward neural networks", AISTATS 2010,
/// section 4.2. He: He, Zhang, Ren and Sun, "Delving deep into rectifiers", ICCV 2015,
/// section 2.2.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
#[non_exhaustive]
pub enum Initializer {
    /// Every weight is 0: neurons of one layer then stay equal for ever.
    Zeros,
    /// Normal with mean 0 and this standard deviation.
    Normal(f64),
    /// Uniform with variance 2 / (n_in + n_out): keeps the variance of sigmoid and tanh layers.
    XavierUniform,
    /// Normal with variance 2 / (n_in + n_out).
    XavierNormal,
    /// Uniform with variance 2 / n_in: keeps the variance of ReLU layers.
    HeUniform,
    /// Normal with variance 2 / n_in.
    HeNormal,
}

impl Initializer {
    /// Draws θ for a network: the weights of each layer in the order of θ, each drawn in f64,
    /// so that both precisions start from the same numbers.
    ///
    /// # Panics
    /// If θ has another length than the network's, or a normal's standard deviation is negative
    /// or not finite (which [`FromStr`] refuses).
    pub fn draw<T: Real>(self, network: &Mlp<T>, random: &mut impl Rng, theta: &mut [T]) {
        assert_eq!(theta.len(), network.parameters(), "θ must fit the network");
        for layer in 0..network.layers() {
            let (inputs, outputs) = (network.fan_in(layer) as f64, network.width(layer) as f64);
            let weights = &mut theta[network.weights_range(layer)];
            let xavier = (2.0 / (inputs + outputs)).sqrt();
            let he = (2.0 / inputs).sqrt();
            match self {
                Self::Zeros => weights.fill(T::zero()),
                Self::Normal(deviation) => normal(deviation, random, weights),
                Self::XavierNormal => normal(xavier, random, weights),
                Self::HeNormal => normal(he, random, weights),
                Self::XavierUniform => uniform(xavier, random, weights),
                Self::HeUniform => uniform(he, random, weights),
            }
            theta[network.biases_range(layer)].fill(T::zero());
        }
    }
}

fn normal<T: Real>(deviation: f64, random: &mut impl Rng, weights: &mut [T]) {
    let normal = Normal::new(0.0, deviation).expect("the deviation is finite and not negative");
    weights.fill_with(|| T::of(normal.sample(random)));
}

/// A uniform distribution on ±√3·deviation has that standard deviation.
fn uniform<T: Real>(deviation: f64, random: &mut impl Rng, weights: &mut [T]) {
    let bound = 3_f64.sqrt() * deviation;
    let uniform = Uniform::new_inclusive(-bound, bound).expect("the bound is finite and positive");
    weights.fill_with(|| T::of(uniform.sample(random)));
}

impl fmt::Display for Initializer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Zeros => f.pad("zeros"),
            Self::Normal(deviation) => write!(f, "normal:{deviation}"),
            Self::XavierUniform => f.pad("xavier"),
            Self::XavierNormal => f.pad("xavier-normal"),
            Self::HeUniform => f.pad("he"),
            Self::HeNormal => f.pad("he-normal"),
        }
    }
}

/// A name that is no initialiser.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown initialiser '{0}': zeros, normal:SIGMA with a SIGMA of at least 0, xavier, \
     xavier-normal, he or he-normal"
)]
pub struct ParseInitializerError(String);

impl FromStr for Initializer {
    type Err = ParseInitializerError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let unknown = || ParseInitializerError(name.to_owned());
        Ok(match name {
            "zeros" => Self::Zeros,
            "xavier" | "xavier-uniform" => Self::XavierUniform,
            "xavier-normal" => Self::XavierNormal,
            "he" | "he-uniform" => Self::HeUniform,
            "he-normal" => Self::HeNormal,
            _ => {
                let deviation = name.strip_prefix("normal:").ok_or_else(unknown)?;
                let deviation: f64 = deviation.parse().map_err(|_| unknown())?;
                if !deviation.is_finite() || deviation < 0.0 {
                    return Err(unknown());
                }
                Self::Normal(deviation)
            }
        })
    }
}

impl From<Initializer> for String {
    fn from(initializer: Initializer) -> String {
        initializer.to_string()
    }
}

impl TryFrom<String> for Initializer {
    type Error = ParseInitializerError;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        name.parse()
    }
}
