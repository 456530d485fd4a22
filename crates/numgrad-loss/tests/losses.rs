//! Losses are what their formulas say, and their differences keep their digits.
mod kinds;

use kinds::ALL;
use numgrad_loss::nalgebra::DMatrix;
use numgrad_loss::{
    CrossEntropy, Huber, Link, Loss, LossError, LossKind, Real, SoftmaxCrossEntropy, Target,
    Targets, mean_loss,
};

fn smooth() -> impl Iterator<Item = LossKind> {
    ALL.into_iter().filter(|kind| *kind != LossKind::ZeroOne)
}

fn difference<T: Real>(loss: &dyn Loss<T>, y: &[T], d: &[T], target: Target<'_, T>) -> T {
    let (mut scratch, mut out) = (vec![T::zero(); y.len()], [T::zero()]);
    loss.differences(y, d, target, &mut scratch, &mut out);
    out[0]
}

#[test]
fn values_are_what_the_formulas_say() {
    let y = [0.7_f64, 0.2, 0.1];
    let value = |kind: LossKind, target| kind.build::<f64>().unwrap().value(&y, target);
    let label = Target::Label(1);
    let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-15, "{found}");
    close(value(LossKind::CrossEntropy, label), -(0.2_f64.ln()));
    let sum: f64 = y.iter().map(|z| z.exp()).sum();
    close(value(LossKind::SoftmaxCrossEntropy, label), sum.ln() - 0.2);
    let squares = 0.49 + 0.64 + 0.01;
    close(value(LossKind::SumOfSquaredErrors, label), squares / 2.0);
    close(value(LossKind::MeanSquaredError, label), squares / 3.0);
    close(value(LossKind::MeanAbsoluteError, label), 1.6 / 3.0);
    let huber = 0.5 * (0.7 - 0.25) + 0.5 * (0.8 - 0.25) + 0.005;
    close(value(LossKind::Huber(0.5), label), huber / 3.0);
    let bce = -(0.3_f64.ln() + 0.2_f64.ln() + 0.9_f64.ln());
    close(value(LossKind::BinaryCrossEntropy, label), bce);
    close(value(LossKind::Hinge, label), 1.0 - 0.2 + 0.7);
    assert_eq!(value(LossKind::ZeroOne, label), 1.0);
    assert_eq!(value(LossKind::ZeroOne, Target::Label(0)), 0.0);
}

#[test]
fn a_label_is_the_vector_with_a_one_at_its_place() {
    let (y, one_hot) = ([0.3, 0.6, 0.1], [0.0, 1.0, 0.0]);
    for kind in ALL {
        let loss = kind.build::<f64>().unwrap();
        let (label, values) = (Target::Label(1), Target::Values(&one_hot));
        assert_eq!(loss.value(&y, label), loss.value(&y, values), "{kind}");
        let d = [1e-3, -2e-3, 5e-4];
        let (a, b) = (
            difference(&*loss, &y, &d, label),
            difference(&*loss, &y, &d, values),
        );
        assert!((a - b).abs() <= 1e-15 * a.abs(), "{kind}: {a} {b}");
    }
}

#[test]
fn gradients_are_the_slopes_of_the_values() {
    let y = [0.31, 0.62, 0.17];
    for kind in smooth() {
        let loss = kind.build::<f64>().unwrap();
        for target in [Target::Label(2), Target::Values(&[0.2, 0.5, 0.1])] {
            let mut gradient = [0.0; 3];
            assert!(loss.gradient(&y, target, &mut gradient));
            for k in 0..3 {
                let at = |d: f64| {
                    let mut y = y;
                    y[k] += d;
                    loss.value(&y, target)
                };
                let h = 1e-3;
                let slope = (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h);
                assert!(
                    (gradient[k] - slope).abs() < 1e-7,
                    "{kind} {k}: {} {slope}",
                    gradient[k]
                );
            }
        }
    }
    let zero_one = LossKind::ZeroOne.build::<f64>().unwrap();
    assert!(!zero_one.gradient(&y, Target::Label(0), &mut [0.0; 3]));
}

