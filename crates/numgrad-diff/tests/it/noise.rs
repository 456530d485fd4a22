//! The level of noise, and steps above it.
use numgrad_diff::{
    Differences, Scheme, Step, derivative, noise, noise_aware_step, noise_aware_steps,
};

const POINTS: [f64; 6] = [0.4, 0.9, 1.0, 1.3, 2.2, 2.8];

#[test]
fn the_level_of_rounding_to_decimals_is_found() {
    for decimals in [1e3, 1e5, 1e7, 1e9] {
        for x in POINTS {
            let rounded = |x: f64| ((x.sin() + 2.0) * decimals).round() / decimals;
            let found = noise(rounded, x).unwrap();
            // Rounding to a unit has the deviation 1/√12 of it.
            let ratio = found.level * decimals * 12.0_f64.sqrt();
            assert!(
                ratio > 0.1 && ratio < 10.0,
                "{decimals:e} at {x}: {ratio} {found:?}"
            );
        }
    }
}

#[test]
fn an_exact_function_has_the_noise_of_its_rounding() {
    for x in POINTS {
        let found = noise(|x: f64| x.sin() + 2.0, x).unwrap();
        assert!(
            found.level > 1e-17 && found.level < 1e-14,
            "at {x}: {found:?}"
        );
    }
}

#[test]
fn steps_above_the_noise_beat_automatic_ones() {
    for scheme in Scheme::ALL {
        let (mut aware, mut automatic) = (0.0_f64, 0.0_f64);
        for x in POINTS {
            let rounded = |x: f64| ((x.sin() + 2.0) * 1e6).round() / 1e6;
            let h = noise_aware_step(rounded, x, scheme).unwrap();
            let error = |step| (derivative(rounded, x, scheme, step).unwrap() - x.cos()).abs();
            aware = aware.max(error(Step::Absolute(h)));
            automatic = automatic.max(error(Step::Auto));
        }
        let limit =
            [1e-2, 1e-2, 1e-3, 1e-3][Scheme::ALL.iter().position(|&s| s == scheme).unwrap()];
        assert!(
            aware < limit && aware < 0.5 * automatic,
            "{scheme}: {aware:e} {automatic:e}"
        );
    }
}

#[test]
fn steps_for_every_coordinate_make_a_gradient() {
    let f = |x: &[f64]| ((x[0].sin() + x[1] * x[1] + 3.0 * x[0] * x[1]) * 1e7).round() / 1e7;
    let x = [0.7, 1.2];
    let steps = noise_aware_steps(f, &x, Scheme::Central).unwrap();
    let found = Differences::default()
        .steps(&steps)
        .gradient(f, &x)
        .unwrap();
    assert!((found[0] - (0.7_f64.cos() + 3.6)).abs() < 1e-4, "{found:?}");
    assert!((found[1] - (2.4 + 2.1)).abs() < 1e-4, "{found:?}");
}

#[test]
fn where_no_noise_is_found_the_step_is_the_automatic_one() {
    for f in [|_: f64| 1.0, |_: f64| f64::NAN] {
        let h = noise_aware_step(f, 1.0, Scheme::Central).unwrap();
        assert_eq!(h, Step::Auto.at(1.0, Scheme::Central).unwrap());
        assert!(noise(f, 1.0).unwrap().level.is_nan());
    }
}

#[test]
fn a_step_balances_the_noise_with_how_fast_the_slope_turns() {
    let level = 1e-8 / 12.0_f64.sqrt();
    for frequency in [1.0, 10.0, 60.0] {
        for (scheme, order, balance) in [
            (Scheme::Forward, 1, 4.0),
            (Scheme::Backward, 1, 4.0),
            (Scheme::Central, 2, 3.0),
            (Scheme::FivePoint, 4, 11.25),
        ] {
            // Where the derivatives of even and of odd orders have the same size.
            let x = 2.25 * std::f64::consts::PI / frequency;
            let rounded = |x: f64| ((frequency * x).sin() * 1e8).round() / 1e8;
            let h = noise_aware_step(rounded, x, scheme).unwrap();
            let turns = frequency.powi(order + 1) * 0.5_f64.sqrt();
            let best = (balance * level / turns).powf(1.0 / f64::from(order + 1));
            let best = best.min(0.1 * x.max(1.0));
            let ratio = h / best;
            // The noise is known within a factor of 4, as that of the table is.
            assert!(
                ratio > 0.25 && ratio < 4.0,
                "{scheme}, {frequency}: {h:e} {best:e}"
            );
        }
    }
}

#[test]
fn what_grows_steeply_is_not_taken_for_noise() {
    // It doubles from each value of the first table to the next, so that the differences of every
    // order are as large as those of noise would be; but they never change their sign.
    let spacing = f64::EPSILON.powf(0.25) * 0.01;
    for height in [0.0, 10.0, 300.0, 2000.0] {
        let f = |x: f64| height + ((x - 1.0) / spacing).exp2();
        let found = noise(f, 1.0).unwrap();
        // ε·|f|, and what ε·|x| becomes by the slope ln 2 / spacing.
        let rounding = f64::EPSILON * (height + 1.0 / spacing);
        assert!(
            found.level.is_nan() || found.level <= 10.0 * rounding,
            "{height}: {found:?} {rounding:e}"
        );
    }
}
