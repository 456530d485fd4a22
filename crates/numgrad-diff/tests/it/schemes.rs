//! What the crate promises about derivatives, held against analysis.
use numgrad_diff::{DiffError, Differences, Scheme, Step, Stop, derivative, descend, gradient};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

fn half_square(x: f64) -> f64 {
    x * x / 2.0
}

#[test]
fn the_worked_example_is_exact_to_the_last_bit() {
    let at = |scheme| derivative(half_square, 2.0, scheme, Step::Absolute(0.001)).unwrap();
    assert_eq!(
        at(Scheme::Central).to_bits(),
        1.999_999_999_999_779_7_f64.to_bits()
    );
    assert!((at(Scheme::Forward) - 2.0005).abs() < 1e-12);
    assert!((at(Scheme::Backward) - 1.9995).abs() < 1e-12);
}

#[test]
fn the_worked_descent_passes_its_points() {
    let path = descend(|x: &[f64]| half_square(x[0]), &[2.0], 0.1, 200).unwrap();
    for (step, x, f) in [(1, 1.80, 1.62), (2, 1.62, 1.3122)] {
        assert!((path.points[step][0] - x).abs() < 1e-12);
        assert!((path.values[step] - f).abs() < 1e-12);
    }
    assert!(path.values[200] < 1e-17);
    assert_eq!(path.stop, Stop::Steps);
}

#[test]
fn a_descent_says_why_it_ended() {
    let square = |x: &[f64]| x[0] * x[0];
    assert_eq!(
        descend(square, &[1.0], 1e200, 9).unwrap().stop,
        Stop::Diverged
    );
    assert_eq!(
        descend(|_: &[f64]| 1.0, &[1.0], 0.1, 9).unwrap().stop,
        Stop::Flat
    );
}

#[test]
fn each_scheme_reaches_its_accuracy_on_smooth_functions() {
    type Case = (fn(f64) -> f64, fn(f64) -> f64, f64);
    let cases: [Case; 4] = [
        (f64::sin, f64::cos, 1.0),
        (f64::exp, f64::exp, 0.7),
        (f64::ln, |x| 1.0 / x, 3.0),
        (f64::tan, |x| 1.0 / x.cos().powi(2), 0.5),
    ];
    for (scheme, limit) in [
        (Scheme::Forward, 1e-6),
        (Scheme::Backward, 1e-6),
        (Scheme::Central, 1e-9),
        (Scheme::FivePoint, 1e-11),
    ] {
        for (f, exact, x) in cases {
            let error = derivative(f, x, scheme, Step::Auto).unwrap() / exact(x) - 1.0;
            assert!(error.abs() < limit, "{scheme} at {x}: {error:e}");
        }
    }
}

/// Every coordinate's slope depends on the others, so that one left perturbed is noticed.
fn coupled(x: &[f64]) -> f64 {
    x.windows(2)
        .map(|w| (w[0] * w[1]).sin() + w[0].powi(3))
        .sum()
}

#[test]
fn a_coupled_gradient_agrees_with_analysis_and_evaluates_as_often_as_stated() {
    let x: Vec<f64> = (0..37).map(|k| (f64::from(k) * 0.7).sin()).collect();
    let n = x.len();
    let exact: Vec<f64> = (0..n)
        .map(|k| {
            let left = if k > 0 {
                x[k - 1] * (x[k - 1] * x[k]).cos()
            } else {
                0.0
            };
            let right = if k + 1 < n {
                x[k + 1] * (x[k] * x[k + 1]).cos() + 3.0 * x[k] * x[k]
            } else {
                0.0
            };
            left + right
        })
        .collect();
    for scheme in Scheme::ALL {
        let calls = AtomicUsize::new(0);
        let counted = |x: &[f64]| {
            calls.fetch_add(1, Ordering::Relaxed);
            coupled(x)
        };
        let found = gradient(counted, &x, scheme, Step::Auto).unwrap();
        assert_eq!(calls.into_inner(), scheme.evaluations(n));
        let limit = if scheme.order() == 1 { 1e-6 } else { 1e-8 };
        for (found, exact) in found.iter().zip(&exact) {
            assert!((found - exact).abs() < limit, "{scheme}: {found} {exact}");
        }
    }
}