#[test]
fn a_difference_is_the_difference_of_the_values_for_moves_of_any_size() {
    let y = [0.31, 0.62, 0.17];
    for kind in ALL {
        let loss = kind.build::<f64>().unwrap();
        let is_probability = matches!(kind, LossKind::CrossEntropy | LossKind::BinaryCrossEntropy);
        let sizes: &[f64] = if is_probability {
            &[1e-3, 0.1]
        } else {
            &[1e-3, 0.1, 1.5, 40.0]
        };
        for target in [Target::Label(0), Target::Values(&[0.2, 0.5, 0.1])] {
            for &size in sizes {
                let d = [size, -0.7 * size, 0.4 * size];
                let moved: Vec<f64> = y.iter().zip(d).map(|(y, d)| y + d).collect();
                let expected = loss.value(&moved, target) - loss.value(&y, target);
                let found = difference(&*loss, &y, &d, target);
                let limit = 1e-14 * (1.0 + loss.value(&moved, target));
                assert!(
                    (found - expected).abs() < limit,
                    "{kind} {size}: {found} {expected}"
                );
            }
        }
    }
}

/// At such moves the values of y and y + d share nearly all of their digits.
#[test]
fn tiny_differences_keep_twelve_digits() {
    let y = [0.31, 0.62, 0.17];
    for kind in smooth() {
        let loss = kind.build::<f64>().unwrap();
        for target in [Target::Label(2), Target::Values(&[0.2, 0.5, 0.1])] {
            let mut gradient = [0.0; 3];
            loss.gradient(&y, target, &mut gradient);
            let d = [1e-14, -2e-14, 0.5e-14];
            let linear: f64 = gradient.iter().zip(d).map(|(g, d)| g * d).sum();
            let found = difference(&*loss, &y, &d, target);
            assert!(
                (found / linear - 1.0).abs() < 2e-12,
                "{kind}: {found:e} {linear:e}"
            );
        }
    }
}

#[test]
fn in_f32_a_confident_samples_difference_is_right_where_subtraction_is_not() {
    let z = [9.0_f32, 0.5, -1.0, 0.25];
    let wide: Vec<f64> = z.iter().map(|&z| z.into()).collect();
    let (d, target) = ([1e-6_f32, -3e-7, 2e-7, 7e-7], Target::Label(0));
    let wide_d: Vec<f64> = d.iter().map(|&d| d.into()).collect();
    let exact = difference(&SoftmaxCrossEntropy, &wide, &wide_d, Target::Label(0));
    let found = difference(&SoftmaxCrossEntropy, &z, &d, target);
    assert!(
        (f64::from(found) / exact - 1.0).abs() < 1e-5,
        "{found:e} {exact:e}"
    );
    let loss: &dyn Loss<f32> = &SoftmaxCrossEntropy;
    let moved: Vec<f32> = z.iter().zip(d).map(|(z, d)| z + d).collect();
    let subtracted = loss.value(&moved, target) - loss.value(&z, target);
    assert!(
        (f64::from(subtracted) / exact - 1.0).abs() > 1e-3,
        "{subtracted:e}"
    );
}

#[test]
fn logits_and_moves_of_a_thousand_are_finite_and_right() {
    for kind in [
        LossKind::SoftmaxCrossEntropy,
        LossKind::BinaryCrossEntropyLogits,
    ] {
        let loss = kind.build::<f64>().unwrap();
        for z in [[1000.0, -1000.0], [-1000.0, 1000.0], [0.0, 1000.0]] {
            for d in [
                [1000.0, -1000.0],
                [-2000.0, 2000.0],
                [1e-4, 0.0],
                [-700.0, 10.0],
            ] {
                for target in [
                    Target::Label(0),
                    Target::Label(1),
                    Target::Values(&[0.5, 0.5]),
                ] {
                    let moved = [z[0] + d[0], z[1] + d[1]];
                    let (before, after) = (loss.value(&z, target), loss.value(&moved, target));
                    assert!(before.is_finite() && before >= 0.0, "{kind} {z:?}");
                    let found = difference(&*loss, &z, &d, target);
                    let error = (found - (after - before)).abs();
                    assert!(
                        error <= 1e-12 * (1.0 + before + after),
                        "{kind} {z:?} {d:?} {found}"
                    );
                }
            }
        }
    }
}

