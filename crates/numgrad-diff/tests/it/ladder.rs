//! The tolerance ladder: how many digits each scheme is good for, in both precisions.
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

#[test]
fn the_jacobian_of_the_polar_map() {
    let polar = |p: &[f64], xy: &mut [f64]| {
        xy[0] = p[0] * p[1].cos();
        xy[1] = p[0] * p[1].sin();
    };
    let (r, phi) = (2.5_f64, 0.9_f64);
    let exact = [phi.cos(), phi.sin(), -r * phi.sin(), r * phi.cos()];
    for (scheme, limit) in [
        (Scheme::Forward, 1e-6),
        (Scheme::Backward, 1e-6),
        (Scheme::Central, 1e-9),
        (Scheme::FivePoint, 1e-11),
    ] {
        let found = Differences::new(scheme)
            .jacobian(polar, &[r, phi], 2)
            .unwrap();
        for (found, exact) in found.iter().zip(exact) {
            let relative = (found / exact - 1.0).abs();
            assert!(relative < limit, "{scheme}: {relative:e}");
        }
    }
}
