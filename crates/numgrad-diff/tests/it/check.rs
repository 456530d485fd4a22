//! A gradient check says what is wrong, and why it cannot tell.
use numgrad_diff::{Differences, GradientCheck, Reason, Verdict, check_directions, check_gradient};
use std::sync::atomic::{AtomicUsize, Ordering};

fn rosenbrock(x: &[f64]) -> f64 {
    x.windows(2)
        .map(|w| (1.0 - w[0]).powi(2) + 100.0 * (w[1] - w[0] * w[0]).powi(2))
        .sum()
}

fn rosenbrock_gradient(x: &[f64]) -> Vec<f64> {
    let mut g = vec![0.0; x.len()];
    for k in 0..x.len() - 1 {
        let d = x[k + 1] - x[k] * x[k];
        g[k] += -2.0 * (1.0 - x[k]) - 400.0 * x[k] * d;
        g[k + 1] += 200.0 * d;
    }
    g
}

const X: [f64; 6] = [-1.2, 1.0, 0.3, -0.8, 1.1, 0.9];

#[test]
fn a_right_gradient_passes_and_the_count_is_exact() {
    let calls = AtomicUsize::new(0);
    let f = |x: &[f64]| {
        calls.fetch_add(1, Ordering::Relaxed);
        rosenbrock(x)
    };
    let report = check_gradient(&rosenbrock_gradient(&X), f, &X).unwrap();
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    assert_eq!((report.wrong, report.undecided), (0, 0));
    assert_eq!(report.worst.len(), 5);
    assert_eq!(report.evaluations, calls.into_inner());
}

#[test]
fn every_wrong_entry_is_found_and_the_worst_comes_first_by_name() {
    let names = ["a", "b", "c", "d", "e", "f"];
    for (error, verdict) in [
        (1e-3, Verdict::Failed),
        (1e-5, Verdict::Failed),
        (1e-9, Verdict::Passed),
    ] {
        for k in 0..6 {
            let mut wrong = rosenbrock_gradient(&X);
            wrong[k] *= 1.0 + error;
            let check = GradientCheck::default().worst(2).names(&names);
            let report = check.run(&wrong, rosenbrock, &X).unwrap();
            assert_eq!(report.verdict, verdict, "{error:e} at {k}: {report:?}");
            if verdict == Verdict::Failed {
                let worst = &report.worst[0];
                assert_eq!((worst.index, worst.reason), (k, Reason::WrongEntry));
                assert_eq!(worst.name.as_deref(), Some(names[k]));
                assert_eq!(worst.analytic, wrong[k]);
                assert!((worst.relative / error - 1.0).abs() < 0.01, "{worst:?}");
                assert_eq!((report.wrong, report.worst.len()), (1, 2));
            }
        }
    }
}

#[test]
fn a_forgotten_entry_and_a_sign_are_found() {
    for change in [0.0, -1.0] {
        let mut wrong = rosenbrock_gradient(&X);
        wrong[3] *= change;
        let report = check_gradient(&wrong, rosenbrock, &X).unwrap();
        assert_eq!((report.verdict, report.wrong), (Verdict::Failed, 1));
    }
}

#[test]
fn a_kink_is_a_reason() {
    let f = |x: &[f64]| x[0].max(0.0) + x[1] * x[1];
    let report = check_gradient(&[0.0, 2.0], f, &[0.0, 1.0]).unwrap();
    assert_eq!(report.verdict, Verdict::Undecided);
    assert_eq!(
        (report.worst[0].index, report.worst[0].reason),
        (0, Reason::Kink)
    );
    // No slope of either side, nor between them.
    let report = check_gradient(&[2.5, 2.0], f, &[0.0, 1.0]).unwrap();
    assert_eq!(report.verdict, Verdict::Failed);
}

#[test]
fn rounding_is_a_reason() {
    // A slope of 1 on a height of 1e14, where numbers are 1/64 apart.
    let f = |x: &[f64]| 1e14 + x[0].sin() + 1e8 * x[1];
    let report = check_gradient(&[1.0, 1e8], f, &[0.0, 1.0]).unwrap();
    assert_eq!(report.verdict, Verdict::Undecided, "{report:?}");
    assert_eq!(
        (report.worst[0].index, report.worst[0].reason),
        (0, Reason::Rounding)
    );
}

#[test]
fn an_entry_that_only_agrees_with_a_rough_measurement_does_not_pass() {
    // A slope of 1 on a height of 1e10, of which the first look sees no second digit.
    let f = |x: &[f64]| 1e10 + x[0].sin();
    let rough = Differences::default().gradient(f, &[0.0]).unwrap();
    assert!((rough[0] - 1.0).abs() > 0.01, "{rough:?}");
    let report = check_gradient(&rough, f, &[0.0]).unwrap();
    assert_eq!(report.verdict, Verdict::Failed, "{report:?}");
    // Directions have but that look.
    let report = check_directions(&[1.0], f, &[0.0], 1, 0).unwrap();
    assert_eq!(report.verdict, Verdict::Undecided, "{report:?}");
}

#[test]
fn only_an_entry_in_doubt_is_looked_at_twice() {
    let calls = AtomicUsize::new(0);
    let f = |x: &[f64]| {
        calls.fetch_add(1, Ordering::Relaxed);
        x.iter().map(|x| x.exp()).sum()
    };
    let x = [0.1, 0.5, 0.9];
    let right = x.map(f64::exp);
    check_gradient(&right, f, &x).unwrap();
    // Two quotients of two values each, and f(x).
    assert_eq!(calls.swap(0, Ordering::Relaxed), 4 * 3 + 1);
    check_gradient(&[right[0], 2.0 * right[1], right[2]], f, &x).unwrap();
    let more = calls.into_inner() - (4 * 3 + 1);
    assert!(more > 0 && more < 42, "{more}");
}