#[test]
fn many_lanes_are_the_same_as_one_by_one() {
    let y = [0.31, 0.62, 0.17];
    let lanes = 300; // more than any block
    let moves: Vec<f64> = (0..3 * lanes)
        .map(|k| 1e-4 * f64::from(k as u32).sin())
        .collect();
    for kind in ALL {
        let loss = kind.build::<f64>().unwrap();
        let mut out = vec![0.0; lanes];
        loss.differences(&y, &moves, Target::Label(1), &mut [0.0; 3], &mut out);
        for (lane, &found) in out.iter().enumerate() {
            let d = [moves[lane], moves[lanes + lane], moves[2 * lanes + lane]];
            let alone = difference(&*loss, &y, &d, Target::Label(1));
            assert!(
                (found - alone).abs() <= 1e-15 * alone.abs(),
                "{kind} {lane}"
            );
        }
    }
}

#[test]
fn an_output_of_zero_where_the_target_is_not_is_an_infinite_loss() {
    let loss: &dyn Loss<f64> = &CrossEntropy;
    assert_eq!(loss.value(&[0.0, 1.0], Target::Label(0)), f64::INFINITY);
    assert_eq!(loss.value(&[0.0, 1.0], Target::Label(1)), 0.0);
}

#[test]
fn forms_on_logits_are_found_for_their_own_link_only() {
    let kind = |kind: LossKind, link| {
        let loss = kind.build::<f64>().unwrap();
        loss.on_logits(link).and_then(Loss::kind)
    };
    let (softmax, sigmoid) = (Link::Softmax, Link::Sigmoid);
    let expected = Some(LossKind::SoftmaxCrossEntropy);
    assert_eq!(kind(LossKind::CrossEntropy, softmax), expected);
    assert_eq!(kind(LossKind::CrossEntropy, sigmoid), None);
    let expected = Some(LossKind::BinaryCrossEntropyLogits);
    assert_eq!(kind(LossKind::BinaryCrossEntropy, sigmoid), expected);
    assert_eq!(kind(LossKind::BinaryCrossEntropy, softmax), None);
    // The largest logit is the largest probability; an output of sigmoids may be a single one.
    assert_eq!(kind(LossKind::ZeroOne, softmax), Some(LossKind::ZeroOne));
    assert_eq!(kind(LossKind::ZeroOne, sigmoid), None);
}

#[test]
fn targets_that_a_loss_is_not_defined_for_are_refused_with_their_sample() {
    let y = DMatrix::from_element(2, 3, 0.5);
    let mean = |kind: LossKind, t: [f64; 6]| {
        let targets = Targets::Values(DMatrix::from_column_slice(2, 3, &t));
        mean_loss(&*kind.build().unwrap(), &y, &targets)
    };
    for (kind, t) in [
        (LossKind::CrossEntropy, [1.0, 0.0, 0.5, 0.5, -0.1, 1.0]),
        (
            LossKind::SoftmaxCrossEntropy,
            [1.0, 0.0, 0.5, 0.5, 0.0, 0.0],
        ),
        (LossKind::CrossEntropy, [1.0, 0.0, 0.5, 0.5, f64::NAN, 1.0]),
        (LossKind::BinaryCrossEntropy, [1.0, 0.0, 0.5, 0.5, 1.5, 0.0]),
    ] {
        let found = mean(kind, t);
        assert!(
            matches!(found, Err(LossError::Domain { sample: 2, .. })),
            "{kind}: {found:?}"
        );
    }
    let labels = Targets::Labels(vec![0, 2, 1]);
    let found = mean_loss(&CrossEntropy, &y, &labels);
    assert!(matches!(
        found,
        Err(LossError::Label {
            sample: 1,
            label: 2,
            outputs: 2
        })
    ));
    let few = Targets::Labels(vec![0]);
    assert!(matches!(
        mean_loss(&CrossEntropy, &y, &few),
        Err(LossError::Samples { .. })
    ));
    assert!(Huber::new(0.0).is_err() && Huber::new(f64::NAN).is_err());
}

