//! Complex steps are exact to rounding.
use crate::ladder_functions::{SIDE, neighbours, polar_jacobian, tridiagonal_entry};
use num_complex::Complex;
use numgrad_diff::{complex_derivative, complex_gradient, complex_jacobian};

#[test]
fn complex_steps_reach_1e_15() {
    type Case = (fn(Complex<f64>) -> Complex<f64>, fn(f64) -> f64);
    let cases: [Case; 4] = [
        (Complex::sin, f64::cos),
        (Complex::exp, f64::exp),
        (Complex::ln, |x| 1.0 / x),
        (Complex::tan, |x| 1.0 / x.cos().powi(2)),
    ];
    for (k, (f, exact)) in cases.into_iter().enumerate() {
        for x in [1e-3, 0.3, 0.7, 1.0, 1.2] {
            let relative = complex_derivative(f, x).unwrap() / exact(x) - 1.0;
            assert!(relative.abs() < 1e-15, "{k} at {x}: {relative:e}");
        }
    }
    assert_eq!(complex_derivative(|z: Complex<f32>| z * z, 3.0), Ok(6.0));
    assert_eq!(
        complex_derivative(|z: Complex<f64>| z.exp(), 1e-300),
        Ok(1.0)
    );
}

#[test]
fn the_gradient_of_rosenbrock_and_the_spherical_jacobian_are_exact_to_rounding() {
    let rosenbrock = |z: &[Complex<f64>]| {
        let (a, b) = (z[0] * -1.0 + 1.0, z[1] - z[0] * z[0]);
        a * a + b * b * 100.0
    };
    let (x, y) = (-1.2, 1.0);
    // On one thread, so that one copy serves all coordinates.
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    let found = pool.install(|| complex_gradient(rosenbrock, &[x, y]).unwrap());
    let exact = [
        -2.0 * (1.0 - x) - 400.0 * x * (y - x * x),
        200.0 * (y - x * x),
    ];
    for (found, exact) in found.iter().zip(exact) {
        assert!((found / exact - 1.0).abs() < 1e-15, "{found} {exact}");
    }
    let spherical = |p: &[Complex<f64>], xyz: &mut [Complex<f64>]| {
        xyz[0] = p[0] * p[1].sin() * p[2].cos();
        xyz[1] = p[0] * p[1].sin() * p[2].sin();
        xyz[2] = p[0] * p[1].cos();
    };
    let found = complex_jacobian(spherical, &[1.7, 0.8, -0.6], 3).unwrap();
    let ((st, ct), (sp, cp)) = (0.8_f64.sin_cos(), (-0.6_f64).sin_cos());
    let exact = [
        [st * cp, st * sp, ct],
        [1.7 * ct * cp, 1.7 * ct * sp, -1.7 * st],
        [-1.7 * st * sp, 1.7 * st * cp, 0.0],
    ];
    for (found, exact) in found.iter().zip(exact.as_flattened()) {
        assert!((found - exact).abs() < 1e-15, "{found} {exact}");
    }
}

#[test]
fn the_polar_map_the_tridiagonal_system_and_the_laplacian_are_exact_to_rounding() {
    let polar = |p: &[Complex<f64>], xy: &mut [Complex<f64>]| {
        xy[0] = p[0] * p[1].cos();
        xy[1] = p[0] * p[1].sin();
    };
    let found = complex_jacobian(polar, &[2.5, 0.9], 2).unwrap();
    for (found, exact) in found.iter().zip(polar_jacobian(&[2.5, 0.9])) {
        assert!((found / exact - 1.0).abs() < 1e-15, "{found} {exact}");
    }
    let n = 50;
    let x: Vec<f64> = (0..n).map(|k| (k as f64 * 0.37).sin()).collect();
    let zero = Complex { re: 0.0, im: 0.0 };
    let at =
        |x: &[Complex<f64>], i: Option<usize>| i.and_then(|i| x.get(i).copied()).unwrap_or(zero);
    let tridiagonal = |x: &[Complex<f64>], y: &mut [Complex<f64>]| {
        for (i, y) in y.iter_mut().enumerate() {
            let (left, right) = (at(x, i.checked_sub(1)), at(x, Some(i + 1)));
            *y = (x[i] * -2.0 + 3.0) * x[i] - left - right * 2.0 + 1.0;
        }
    };
    let found = complex_jacobian(tridiagonal, &x, n).unwrap();
    for j in 0..n {
        for i in 0..n {
            let near = i.abs_diff(j) <= 1;
            let exact = if near {
                tridiagonal_entry(&x, i, j)
            } else {
                0.0
            };
            // 3 − 4x cancels.
            let error = (found[j * n + i] - exact).abs();
            assert!(error <= 1e-15 * exact.abs().max(1.0), "{i} {j}: {error:e}");
        }
    }
    let u: Vec<f64> = (0..SIDE * SIDE).map(|k| (k as f64 * 0.01).sin()).collect();
    for i in [0, 37 * SIDE + 50, SIDE * SIDE - 1] {
        let row = |u: &[Complex<f64>]| {
            let around = neighbours(i).fold(zero, |sum, j| sum + u[j]);
            u[i] * 4.0 - around + u[i] * u[i] * u[i] * 0.1
        };
        let found = complex_gradient(row, &u).unwrap();
        for (j, found) in found.iter().enumerate() {
            let exact = match j {
                j if i == j => 4.0 + 0.3 * u[j] * u[j],
                j if neighbours(i).any(|k| k == j) => -1.0,
                _ => 0.0,
            };
            assert!(
                (found - exact).abs() <= 1e-15 * exact.abs(),
                "{i} {j}: {found}"
            );
        }
    }
}
