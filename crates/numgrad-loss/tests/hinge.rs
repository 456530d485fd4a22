//! The hinge loss is a margin, and its difference is exact at and across every corner.
use numgrad_loss::nalgebra::DMatrix;
use numgrad_loss::{Hinge, Loss, LossError, Target, Targets, mean_loss};

fn difference(y: &[f64], d: &[f64], target: Target<'_, f64>) -> f64 {
    let mut out = [0.0];
    Hinge.differences(y, d, target, &mut vec![0.0; y.len()], &mut out);
    out[0]
}

fn value(y: &[f64], target: Target<'_, f64>) -> f64 {
    Hinge.value(y, target)
}

/// By `sklearn.metrics.hinge_loss(y_true, pred_decision)` of scikit-learn 1.9.1, whose mean over
/// several classes is that of Crammer and Singer, and over two that of max(0, 1 − t·y).
#[test]
fn means_are_those_of_scikit_learn() {
    let scores = [
        [1.3, -0.2, 0.4],
        [0.1, 0.3, 0.2],
        [-1.0, 2.0, 0.5],
        [0.7, 0.6, -0.9],
        [2.5, 0.1, 0.9],
    ];
    let y = DMatrix::from_column_slice(3, 5, scores.as_flattened());
    let found = mean_loss(&Hinge, &y, &Targets::Labels(vec![0, 2, 1, 1, 2])).unwrap();
    assert!((found - SEVERAL).abs() < 1e-15, "{found}");
    let y = DMatrix::from_column_slice(1, 5, &[0.3, -1.7, 2.0, -0.4, 0.9]);
    let t = DMatrix::from_column_slice(1, 5, &[1.0, -1.0, 1.0, 1.0, -1.0]);
    let found = mean_loss(&Hinge, &y, &Targets::Values(t)).unwrap();
    assert!((found - BINARY).abs() < 1e-15, "{found}");
}

const SEVERAL: f64 = 0.980_000_000_000_000_1;
const BINARY: f64 = 0.799_999_999_999_999_9;

#[test]
fn differences_are_those_of_the_values_at_and_across_every_corner() {
    let y = [0.25, 1.5, -0.75, 1.5];
    let moves = [
        [0.0, 0.0, 0.0, 0.0],
        [0.25, 0.0, 0.0, 0.0], // to another class that is the largest
        [0.0, 0.0, 3.0, 0.0],  // past both of the largest
        [4.0, 0.0, 0.0, 0.0],
        [0.0, 2.0, 0.0, -2.0],
        [-9.0, 9.0, 9.0, 9.0],
        [9.0, -9.0, -9.0, -9.0], // nothing is lacking any more
        [1.75, -0.5, 0.0, -0.5], // to the corner itself
    ];
    for class in 0..4 {
        let label = Target::Label(class);
        for d in moves {
            let moved: Vec<f64> = y.iter().zip(d).map(|(y, d)| y + d).collect();
            let expected = value(&moved, label) - value(&y, label);
            // The numbers are such that every sum is exact.
            assert_eq!(difference(&y, &d, label), expected, "{class} {d:?}");
            let back = d.map(|d| -d);
            assert_eq!(difference(&moved, &back, label), -expected, "{class} {d:?}");
        }
    }
    for (y, d) in [
        (0.5, 0.25),
        (0.5, 2.0),
        (1.5, -2.0),
        (1.0, -0.5),
        (1.0, 0.5),
    ] {
        for sign in [-1.0, 1.0] {
            let sign = [sign];
            let target = Target::Values(&sign);
            let expected = value(&[y + d], target) - value(&[y], target);
            assert_eq!(difference(&[y], &[d], target), expected, "{y} {d} {sign:?}");
        }
    }
}

#[test]
fn a_margin_that_is_kept_costs_nothing_and_has_no_slope() {
    let label = Target::Label(1);
    let (y, mut gradient) = ([0.5, 2.0, 1.0], [9.0; 3]);
    assert_eq!(value(&y, label), 0.0);
    assert!(Hinge.gradient(&y, label, &mut gradient));
    assert_eq!(gradient, [0.0; 3]);
    assert!(Hinge.gradient(&[0.5, 0.75, 1.0], label, &mut gradient));
    assert_eq!(gradient, [0.0, -1.0, 1.0]);
    for sign in [-1.0, 1.0] {
        let (target, mut slope) = ([sign], [9.0]);
        assert!(Hinge.gradient(&[0.5 * sign], Target::Values(&target), &mut slope));
        assert_eq!(slope, [-sign]);
    }
}

#[test]
fn what_is_no_number_is_not_hidden_behind_the_margin() {
    for at in 0..3 {
        let mut y = [0.0, 5.0, 0.0];
        y[at] = f64::NAN;
        assert!(value(&y, Target::Label(1)).is_nan(), "{at}");
        let mut d = [0.0; 3];
        d[at] = f64::NAN;
        assert!(
            difference(&[0.0, 0.5, 0.0], &d, Target::Label(1)).is_nan(),
            "{at}"
        );
    }
}

#[test]
fn scores_of_zero_are_numbers_and_infinite_ones_are_not() {
    assert_eq!(value(&[0.0, 0.0, 0.0], Target::Label(1)), 1.0);
    assert_eq!(value(&[0.0], Target::Values(&[1.0])), 1.0);
    for infinite in [f64::INFINITY, f64::NEG_INFINITY] {
        for class in 0..2 {
            let y = [infinite, 0.5];
            assert!(
                value(&y, Target::Label(class)).is_nan(),
                "{infinite} {class}"
            );
            let found = difference(&[0.5, 0.5], &[infinite, 0.0], Target::Label(class));
            assert!(found.is_nan(), "{infinite} {class}");
        }
    }
}

#[test]
fn targets_that_are_no_class_are_refused_with_their_sample() {
    let refused = |rows: usize, t: &[f64]| {
        let y = DMatrix::from_element(rows, 2, 0.5);
        let targets = Targets::Values(DMatrix::from_column_slice(rows, 2, t));
        mean_loss(&Hinge, &y, &targets)
    };
    for t in [
        [0.0, 1.0, 1.0, 1.0],
        [0.0, 1.0, 0.0, 0.0],
        [1.0, 0.0, 0.5, 0.5],
    ] {
        let found = refused(2, &t);
        assert!(
            matches!(found, Err(LossError::Domain { sample: 1, .. })),
            "{found:?}"
        );
    }
    let found = refused(1, &[1.0, 0.0]);
    assert!(
        matches!(found, Err(LossError::Domain { sample: 1, .. })),
        "{found:?}"
    );
    assert!(refused(1, &[1.0, -1.0]).is_ok());
    assert!(refused(3, &[0.0, 1.0, 0.0, 0.0, 0.0, 1.0]).is_ok());
    assert!(refused(3, &[0.0, 1.0, 0.0, 0.0, 1.0, 1.0]).is_err());
}
