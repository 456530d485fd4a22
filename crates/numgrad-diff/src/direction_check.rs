//! A gradient check by a few random directions, for functions of very many variables.
use crate::differences::check_numbers;
use crate::{DiffError, Differences, Estimate, Real, Status, Step, Verdict};

/// The outcome of [`check_directions`].
#[derive(Debug, Clone, PartialEq)]
pub struct DirectionReport<T> {
    /// The verdict on all directions.
    pub verdict: Verdict,
    /// For each direction, gradient·v as it was given, and as it was measured.
    pub slopes: Vec<(T, Estimate<T>)>,
    /// A single wrong entry that is off by less than this may have passed.
    pub blind_below: T,
    /// How often f was called.
    pub evaluations: usize,
}

/// Checks gradient·v against f's slope along random directions v of ±1.
///
/// Cost: 4 evaluations a direction, whatever n is. A single entry that is off by δ is off by δ in
/// every direction, so one direction finds it if δ exceeds [`DirectionReport::blind_below`]: the
/// tolerance ε^(2/5) times ‖gradient‖₂, plus the measurement's error. What it can miss: smaller
/// errors, in a gradient that has far larger entries; and several errors that cancel. Two equal
/// ones cancel in half of the directions, so q directions miss them with probability 2^−q. Which
/// entry is wrong it cannot say: [`check_gradient`](crate::check_gradient) can. The directions
/// follow from the seed alone.
///
/// ```
/// use numgrad_diff::{Verdict, check_directions};
///
/// let f = |x: &[f64]| x.iter().map(|x| x.sin()).sum::<f64>();
/// let x: Vec<f64> = (0..10_000).map(|k| f64::from(k % 7)).collect();
/// let mut gradient: Vec<f64> = x.iter().map(|x| x.cos()).collect();
/// assert_eq!(check_directions(&gradient, f, &x, 3, 0)?.verdict, Verdict::Passed);
/// gradient[4321] += 0.01;
/// assert_eq!(check_directions(&gradient, f, &x, 3, 0)?.verdict, Verdict::Failed);
/// # Ok::<(), numgrad_diff::DiffError>(())
/// ```
///
/// # Errors
/// [`DiffError::Length`] or [`DiffError::Point`] if the gradient does not fit x, or x is not
/// finite.
pub fn check_directions<T: Real>(
    gradient: &[T],
    f: impl Fn(&[T]) -> T,
    x: &[T],
    directions: usize,
    seed: u64,
) -> Result<DirectionReport<T>, DiffError> {
    DiffError::expect_length(x.len(), gradient.len())?;
    check_numbers(x)?;
    let tolerance = T::EPSILON_ROOTS[4] * T::EPSILON_ROOTS[4];
    let size = gradient.iter().map(|&g| g * g).sum::<T>();
    let size = T::of(size.as_f64().sqrt());
    let larger = |a: T, b: T| if b > a { b } else { a };
    let longest = x.iter().map(|x| x.magnitude()).fold(T::default(), larger);
    let h = Step::Auto.balancing(longest, 3)?;
    let along = Differences::default().step(Step::Absolute(h));
    let mut state = seed;
    let mut point = x.to_vec();
    let mut report = DirectionReport {
        verdict: Verdict::Passed,
        slopes: Vec::with_capacity(directions),
        blind_below: T::default(),
        evaluations: 0,
    };
    for _ in 0..directions {
        let signs: Vec<T> = (0..x.len()).map(|_| sign(&mut state)).collect();
        let given: T = gradient.iter().zip(&signs).map(|(&g, &v)| g * v).sum();
        let point = std::cell::RefCell::new(&mut point);
        let measured = along.estimate(
            |t: T| {
                let mut point = point.borrow_mut();
                for ((point, &x), &v) in point.iter_mut().zip(x).zip(&signs) {
                    *point = x + t * v;
                }
                f(&point)
            },
            T::default(),
        )?;
        let allowed = tolerance * larger(size, measured.value.magnitude());
        report.evaluations += measured.evaluations;
        report.blind_below = larger(
            report.blind_below,
            allowed + measured.error + measured.error,
        );
        report.slopes.push((given, measured));
        let off = (given - measured.value).magnitude();
        let seen = if !given.is_number() {
            Verdict::Failed
        } else if measured.status == Status::NotFinite {
            Verdict::Undecided
        } else if off > allowed + measured.error {
            Verdict::Failed
        } else if measured.error > T::of(10.0) * allowed {
            Verdict::Undecided
        } else {
            Verdict::Passed
        };
        report.verdict = match (report.verdict, seen) {
            (Verdict::Failed, _) | (_, Verdict::Failed) => Verdict::Failed,
            (Verdict::Undecided, _) | (_, Verdict::Undecided) => Verdict::Undecided,
            _ => Verdict::Passed,
        };
    }
    Ok(report)
}

/// ±1 by the top bit of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
fn sign<T: Real>(state: &mut u64) -> T {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut bits = *state;
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^= bits >> 31;
    T::of(if bits >> 63 == 0 { 1.0 } else { -1.0 })
}
