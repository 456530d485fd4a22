//! Binary cross-entropy: each output is the probability of a yes of its own.
use crate::{Link, Loss, LossError, LossKind, Separable, Target};
use numgrad_scalar::{
    Real, exp_m1, exp_m1_near_zero, ln_1p, ln_1p_near_zero, sigmoid, slices, softplus,
    softplus_difference, wide,
};

/// E(y) = −Σ_k [t_k·log y_k + (1 − t_k)·log(1 − y_k)] with targets in [0, 1].
///
/// Behind a sigmoid the loss is computed from the logits instead, as
/// [`BinaryCrossEntropyLogits`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BinaryCrossEntropy;

/// The binary cross-entropy of y = σ(z) as a function of the logits z:
/// E(z) = Σ_k [t_k·softplus(−z_k) + (1 − t_k)·softplus(z_k)] with softplus(z) = log(1 + exp z).
///
/// The difference of softplus for a move d is log1p(σ(z)·expm1(d)).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct BinaryCrossEntropyLogits;

impl<T: Real> Loss<T> for BinaryCrossEntropy {
    fn value(&self, y: &[T], target: Target<'_, T>) -> T {
        y.iter().enumerate().fold(T::zero(), |sum, (k, &y)| {
            let (yes, no) = weights(target, k);
            sum - weighted(yes, || y.ln()) - weighted(no, || ln_1p(-y))
        })
    }

    fn differences(
        &self,
        y: &[T],
        moves: &[T],
        target: Target<'_, T>,
        _scratch: &mut [T],
        out: &mut [T],
    ) {
        self.sum_of_terms(y, moves, target, out);
    }

    fn difference_is_exact(&self) -> bool {
        true
    }

    fn is_piecewise_smooth(&self) -> bool {
        true
    }

    fn separable(&self) -> Option<&dyn Separable<T>> {
        Some(self)
    }

    fn gradient(&self, y: &[T], target: Target<'_, T>, gradient: &mut [T]) -> bool {
        for (k, (g, &y)) in gradient.iter_mut().zip(y).enumerate() {
            let (yes, no) = weights(target, k);
            *g = weighted(no, || T::one() / (T::one() - y)) - weighted(yes, || T::one() / y);
        }
        true
    }

    fn on_logits(&self, link: Link) -> Option<&dyn Loss<T>> {
        match link {
            Link::Sigmoid => Some(&BinaryCrossEntropyLogits),
            Link::Softmax => None,
        }
    }

    fn check_target(&self, target: Target<'_, T>) -> Result<(), LossError> {
        check_probabilities(target)
    }

    fn kind(&self) -> Option<LossKind> {
        Some(LossKind::BinaryCrossEntropy)
    }
}

impl<T: Real> Loss<T> for BinaryCrossEntropyLogits {
    fn value(&self, z: &[T], target: Target<'_, T>) -> T {
        z.iter().enumerate().fold(T::zero(), |sum, (k, &z)| {
            let (yes, no) = weights(target, k);
            sum + weighted(yes, || softplus(-z).0) + weighted(no, || softplus(z).0)
        })
    }

    fn differences(
        &self,
        z: &[T],
        moves: &[T],
        target: Target<'_, T>,
        _scratch: &mut [T],
        out: &mut [T],
    ) {
        self.sum_of_terms(z, moves, target, out);
    }

    fn difference_is_exact(&self) -> bool {
        true
    }

    fn is_piecewise_smooth(&self) -> bool {
        true
    }

    fn separable(&self) -> Option<&dyn Separable<T>> {
        Some(self)
    }

    fn gradient(&self, z: &[T], target: Target<'_, T>, gradient: &mut [T]) -> bool {
        for (k, (g, &z)) in gradient.iter_mut().zip(z).enumerate() {
            let (yes, no) = weights(target, k);
            *g = no * sigmoid(z).0 - yes * sigmoid(-z).0;
        }
        true
    }

    fn check_target(&self, target: Target<'_, T>) -> Result<(), LossError> {
        check_probabilities(target)
    }

    fn kind(&self) -> Option<LossKind> {
        Some(LossKind::BinaryCrossEntropyLogits)
    }
}

impl<T: Real> Separable<T> for BinaryCrossEntropy {
    fn term_differences(&self, y: &[T], k: usize, target: Target<'_, T>, moves: &mut [T]) {
        let ((yes, no), y) = (weights(target, k), y[k]);
        wide(
            #[inline(always)]
            || {
                for d in moves {
                    *d = -weighted(yes, || ln_1p(*d / y))
                        - weighted(no, || ln_1p(-*d / (T::one() - y)));
                }
            },
        );
    }
}

impl<T: Real> Separable<T> for BinaryCrossEntropyLogits {
    fn term_differences(&self, z: &[T], k: usize, target: Target<'_, T>, moves: &mut [T]) {
        let reach = slices::largest(moves);
        let sides = (z[k], weights(target, k));
        if reach <= T::of(1.0 / 1024.0) {
            term(sides, moves, exp_m1_near_zero, ln_1p_near_zero);
        } else if reach <= T::one() {
            term(sides, moves, exp_m1, ln_1p);
        } else {
            let (z, (yes, no)) = sides;
            wide(
                #[inline(always)]
                || {
                    for d in moves {
                        *d = weighted(yes, || softplus_difference(-z, -*d))
                            + weighted(no, || softplus_difference(z, *d));
                    }
                },
            );
        }
    }
}

/// yes·log1p(σ(−z)·expm1(−d)) + no·log1p(σ(z)·expm1(d)), by these functions.
#[inline(always)]
fn term<T: Real>(
    (z, (yes, no)): (T, (T, T)),
    moves: &mut [T],
    exp_m1: impl Fn(T) -> T + Copy,
    ln_1p: impl Fn(T) -> T + Copy,
) {
    wide(
        #[inline(always)]
        || {
            if yes == T::zero() || no == T::zero() {
                let (sign, weight) = if no == T::zero() {
                    (-T::one(), yes)
                } else {
                    (T::one(), no)
                };
                let p = sigmoid(sign * z).0;
                for d in moves {
                    *d = weight * ln_1p(p * exp_m1(sign * *d));
                }
                return;
            }
            let (p, q) = (sigmoid(z).0, sigmoid(-z).0);
            for d in moves {
                *d = yes * ln_1p(q * exp_m1(-*d)) + no * ln_1p(p * exp_m1(*d));
            }
        },
    );
}

fn check_probabilities<T: Real>(target: Target<'_, T>) -> Result<(), LossError> {
    let Target::Values(t) = target else {
        return Ok(());
    };
    match t.iter().position(|&t| !(t >= T::zero() && t <= T::one())) {
        None => Ok(()),
        Some(output) => Err(LossError::Domain {
            sample: 0,
            output,
            value: t[output].as_f64(),
            requirement: "binary cross-entropy needs targets from 0 to 1",
        }),
    }
}

/// t_k and 1 − t_k.
fn weights<T: Real>(target: Target<'_, T>, k: usize) -> (T, T) {
    let t = target.at(k);
    (t, T::one() - t)
}

/// 0·∞ is 0 here: what has no weight is not looked at.
fn weighted<T: Real>(weight: T, value: impl FnOnce() -> T) -> T {
    if weight == T::zero() {
        T::zero()
    } else {
        weight * value()
    }
}
