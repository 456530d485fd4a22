//! The gradient of any function, estimated by differences along random directions.
use crate::differences::check_numbers;
use crate::ranks::centre_ranks;
use crate::{DIRECTION_TILE, DiffError, Direction, Distribution, Real, Scheme};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

const MOST_DIRECTIONS: usize = 1 << 24;

/// Which random directions a step takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Directions {
    /// Their number q.
    pub count: usize,
    /// How they are drawn.
    pub distribution: Distribution,
    /// Whether the losses or their ranks are differenced.
    pub rank: Rank,
}

impl Default for Directions {
    /// 16 directions of signs.
    fn default() -> Self {
        Self {
            count: 16,
            distribution: Distribution::Rademacher,
            rank: Rank::None,
        }
    }
}

/// What becomes of the losses of a step before they are differenced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rank {
    /// Nothing: the estimate is one of the gradient.
    #[default]
    None,
    /// Each is replaced by its rank among all of the step, from −½ to ½, as evolution strategies
    /// do: an outlier weighs no more than its place, and the estimate's length says nothing.
    Centred,
}

impl fmt::Display for Rank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::None => "none",
            Self::Centred => "centred",
        })
    }
}

impl FromStr for Rank {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        match name {
            "none" => Ok(Self::None),
            "centred" | "centered" => Ok(Self::Centred),
            _ => Err(format!("unknown rank '{name}': none or centred")),
        }
    }
}

/// Estimates gradients by q random directions: ĝ = (1/q)·Σ_k D_k·v_k, with the difference quotient
/// D_k of f along v_k.
///
/// With central differences each direction is an antithetic pair x ± h·v. The directions of a step
/// follow from the seed and the step's number, so that a step can be taken again. Cost: 2q
/// evaluations (forward and backward q + 1, five-point 4q), whatever n is.
///
/// ```
/// use numgrad_diff::{Directions, Distribution, RandomDirections, Scheme};
///
/// let f = |x: &[f64]| x.iter().map(|x| x * x).sum::<f64>();
/// let directions = Directions { count: 1000, distribution: Distribution::Gaussian, ..Directions::default() };
/// let random = RandomDirections::new(directions, Scheme::Central, 1e-3, 0)?;
/// let mut g = [0.0; 2];
/// random.gradient_into(f, &[1.0, -2.0], 0, &mut g)?;
/// // Its standard deviation is √(3/1000)·‖g‖ ≈ 0.25.
/// assert!((g[0] - 2.0).abs() < 1.0 && (g[1] + 4.0).abs() < 1.0);
/// # Ok::<(), numgrad_diff::DiffError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct RandomDirections {
    directions: Directions,
    scheme: Scheme,
    step: f64,
    seed: u64,
}

/// An estimate of a gradient that is not written down: the directions and what each weighs.
#[derive(Debug, Clone)]
pub struct RandomEstimate {
    directions: Vec<Direction>,
    /// D_k / q.
    coefficients: Vec<f64>,
    square: f64,
    relative_variance: f64,
}

impl RandomDirections {
    /// Directions with the step h, and the seed that they are drawn by.
    ///
    /// # Errors
    /// [`DiffError::Step`] if h is not positive and finite, and [`DiffError::Directions`].
    pub fn new(
        directions: Directions,
        scheme: Scheme,
        step: f64,
        seed: u64,
    ) -> Result<Self, DiffError> {
        if !(step.is_finite() && step > 0.0) {
            return Err(DiffError::Step(step));
        }
        if directions.count == 0 || directions.count > MOST_DIRECTIONS {
            return Err(DiffError::Directions(directions.count));
        }
        Ok(Self {
            directions,
            scheme,
            step,
            seed,
        })
    }

    /// Which directions are drawn.
    pub fn directions(&self) -> Directions {
        self.directions
    }

    /// The moves along a direction that f is asked at: f(x + t·v) for each t.
    pub fn moves(&self) -> impl ExactSizeIterator<Item = f64> + use<> {
        let step = self.step;
        points(self.scheme).iter().map(move |point| point.0 * step)
    }

