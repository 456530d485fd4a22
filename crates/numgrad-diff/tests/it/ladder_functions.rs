//! The functions of the tolerance ladder that have several variables, with their derivatives.

pub(crate) fn rosenbrock(x: &[f64]) -> f64 {
    x.windows(2)
        .map(|w| (1.0 - w[0]).powi(2) + 100.0 * (w[1] - w[0] * w[0]).powi(2))
        .sum()
}

/// Its Hessian.
pub(crate) fn rosenbrock_hessian(x: &[f64]) -> Vec<f64> {
    let n = x.len();
    let mut hessian = vec![0.0; n * n];
    for k in 0..n - 1 {
        hessian[k * n + k] += 2.0 - 400.0 * (x[k + 1] - x[k] * x[k]) + 800.0 * x[k] * x[k];
        hessian[(k + 1) * n + k + 1] += 200.0;
        hessian[k * n + k + 1] -= 400.0 * x[k];
        hessian[(k + 1) * n + k] -= 400.0 * x[k];
    }
    hessian
}

/// (r, φ) to (x, y).
pub(crate) fn polar(p: &[f64], xy: &mut [f64]) {
    xy[0] = p[0] * p[1].cos();
    xy[1] = p[0] * p[1].sin();
}

/// Its Jacobian, by columns.
pub(crate) fn polar_jacobian(p: &[f64]) -> Vec<f64> {
    let (s, c) = p[1].sin_cos();
    vec![c, s, -p[0] * s, p[0] * c]
}

/// (r, θ, φ) to (x, y, z).
pub(crate) fn spherical(p: &[f64], xyz: &mut [f64]) {
    let ((st, ct), (sp, cp)) = (p[1].sin_cos(), p[2].sin_cos());
    xyz[0] = p[0] * st * cp;
    xyz[1] = p[0] * st * sp;
    xyz[2] = p[0] * ct;
}

/// Its Jacobian, by columns.
pub(crate) fn spherical_jacobian(p: &[f64]) -> Vec<f64> {
    let ((st, ct), (sp, cp)) = (p[1].sin_cos(), p[2].sin_cos());
    let r = p[0];
    vec![
        st * cp,
        st * sp,
        ct,
        r * ct * cp,
        r * ct * sp,
        -r * st,
        -r * st * sp,
        r * st * cp,
        0.0,
    ]
}

/// Broyden's tridiagonal system.
pub(crate) fn tridiagonal(x: &[f64], y: &mut [f64]) {
    let n = x.len();
    for i in 0..n {
        let left = if i > 0 { x[i - 1] } else { 0.0 };
        let right = if i + 1 < n { x[i + 1] } else { 0.0 };
        y[i] = (3.0 - 2.0 * x[i]) * x[i] - left - 2.0 * right + 1.0;
    }
}

/// ∂yᵢ/∂xⱼ of it, where it is not 0.
pub(crate) fn tridiagonal_entry(x: &[f64], i: usize, j: usize) -> f64 {
    match i {
        i if i == j => 3.0 - 4.0 * x[j],
        i if i < j => -2.0,
        _ => -1.0,
    }
}

pub(crate) const SIDE: usize = 100;

/// u ↦ 4u − (its neighbours) + u³/10 on a SIDE × SIDE grid, with 0 around it.
pub(crate) fn laplacian(u: &[f64], y: &mut [f64]) {
    for (k, y) in y.iter_mut().enumerate() {
        *y = laplacian_row(u, k);
    }
}

/// One value of it.
pub(crate) fn laplacian_row(u: &[f64], k: usize) -> f64 {
    let around: f64 = neighbours(k).map(|j| u[j]).sum();
    4.0 * u[k] - around + 0.1 * u[k].powi(3)
}

pub(crate) fn neighbours(k: usize) -> impl Iterator<Item = usize> {
    let (row, column) = (k / SIDE, k % SIDE);
    [
        (row > 0).then(|| k - SIDE),
        (column > 0).then(|| k - 1),
        (column + 1 < SIDE).then(|| k + 1),
        (row + 1 < SIDE).then(|| k + SIDE),
    ]
    .into_iter()
    .flatten()
}
