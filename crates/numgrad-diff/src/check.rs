//! Whether a gradient that someone derived is the gradient of the function, and why not.
use crate::differences::check_numbers;
use crate::estimate::moved_to;
use crate::extrapolation::extrapolate_along;
use crate::sweep::sweep;
use crate::{DiffError, Differences, Estimate, Real, Status, Step};

/// What a check says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Every entry agrees within the tolerance.
    Passed,
    /// At least one entry is wrong.
    Failed,
    /// No entry is shown to be wrong, but some could not be measured well enough to tell.
    Undecided,
}

/// Why an entry of a gradient and its first measurement differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// They agree.
    Agreement,
    /// The measurement settles, on another value: the entry is wrong.
    WrongEntry,
    /// The first step was too long for f; shorter ones agree with the entry.
    Truncation,
    /// f's rounding, at its magnitude, hides a derivative of this size: at the first step, if the
    /// entry passed, or at every step.
    Rounding,
    /// f is noisier than its rounding.
    Noise,
    /// The slopes to both sides disagree: there is no derivative here.
    Kink,
    /// f or the entry is NaN or infinite.
    NotFinite,
}

/// One coordinate of a check.
#[derive(Debug, Clone, PartialEq)]
pub struct Mismatch<T> {
    /// The coordinate, from 0.
    pub index: usize,
    /// Its name, if names were given.
    pub name: Option<String>,
    /// The entry that was to be checked.
    pub analytic: T,
    /// The measured derivative.
    pub numeric: Estimate<T>,
    /// |analytic − numeric| / max(|analytic|, |numeric|, largest entry·tolerance).
    pub relative: T,
    /// Why they differ.
    pub reason: Reason,
    /// What this coordinate alone says.
    pub verdict: Verdict,
}

/// The outcome of a check.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckReport<T> {
    /// The verdict on all coordinates.
    pub verdict: Verdict,
    /// The relative tolerance.
    pub tolerance: T,
    /// The worst coordinates: wrong ones, then undecided ones, each with the largest relative
    /// difference first.
    pub worst: Vec<Mismatch<T>>,
    /// How many coordinates were wrong.
    pub wrong: usize,
    /// How many could not be decided.
    pub undecided: usize,
    /// How often f was called.
    pub evaluations: usize,
}

/// How to check a gradient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GradientCheck<'a, T> {
    tolerance: T,
    worst: usize,
    names: Option<&'a [&'a str]>,
}

impl<T: Real> Default for GradientCheck<'_, T> {
    /// The tolerance ε^(2/5), which is 5·10⁻⁷ in f64 and 2·10⁻³ in f32; the five worst.
    fn default() -> Self {
        let fifth = T::EPSILON_ROOTS[4];
        Self {
            tolerance: fifth * fifth,
            worst: 5,
            names: None,
        }
    }
}

/// Checks a gradient against f's values, with the tolerance of the precision.
///
/// Each coordinate is measured by central differences at two steps; where the entry is not
/// within the tolerance and the error of the measurement, the derivative is extrapolated over a
/// sweep of steps ([`extrapolate`](crate::extrapolate)), which finds the value or the reason why
/// there is none. Cost: 4n evaluations, and about 20 for each coordinate in doubt (50 at a kink).
///
/// ```
/// use numgrad_diff::{Reason, Verdict, check_gradient};
///
/// let f = |x: &[f64]| x[0].powi(3) + x[0] * x[1];
/// let x = [2.0, 5.0];
/// let right = check_gradient(&[3.0 * 4.0 + 5.0, 2.0], f, &x)?;
/// assert_eq!(right.verdict, Verdict::Passed);
///
/// let wrong = check_gradient(&[3.0 * 4.0, 2.0], f, &x)?; // + x₁ was forgotten
/// assert_eq!(wrong.verdict, Verdict::Failed);
/// assert_eq!((wrong.worst[0].index, wrong.worst[0].reason), (0, Reason::WrongEntry));
/// # Ok::<(), numgrad_diff::DiffError>(())
/// ```
///
/// # Errors
/// [`DiffError::Length`] or [`DiffError::Point`] if the gradient does not fit x, or x is not
/// finite.
pub fn check_gradient<T: Real>(
    analytic: &[T],
    f: impl Fn(&[T]) -> T + Sync,
    x: &[T],
) -> Result<CheckReport<T>, DiffError> {
    GradientCheck::default().run(analytic, f, x)
}

