//! What an estimate says of itself: what it is worth, how it was come by, and in which unit.
use numgrad_diff::{
    Differences, Estimate, Scheme, Status, Step, extrapolate, nth_derivative, stencil_derivative,
};
use std::cell::Cell;

type Function = fn(f64) -> f64;

/// Smooth, noisy, cornered and curved ones.
const FUNCTIONS: [(&str, Function); 6] = [
    ("sin", f64::sin),
    ("1e8 + exp", |x| 1e8 + x.exp()),
    ("rounded", |x| (x.sin() * 1e6).round() / 1e6),
    ("corner", |x| (x - 1.0).abs() + x),
    ("waves", |x| (6e5 * x).sin()),
    ("line", |x| 3.0 * x),
];

fn assert_scaled(found: Estimate<f64>, plain: Estimate<f64>, scale: f64, what: &str) {
    let expected = Estimate {
        value: scale * plain.value,
        error: scale * plain.error,
        ..plain
    };
    assert_eq!(found, expected, "{what}, times {scale:e}");
}

#[test]
fn the_unit_of_a_function_changes_the_unit_of_its_estimates_and_nothing_else() {
    // Powers of two change no digit.
    for scale in [2.0_f64.powi(-40), 2.0_f64.powi(40)] {
        for (name, f) in FUNCTIONS {
            for x in [0.3, 1.0, 2.9] {
                let scaled = |x: f64| scale * f(x);
                for scheme in Scheme::ALL {
                    let differences = Differences::new(scheme);
                    let what = format!("{name} at {x}, {scheme}");
                    let found = differences.estimate(scaled, x).unwrap();
                    let plain = differences.estimate(f, x).unwrap();
                    assert_scaled(found, plain, scale, &what);
                }
                let what = format!("{name} at {x}");
                let found = extrapolate(scaled, x, Step::Auto, 0.0).unwrap();
                let plain = extrapolate(f, x, Step::Auto, 0.0).unwrap();
                assert_scaled(found, plain, scale, &what);
                let found = nth_derivative(scaled, x, 2, 2, Step::Auto).unwrap();
                let plain = nth_derivative(f, x, 2, 2, Step::Auto).unwrap();
                assert_scaled(found, plain, scale, &what);
                let offsets = [-1.0, 0.0, 2.0];
                let found = stencil_derivative(scaled, x, &offsets, 1, Step::Auto).unwrap();
                let plain = stencil_derivative(f, x, &offsets, 1, Step::Auto).unwrap();
                assert_scaled(found, plain, scale, &what);
            }
        }
    }
}

#[test]
fn an_estimate_counts_every_call_of_its_function() {
    for (name, f) in FUNCTIONS {
        for x in [0.0, 0.3, 1.0, 1.0 + 1e-6] {
            let calls = Cell::new(0);
            let counted = |x: f64| {
                calls.set(calls.get() + 1);
                f(x)
            };
            for scheme in Scheme::ALL {
                let found = Differences::new(scheme).estimate(counted, x).unwrap();
                assert_eq!(found.evaluations, calls.take(), "{name} at {x}, {scheme}");
            }
            let found = extrapolate(counted, x, Step::Auto, 1e-10).unwrap();
            assert_eq!(found.evaluations, calls.take(), "{name} at {x}");
        }
    }
}

#[test]
fn quotients_that_leave_the_order_of_their_scheme_are_unsettled() {
    for scheme in Scheme::ALL {
        let differences = Differences::new(scheme);
        let h = differences.estimate(f64::sin, 0.0).unwrap().step;
        // A corner between the points, and a slope that leaves little of the quotient, so that
        // the error is large beside it.
        let corner = |x: f64| (x - h / 3.0).abs() + 0.35 * x;
        let found = differences.estimate(corner, 0.0).unwrap();
        assert_eq!(found.status, Status::Unsettled, "{scheme}: {found:?}");
    }
}

#[test]
fn a_map_whose_entries_all_converge_has_converged() {
    // A step so long that truncation is what is seen.
    let differences = Differences::default().step(Step::Absolute(1e-2));
    let smooth = |x: &[f64], y: &mut [f64]| (y[0], y[1]) = ((x[0] * x[1]).exp(), x[0].sin());
    let found = differences.jvp_estimates(smooth, &[0.7, 1.3], &[1.0, 0.5], 2);
    assert!(found.unwrap().converged());
    let line = |x: &[f64], y: &mut [f64]| (y[0], y[1]) = ((x[0] * x[1]).exp(), 3.0 * x[0]);
    let found = differences.jvp_estimates(line, &[0.7, 1.3], &[1.0, 0.5], 2);
    let found = found.unwrap();
    assert_eq!(found.statuses, [Status::Converged, Status::NoiseFloor]);
    assert!(!found.converged());
}

#[test]
fn a_slope_along_a_direction_is_seen_at_twice_its_step_where_nothing_forbids_it() {
    let farthest = |differences: &Differences<f64>, scheme: Scheme| {
        let most = Cell::new(0.0_f64);
        let f = |x: &[f64]| {
            most.set(most.get().max((x[0] - 1.0).abs()));
            x[0].exp()
        };
        let found = differences.directional_estimate(f, &[1.0], &[1.0]).unwrap();
        let reach = if scheme == Scheme::FivePoint {
            2.0
        } else {
            1.0
        };
        most.get() / found.step.abs() / reach
    };
    for scheme in Scheme::ALL {
        let near = |ratio: f64, to: f64| (ratio - to).abs() < 1e-6;
        let free = Differences::new(scheme);
        assert!(near(farthest(&free, scheme), 2.0), "{scheme}");
        let wide = free.within(&[-9.0], &[9.0]);
        assert!(near(farthest(&wide, scheme), 2.0), "{scheme}");
        // Room for the step alone.
        let step = free.estimate(f64::exp, 1.0).unwrap().step.abs();
        let room = if scheme == Scheme::FivePoint {
            2.5
        } else {
            1.25
        };
        let (low, high) = ([1.0 - room * step], [1.0 + room * step]);
        let tight = free.within(&low, &high);
        assert!(near(farthest(&tight, scheme), 1.0), "{scheme}");
    }
}

#[test]
fn the_step_of_a_corner_is_the_one_at_which_its_value_was_measured() {
    // To the right the slope between 0 and h is 1 + h, to the left h − 1: half of both is h.
    let found = extrapolate(|x: f64| x.abs() * (1.0 + x), 0.0, Step::Auto, 0.0).unwrap();
    assert_eq!(found.status, Status::KinkSuspected);
    assert!((found.value / found.step - 1.0).abs() < 1e-6, "{found:?}");
}

#[test]
fn a_stair_of_the_functions_own_rounding_is_no_corner() {
    // 1e16 + 1 lies in the middle between two numbers: f jumps by 2 at 1.
    let found = extrapolate(|x: f64| 1e16 + x, 1.0, Step::Auto, 0.0).unwrap();
    assert_ne!(found.status, Status::KinkSuspected, "{found:?}");
    assert!((found.value - 1.0).abs() <= found.error, "{found:?}");
}
