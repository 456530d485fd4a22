//! What a loss says of itself is so: the sweeps choose their way by it.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]
mod kinds;

use kinds::ALL;
use numgrad_loss::nalgebra::DMatrix;
use numgrad_loss::{
    BinaryCrossEntropy, Huber, Loss, LossError, LossKind, Real, Smooth, SoftmaxCrossEntropy,
    Target, Targets, Teaching,
};

fn quartic(y: &[f64], target: Target<'_, f64>) -> f64 {
    (0..y.len()).map(|k| (y[k] - target.at(k)).powi(4)).sum()
}

/// Every known loss, those that are taught, and two that nobody knows.
fn losses() -> Vec<(String, Box<dyn Loss<f64>>)> {
    let teaching = Teaching {
        label_smoothing: 0.0,
        class_weights: Some(vec![0.5, 2.0, 1.25]),
    };
    let mut all: Vec<(String, Box<dyn Loss<f64>>)> = Vec::new();
    for kind in ALL {
        all.push((kind.to_string(), kind.build().unwrap()));
        let taught = kind.taught(&teaching, 3).unwrap();
        all.push((format!("{kind}, weighted"), taught));
    }
    all.push(("a closure".to_owned(), Box::new(quartic)));
    all.push(("a smooth closure".to_owned(), Box::new(Smooth(quartic))));
    all
}

/// ε times a direction, where every loss has a slope; a difference of values has no digit of it left.
fn tiny(loss: &dyn Loss<f64>, size: f64) -> f64 {
    let (y, d) = ([0.31, 0.62, 0.17], [size, -2.0 * size, 0.5 * size]);
    let mut out = [0.0];
    loss.differences(&y, &d, Target::Label(2), &mut [0.0; 3], &mut out);
    out[0]
}

#[test]
fn a_difference_is_called_exact_where_it_keeps_its_digits_and_nowhere_else() {
    for (name, loss) in losses() {
        let (small, smaller) = (tiny(&*loss, 1e-14), tiny(&*loss, 1e-18));
        // Along a line, the second is 1e-4 of the first but for 1e-14 of it.
        let keeps_digits = (smaller - 1e-4 * small).abs() <= 1e-10 * smaller.abs();
        assert_eq!(loss.difference_is_exact(), keeps_digits, "{name}");
    }
}

#[test]
fn only_a_loss_that_jumps_or_that_nobody_knows_is_not_called_smooth() {
    for (name, loss) in losses() {
        let may_jump = name.starts_with("zero-one") || name == "a closure";
        assert_eq!(loss.is_piecewise_smooth(), !may_jump, "{name}");
    }
}

#[test]
fn a_known_loss_knows_its_kind_in_both_precisions() {
    fn found<T: Real>(kind: LossKind) -> Option<LossKind> {
        kind.build::<T>().unwrap().kind()
    }
    for kind in ALL {
        assert_eq!(found::<f64>(kind), Some(kind));
        assert_eq!(found::<f32>(kind), Some(kind));
    }
    assert_eq!(Loss::<f64>::kind(&quartic), None);
}

#[test]
fn a_closure_has_no_gradient_no_other_form_and_takes_any_target() {
    let loss: &dyn Loss<f64> = &quartic;
    let mut untouched = [7.0; 2];
    assert!(!loss.gradient(&[0.5, 0.5], Target::Label(0), &mut untouched));
    assert_eq!(untouched, [7.0; 2]);
    for link in [numgrad_loss::Link::Softmax, numgrad_loss::Link::Sigmoid] {
        assert!(loss.on_logits(link).is_none());
    }
    let target = Target::Values(&[-3.0, f64::NAN]);
    assert_eq!(loss.check_target(target), Ok(()));
    let label = Target::Label(1);
    assert_eq!(loss.soften(label), label);
}

