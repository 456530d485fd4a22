//! Random directions, drawn again whenever they are needed and never stored.
use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng};
use rand_distr::{Distribution as _, StandardNormal};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// The entries that one stream of random numbers yields: a direction is drawn from any multiple
/// of it on, by as many threads as there are, and is always the same.
pub const DIRECTION_TILE: usize = 256;

/// Tiles of one partial sum of a norm. It is fixed, whatever the threads.
const TILES_OF_A_SUM: usize = 64;

/// What the first words of a direction's key say: no other stream of numgrad has this purpose.
const PURPOSE: u64 = 4;

/// How the entries of a direction v ∈ ℝⁿ are drawn.
///
/// All have mean 0, E\[v·vᵀ\] = I on average over a step's q directions, and so E‖v‖² = n: the
/// estimate (1/q)·Σ (∇f·v)·v is unbiased. Its variance E‖ĝ − g‖², for central differences of a
/// quadratic, is what tells them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Distribution {
    /// Independent normal entries: (n + 1)/q·‖g‖². Nesterov and Spokoiny, "Random gradient-free
    /// minimization of convex functions", Found. Comput. Math. 17, 2017.
    Gaussian,
    /// Independent signs: (n − 1)/q·‖g‖², and the cheapest to draw. Spall, "Multivariate
    /// stochastic approximation using a simultaneous perturbation gradient approximation", IEEE
    /// Trans. Autom. Control 37, 1992 (SPSA).
    #[default]
    Rademacher,
    /// Uniform on the sphere of radius √n: (n − 1)/q·‖g‖². Drawn twice, once for the norm.
    Sphere,
    /// Signs times √q on the coordinates i with i mod q = k for direction k, 0 elsewhere: the q
    /// directions of a step are orthogonal. (n/q − 1)·‖g‖² where q divides n; with q = n these are
    /// the coordinates themselves, and the variance is 0.
    Orthogonal,
}

impl Distribution {
    /// Every distribution.
    pub const ALL: [Self; 4] = [
        Self::Gaussian,
        Self::Rademacher,
        Self::Sphere,
        Self::Orthogonal,
    ];

    /// E‖ĝ − g‖² / ‖g‖² of the estimate by `count` directions in ℝⁿ, for central differences of a
    /// quadratic: see the distributions.
    pub fn relative_variance(self, dimensions: usize, count: usize) -> f64 {
        let (n, q) = (dimensions as f64, count as f64);
        match self {
            Self::Gaussian => (n + 1.0) / q,
            Self::Rademacher | Self::Sphere => (n - 1.0) / q,
            Self::Orthogonal => (n / q - 1.0).max(0.0),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Gaussian => "gaussian",
            Self::Rademacher => "rademacher",
            Self::Sphere => "sphere",
            Self::Orthogonal => "orthogonal",
        }
    }
}

impl fmt::Display for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Distribution {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|kind| kind.name() == name);
        found.ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("unknown distribution '{name}': one of {names}")
        })
    }
}

/// One direction v ∈ ℝⁿ: the key that its entries are drawn by, whenever somebody asks.
///
/// It takes a few words of memory, whatever n is.
#[derive(Debug, Clone)]
pub struct Direction {
    key: [u8; 32],
    distribution: Distribution,
    /// What the drawn numbers are multiplied with.
    scale: f64,
    /// Of orthogonal directions: how many there are, and which this is.
    block: (usize, usize),
}

impl Direction {
    /// Direction `index` of the `count` directions in ℝⁿ of step `number`. ChaCha8 is keyed by the
    /// seed, a purpose, the step and the index as they are, which are its 256 bits.
    pub(crate) fn new(
        distribution: Distribution,
        dimensions: usize,
        (seed, number): (u64, u64),
        (index, count): (usize, usize),
    ) -> Self {
        let mut key = [0; 32];
        for (bytes, word) in key
            .chunks_exact_mut(8)
            .zip([seed, PURPOSE, number, index as u64])
        {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        let mut direction = Self {
            key,
            distribution,
            scale: 1.0,
            block: (count, index),
        };
        match distribution {
            Distribution::Sphere => {
                let length = direction.square(dimensions).sqrt();
                direction.scale = (dimensions as f64).sqrt() / length;
            }
            Distribution::Orthogonal => direction.scale = (count as f64).sqrt(),
            Distribution::Gaussian | Distribution::Rademacher => {}
        }
        direction
    }

    /// The entries from `start` on. Cost: 1 to 5 ns an entry, and up to a tile more where the
    /// range does not begin and end at multiples of [`DIRECTION_TILE`].
    pub fn fill(&self, start: usize, out: &mut [f64]) {
        let (mut at, mut rest) = (start, out);
        while !rest.is_empty() {
            let (tile, skip) = (at / DIRECTION_TILE, at % DIRECTION_TILE);
            let (now, later) = rest.split_at_mut((DIRECTION_TILE - skip).min(rest.len()));
            if now.len() == DIRECTION_TILE {
                self.draw(tile, now);
            } else {
                let mut whole = [0.0; DIRECTION_TILE];
                self.draw(tile, &mut whole);
                now.copy_from_slice(&whole[skip..][..now.len()]);
            }
            at += now.len();
            rest = later;
        }
    }

    /// The entries of a tile, from the stream of its own number.
    fn draw(&self, tile: usize, out: &mut [f64]) {
        let mut random = ChaCha8Rng::from_seed(self.key);
        random.set_stream(tile as u64);
        let scale = self.scale;
        match self.distribution {
            Distribution::Gaussian | Distribution::Sphere => {
                for entry in out {
                    let normal: f64 = StandardNormal.sample(&mut random);
                    *entry = scale * normal;
                }
            }
            Distribution::Rademacher => signs(&mut random, scale, out),
            Distribution::Orthogonal => {
                signs(&mut random, scale, out);
                let (count, index) = self.block;
                for (i, entry) in (tile * DIRECTION_TILE..).zip(out) {
                    if i % count != index {
                        *entry = 0.0;
                    }
                }
            }
        }
    }

    /// ‖v‖²: partial sums in parallel, added in their order.
    fn square(&self, dimensions: usize) -> f64 {
        const SPAN: usize = TILES_OF_A_SUM * DIRECTION_TILE;
        let sums: Vec<f64> = (0..dimensions.div_ceil(SPAN))
            .into_par_iter()
            .map(|k| {
                let mut sum = 0.0;
                let mut entries = [0.0; DIRECTION_TILE];
                let end = dimensions.min((k + 1) * SPAN);
                for start in (k * SPAN..end).step_by(DIRECTION_TILE) {
                    let entries = &mut entries[..DIRECTION_TILE.min(end - start)];
                    self.fill(start, entries);
                    sum += entries.iter().map(|v| v * v).sum::<f64>();
                }
                sum
            })
            .collect();
        sums.iter().sum()
    }
}

/// ±scale, a random bit each.
fn signs(random: &mut ChaCha8Rng, scale: f64, out: &mut [f64]) {
    for entries in out.chunks_mut(64) {
        let bits = random.next_u64();
        for (k, entry) in entries.iter_mut().enumerate() {
            *entry = if bits >> k & 1 == 1 { scale } else { -scale };
        }
    }
}
