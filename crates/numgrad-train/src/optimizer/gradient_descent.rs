//! Gradient descent.
use numgrad_core::Real;

/// θ ← θ − η·(g + λ·θ).
pub fn gradient_descent<T: Real>(theta: &mut [T], gradient: &[T], rate: T, decay: T) {
    for (theta, &g) in theta.iter_mut().zip(gradient) {
        *theta -= rate * (g + decay * *theta);
    }
}