/// A checkpoint names such a loss; nobody can ask for it by that name, and nothing is made of it.
#[test]
fn a_loss_of_ones_own_is_kept_by_name_and_never_built_from_it() {
    let name = String::from(LossKind::Own);
    assert_eq!(LossKind::try_from(name.clone()), Ok(LossKind::Own));
    assert!(matches!(
        name.parse::<LossKind>(),
        Err(LossError::Unknown(_))
    ));
    assert_eq!(LossKind::Own.build::<f64>().err(), Some(LossError::Own));
    assert_eq!(
        LossKind::try_from("hing".to_owned()).err(),
        Some(LossError::Unknown("hing".to_owned()))
    );
}

#[test]
fn only_errors_about_a_sample_take_its_number() {
    let label = |sample| LossError::Label {
        sample,
        label: 5,
        outputs: 3,
    };
    assert_eq!(label(0).at_sample(7), label(7));
    assert_eq!(LossError::Own.at_sample(7), LossError::Own);
}

#[test]
fn targets_are_counted_by_their_samples() {
    let none: [Targets<f64>; 2] = [
        Targets::Labels(vec![]),
        Targets::Values(DMatrix::zeros(3, 0)),
    ];
    for targets in none {
        assert!(targets.is_empty());
    }
    let values = Targets::Values(DMatrix::from_column_slice(1, 2, &[4.0, 5.0]));
    assert!(!values.is_empty());
    assert_eq!(values.get(1), Target::Values(&[5.0]));
    assert_eq!(Targets::<f64>::Labels(vec![3, 0]).len(), 2);
    let two = LossError::Shape {
        expected: 2,
        found: 1,
    };
    assert_eq!(values.check(2), Err(two));
    assert_eq!(values.check(1), Ok(()));
}

#[test]
fn taught_losses_refuse_the_targets_that_theirs_refuse() {
    for kind in [
        LossKind::CrossEntropy,
        LossKind::BinaryCrossEntropy,
        LossKind::Hinge,
    ] {
        let teaching = Teaching {
            label_smoothing: 0.0,
            class_weights: Some(vec![1.0, 2.0]),
        };
        let loss = kind.taught::<f64>(&teaching, 2).unwrap();
        let bad = loss.check_target(Target::Values(&[-1.0, 0.5]));
        assert!(matches!(bad, Err(LossError::Domain { output: 0, .. })));
        assert_eq!(loss.check_target(Target::Values(&[0.0, 1.0])), Ok(()));
    }
    let on_logits = LossKind::BinaryCrossEntropyLogits.build::<f64>().unwrap();
    assert!(on_logits.check_target(Target::Values(&[1.5])).is_err());
}

/// A weighted loss behind backpropagation is checked as any other.
#[test]
fn the_gradient_of_a_weighted_loss_is_weighted_and_only_known_where_its_losss_is() {
    let teaching = Teaching {
        label_smoothing: 0.0,
        class_weights: Some(vec![0.5, 3.0]),
    };
    let y = [0.2, 0.6];
    let taught = |kind: LossKind| kind.taught::<f64>(&teaching, 2).unwrap();
    let mut gradient = [0.0; 2];
    let squares = taught(LossKind::SumOfSquaredErrors);
    assert!(squares.gradient(&y, Target::Label(1), &mut gradient));
    for (found, expected) in gradient.into_iter().zip([0.6, -1.2]) {
        assert!((found - expected).abs() < 1e-15, "{found}");
    }
    let jumps = taught(LossKind::ZeroOne);
    assert!(!jumps.gradient(&y, Target::Label(1), &mut gradient));
}

#[test]
fn what_a_target_gives_no_weight_is_not_looked_at() {
    let loss: &dyn Loss<f64> = &BinaryCrossEntropy;
    let certain = Target::Values(&[0.0, 1.0]);
    assert_eq!(loss.value(&[0.0, 1.0], certain), 0.0);
    let mut gradient = [f64::NAN; 2];
    assert!(loss.gradient(&[0.0, 1.0], certain, &mut gradient));
    assert_eq!(gradient, [1.0, -1.0]);
    for edge in [0.0, 1.0] {
        assert_eq!(loss.check_target(Target::Values(&[edge])), Ok(()));
    }
}

