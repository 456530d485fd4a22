//! The tolerance ladder: how many digits each scheme is good for, in both precisions.
use crate::ladder_functions::{
    SIDE, laplacian_row, neighbours, polar, polar_jacobian, spherical, spherical_jacobian,
    tridiagonal, tridiagonal_entry,
};
use numgrad_diff::{
    Differences, Scheme, Step, derivative, extrapolate, extrapolate_gradient, gradient,
};

type Case<T> = (&'static str, fn(T) -> T, fn(f64) -> f64, T);

const CASES: [Case<f64>; 8] = [
    ("sin", f64::sin, f64::cos, 1.0),
    ("sin", f64::sin, f64::cos, -0.4),
    ("exp", f64::exp, f64::exp, 0.7),
    ("exp", f64::exp, f64::exp, -1.5),
    ("ln", f64::ln, |x| 1.0 / x, 3.0),
    ("ln", f64::ln, |x| 1.0 / x, 0.8),
    ("tan", f64::tan, |x| 1.0 / x.cos().powi(2), 0.5),
    ("tan", f64::tan, |x| 1.0 / x.cos().powi(2), -0.9),
];

const SINGLE: [Case<f32>; 4] = [
    ("sin", f32::sin, f64::cos, 1.0),
    ("exp", f32::exp, f64::exp, 0.7),
    ("ln", f32::ln, |x| 1.0 / x, 3.0),
    ("tan", f32::tan, |x| 1.0 / x.cos().powi(2), 0.5),
];

#[test]
fn functions_of_one_variable_in_double_precision() {
    for (scheme, limit) in [
        (Scheme::Forward, 1e-6),
        (Scheme::Backward, 1e-6),
        (Scheme::Central, 1e-9),
        (Scheme::FivePoint, 1e-11),
    ] {
        for (name, f, exact, x) in CASES {
            let relative = derivative(f, x, scheme, Step::Auto).unwrap() / exact(x) - 1.0;
            assert!(
                relative.abs() < limit,
                "{scheme} {name} at {x}: {relative:e}"
            );
        }
    }
    for (name, f, exact, x) in CASES {
        let relative = extrapolate(f, x, Step::Auto, 0.0).unwrap().value / exact(x) - 1.0;
        assert!(relative.abs() < 1e-12, "{name} at {x}: {relative:e}");
    }
}

#[test]
fn functions_of_one_variable_in_single_precision() {
    for (scheme, limit) in [
        (Scheme::Forward, 3e-3),
        (Scheme::Backward, 3e-3),
        (Scheme::Central, 3e-4),
        (Scheme::FivePoint, 3e-5),
    ] {
        for (name, f, exact, x) in SINGLE {
            let found = f64::from(derivative(f, x, scheme, Step::Auto).unwrap());
            let relative = found / exact(f64::from(x)) - 1.0;
            assert!(
                relative.abs() < limit,
                "{scheme} {name} at {x}: {relative:e}"
            );
        }
    }
    for (name, f, exact, x) in SINGLE {
        let found = f64::from(extrapolate(f, x, Step::Auto, 0.0).unwrap().value);
        let relative = found / exact(f64::from(x)) - 1.0;
        assert!(relative.abs() < 1e-5, "{name} at {x}: {relative:e}");
    }
}

#[test]
fn the_gradient_of_rosenbrock() {
    let rosenbrock = |x: &[f64]| (1.0 - x[0]).powi(2) + 100.0 * (x[1] - x[0] * x[0]).powi(2);
    let (x, y) = (-1.2_f64, 1.0);
    let exact = [
        -2.0 * (1.0 - x) - 400.0 * x * (y - x * x),
        200.0 * (y - x * x),
    ];
    let worst = |found: &[f64]| {
        let pairs = found.iter().zip(exact);
        pairs
            .map(|(found, exact)| (found / exact - 1.0).abs())
            .fold(0.0, f64::max)
    };
    for (scheme, limit) in [
        (Scheme::Forward, 1e-6),
        (Scheme::Backward, 1e-6),
        (Scheme::Central, 1e-9),
        (Scheme::FivePoint, 1e-11),
    ] {
        let found = worst(&gradient(rosenbrock, &[x, y], scheme, Step::Auto).unwrap());
        assert!(found < limit, "{scheme}: {found:e}");
        // The error of each entry is bounded by its estimate, which is not 100 times as large,
        // or as the rounding of f at this step.
        let differences = Differences::new(scheme);
        let estimates = differences.gradient_estimates(rosenbrock, &[x, y]).unwrap();
        for (estimate, exact) in estimates.iter().zip(exact) {
            let error = (estimate.value - exact).abs();
            let floor = f64::EPSILON * rosenbrock(&[x, y]) / estimate.step.abs();
            assert!(error <= estimate.error, "{scheme}: {error:e} {estimate:?}");
            assert!(
                estimate.error <= 100.0 * error.max(floor),
                "{scheme}: {error:e} {estimate:?}"
            );
        }
    }
    let found = extrapolate_gradient(rosenbrock, &[x, y], Step::Auto, 0.0).unwrap();
    let values: Vec<f64> = found.iter().map(|estimate| estimate.value).collect();
    assert!(worst(&values) < 1e-12);
}

type Map = (
    &'static str,
    fn(&[f64], &mut [f64]),
    fn(&[f64]) -> Vec<f64>,
    &'static [f64],
);

const MAPS: [Map; 2] = [
    ("polar", polar, polar_jacobian, &[2.5, 0.9]),
    (
        "spherical",
        spherical,
        spherical_jacobian,
        &[1.7, 0.8, -0.6],
    ),
];

#[test]
fn the_jacobians_of_the_polar_and_the_spherical_map() {
    for (name, f, exact, x) in MAPS {
        let (m, exact) = (x.len(), exact(x));
        let close = |found: f64, exact: f64| (found - exact).abs() / exact.abs().max(0.1);
        for (scheme, limit) in [
            (Scheme::Forward, 1e-6),
            (Scheme::Backward, 1e-6),
            (Scheme::Central, 1e-9),
            (Scheme::FivePoint, 1e-11),
        ] {
            let found = Differences::new(scheme).jacobian(f, x, m).unwrap();
            for (&found, &exact) in found.iter().zip(&exact) {
                let relative = close(found, exact);
                assert!(relative < limit, "{name}, {scheme}: {relative:e}");
            }
        }
        for i in 0..m {
            let row = |x: &[f64]| {
                let mut y = [0.0; 3];
                f(x, &mut y[..m]);
                y[i]
            };
            let found = extrapolate_gradient(row, x, Step::Auto, 0.0).unwrap();
            for (j, found) in found.iter().enumerate() {
                let relative = close(found.value, exact[j * m + i]);
                assert!(relative < 1e-12, "{name}, extrapolated: {relative:e}");
                assert_bounded(found.value, found.error, exact[j * m + i]);
            }
        }
    }
}

/// The error is below its estimate, which is below 100 times of it, or of a rounding.
fn assert_bounded(value: f64, estimate: f64, exact: f64) {
    let error = (value - exact).abs();
    let floor = 1e-14 * exact.abs().max(1.0);
    assert!(error <= estimate, "{error:e} {estimate:e}");
    assert!(
        estimate <= 100.0 * error.max(floor),
        "{error:e} {estimate:e}"
    );
}

#[test]
fn extrapolation_of_the_tridiagonal_system_and_the_laplacian() {
    let x: Vec<f64> = (0..50).map(|k| (f64::from(k) * 0.37).sin()).collect();
    for i in [0, 7, 24, 33, 49] {
        let row = |x: &[f64]| {
            let mut y = [0.0; 50];
            tridiagonal(x, &mut y);
            y[i]
        };
        let found = extrapolate_gradient(row, &x, Step::Auto, 0.0).unwrap();
        for (j, found) in found.iter().enumerate() {
            let exact = if i.abs_diff(j) <= 1 {
                tridiagonal_entry(&x, i, j)
            } else {
                0.0
            };
            let error = (found.value - exact).abs();
            assert!(error <= 1e-12 * exact.abs(), "{i} {j}: {error:e}");
            assert_bounded(found.value, found.error, exact);
        }
    }
    let u: Vec<f64> = (0..SIDE * SIDE).map(|k| (k as f64 * 0.01).sin()).collect();
    for i in [0, SIDE - 1, 37 * SIDE + 50, SIDE * SIDE - 1] {
        let row = |u: &[f64]| laplacian_row(u, i);
        let found = extrapolate_gradient(row, &u, Step::Auto, 0.0).unwrap();
        for (j, found) in found.iter().enumerate() {
            let exact = match j {
                j if i == j => 4.0 + 0.3 * u[j] * u[j],
                j if neighbours(i).any(|k| k == j) => -1.0,
                _ => 0.0,
            };
            let error = (found.value - exact).abs();
            assert!(error <= 1e-12 * exact.abs(), "{i} {j}: {error:e}");
            assert_bounded(found.value, found.error, exact);
        }
    }
}

/// The same functions in single precision, against double precision.
#[test]
fn functions_of_several_variables_in_single_precision() {
    let rosenbrock_32 = |x: &[f32]| (1.0 - x[0]).powi(2) + 100.0 * (x[1] - x[0] * x[0]).powi(2);
    let spherical_32 = |p: &[f32], xyz: &mut [f32]| {
        xyz[0] = p[0] * p[1].sin() * p[2].cos();
        xyz[1] = p[0] * p[1].sin() * p[2].sin();
        xyz[2] = p[0] * p[1].cos();
    };
    let place = [1.7_f32, 0.8, -0.6];
    let exact = spherical_jacobian(&place.map(f64::from));
    for (scheme, limit) in [
        (Scheme::Forward, 3e-3),
        (Scheme::Backward, 3e-3),
        (Scheme::Central, 3e-4),
        (Scheme::FivePoint, 3e-5),
    ] {
        let differences = Differences::new(scheme);
        let found = differences.jacobian(spherical_32, &place, 3).unwrap();
        for (&found, exact) in found.iter().zip(&exact) {
            let error = (f64::from(found) - exact).abs();
            assert!(error < limit * exact.abs().max(1.0), "{scheme}: {error:e}");
        }
        // Its values are 24 where its slopes are 88, and its third derivatives 2,400.
        let limit = 10.0 * limit;
        let found = differences.gradient(rosenbrock_32, &[-1.2, 1.0]).unwrap();
        for (found, exact) in found.into_iter().zip([-215.6, -88.0]) {
            let relative = (f64::from(found) / exact - 1.0).abs();
            assert!(relative < limit, "{scheme}: {relative:e}");
        }
    }
    let found = extrapolate_gradient(rosenbrock_32, &[-1.2, 1.0], Step::Auto, 0.0).unwrap();
    for (found, exact) in found.into_iter().zip([-215.6, -88.0]) {
        assert!(
            (f64::from(found.value) / exact - 1.0).abs() < 1e-5,
            "{found:?}"
        );
    }
}