#[test]
fn the_bits_of_a_gradient_are_equal_on_1_2_3_and_8_threads() {
    let x: Vec<f64> = (0..101).map(|k| f64::from(k).cos()).collect();
    let bits = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let g = gradient(coupled, &x, Scheme::Central, Step::Auto).unwrap();
            g.iter().map(|g| g.to_bits()).collect::<Vec<_>>()
        })
    };
    let one = bits(1);
    for threads in [2, 3, 8] {
        assert_eq!(bits(threads), one, "{threads} threads");
    }
}

#[test]
fn computed_steps_are_exactly_representable_and_given_ones_are_used_as_given() {
    for x in [0.0_f64, 1.0, -3.7, 1e-30, 1e30] {
        let h = Step::Auto.at(x, Scheme::Central).unwrap();
        assert_eq!((x + h) - x, h, "at {x}");
        assert_eq!(Step::Absolute(0.001).at(x, Scheme::Central).unwrap(), 0.001);
        let policy = Step::Relative {
            relative: 1e-3,
            absolute: 1e-6,
        };
        let h = policy.at(x, Scheme::Central).unwrap();
        assert!(
            (h / (1e-3 * x.abs()).max(1e-6) - 1.0).abs() < 1e-9,
            "at {x}: {h}"
        );
    }
}

#[test]
fn steps_and_points_that_are_no_numbers_are_refused() {
    for h in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let found = derivative(half_square, 1.0, Scheme::Central, Step::Absolute(h));
        assert!(matches!(found, Err(DiffError::Step(_))), "{h}");
        let found = gradient(coupled, &[1.0, 2.0], Scheme::Central, Step::Absolute(h));
        assert!(matches!(found, Err(DiffError::Step(_))), "{h}");
    }
    let found = gradient(coupled, &[1.0, f64::NAN], Scheme::Central, Step::Auto);
    assert!(matches!(found, Err(DiffError::Point { index: 1, .. })));
}

#[test]
fn schemes_have_the_same_names_everywhere() {
    for (scheme, name) in
        Scheme::ALL
            .into_iter()
            .zip(["forward", "backward", "central", "five-point"])
    {
        assert_eq!(scheme.to_string(), name);
        assert_eq!(name.parse(), Ok(scheme));
        assert_eq!(
            serde_json::to_string(&scheme).unwrap(),
            format!("\"{name}\"")
        );
        let parsed: Scheme = serde_json::from_str(&format!("\"{name}\"")).unwrap();
        assert_eq!(parsed, scheme);
    }
    assert_eq!(Scheme::default(), Scheme::Central);
    let error = "complex".parse::<Scheme>().unwrap_err().to_string();
    assert!(
        error.contains("'complex'") && error.contains("five-point"),
        "{error}"
    );
}

#[test]
fn a_worker_perturbs_one_copy_of_its_own_however_many_evaluations_it_makes() {
    let x = vec![0.5; 500];
    for threads in [1, 2, 3] {
        let copies = Mutex::new(BTreeSet::new());
        let f = |p: &[f64]| {
            copies.lock().unwrap().insert(p.as_ptr() as usize);
            coupled(p)
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap()
            .install(|| gradient(f, &x, Scheme::Central, Step::Auto).unwrap());
        let copies = copies.into_inner().unwrap();
        assert!(!copies.contains(&(x.as_ptr() as usize)));
        // One for each run of coordinates, of which a thread has up to 8; alone it has one.
        let most = if threads == 1 { 1 } else { 8 * threads };
        assert!(copies.len() <= most, "{threads} threads: {}", copies.len());
    }
}

#[test]
fn a_descent_takes_any_scheme_and_stays_within_bounds() {
    let bowl = |x: &[f64]| (x[0] - 3.0).powi(2) + (x[1] + 1.0).powi(2);
    let path = Differences::new(Scheme::Central)
        .within(&[0.0, 0.0], &[2.0, 2.0])
        .descend(bowl, &[1.0, 1.0], 0.2, 50)
        .unwrap();
    assert_eq!(path.points[50], [2.0, 0.0]);
    for (point, &value) in path.points.iter().zip(&path.values) {
        assert_eq!(bowl(point), value);
    }
    let edge = |x: &[f64]| x[0].sqrt();
    assert_eq!(descend(edge, &[0.0], 0.1, 9).unwrap().stop, Stop::NotFinite);
    let refused = descend(bowl, &[1.0, 1.0], f64::NAN, 9);
    assert!(matches!(refused, Err(DiffError::Rate(_))));
}