#[test]
fn the_slope_of_an_absolute_error_at_its_corner_is_the_mean_of_both_sides() {
    let loss = LossKind::MeanAbsoluteError.build::<f64>().unwrap();
    let mut gradient = [9.0; 3];
    assert!(loss.gradient(
        &[2.0, 0.5, -2.0],
        Target::Values(&[1.0, 0.5, 1.0]),
        &mut gradient
    ));
    assert_eq!(gradient, [1.0 / 3.0, 0.0, -1.0 / 3.0]);
}

#[test]
fn hubers_corners_are_where_they_were_asked_for() {
    assert_eq!(Huber::new(0.25).unwrap().delta(), 0.25);
    assert_eq!(Huber::default(), Huber::new(1.0).unwrap());
    assert_eq!("huber".parse(), Ok(LossKind::Huber(1.0)));
    assert!(Huber::new(-1.0).is_err() && Huber::new(f64::INFINITY).is_err());
}

/// Each form of exp(x) − 1 serves up to a distance between the logits, on either side of none moving.
#[test]
fn logits_that_move_apart_are_as_far_apart_as_they_are() {
    let z = [0.3_f64, -0.2, 0.9];
    let loss: &dyn Loss<f64> = &SoftmaxCrossEntropy;
    for distance in [1e-4, 9e-4, 0.01, 0.03, 0.3, 0.9, 1.8, 30.0] {
        let half = 0.5 * distance;
        for d in [[-half, half, half], [half, -half, 0.0], [half, half, -half]] {
            for target in [Target::Label(0), Target::Values(&[0.0, 0.9, 0.1])] {
                let mut out = [0.0_f64];
                loss.differences(&z, &d, target, &mut [0.0; 3], &mut out);
                let moved = [z[0] + d[0], z[1] + d[1], z[2] + d[2]];
                let expected = loss.value(&moved, target) - loss.value(&z, target);
                // What the subtraction of two values rounds.
                let limit = 1e-15 * (1.0 + loss.value(&moved, target));
                let error = (out[0] - expected).abs();
                assert!(error <= limit, "{distance} {d:?}: {error:e}");
            }
        }
    }
}

/// More lanes than a block has, each of which may take another form.
#[test]
fn wide_moves_of_many_lanes_are_the_same_as_one_by_one() {
    let (z, lanes) = ([0.3_f64, -0.2, 0.9], 300);
    let moves: Vec<f64> = (0..3 * lanes).map(|k| 3.0 * f64::from(k).sin()).collect();
    let lanes = lanes as usize;
    for kind in ALL {
        if matches!(kind, LossKind::CrossEntropy | LossKind::BinaryCrossEntropy) {
            continue; // of probabilities, which cannot move so far
        }
        let loss = kind.build::<f64>().unwrap();
        let mut all = vec![0.0; lanes];
        loss.differences(&z, &moves, Target::Label(1), &mut [0.0; 3], &mut all);
        for (lane, &found) in all.iter().enumerate() {
            let d = [moves[lane], moves[lanes + lane], moves[2 * lanes + lane]];
            let mut alone = [0.0];
            loss.differences(&z, &d, Target::Label(1), &mut [0.0; 3], &mut alone);
            let error = (found - alone[0]).abs();
            assert!(error <= 1e-15 * (1.0 + alone[0].abs()), "{kind} {lane}");
        }
    }
}

/// With the logits' weight on the one that moves the most, up to where the series ends.
#[test]
fn along_a_line_the_series_keeps_its_digits_to_its_end() {
    let (p, v) = ([1e-6, 2e-6, 1.0 - 3e-6], [0.25, 0.0, 1.0_f64]);
    for reach in [1.0 / 1024.0, -1.0 / 1024.0, 0.5 / 1024.0] {
        // One more than the vectors of any CPU, so that the rest is taken too.
        let mut distances = [reach; 33];
        let label = Target::Label(1);
        let mut scratch = Vec::new();
        assert!(SoftmaxCrossEntropy::along(
            &p,
            &v,
            label,
            &mut distances,
            &mut scratch
        ));
        let sum: f64 = p.iter().zip(v).map(|(p, v)| p * (v * reach).exp_m1()).sum();
        for found in distances {
            let error = (found / sum.ln_1p() - 1.0).abs();
            assert!(error <= 2e-15, "{reach}: {error:e}");
        }
    }
}