impl<'a, T: Real> GradientCheck<'a, T> {
    /// With this relative tolerance.
    #[must_use]
    pub fn tolerance(self, tolerance: T) -> Self {
        Self { tolerance, ..self }
    }

    /// With this many of the worst coordinates in the report.
    #[must_use]
    pub fn worst(self, worst: usize) -> Self {
        Self { worst, ..self }
    }

    /// With names for the coordinates.
    #[must_use]
    pub fn names(self, names: &'a [&'a str]) -> Self {
        Self {
            names: Some(names),
            ..self
        }
    }

    /// Checks a gradient: see [`check_gradient`].
    ///
    /// # Errors
    /// As [`check_gradient`]; also if there are not as many names as coordinates
    /// ([`DiffError::Length`]), or for a tolerance that is not finite ([`DiffError::Tolerance`]).
    pub fn run(
        &self,
        analytic: &[T],
        f: impl Fn(&[T]) -> T + Sync,
        x: &[T],
    ) -> Result<CheckReport<T>, DiffError> {
        self.check(analytic, x)?;
        let central = Differences::default();
        let mut numeric = central.gradient_estimates(&f, x)?;
        let scale = scale(analytic, &numeric);
        let mut entries: Vec<_> = numeric
            .drain(..)
            .map(|first| (first, Reason::Agreement, Verdict::Passed))
            .collect();
        // f(x) is the same for all that are looked at again.
        let centre = f(x);
        sweep(
            &mut entries,
            1,
            || x.to_vec(),
            |point, k, entry| {
                let first = entry[0].0;
                if !self.agrees(analytic[k], first, scale) {
                    let mut largest = centre.magnitude();
                    let along = |moved: T| {
                        let value = f(moved_to(point, k, moved));
                        if value.magnitude() > largest {
                            largest = value.magnitude();
                        }
                        value
                    };
                    let mut second =
                        extrapolate_along(along, x[k], Step::Auto, T::default(), centre);
                    point[k] = x[k];
                    second.evaluations += first.evaluations;
                    let second_look = SecondLook {
                        numeric: second,
                        first,
                        x: x[k],
                        largest,
                    };
                    let (reason, verdict) = self.reason(analytic[k], &second_look, scale);
                    entry[0] = (second, reason, verdict);
                }
            },
        );
        Ok(self.report(analytic, entries, scale))
    }

    fn check(&self, analytic: &[T], x: &[T]) -> Result<(), DiffError> {
        DiffError::expect_length(x.len(), analytic.len())?;
        if let Some(names) = self.names {
            DiffError::expect_length(x.len(), names.len())?;
        }
        if !(self.tolerance > T::default() && self.tolerance.is_number()) {
            return Err(DiffError::Tolerance(self.tolerance.as_f64()));
        }
        check_numbers(x)
    }

    /// How far two entries may be from each other.
    fn allowed(&self, a: T, b: T, scale: T) -> T {
        let least = self.tolerance * scale;
        let larger = if a.magnitude() > b.magnitude() { a } else { b }.magnitude();
        self.tolerance * if larger > least { larger } else { least }
    }

    /// Whether the entry is within the tolerance, and the measurement good enough to say so.
    fn agrees(&self, analytic: T, numeric: Estimate<T>, scale: T) -> bool {
        let allowed = self.allowed(analytic, numeric.value, scale);
        let difference = (analytic - numeric.value).magnitude();
        numeric.status != Status::NotFinite
            && difference <= allowed
            && numeric.error <= T::of(10.0) * allowed
    }

    fn reason(&self, analytic: T, second_look: &SecondLook<T>, scale: T) -> (Reason, Verdict) {
        let &SecondLook {
            numeric,
            first,
            x,
            largest,
        } = second_look;
        if !analytic.is_number() {
            return (Reason::NotFinite, Verdict::Failed);
        }
        let allowed = self.allowed(analytic, numeric.value, scale);
        let difference = (analytic - numeric.value).magnitude();
        // A slope by which f changes by its own rounding, over the scale of x, counts as none
        // where none is measured, as well as rounding allows: at a minimum every entry is one.
        let span = if x.magnitude() > T::of(1.0) {
            x.magnitude()
        } else {
            T::of(1.0)
        };
        let level = T::EPSILON * largest / span;
        let none = analytic.magnitude() <= T::of(8.0) * level
            && (numeric.error <= T::of(1e3) * level || largest == T::default());
        let settled = numeric.error <= T::of(10.0) * allowed || none;
        match numeric.status {
            Status::NotFinite => (Reason::NotFinite, Verdict::Undecided),
            // The error is the gap between the slopes: any slope between them will do.
            Status::KinkSuspected if difference <= allowed + numeric.error => {
                (Reason::Kink, Verdict::Undecided)
            }
            Status::KinkSuspected => (Reason::Kink, Verdict::Failed),
            _ if difference > allowed + T::of(2.0) * numeric.error => {
                (Reason::WrongEntry, Verdict::Failed)
            }
            _ if settled && first.status == Status::NoiseFloor => {
                (Reason::Rounding, Verdict::Passed)
            }
            _ if settled => (Reason::Truncation, Verdict::Passed),
            _ => {
                let rounding = T::EPSILON * largest / numeric.step.magnitude();
                let noisy = numeric.error > T::of(100.0) * rounding;
                let reason = if noisy {
                    Reason::Noise
                } else {
                    Reason::Rounding
                };
                (reason, Verdict::Undecided)
            }
        }
    }

    fn report(
        &self,
        analytic: &[T],
        entries: Vec<(Estimate<T>, Reason, Verdict)>,
        scale: T,
    ) -> CheckReport<T> {
        let of = |verdict| entries.iter().filter(|entry| entry.2 == verdict).count();
        let (wrong, undecided) = (of(Verdict::Failed), of(Verdict::Undecided));
        let evaluations = entries.iter().map(|entry| entry.0.evaluations);
        // f(x) is counted with each extrapolation, and was called once.
        let again = entries.iter().filter(|entry| entry.1 != Reason::Agreement);
        let evaluations = evaluations.sum::<usize>() - again.count() + 1;
        let mut worst: Vec<Mismatch<T>> = entries
            .into_iter()
            .enumerate()
            .map(|(index, (numeric, reason, verdict))| Mismatch {
                index,
                name: self.names.map(|names| names[index].to_owned()),
                analytic: analytic[index],
                numeric,
                relative: {
                    let allowed = self.allowed(analytic[index], numeric.value, scale);
                    let difference = (analytic[index] - numeric.value).magnitude();
                    let none = difference == T::default();
                    if none {
                        difference
                    } else {
                        difference / allowed * self.tolerance
                    }
                },
                reason,
                verdict,
            })
            .collect();
        let rank = |verdict| match verdict {
            Verdict::Failed => 0,
            Verdict::Undecided => 1,
            Verdict::Passed => 2,
        };
        // NaN is as bad as it gets.
        let badness = |m: &Mismatch<T>| {
            let relative = m.relative.as_f64();
            if relative.is_nan() {
                f64::INFINITY
            } else {
                relative
            }
        };
        worst.sort_by(|a, b| {
            let by_rank = rank(a.verdict).cmp(&rank(b.verdict));
            by_rank.then(badness(b).total_cmp(&badness(a)))
        });
        worst.truncate(self.worst);
        let verdict = match (wrong, undecided) {
            (0, 0) => Verdict::Passed,
            (0, _) => Verdict::Undecided,
            _ => Verdict::Failed,
        };
        CheckReport {
            verdict,
            tolerance: self.tolerance,
            worst,
            wrong,
            undecided,
            evaluations,
        }
    }
}

/// What is known of a coordinate that did not agree at once.
struct SecondLook<T> {
    numeric: Estimate<T>,
    first: Estimate<T>,
    x: T,
    /// The largest |f| that was seen.
    largest: T,
}

/// The largest entry of either gradient.
fn scale<T: Real>(analytic: &[T], numeric: &[Estimate<T>]) -> T {
    let both = analytic.iter().copied();
    let both = both.chain(numeric.iter().map(|estimate| estimate.value));
    let sizes = both.filter(|g| g.is_number()).map(Real::magnitude);
    sizes.fold(T::default(), |a, b| if b > a { b } else { a })
}