#[test]
fn the_directions_of_a_check_are_the_top_bits_of_splitmix64() {
    // The first five numbers of the generator for the seed 1234567, as its authors' code has them.
    let numbers = [
        6_457_827_717_110_365_317_u64,
        3_203_168_211_198_807_973,
        9_817_491_932_198_370_423,
        4_593_380_528_125_082_431,
        16_408_922_859_458_223_821,
    ];
    for (k, number) in numbers.into_iter().enumerate() {
        let mut one = [0.0; 5];
        one[k] = 1.0;
        let report = check_directions(&one, |x: &[f64]| x[k], &[0.0; 5], 1, 1_234_567).unwrap();
        let sign = if number >> 63 == 0 { 1.0 } else { -1.0 };
        assert_eq!(report.slopes[0].0, sign, "{k}");
    }
}

#[test]
fn noise_is_a_reason() {
    let f = |x: &[f64]| (x[0].sin() * 1e5).round() / 1e5 + x[1];
    let report = check_gradient(&[1.0_f64.cos(), 1.0], f, &[1.0, 2.0]).unwrap();
    assert_eq!(report.verdict, Verdict::Undecided, "{report:?}");
    assert_eq!(
        (report.worst[0].index, report.worst[0].reason),
        (0, Reason::Noise)
    );
}

#[test]
fn truncation_is_a_reason_and_no_failure() {
    // Waves of length 1e-5: the first step spans them, shorter ones do not.
    let f = |x: &[f64]| (x[0] * 6e5).sin() + x[1];
    let x = [0.3e-5_f64, 1.0];
    let exact = 6e5 * (x[0] * 6e5).cos();
    let report = check_gradient(&[exact, 1.0], f, &x).unwrap();
    assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
    let found = report.worst.iter().find(|m| m.index == 0).unwrap();
    assert_eq!(found.reason, Reason::Truncation);
}

#[test]
fn what_is_not_finite_is_said() {
    let report = check_gradient(&[f64::NAN], |x: &[f64]| x[0], &[1.0]).unwrap();
    assert_eq!(
        (report.verdict, report.worst[0].reason),
        (Verdict::Failed, Reason::NotFinite)
    );
    let report = check_gradient(&[1.0], |x: &[f64]| x[0].sqrt(), &[0.0]).unwrap();
    assert_eq!(
        (report.verdict, report.worst[0].reason),
        (Verdict::Undecided, Reason::NotFinite)
    );
}

#[test]
fn single_precision_has_its_own_tolerance() {
    let f = |x: &[f32]| x[0].sin() * x[1].exp();
    let x = [0.5_f32, 0.3];
    let right = [x[0].cos() * x[1].exp(), x[0].sin() * x[1].exp()];
    assert_eq!(
        check_gradient(&right, f, &x).unwrap().verdict,
        Verdict::Passed
    );
    let wrong = [right[0] * 1.02, right[1]];
    assert_eq!(
        check_gradient(&wrong, f, &x).unwrap().verdict,
        Verdict::Failed
    );
}

#[test]
fn directions_find_one_wrong_entry_and_say_what_they_can_miss() {
    let n = 2000;
    let f = |x: &[f64]| x.windows(2).map(|w| (w[0] * w[1]).sin()).sum::<f64>();
    let x: Vec<f64> = (0..n).map(|k| (k as f64 * 0.7).cos()).collect();
    let mut right = vec![0.0; n];
    for k in 0..n - 1 {
        let c = (x[k] * x[k + 1]).cos();
        right[k] += x[k + 1] * c;
        right[k + 1] += x[k] * c;
    }
    for seed in 0..20 {
        let calls = AtomicUsize::new(0);
        let counted = |x: &[f64]| {
            calls.fetch_add(1, Ordering::Relaxed);
            f(x)
        };
        let report = check_directions(&right, counted, &x, 3, seed).unwrap();
        assert_eq!(report.verdict, Verdict::Passed, "{report:?}");
        assert_eq!((report.evaluations, calls.into_inner()), (12, 12));
        assert!(report.blind_below < 1e-4, "{}", report.blind_below);
        for k in [0, 777, n - 1] {
            let mut wrong = right.clone();
            wrong[k] += 2.0 * report.blind_below;
            let found = check_directions(&wrong, f, &x, 3, seed).unwrap();
            assert_eq!(found.verdict, Verdict::Failed, "{k}");
        }
    }
    let nan = check_directions(&[f64::NAN], |x: &[f64]| x[0], &[1.0], 1, 0).unwrap();
    assert_eq!(nan.verdict, Verdict::Failed);
}

#[test]
fn gradients_of_zeros_pass_at_a_minimum_and_on_constants() {
    const X: [f64; 3] = [0.3, -2.0, 700.0];
    fn well(p: &[f64]) -> f64 {
        p.iter().zip(X).map(|(p, x)| (p - x).powi(2)).sum()
    }
    let functions: [fn(&[f64]) -> f64; 4] = [|_| 3.0, |_| 0.0, well, |p| 1.0 + well(p)];
    for (k, f) in functions.into_iter().enumerate() {
        let report = check_gradient(&[0.0; 3], f, &X).unwrap();
        assert_eq!(report.verdict, Verdict::Passed, "{k}: {report:?}");
        let wrong = check_gradient(&[0.0, 1e-3, 0.0], f, &X).unwrap();
        assert_eq!((wrong.verdict, wrong.worst[0].index), (Verdict::Failed, 1));
    }
}
