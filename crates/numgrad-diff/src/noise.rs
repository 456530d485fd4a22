//! The noise of a function, from a table of its differences, and steps that rise above it.
use crate::differences::check_numbers;
use crate::estimate::moved_to;
use crate::sweep::sweep;
use crate::{DiffError, Real, Scheme, Step};

/// Values in the difference table: the paper's advice is 6 to 8.
const VALUES: usize = 8;

/// Times that the spacing is changed before giving up.
const ATTEMPTS: usize = 12;

/// What [`noise()`] finds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Noise<T> {
    /// The standard deviation of f around its smooth part: for an exact f about ε·|f|. NaN where
    /// it was not found.
    pub level: T,
    /// The order of the differences that showed it, or 0 where it was not found.
    pub order: usize,
    /// The spacing of the values.
    pub step: T,
    /// How often f was called.
    pub evaluations: usize,
}

/// The noise level of f near x: how far f is from a smooth function.
///
/// Differences of order k of a smooth f vanish like h^k, those of noise do not: of independent
/// noise with the deviation σ, they have the mean square (2k)!/(k!)²·σ². The level is taken from
/// the first order from which three estimates of σ agree within a factor of 4 while the
/// differences change their sign. The spacing starts at √√ε·max(|x|, 1)·10⁻² and shrinks or grows
/// a hundredfold while f changes too much over it, or too many values are equal. Source: Moré and
/// Wild, "Estimating computational noise", SIAM Journal on Scientific Computing 33 (2011). Cost:
/// 8 evaluations for each spacing, one to three typically.
///
/// ```
/// use numgrad_diff::noise;
///
/// let rounded = |x: f64| (x.sin() * 1e6).round() / 1e6;
/// let found = noise(rounded, 1.0)?;
/// assert!(found.level > 1e-7 && found.level < 1e-6);
/// # Ok::<(), numgrad_diff::DiffError>(())
/// ```
///
/// # Errors
/// [`DiffError::Point`] if x is not finite.
pub fn noise<T: Real>(f: impl Fn(T) -> T, x: T) -> Result<Noise<T>, DiffError> {
    check_numbers(&[x])?;
    Ok(noise_along(f, x))
}

/// A step for a scheme that balances its truncation with f's measured noise.
///
/// With the noise σ and D ≈ f⁽ᵖ⁺¹⁾ for a scheme of order p, the total error is least near
/// 2·(σ/|D|)^(1/2) for one-sided, (3σ/|D|)^(1/3) for central and (11.25·σ/|D|)^(1/5) for
/// five-point differences. D is itself measured, with the step (σ/|f|)^(1/(p+3))·max(|x|, 1);
/// where it drowns in noise, its noise is taken for it, which makes the step longer. The step is
/// at least the automatic one and at most max(|x|, 1)/10. Where no noise is found it is the
/// automatic one. Source: Moré and Wild, "Estimating derivatives of noisy simulations", ACM
/// Transactions on Mathematical Software 38 (2012), for the one-sided step.
///
/// ```
/// use numgrad_diff::{Scheme, Step, derivative, noise_aware_step};
///
/// let rounded = |x: f64| (x.sin() * 1e6).round() / 1e6;
/// let h = noise_aware_step(rounded, 1.0, Scheme::Central)?;
/// let slope = derivative(rounded, 1.0, Scheme::Central, Step::Absolute(h))?;
/// assert!((slope - 1.0_f64.cos()).abs() < 1e-3); // the automatic step is off by 5 %
/// # Ok::<(), numgrad_diff::DiffError>(())
/// ```
///
/// # Errors
/// [`DiffError::Point`] if x is not finite.
pub fn noise_aware_step<T: Real>(f: impl Fn(T) -> T, x: T, scheme: Scheme) -> Result<T, DiffError> {
    check_numbers(&[x])?;
    Ok(step_along(f, x, scheme))
}

/// [`noise_aware_step`] for every coordinate, in parallel, for
/// [`Differences::steps`](crate::Differences::steps).
///
/// # Errors
/// As [`noise_aware_step`].
pub fn noise_aware_steps<T: Real>(
    f: impl Fn(&[T]) -> T + Sync,
    x: &[T],
    scheme: Scheme,
) -> Result<Vec<T>, DiffError> {
    check_numbers(x)?;
    let mut steps = vec![T::default(); x.len()];
    sweep(
        &mut steps,
        1,
        || x.to_vec(),
        |point, k, slot| {
            slot[0] = step_along(|moved| f(moved_to(point, k, moved)), x[k], scheme);
            point[k] = x[k];
        },
    );
    Ok(steps)
}

/// √ of a Real by way of f64, which is exact enough for a level.
fn root<T: Real>(value: T, k: f64) -> T {
    T::of(value.as_f64().powf(1.0 / k))
}

fn scale_of<T: Real>(x: T) -> T {
    if x.magnitude() > T::of(1.0) {
        x.magnitude()
    } else {
        T::of(1.0)
    }
}