    /// Whether f(x) itself enters the quotients.
    pub fn uses_centre(&self) -> bool {
        points(self.scheme).len() == 1 && self.directions.rank == Rank::None
    }

    /// The evaluations of f that an estimate takes.
    pub fn evaluations(&self) -> u64 {
        (self.directions.count * points(self.scheme).len()) as u64 + u64::from(self.uses_centre())
    }

    /// The directions of step `number` in ℝⁿ.
    pub fn draw(&self, number: u64, dimensions: usize) -> Vec<Direction> {
        let Directions {
            count,
            distribution,
            ..
        } = self.directions;
        (0..count)
            .map(|k| Direction::new(distribution, dimensions, (self.seed, number), (k, count)))
            .collect()
    }

    /// Whether the losses are replaced by their ranks among all of the step, so that no quotient
    /// is known before all of them are.
    pub fn ranks_losses(&self) -> bool {
        self.directions.rank == Rank::Centred
    }

    /// The difference quotient along each direction, from the losses at the [`moves`](Self::moves)
    /// along it, a direction after the other, and from the loss at x itself if it
    /// [enters](Self::uses_centre).
    pub fn quotients(&self, mut losses: Vec<f64>, centre: f64) -> Vec<f64> {
        let points = points(self.scheme);
        if self.directions.rank == Rank::Centred {
            centre_ranks(&mut losses);
        }
        let centre = if self.uses_centre() { centre } else { 0.0 };
        let slopes = losses.chunks_exact(points.len()).map(|losses| {
            let quotient = points.iter().zip(losses);
            quotient.map(|(p, loss)| p.1 * (loss - centre)).sum::<f64>() / self.step
        });
        slopes.collect()
    }

    /// The estimate from the [`quotients`](Self::quotients) along these directions.
    ///
    /// # Panics
    /// If there is not one for each.
    pub fn conclude(
        &self,
        directions: Vec<Direction>,
        dimensions: usize,
        quotients: &[f64],
    ) -> RandomEstimate {
        assert_eq!(quotients.len(), directions.len());
        let count = directions.len() as f64;
        let coefficients: Vec<f64> = quotients.iter().map(|slope| slope / count).collect();
        RandomEstimate {
            square: coefficients.iter().map(|c| c * c).sum::<f64>() * count,
            relative_variance: (self.directions.distribution)
                .relative_variance(dimensions, directions.len()),
            directions,
            coefficients,
        }
    }

    /// The estimate of ∇f(x) in step `number`, written over `gradient`; in parallel over the
    /// directions, with equal bits at every thread count.
    ///
    /// # Errors
    /// [`DiffError`] if x is not finite, or `gradient` not as long.
    pub fn gradient_into<T: Real>(
        &self,
        f: impl Fn(&[T]) -> T + Sync,
        x: &[T],
        number: u64,
        gradient: &mut [T],
    ) -> Result<RandomEstimate, DiffError> {
        DiffError::expect_length(x.len(), gradient.len())?;
        check_numbers(x)?;
        let directions = self.draw(number, x.len());
        let moves: Vec<f64> = self.moves().collect();
        let losses = directions
            .par_iter()
            .flat_map_iter(|direction| {
                let f = &f;
                moves.iter().map(move |&t| {
                    let mut point = x.to_vec();
                    shift(&mut point, direction, t);
                    f(&point).as_f64()
                })
            })
            .collect();
        let centre = if self.uses_centre() {
            f(x).as_f64()
        } else {
            0.0
        };
        let estimate = self.conclude(directions, x.len(), &self.quotients(losses, centre));
        estimate.write(gradient);
        Ok(estimate)
    }

