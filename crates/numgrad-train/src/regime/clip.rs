//! What becomes of a gradient before the optimizer's step: clipping, and the L1 penalty.
use crate::history::norm;
use numgrad_core::Real;

/// Clamps every entry to [−most, most].
pub fn clip_value<T: Real>(gradient: &mut [T], most: f64) {
    let most = T::of(most);
    for g in gradient {
        // A comparison, because the gradient holds no NaN.
        if *g > most {
            *g = most;
        } else if *g < -most {
            *g = -most;
        }
    }
}

/// Shortens the gradient to the length ‖g‖₂ = most, if it is longer. Pascanu, Mikolov and Bengio,
/// "On the difficulty of training recurrent neural networks", ICML 2013, algorithm 1.
pub fn clip_norm<T: Real>(gradient: &mut [T], most: f64) {
    let length = norm(&*gradient, |&g| g.as_f64());
    if length > most {
        let factor = T::of(most / length);
        for g in gradient {
            *g *= factor;
        }
    }
}

/// Adds λ·sign θ, a subgradient of the penalty λ·‖θ‖₁; at 0 it adds nothing.
pub fn add_l1<T: Real>(gradient: &mut [T], theta: &[T], lambda: f64) {
    let lambda = T::of(lambda);
    for (g, &theta) in gradient.iter_mut().zip(theta) {
        if theta > T::zero() {
            *g += lambda;
        } else if theta < T::zero() {
            *g -= lambda;
        }
    }
}