fn noise_along<T: Real>(mut f: impl FnMut(T) -> T, x: T) -> Noise<T> {
    let mut h = T::EPSILON_ROOTS[3] * scale_of(x) * T::of(0.01);
    let mut found = Noise {
        level: T::of(f64::NAN),
        order: 0,
        step: h,
        evaluations: 0,
    };
    let (mut shrunk, mut grown) = (false, false);
    for _ in 0..ATTEMPTS {
        found.step = h;
        let mut table = [T::default(); VALUES];
        for (j, value) in table.iter_mut().enumerate() {
            *value = f(x + T::of(j as f64 - 3.0) * h);
        }
        found.evaluations += VALUES;
        let verdict = read(table);
        let longer = match verdict {
            Reading::Level(level, order) => {
                return Noise {
                    level,
                    order,
                    ..found
                };
            }
            Reading::TooFlat => true,
            Reading::TooSteep => false,
        };
        if longer {
            grown = true;
            h = h * T::of(if shrunk { 10.0 } else { 100.0 });
        } else {
            shrunk = true;
            h = h / T::of(if grown { 10.0 } else { 100.0 });
        }
        let lost = x + h == x || h > T::of(0.1) * scale_of(x);
        if (shrunk && grown && longer) || lost {
            break;
        }
    }
    found
}

enum Reading<T> {
    Level(T, usize),
    /// Half of the values are equal.
    TooFlat,
    /// f itself changes too much, or no order shows noise.
    TooSteep,
}

fn read<T: Real>(mut table: [T; VALUES]) -> Reading<T> {
    if check_numbers(&table).is_err() {
        return Reading::TooSteep;
    }
    let repeated = table.windows(2).filter(|pair| pair[0] == pair[1]).count();
    if repeated >= VALUES / 2 {
        return Reading::TooFlat;
    }
    let larger = |a: T, b: T| if b > a { b } else { a };
    let lowest = -table.iter().map(|&v| -v).fold(-table[0], larger);
    let highest = table.iter().copied().fold(table[0], larger);
    let size = larger(lowest.magnitude(), highest.magnitude());
    if highest - lowest > T::of(0.1) * size {
        return Reading::TooSteep;
    }
    let mut levels = [T::default(); VALUES];
    let mut alternates = [false; VALUES];
    // (k!)² / (2k)!, by recursion.
    let mut gamma = 1.0;
    for k in 1..VALUES {
        gamma *= 0.5 * k as f64 / (2.0 * k as f64 - 1.0);
        let left = VALUES - k;
        for j in 0..left {
            table[j] = table[j + 1] - table[j];
        }
        let differences = &table[..left];
        let squares: T = differences.iter().map(|&d| d * d).sum();
        levels[k] = root(T::of(gamma / left as f64) * squares, 2.0);
        let zero = T::default();
        alternates[k] =
            differences.iter().any(|&d| d > zero) && differences.iter().any(|&d| d < zero);
    }
    for k in 1..VALUES - 3 {
        let three = &levels[k..k + 3];
        let most = three.iter().copied().fold(three[0], larger);
        let least = -three.iter().map(|&v| -v).fold(-three[0], larger);
        if most <= T::of(4.0) * least && alternates[k] && most > T::default() {
            return Reading::Level(levels[k], k);
        }
    }
    Reading::TooSteep
}

fn step_along<T: Real>(mut f: impl FnMut(T) -> T, x: T, scheme: Scheme) -> T {
    let automatic = Step::Auto.balancing(x, scheme.order() as usize + 1);
    let automatic = automatic.expect("the automatic step is positive");
    let level = noise_along(&mut f, x).level;
    let size = f(x).magnitude();
    if !(level > T::default() && level.is_number() && size.is_number()) {
        return automatic;
    }
    let order = scheme.order() as usize;
    let relative = if size > level {
        level / size
    } else {
        T::of(1.0)
    };
    let most = T::of(0.1) * scale_of(x);
    let spacing = root(relative, order as f64 + 3.0) * scale_of(x);
    let spacing = if spacing > most { most } else { spacing };
    // A plain difference of order p + 1, centred: values at (j − (p+1)/2)·spacing.
    let count = order + 1;
    let mut values: Vec<T> = (0..=count)
        .map(|j| f(x + T::of(j as f64 - 0.5 * count as f64) * spacing))
        .collect();
    let mut noise = level;
    let mut power = T::of(1.0);
    for k in 1..=count {
        for j in 0..=count - k {
            values[j] = values[j + 1] - values[j];
        }
        noise = noise * T::of((2.0 * (2.0 * k as f64 - 1.0) / k as f64).sqrt());
        power = power * spacing;
    }
    let seen = values[0].magnitude();
    let steepness = if seen > noise { seen } else { noise } / power;
    let balance = match scheme {
        Scheme::Forward | Scheme::Backward => 4.0,
        Scheme::Central => 3.0,
        Scheme::FivePoint => 11.25,
    };
    let h = root(T::of(balance) * level / steepness, count as f64);
    let h = if h > most { most } else { h };
    if h > automatic { h } else { automatic }
}