#[test]
fn names_are_read_back_and_unknown_ones_list_the_known() {
    for kind in ALL {
        assert_eq!(kind.to_string().parse::<LossKind>().unwrap(), kind);
    }
    for (short, kind) in [
        ("sse", ALL[2]),
        ("mse", ALL[3]),
        ("mae", ALL[4]),
        ("bce", ALL[6]),
    ] {
        assert_eq!(short.parse::<LossKind>().unwrap(), kind);
    }
    let error = "hing".parse::<LossKind>().unwrap_err().to_string();
    assert!(
        error.contains("hinge") && error.contains("cross-entropy"),
        "{error}"
    );
    assert!("huber:-1".parse::<LossKind>().is_err());
}

/// Logits of a doubtful and of a confident sample, and one whose label's probability is 0.
const LOGITS: [[f64; 4]; 3] = [
    [0.3, -0.2, 0.9, 0.1],
    [20.0, -3.0, 1.0, 0.5],
    [-900.0, 5.0, 3.0, 4.0],
];

fn softmax(z: &[f64]) -> Vec<f64> {
    let largest = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let e: Vec<f64> = z.iter().map(|z| (z - largest).exp()).collect();
    let sum: f64 = e.iter().sum();
    e.iter().map(|e| e / sum).collect()
}

#[test]
fn losses_of_labels_are_the_values_also_of_confident_and_hopeless_samples() {
    let z = LOGITS.concat();
    let p: Vec<f64> = LOGITS.iter().flat_map(|z| softmax(z)).collect();
    for label in 0..4 {
        let mut losses = [f64::NAN; 3];
        let labels = std::iter::repeat_n(label, 3);
        SoftmaxCrossEntropy::of_labels(&z, &p, 4, labels, &mut losses);
        for (loss, z) in losses.iter().zip(&LOGITS) {
            let expected = SoftmaxCrossEntropy.value(z, Target::Label(label));
            let error = (loss - expected).abs();
            assert!(error <= 1e-14 * expected, "{label}: {loss} {expected}");
        }
    }
}

#[test]
fn the_loss_along_a_line_is_its_difference_at_every_distance() {
    let v = [0.7, -1.3, 0.2, 2.0];
    let spread = DMatrix::from_column_slice(4, 1, &[0.5, 0.0, 1.5, 1.0]);
    let values = Targets::Values(spread);
    let targets = [Target::Label(2), values.get(0)];
    // Each takes another form of expm1; a vector's length is not a divisor of all counts.
    for (reach, count) in [(1e-4, 37), (9e-3, 5), (0.2, 19)] {
        for (z, target) in LOGITS[..2].iter().flat_map(|z| targets.map(|t| (z, t))) {
            let distance = |k: usize| reach * (k as f64 + 1.0) / count as f64 * [1.0, -1.0][k % 2];
            let mut found: Vec<f64> = (0..count).map(distance).collect();
            let mut scratch = Vec::new();
            let p = softmax(z);
            assert!(SoftmaxCrossEntropy::along(
                &p,
                &v,
                target,
                &mut found,
                &mut scratch
            ));
            for (k, &found) in found.iter().enumerate() {
                let moves = v.map(|v| v * distance(k));
                let expected = difference(&SoftmaxCrossEntropy, z, &moves, target);
                let error = (found - expected).abs();
                assert!(
                    error <= 1e-12 * expected.abs(),
                    "{reach} {k}: {found} {expected}"
                );
            }
        }
    }
    // Too far for the form: nothing is changed.
    let mut distances = [1e-3, 2.0];
    let p = softmax(&LOGITS[0]);
    let label = Target::Label(0);
    assert!(!SoftmaxCrossEntropy::along(
        &p,
        &v,
        label,
        &mut distances,
        &mut Vec::new()
    ));
    assert_eq!(distances, [1e-3, 2.0]);
}
