//! The root of the mean squared error, the mean absolute error, and the coefficient of determination.
use crate::Targets;
use nalgebra::DMatrix;
use numgrad_scalar::Real;

/// √(Σ (y − t)² / n) over all n entries of the outputs; NaN without samples.
///
/// # Panics
/// If there are fewer targets than samples.
pub fn rmse<T: Real>(outputs: &DMatrix<T>, targets: &Targets<T>) -> f64 {
    (squares(outputs, targets).0 / outputs.len() as f64).sqrt()
}

/// Σ |y − t| / n over all n entries of the outputs; NaN without samples.
///
/// # Panics
/// If there are fewer targets than samples.
pub fn mae<T: Real>(outputs: &DMatrix<T>, targets: &Targets<T>) -> f64 {
    let mut sum = 0.0;
    for (b, column) in outputs.column_iter().enumerate() {
        let target = targets.get(b);
        for (k, y) in column.iter().enumerate() {
            sum += (y.as_f64() - target.at(k).as_f64()).abs();
        }
    }
    sum / outputs.len() as f64
}

/// R² = 1 − Σ (y − t)² / Σ (t − t̄)², with the mean t̄ of each output's own targets: 1 is perfect,
/// 0 no better than the mean. NaN where the targets do not vary.
///
/// # Panics
/// If there are fewer targets than samples.
pub fn r_squared<T: Real>(outputs: &DMatrix<T>, targets: &Targets<T>) -> f64 {
    let (residual, total) = squares(outputs, targets);
    if total == 0.0 {
        f64::NAN
    } else {
        1.0 - residual / total
    }
}

/// Σ (y − t)² and Σ (t − t̄)².
fn squares<T: Real>(outputs: &DMatrix<T>, targets: &Targets<T>) -> (f64, f64) {
    let target = |k: usize, b: usize| targets.get(b).at(k).as_f64();
    let (mut residual, mut total) = (0.0, 0.0);
    for k in 0..outputs.nrows() {
        let samples = 0..outputs.ncols();
        let mean = samples.clone().map(|b| target(k, b)).sum::<f64>() / outputs.ncols() as f64;
        for b in samples {
            residual += (outputs[(k, b)].as_f64() - target(k, b)).powi(2);
            total += (target(k, b) - mean).powi(2);
        }
    }
    (residual, total)
}
