//! The optimizers on a function of your own: `cargo run -p numgrad-train --example only_the_optimizer`.
//!
//! No network and no data: an optimizer takes parameters and a gradient, wherever that comes from. Here
//! it is measured, by values of the function alone.
#![expect(clippy::print_stdout, reason = "an example says what it finds")]

use numgrad_train::numgrad_diff::{Scheme, Step, gradient};
use numgrad_train::optimizer::{Optimizer, OptimizerKind};

/// Rosenbrock's valley, whose bottom is at (1, 1): (1 − x)² + 100·(y − x²)².
fn valley(p: &[f64]) -> f64 {
    (1.0 - p[0]).powi(2) + 100.0 * (p[1] - p[0] * p[0]).powi(2)
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for (kind, rate) in [
        (OptimizerKind::GradientDescent, 0.001),
        (OptimizerKind::Momentum, 0.001),
        (OptimizerKind::Adam, 0.05),
    ] {
        let mut p = [-1.2, 1.0];
        let mut optimizer = Optimizer::new(kind, rate, 0.0, p.len());
        let mut steps = 0;
        while valley(&p) > 1e-6 && steps < 100_000 {
            let slopes = gradient(valley, &p, Scheme::Central, Step::Auto)?;
            optimizer.step(&mut p, &slopes);
            steps += 1;
        }
        println!("{kind}: ({:.3}, {:.3}) after {steps} steps", p[0], p[1]);
    }
    Ok(())
}
