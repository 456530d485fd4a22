//! Hostile floats: no panic, and a status instead of a wrong number.
use numgrad_diff::{
    Differences, Scheme, SparsityPattern, Status, Step, check_directions, check_gradient,
    derivative, descend, extrapolate, gradient, noise, noise_aware_step, nth_derivative,
};
use proptest::prelude::*;

/// Numbers that arithmetic is worst at, and ordinary ones.
fn hostile() -> impl Strategy<Value = f64> {
    prop_oneof![
        Just(0.0),
        Just(-0.0),
        Just(f64::NAN),
        Just(f64::INFINITY),
        Just(f64::NEG_INFINITY),
        Just(f64::MAX),
        Just(-f64::MAX),
        Just(f64::MIN_POSITIVE),
        Just(f64::from_bits(1)),
        Just(-f64::from_bits(77)),
        Just(1.0_f64.next_up()),
        Just(1.0_f64.next_down()),
        Just(f64::EPSILON),
        Just(1e154),
        Just(1e-154),
        Just(9_007_199_254_740_993.0),
        -1e3..1e3_f64,
        any::<f64>(),
    ]
}

fn functions() -> impl Strategy<Value = fn(f64) -> f64> {
    let all: [fn(f64) -> f64; 12] = [
        |x| x * x,
        f64::sqrt,
        f64::ln,
        f64::exp,
        |x| 1.0 / x,
        f64::abs,
        f64::signum,
        f64::round,
        f64::sin,
        |_| f64::NAN,
        |_| f64::INFINITY,
        |x| x * 1e300,
    ];
    (0..all.len()).prop_map(move |k| all[k])
}

/// A function and its derivative.
type Pair = (fn(f64) -> f64, fn(f64) -> f64);

fn schemes() -> impl Strategy<Value = Scheme> {
    (0..4_usize).prop_map(|k| Scheme::ALL[k])
}

fn steps() -> impl Strategy<Value = Step<f64>> {
    prop_oneof![
        Just(Step::Auto),
        hostile().prop_map(Step::Absolute),
        (hostile(), hostile())
            .prop_map(|(relative, absolute)| Step::Relative { relative, absolute }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 2000,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn one_variable_never_panics(
        f in functions(), x in hostile(), scheme in schemes(), step in steps(),
        tolerance in hostile(), order in 0..6_usize, accuracy in 0..10_usize,
    ) {
        let _ = derivative(f, x, scheme, step);
        let _ = nth_derivative(f, x, order, accuracy, step);
        let _ = noise(f, x);
        let _ = extrapolate(f, x, step, tolerance);
        if let Ok(h) = noise_aware_step(f, x, scheme) {
            prop_assert!(h > 0.0 && h.is_finite(), "{h}");
        }
        if let Ok(found) = Differences::new(scheme).step(step).estimate(f, x) {
            let finite = found.value.is_finite() && found.error.is_finite();
            prop_assert_eq!(finite, found.status != Status::NotFinite, "{:?}", found);
        }
    }

    #[test]
    fn many_variables_never_panic(
        f in functions(), x in prop::collection::vec(hostile(), 0..5),
        scheme in schemes(), step in steps(), rate in hostile(),
        lower in hostile(), upper in hostile(), v in hostile(),
    ) {
        let sum = |x: &[f64]| x.iter().map(|&x| f(x)).sum::<f64>();
        let n = x.len();
        let (lower, upper, v) = (vec![lower; n], vec![upper; n], vec![v; n]);
        let differences = Differences::new(scheme).step(step);
        let inside = |x: &[f64]| {
            assert!(x.iter().all(|x| lower.iter().all(|l| l <= x) && upper.iter().all(|u| x <= u)));
            sum(x)
        };
        for differences in [differences, differences.domain_by_nan()] {
            let _ = differences.gradient(sum, &x);
            let bounded = differences.within(&lower, &upper);
            let _ = bounded.gradient(inside, &x);
            let _ = bounded.gradient_estimates(inside, &x);
            let _ = bounded.hessian(inside, &x);
            let _ = bounded.directional(inside, &x, &v);
        }
        let _ = differences.gradient_batched(
            |points: &[f64], values: &mut [f64]| {
                for (value, point) in values.iter_mut().zip(points.chunks(n.max(1))) {
                    *value = sum(point);
                }
            },
            &x,
            3,
        );
        let _ = differences.steps(&v).gradient(sum, &x);
        let _ = differences.hessian(sum, &x);
        let _ = differences.hessian_diagonal(sum, &x);
        let _ = differences.hessian_vector(sum, &x, &v);
        let _ = differences.sparse_hessian(sum, &x, &SparsityPattern::banded(n, 1, 1));
        let _ = descend(sum, &x, rate, 3);
        let _ = check_gradient(&v, sum, &x);
        let _ = check_directions(&v, sum, &x, 2, 1);
    }

    #[test]
    fn extrapolation_is_right_or_says_that_it_is_not(
        x in prop_oneof![hostile(), -1e6..1e6_f64, -1e-6..1e-6_f64], which in 0..5_usize,
    ) {
        let pairs: [Pair; 5] = [
            (f64::sin, f64::cos),
            (f64::exp, f64::exp),
            (f64::ln, |x| 1.0 / x),
            (|x| x * x, |x| 2.0 * x),
            (f64::sqrt, |x| 0.5 / x.sqrt()),
        ];
        let (f, exact) = pairs[which];
        // Where neighbouring numbers are a wave apart, a sine is noise to anyone.
        if which == 0 && x.abs() > 1e6 {
            return Ok(());
        }
        if let Ok(found) = extrapolate(f, x, Step::Auto, 1e-10) {
            let error = (found.value - exact(x)).abs();
            if found.status == Status::Converged {
                prop_assert!(error <= 1e-9 * exact(x).abs(), "{x}: {found:?} {}", exact(x));
            } else if found.status == Status::NoiseFloor {
                prop_assert!(error <= 10.0 * found.error, "{x}: {found:?} {}", exact(x));
            }
        }
    }

    #[test]
    fn a_gradient_check_of_a_right_gradient_never_fails(
        x in prop::collection::vec(-50.0..50.0_f64, 1..6),
    ) {
        let f = |x: &[f64]| x.windows(2).map(|w| (w[0] * w[1]).sin()).sum::<f64>() + x[0].powi(3);
        let n = x.len();
        let exact: Vec<f64> = (0..n).map(|k| {
            let left = if k > 0 { x[k - 1] * (x[k - 1] * x[k]).cos() } else { 3.0 * x[0] * x[0] };
            let right = if k + 1 < n { x[k + 1] * (x[k] * x[k + 1]).cos() } else { 0.0 };
            left + right
        }).collect();
        let report = check_gradient(&exact, f, &x).unwrap();
        prop_assert_ne!(report.verdict, numgrad_diff::Verdict::Failed, "{:?}", report);
    }
}

#[test]
fn gradients_in_single_precision_take_hostile_floats_too() {
    let hostile = [
        0.0,
        f32::MAX,
        f32::MIN_POSITIVE,
        f32::from_bits(1),
        f32::NAN,
        f32::INFINITY,
    ];
    for scheme in Scheme::ALL {
        for x in hostile {
            let found = gradient(|x: &[f32]| x[0] * x[0], &[x], scheme, Step::Auto);
            assert_eq!(found.is_ok(), x.is_finite());
            let _ = extrapolate(|x: f32| x * x, x, Step::Auto, 0.0);
        }
    }
}