    /// The same, with f called on batches of points: `values(points, values)` writes f of each;
    /// the points stand one after the other, those of a direction together, and there are at most
    /// `batch` directions' at a time (0 counts as 1). The centre is f(x).
    ///
    /// # Errors
    /// [`Failure::Difference`](crate::Failure) as [`gradient_into`](Self::gradient_into), and what
    /// `values` fails with.
    pub fn try_gradient_batched<T: Real, E>(
        &self,
        mut values: impl FnMut(&[T], &mut [T]) -> Result<(), E>,
        (x, centre): (&[T], T),
        number: u64,
        batch: usize,
        gradient: &mut [T],
    ) -> Result<RandomEstimate, crate::Failure<E>> {
        DiffError::expect_length(x.len(), gradient.len())?;
        check_numbers(x)?;
        let directions = self.draw(number, x.len());
        let moves: Vec<f64> = self.moves().collect();
        let mut losses = Vec::with_capacity(directions.len() * moves.len());
        let (mut points, mut found) = (Vec::new(), Vec::new());
        for directions in directions.chunks(batch.max(1)) {
            let count = directions.len() * moves.len();
            points.clear();
            points.extend(std::iter::repeat_n(x, count).flatten());
            found.resize(count, T::default());
            let along = directions
                .iter()
                .flat_map(|d| moves.iter().map(move |&t| (d, t)));
            for (point, (direction, t)) in points.chunks_exact_mut(x.len()).zip(along) {
                shift(point, direction, t);
            }
            values(&points, &mut found).map_err(crate::Failure::at_centre)?;
            losses.extend(found.iter().map(|loss| loss.as_f64()));
        }
        let estimate = self.conclude(
            directions,
            x.len(),
            &self.quotients(losses, centre.as_f64()),
        );
        estimate.write(gradient);
        Ok(estimate)
    }
}

impl RandomEstimate {
    /// The estimate's entries from `start` on: the directions are drawn again.
    pub fn entries(&self, start: usize, out: &mut [f64]) {
        let mut entries = [0.0; DIRECTION_TILE];
        for (tile, out) in out.chunks_mut(DIRECTION_TILE).enumerate() {
            out.fill(0.0);
            let entries = &mut entries[..out.len()];
            for (direction, &coefficient) in self.directions.iter().zip(&self.coefficients) {
                direction.fill(start + tile * DIRECTION_TILE, entries);
                for (sum, &entry) in out.iter_mut().zip(&*entries) {
                    *sum += coefficient * entry;
                }
            }
        }
    }

    /// All entries, in parallel over tiles.
    fn write<T: Real>(&self, gradient: &mut [T]) {
        let tiles = gradient.par_chunks_mut(DIRECTION_TILE).enumerate();
        tiles.for_each(|(tile, gradient)| {
            let mut sum = [0.0; DIRECTION_TILE];
            let sum = &mut sum[..gradient.len()];
            self.entries(tile * DIRECTION_TILE, sum);
            for (entry, &sum) in gradient.iter_mut().zip(&*sum) {
                *entry = T::of(sum);
            }
        });
    }

    /// Whether every quotient is a finite number.
    pub fn is_finite(&self) -> bool {
        self.coefficients.iter().all(|c| c.is_finite())
    }

    /// ‖∇f‖², estimated by the mean of the D_k², whose expectation it is.
    pub fn square(&self) -> f64 {
        self.square
    }

    /// E‖ĝ − ∇f‖² by the distribution's closed form, with ‖∇f‖² as it was
    /// [estimated](Self::square).
    pub fn variance(&self) -> f64 {
        self.relative_variance * self.square
    }
}

/// x ← x + t·v.
fn shift<T: Real>(x: &mut [T], direction: &Direction, t: f64) {
    let mut entries = [0.0; DIRECTION_TILE];
    for (tile, x) in x.chunks_mut(DIRECTION_TILE).enumerate() {
        let entries = &mut entries[..x.len()];
        direction.fill(tile * DIRECTION_TILE, entries);
        for (x, &v) in x.iter_mut().zip(&*entries) {
            *x += T::of(t * v);
        }
    }
}

/// The offsets of a scheme, in units of h, and their weights.
fn points(scheme: Scheme) -> &'static [(f64, f64)] {
    match scheme {
        Scheme::Forward => &[(1.0, 1.0)],
        Scheme::Backward => &[(-1.0, -1.0)],
        Scheme::Central => &[(1.0, 0.5), (-1.0, -0.5)],
        Scheme::FivePoint => &[
            (1.0, 2.0 / 3.0),
            (-1.0, -2.0 / 3.0),
            (2.0, -1.0 / 12.0),
            (-2.0, 1.0 / 12.0),
        ],
    }
}
