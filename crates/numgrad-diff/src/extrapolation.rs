//! Richardson's extrapolation of central differences, to a tolerance or to the noise floor.
use crate::differences::check_numbers;
use crate::estimate::moved_to;
use crate::sides::{CORNER, Sides};
use crate::sweep::sweep;
use crate::tableau::{RATIO, Tableau};
use crate::{DiffError, Estimate, Real, Status, Step};

/// Steps that are tried at most.
const LEVELS: usize = 48;

/// Rows without a better entry, after which none is expected.
const PATIENCE: i32 = 4;

/// Quotients that are seen before the first verdict.
const LEAST: usize = 3;

/// The first step, on the scale of x: no simple fraction, so that it is no period of f.
const START: f64 = 0.0963;

/// f′(x) to a relative tolerance, by extrapolating central differences to h = 0.
///
/// A central difference is f′ + c₁·h² + c₂·h⁴ + …, so D(h), D(h/√3), D(h/3), … combine to
/// eliminate one term after another: Aⱼ = (3ʲ·Aⱼ₋₁(h/√3) − Aⱼ₋₁(h)) / (3ʲ − 1). As long as the
/// entries differ, their difference is the truncation error; a bound for the rounding error is
/// carried through the same tableau, and the entry with the least sum is returned with it. h
/// starts large, so little is lost to cancellation, and stops shrinking as soon as rounding alone
/// is greater than the error at hand. Source: Ridders, "Accurate computation of F′(x) and
/// F′(x)F″(x)", Advances in Engineering Software 4 (1982), with rounding bounds added.
///
/// `start` is the first step; [`Step::Auto`] means 0.0963·max(|x|, 1). Points at which f is not
/// finite are outside of its domain: the step shrinks until they are gone. Cost: 2 evaluations a
/// step and one for f(x), by which kinks are found; typically 7 to 17.
///
/// ```
/// use numgrad_diff::{Status, Step, extrapolate};
///
/// let found = extrapolate(f64::tan, 1.0, Step::Auto, 1e-12)?;
/// let exact = 1.0 / 1.0_f64.cos().powi(2);
/// assert!((found.value - exact).abs() <= found.error);
/// assert!(found.error < 1e-11);
///
/// let corner = extrapolate(f64::abs, 0.0, Step::Auto, 1e-12)?;
/// assert_eq!(corner.status, Status::KinkSuspected);
/// # Ok::<(), numgrad_diff::DiffError>(())
/// ```
///
/// # Errors
/// [`DiffError::Point`], [`DiffError::Step`] or [`DiffError::Tolerance`] if x, the first step or
/// the tolerance is no number to work with.
pub fn extrapolate<T: Real>(
    f: impl Fn(T) -> T,
    x: T,
    start: Step<T>,
    tolerance: T,
) -> Result<Estimate<T>, DiffError> {
    check(&[x], start, tolerance)?;
    let centre = f(x);
    Ok(extrapolate_along(f, x, start, tolerance, centre))
}

/// ∂f/∂xₖ to a relative tolerance, each as [`extrapolate`], in parallel over k.
///
/// Each entry's count includes f(x), although that is called only once for all.
///
/// # Errors
/// As [`extrapolate`].
pub fn extrapolate_gradient<T: Real>(
    f: impl Fn(&[T]) -> T + Sync,
    x: &[T],
    start: Step<T>,
    tolerance: T,
) -> Result<Vec<Estimate<T>>, DiffError> {
    check(x, start, tolerance)?;
    let centre = f(x);
    let mut estimates = vec![Estimate::not_finite(T::default(), 0); x.len()];
    sweep(
        &mut estimates,
        1,
        || x.to_vec(),
        |point, k, slot| {
            let along = |moved: T| f(moved_to(point, k, moved));
            slot[0] = extrapolate_along(along, x[k], start, tolerance, centre);
            point[k] = x[k];
        },
    );
    Ok(estimates)
}

fn check<T: Real>(x: &[T], start: Step<T>, tolerance: T) -> Result<(), DiffError> {
    check_numbers(x)?;
    if !(tolerance >= T::default() && tolerance.is_number()) {
        return Err(DiffError::Tolerance(tolerance.as_f64()));
    }
    first_step(start, T::default()).map(drop)
}

