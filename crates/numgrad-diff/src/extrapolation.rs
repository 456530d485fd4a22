//! Richardson's extrapolation of central differences, to a tolerance or to the noise floor.
use crate::differences::check_numbers;
use crate::estimate::moved_to;
use crate::search::Search;
use crate::sweep::sweep;
use crate::tableau::RATIO;
use crate::{DiffError, Estimate, Real, Step};

/// Steps that are tried at most.
const LEVELS: usize = 48;

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
/// step and one for f(x), by which kinks are found; typically 11 to 27. Where f is noisy the steps go on to
/// shrink, as far as rounding allows, in case that what looks like noise has a structure of its
/// own: up to 97.
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

pub(crate) fn extrapolate_along<T: Real>(
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
            let size = above.magnitude() + below.magnitude();
            let rounding = (T::EPSILON * size + T::TINY + T::TINY) / (step + step);
            search.see(step, quotient, gap, rounding);
        } else {
            // Outside of f's domain: what was seen on the way is of no use.
            search = Search::new(nothing, tolerance);
        }
        if search.ended {
            break;
        }
        h = h / T::of(RATIO);
    }
    Estimate {
        evaluations,
        ..search.outcome()
    }
}
