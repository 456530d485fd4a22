//! Estimates: the value is close, and the error says how close.
use numgrad_diff::{
    Differences, Estimate, Real, Scheme, Status, Step, extrapolate, extrapolate_gradient,
};

type Case = (&'static str, fn(f64) -> f64, fn(f64) -> f64);

const SMOOTH: [Case; 5] = [
    ("sin", f64::sin, f64::cos),
    ("exp", f64::exp, f64::exp),
    ("ln", f64::ln, |x| 1.0 / x),
    ("tan", f64::tan, |x| 1.0 / x.cos().powi(2)),
    (
        "x/(1+x²)",
        |x| x / (1.0 + x * x),
        |x| (1.0 - x * x) / (1.0 + x * x).powi(2),
    ),
];

const POINTS: [f64; 8] = [0.05, 0.3, 0.7, 1.0, 1.3, 2.0, 2.9, 7.5];

/// The true error is below the estimate, and the estimate is not above 100 times the true error,
/// or the rounding of the result where that is smaller.
fn assert_bounds<T: Real>(found: Estimate<T>, exact: f64, floor: f64, what: &str) {
    let (error, estimate) = ((found.value.as_f64() - exact).abs(), found.error.as_f64());
    assert!(error <= estimate, "{what}: {error:e} above {found:?}");
    assert!(
        estimate <= 100.0 * error.max(floor),
        "{what}: {error:e} far below {found:?}"
    );
}

#[test]
fn extrapolation_reaches_1e_12_and_knows_its_error() {
    for (name, f, exact) in SMOOTH {
        for x in POINTS {
            let found = extrapolate(f, x, Step::Auto, 0.0).unwrap();
            let exact = exact(x);
            let scale = exact.abs().max(f(x).abs());
            assert!(
                (found.value - exact).abs() < 1e-12 * scale,
                "{name} at {x}: {found:?} {exact}"
            );
            assert_bounds(found, exact, 1e-14 * scale, &format!("{name} at {x}"));
            assert!(found.evaluations <= 41, "{name} at {x}: {found:?}");
        }
    }
}

#[test]
fn extrapolation_stops_at_its_tolerance() {
    let rough = extrapolate(f64::exp, 1.0, Step::Auto, 1e-6).unwrap();
    let fine = extrapolate(f64::exp, 1.0, Step::Auto, 1e-12).unwrap();
    assert_eq!(rough.status, Status::Converged);
    assert!(rough.evaluations < fine.evaluations);
    assert!((rough.value / 1.0_f64.exp() - 1.0).abs() < 1e-6);
}

#[test]
fn the_estimates_of_every_scheme_bound_its_error() {
    for (name, f, exact) in SMOOTH {
        for x in POINTS {
            for scheme in Scheme::ALL {
                let found = Differences::new(scheme).estimate(f, x).unwrap();
                let exact = exact(x);
                // What rounding alone may do, at the automatic step.
                let floor = f64::EPSILON * f(x).abs().max(exact.abs()) / found.step.abs();
                assert_bounds(found, exact, floor, &format!("{name} at {x}, {scheme}"));
            }
        }
    }
}

#[test]
fn corners_and_jumps_and_edges_are_named() {
    let status = |f: fn(f64) -> f64, x| extrapolate(f, x, Step::Auto, 1e-10).unwrap().status;
    assert_eq!(status(f64::abs, 0.0), Status::KinkSuspected);
    assert_eq!(
        status(|x| x.sin() + (x - 1.0).abs(), 1.0),
        Status::KinkSuspected
    );
    assert_eq!(status(|x| x.max(0.0), 0.0), Status::KinkSuspected);
    assert_eq!(status(f64::signum, 0.0), Status::KinkSuspected);
    assert_eq!(status(f64::sqrt, 0.0), Status::NotFinite);
    assert_eq!(status(|_| f64::NAN, 0.0), Status::NotFinite);
    assert_eq!(status(f64::ln, 0.001), Status::Converged);
    assert_eq!(status(|x| (x - 0.01).abs(), 0.0), Status::Converged);
    assert_eq!(status(|_| 3.0, 1.0), Status::NoiseFloor);
    let single = |x: f32| (x - 1.0).abs() + x;
    let found = extrapolate(single, 1.0, Step::Auto, 1e-4).unwrap();
    assert_eq!(found.status, Status::KinkSuspected);
    // To the left 0, to the right 2.
    assert!((found.value - 1.0).abs() < 0.1 && (found.error - 2.0).abs() < 0.1);
}

#[test]
fn structure_that_is_finer_than_the_first_step_is_no_noise() {
    for wavelength in [1e-2, 1e-4, 1e-6] {
        let f = |x: f64| (x / wavelength).sin();
        for x in [0.3, 1.1, 2.3] {
            let x = x * wavelength;
            let exact = (x / wavelength).cos() / wavelength;
            let found = extrapolate(f, x, Step::Auto, 0.0).unwrap();
            let error = (found.value - exact).abs();
            assert!(
                error <= found.error && error < 1e-8 * exact.abs(),
                "{found:?} {exact}"
            );
        }
    }
}

#[test]
fn noise_ends_at_the_noise_floor_with_an_honest_error() {
    for decimals in [1e4, 1e6, 1e8] {
        for x in POINTS {
            let noisy = |x: f64| (x.sin() * decimals).round() / decimals;
            let found = extrapolate(noisy, x, Step::Auto, 1e-12).unwrap();
            assert_eq!(found.status, Status::NoiseFloor, "at {x}: {found:?}");
            let error = (found.value - x.cos()).abs();
            assert!(error <= 10.0 * found.error, "at {x}: {error:e} {found:?}");
            assert!(found.error < 1e3 / decimals, "at {x}: {found:?}");
        }
    }
}

#[test]
fn gradients_have_estimates_with_equal_bits_on_every_number_of_threads() {
    let rosenbrock = |x: &[f64]| {
        x.windows(2)
            .map(|w| (1.0 - w[0]).powi(2) + 100.0 * (w[1] - w[0] * w[0]).powi(2))
            .sum::<f64>()
    };
    let x = [-1.2, 1.0, 0.7, -0.4, 0.9];
    let exact: Vec<f64> = (0..5)
        .map(|k| {
            let right = if k < 4 {
                -2.0 * (1.0 - x[k]) - 400.0 * x[k] * (x[k + 1] - x[k] * x[k])
            } else {
                0.0
            };
            let left = if k > 0 {
                200.0 * (x[k] - x[k - 1] * x[k - 1])
            } else {
                0.0
            };
            left + right
        })
        .collect();
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap().install(|| {
            let extrapolated = extrapolate_gradient(rosenbrock, &x, Step::Auto, 0.0).unwrap();
            let central = Differences::default().gradient_estimates(rosenbrock, &x);
            (extrapolated, central.unwrap())
        })
    };
    let (extrapolated, central) = on(1);
    for k in 0..5 {
        assert!((extrapolated[k].value / exact[k] - 1.0).abs() < 1e-12);
        assert!((extrapolated[k].value - exact[k]).abs() <= extrapolated[k].error);
        assert!((central[k].value - exact[k]).abs() <= central[k].error);
    }
    for threads in [2, 3, 8] {
        assert_eq!(on(threads), (extrapolated.clone(), central.clone()));
    }
}

#[test]
fn extrapolation_in_single_precision_reaches_1e_5() {
    for x in [0.3_f32, 1.0, 2.0] {
        let found = extrapolate(f32::sin, x, Step::Auto, 0.0).unwrap();
        let exact = f64::from(x).cos();
        assert!((f64::from(found.value) - exact).abs() < 1e-5 * exact.abs());
        assert_bounds(found, exact, 1e-6, &format!("sin at {x}"));
    }
}

#[test]
fn subnormal_derivatives_are_not_called_converged() {
    for k in 0..2000 {
        let x = -708.0 - 0.0184 * f64::from(k);
        let found = extrapolate(f64::exp, x, Step::Auto, 1e-10).unwrap();
        let error = (found.value - x.exp()).abs();
        assert!(error <= found.error, "{x}: {found:?} {}", x.exp());
        let close = error <= 1e-9 * x.exp();
        assert!(
            close || found.status == Status::NoiseFloor,
            "{x}: {found:?}"
        );
    }
}