fn first_step<T: Real>(start: Step<T>, x: T) -> Result<T, DiffError> {
    let start = match start {
        Step::Auto => Step::Relative {
            relative: T::of(START),
            absolute: T::of(START),
        },
        given => given,
    };
    start.balancing(x, 1)
}

fn extrapolate_along<T: Real>(
    mut f: impl FnMut(T) -> T,
    x: T,
    start: Step<T>,
    tolerance: T,
    centre: T,
) -> Estimate<T> {
    let mut h = first_step(start, x).expect("the policy was checked");
    let nothing = Estimate::not_finite(h, 1);
    if !centre.is_number() {
        return nothing;
    }
    let mut search = Search::new(nothing, tolerance);
    let mut evaluations = 1;
    for _ in 0..LEVELS {
        let right = x + h;
        let step = right - x;
        let left = x - step;
        if right == x || left == x {
            break;
        }
        let (above, below) = (f(right), f(left));
        evaluations += 2;
        let quotient = (above - below) / (step + step);
        if quotient.is_number() {
            let gap = (above - centre - (centre - below)) / step;
            let rounding = T::EPSILON * (above.magnitude() + below.magnitude()) / (step + step);
            search.see(step, quotient, gap, rounding);
        } else {
            search = Search::new(nothing, tolerance);
        }
        if search.ended {
            break;
        }
        h = h / T::of(RATIO);
    }
    Estimate {
        evaluations,
        ..search.best
    }
}

/// The best entry so far, and whether there is a better one to come.
struct Search<T> {
    tolerance: T,
    nothing: Estimate<T>,
    best: Estimate<T>,
    tableau: Tableau<T>,
    sides: Sides<T>,
    /// Rows since the best entry.
    stale: i32,
    /// The error that rows since then imply for the best entry.
    noise: T,
    ended: bool,
}

impl<T: Real> Search<T> {
    fn new(nothing: Estimate<T>, tolerance: T) -> Self {
        Self {
            tolerance,
            nothing,
            best: nothing,
            tableau: Tableau::new(),
            sides: Sides::new(),
            stale: 0,
            noise: T::default(),
            ended: false,
        }
    }

    /// The quotient, the right slope less the left one, and the quotient's rounding, at h.
    fn see(&mut self, h: T, quotient: T, gap: T, rounding: T) {
        self.sides.add(quotient, gap, rounding);
        if self.sides.disagree() {
            // What was seen so far spans a corner: it may be past x, and then steps that end
            // before it start anew.
            self.tableau = Tableau::new();
            self.best = Estimate {
                value: quotient,
                error: gap.magnitude(),
                step: h,
                status: Status::KinkSuspected,
                ..self.nothing
            };
            self.ended = self.sides.disagreed() >= CORNER;
            return;
        }
        if self.best.status == Status::KinkSuspected {
            self.best = self.nothing;
        }
        self.tableau.add(quotient, rounding);
        if let Some((value, error)) = self.tableau.best() {
            if error < self.best.error {
                self.best = Estimate {
                    value,
                    error,
                    step: h,
                    status: Status::Unsettled,
                    ..self.best
                };
                self.stale = 0;
                self.noise = T::default();
            } else {
                // Noise grows with 1/h: what it is at this step tells what it was at the best.
                self.stale += 1;
                let noise = error / T::of(RATIO.powi(self.stale));
                self.noise = if noise > self.noise {
                    noise
                } else {
                    self.noise
                };
            }
        }
        if self.tableau.rows() < LEAST {
            return;
        }
        let Estimate { value, error, .. } = self.best;
        let size = value.magnitude();
        let least = T::of(4.0) * rounding + T::EPSILON * size;
        // Entries that get no better, after they had come close, are led by noise.
        let close = error < T::of(0.1) * size;
        let given_up = self.stale >= if close { PATIENCE } else { 3 * PATIENCE };
        if error <= self.tolerance * size {
            self.best.status = Status::Converged;
            self.ended = true;
        } else if error <= least {
            self.best.status = Status::NoiseFloor;
            self.ended = true;
        } else if given_up {
            self.best.error = if self.noise > error {
                self.noise
            } else {
                error
            };
            self.best.status = Status::NoiseFloor;
            self.ended = true;
        }
    }
}
