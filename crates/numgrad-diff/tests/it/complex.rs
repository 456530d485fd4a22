//! Complex steps are exact to rounding.
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
