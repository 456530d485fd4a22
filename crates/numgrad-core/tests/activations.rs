//! Activations' values, differences and derivatives agree with each other and with analysis.
use numgrad_core::{Activation, ActivationKind, OutputKind, Smooth, Units};

const POINTS: [f64; 9] = [-1000.0, -30.0, -2.5, -1e-3, 0.0, 1e-3, 0.7, 12.0, 1000.0];

fn value(kind: ActivationKind, z: f64) -> f64 {
    Activation::<f64>::value(&kind, z)
}

/// The moves of one unit, by the form for many.
fn moved(kind: ActivationKind, z: f64, d: f64) -> f64 {
    let (mut a, mut memo, mut moves) = ([0.0], [0.0], [d]);
    kind.values(&[z], &mut a, &mut memo);
    let units = Units {
        z: &[z],
        a: &a,
        memo: &memo,
    };
    kind.differences(units, &mut moves);
    moves[0]
}

#[test]
fn values_are_what_the_formulas_say() {
    for z in POINTS {
        for (kind, expected) in [
            (ActivationKind::Identity, z),
            (ActivationKind::Sigmoid, 1.0 / (1.0 + (-z).exp())),
            (ActivationKind::Tanh, z.tanh()),
            (ActivationKind::Relu, z.max(0.0)),
            (
                ActivationKind::LeakyRelu,
                if z > 0.0 { z } else { 0.01 * z },
            ),
            (
                ActivationKind::Softplus,
                z.max(0.0) + (-z.abs()).exp().ln_1p(),
            ),
            (ActivationKind::Step, if z > 0.0 { 1.0 } else { 0.0 }),
        ] {
            let found = value(kind, z);
            assert!(
                (found - expected).abs() <= 1e-15 * expected.abs(),
                "{kind} {z}: {found}"
            );
        }
    }
}

/// By an integral of the density, which knows nothing of how Φ is computed.
#[test]
fn gelu_is_its_argument_times_the_normal_distribution() {
    let density = |x: f64| (-x * x / 2.0).exp() / std::f64::consts::TAU.sqrt();
    for z in [-6.0, -2.5, -0.75, -1e-3, 0.3, 1.0, 4.0] {
        // Simpson's rule from −12, where less than 1e-32 is left.
        let (from, parts) = (-12.0, 10_000);
        let h = (z - from) / f64::from(parts);
        let weighted = (0..=parts).map(|k| {
            let weight = match k {
                0 => 1.0,
                k if k == parts => 1.0,
                k => 2.0 + 2.0 * f64::from(k % 2),
            };
            weight * density(h.mul_add(f64::from(k), from))
        });
        let expected = z * weighted.sum::<f64>() * h / 3.0;
        let found = value(ActivationKind::Gelu, z);
        assert!(
            (found - expected).abs() <= 1e-11 * expected.abs(),
            "{z}: {found} {expected}"
        );
    }
    assert_eq!(value(ActivationKind::Gelu, 0.0), 0.0);
    assert_eq!(value(ActivationKind::Gelu, -1000.0), 0.0);
    assert_eq!(value(ActivationKind::Gelu, 1000.0), 1000.0);
}

/// Each size of a move may have a form of its own: at its ends they must agree.
#[test]
fn forms_for_moves_of_different_sizes_agree_where_they_meet() {
    for kind in [ActivationKind::Softplus, ActivationKind::Gelu] {
        for z in [
            -9.0,
            -3.0,
            -0.751_791_524_693_564_5,
            0.0,
            1e-40,
            0.4,
            5.0,
            37.0,
        ] {
            for end in [1.0 / 1024.0, 1.0 / 32.0, 1.0 / 16.0, 1.0] {
                for d in [end, -end] {
                    let (inside, outside) = (d, d * (1.0 + 1e-15));
                    let (a, b) = (moved(kind, z, inside), moved(kind, z, outside));
                    let one = Activation::<f64>::difference(&kind, z, inside);
                    let limit = 4e-16 * (1.0 + z.abs()) + 2e-15 * end;
                    assert!((a - b).abs() <= limit, "{kind} {z} {d}: {a:e} {b:e}");
                    assert!((a - one).abs() <= limit, "{kind} {z} {d}: {a:e} {one:e}");
                }
            }
        }
    }
}

#[test]
fn differences_are_those_of_the_values_for_moves_of_any_size() {
    for kind in ActivationKind::ALL {
        for z in POINTS {
            for d in [1e-4, -1e-4, 0.02, -0.4, 0.9, -3.0, 50.0, -1000.0, 1000.0] {
                let expected = value(kind, z + d) - value(kind, z);
                let one = Activation::<f64>::difference(&kind, z, d);
                for found in [one, moved(kind, z, d)] {
                    let limit = 4e-16 * (1.0 + value(kind, z).abs() + value(kind, z + d).abs());
                    // z + d itself is rounded, which the sum of the two knows nothing of.
                    let limit = limit + 1e-15 * (z.abs() + d.abs());
                    assert!((found - expected).abs() <= limit, "{kind} {z} {d}: {found}");
                }
            }
        }
    }
}

#[test]
fn tiny_differences_are_the_slope_times_the_move_to_twelve_digits() {
    for kind in ActivationKind::ALL {
        for z in [-20.0, -2.5, -0.3, 0.4, 3.0, 20.0] {
            let Some(slope) = Activation::<f64>::derivative(&kind, z) else {
                continue;
            };
            for d in [1e-13, -1e-14] {
                let expected = slope * d;
                let one = Activation::<f64>::difference(&kind, z, d);
                for found in [one, moved(kind, z, d)] {
                    let error = (found - expected).abs();
                    assert!(error <= 1e-12 * expected.abs(), "{kind} {z} {d}: {found:e}");
                }
            }
        }
    }
}

#[test]
fn derivatives_of_many_units_are_those_of_one() {
    for kind in ActivationKind::ALL {
        let z = [-2.5, -0.3, 0.4, 3.0];
        let (mut a, mut memo, mut slopes) = ([0.0; 4], [0.0; 4], [0.0; 4]);
        kind.values(&z, &mut a, &mut memo);
        let units = Units {
            z: &z,
            a: &a,
            memo: &memo,
        };
        let known = kind.derivatives(units, &mut slopes);
        assert_eq!(known, kind != ActivationKind::Step);
        for (&slope, &z) in slopes.iter().zip(&z).filter(|_| known) {
            let one = Activation::<f64>::derivative(&kind, z).unwrap();
            assert!((slope - one).abs() <= 1e-15, "{kind} {z}");
        }
    }
}

#[test]
fn a_closure_is_an_activation_and_smooth_only_if_it_says_so() {
    let cube = |z: f64| z.powi(3);
    assert_eq!(cube.difference(1.0, 1.0), 7.0);
    assert!(!cube.is_piecewise_smooth() && Smooth(cube).is_piecewise_smooth());
    assert!(!cube.difference_is_exact());
    assert_eq!(Smooth(cube).value(2.0), 8.0);
}

#[test]
fn names_are_read_back_and_serialised() {
    for kind in ActivationKind::ALL {
        assert_eq!(kind.to_string().parse(), Ok(kind));
    }
    assert_eq!("softmax".parse(), Ok(OutputKind::Softmax));
    assert_eq!(
        "tanh".parse(),
        Ok(OutputKind::Elementwise(ActivationKind::Tanh))
    );
    assert!("swish".parse::<ActivationKind>().is_err());
}
