//! Is this backward pass right? A layer of ndarray's, its gradient derived by hand, and the check
//! that finds the entry that is wrong.
//!
//! The same serves burn, candle or any other library: a gradient is a slice, and f a closure that
//! puts its parameters where the forward pass finds them.
use ndarray::{Array1, ArrayView1, ArrayView2, Axis};
use numgrad_diff::{CheckReport, DiffError, GradientCheck, Verdict, check_directions};
use std::error::Error;

const INPUTS: usize = 3;
const OUTPUTS: usize = 2;

/// Σ tanh(W·x + b)² with θ = (W by rows, b).
fn forward(theta: &[f64], x: &Array1<f64>) -> Result<f64, Box<dyn Error>> {
    let (w, b) = theta.split_at(OUTPUTS * INPUTS);
    let w = ArrayView2::from_shape((OUTPUTS, INPUTS), w)?;
    let a = (w.dot(x) + ArrayView1::from(b)).mapv(f64::tanh);
    Ok(a.dot(&a))
}

/// Its gradient: with a = tanh(z), ∂/∂z = 2a·(1 − a²), ∂/∂W = ∂/∂z·xᵀ and ∂/∂b = ∂/∂z.
fn backward(theta: &[f64], x: &Array1<f64>) -> Result<Vec<f64>, Box<dyn Error>> {
    let (w, b) = theta.split_at(OUTPUTS * INPUTS);
    let w = ArrayView2::from_shape((OUTPUTS, INPUTS), w)?;
    let a = (w.dot(x) + ArrayView1::from(b)).mapv(f64::tanh);
    let dz = a.mapv(|a| 2.0 * a * (1.0 - a * a));
    let dw = &dz.view().insert_axis(Axis(1)) * &x.view().insert_axis(Axis(0));
    Ok(dw.iter().chain(&dz).copied().collect())
}

fn check(gradient: &[f64], theta: &[f64], x: &Array1<f64>) -> Result<CheckReport<f64>, DiffError> {
    let names = ["w00", "w01", "w02", "w10", "w11", "w12", "b0", "b1"];
    // The shapes are right, so a failure would be NaN, which the check names.
    let f = |theta: &[f64]| forward(theta, x).unwrap_or(f64::NAN);
    GradientCheck::default()
        .names(&names)
        .run(gradient, f, theta)
}

fn main() -> Result<(), Box<dyn Error>> {
    let x = Array1::from(vec![0.5, -1.0, 2.0]);
    let theta = [0.1, -0.4, 0.3, 0.2, 0.7, -0.1, 0.05, -0.2];
    let mut gradient = backward(&theta, &x)?;
    let report = check(&gradient, &theta, &x)?;
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    // A few random directions cost 12 evaluations, whatever the number of parameters is.
    let f = |theta: &[f64]| forward(theta, &x).unwrap_or(f64::NAN);
    let fast = check_directions(&gradient, f, &theta, 3, 0)?;
    assert_eq!(fast.verdict, Verdict::Passed, "{fast:?}");

    // The classical slip: a sign.
    gradient[4] = -gradient[4];
    let report = check(&gradient, &theta, &x)?;
    assert_eq!(report.verdict, Verdict::Failed, "{report:?}");
    let worst = &report.worst[0];
    assert_eq!(worst.name.as_deref(), Some("w11"));
    let (given, found) = (worst.analytic, worst.numeric);
    let line = format!(
        "w11 is {given:.6}, but the function says {:.6} ± {:.0e}: {:?}\n",
        found.value, found.error, worst.reason
    );
    std::io::Write::write_all(&mut std::io::stdout(), line.as_bytes())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_example_does_what_it_says() {
        super::main().expect("the example runs");
    }
}
