//! Smoothed labels and class weights are the distributions and the factors that they are said to be.
use numgrad_loss::{
    Link, Loss, LossError, LossKind, SoftmaxCrossEntropy, Target, Teaching, balanced_weights,
};

const Z: [f64; 4] = [0.3, -1.2, 0.9, 0.1];
const WEIGHTS: [f64; 4] = [0.5, 2.0, 1.25, 0.25];

fn teaching(label_smoothing: f64, class_weights: Option<&[f64]>) -> Teaching {
    Teaching {
        label_smoothing,
        class_weights: class_weights.map(<[f64]>::to_vec),
    }
}

fn difference(loss: &dyn Loss<f64>, y: &[f64], d: &[f64], target: Target<'_, f64>) -> f64 {
    let mut out = [0.0];
    loss.differences(y, d, target, &mut vec![0.0; y.len()], &mut out);
    out[0]
}

#[test]
fn a_smoothed_label_is_its_distribution_times_its_weight() {
    for (epsilon, weights) in [(0.1, None), (0.0, Some(WEIGHTS)), (0.3, Some(WEIGHTS))] {
        let teaching = teaching(epsilon, weights.as_ref().map(<[f64; 4]>::as_slice));
        let loss = LossKind::SoftmaxCrossEntropy
            .taught::<f64>(&teaching, 4)
            .unwrap();
        for label in 0..4 {
            let weight = weights.map_or(1.0, |w| w[label]);
            let soft: [f64; 4] = std::array::from_fn(|k| {
                let on = if k == label { 1.0 - epsilon } else { 0.0 };
                weight * (on + epsilon / 4.0)
            });
            let (hard, soft) = (Target::Label(label), Target::Values(&soft));
            let close = |a: f64, b: f64| assert!((a - b).abs() <= 4e-16 * b.abs(), "{a} {b}");
            close(loss.value(&Z, hard), SoftmaxCrossEntropy.value(&Z, soft));
            // The weighted mean of −log p_k, from its definition.
            let sum: f64 = Z.iter().map(|z| z.exp()).sum();
            let log = |k: usize| sum.ln() - Z[k];
            let mean = (1.0 - epsilon) * log(label) + epsilon / 4.0 * (0..4).map(log).sum::<f64>();
            assert!((loss.value(&Z, hard) - weight * mean).abs() < 1e-14);
            let d = [1e-3, -0.2, 0.05, 0.4];
            let expected = difference(&SoftmaxCrossEntropy, &Z, &d, soft);
            assert!((difference(&*loss, &Z, &d, hard) - expected).abs() < 1e-15);
            let (mut a, mut b) = ([0.0; 4], [0.0; 4]);
            assert!(loss.gradient(&Z, hard, &mut a));
            assert!(SoftmaxCrossEntropy.gradient(&Z, soft, &mut b));
            assert!(a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-15));
        }
    }
}

#[test]
fn a_weighted_loss_is_the_loss_times_the_weight_of_its_class() {
    let y = [0.31, 0.62, 0.17, 0.4];
    let d = [1e-3, -0.02, 0.05, 0.04];
    for kind in [
        LossKind::MeanSquaredError,
        LossKind::Hinge,
        LossKind::BinaryCrossEntropy,
        LossKind::CrossEntropy,
        LossKind::ZeroOne,
    ] {
        let plain = kind.build::<f64>().unwrap();
        let loss = kind
            .taught::<f64>(&teaching(0.0, Some(&WEIGHTS)), 4)
            .unwrap();
        assert_eq!(
            loss.is_piecewise_smooth(),
            plain.is_piecewise_smooth(),
            "{kind}"
        );
        for (label, weight) in WEIGHTS.into_iter().enumerate() {
            let target = Target::Label(label);
            let close =
                |a: f64, b: f64| assert!((a - b).abs() <= 1e-15 * b.abs(), "{kind} {a} {b}");
            close(loss.value(&y, target), weight * plain.value(&y, target));
            let expected = weight * difference(&*plain, &y, &d, target);
            close(difference(&*loss, &y, &d, target), expected);
        }
    }
}

#[test]
fn taught_losses_keep_their_forms_on_logits() {
    let weights = teaching(0.0, Some(&WEIGHTS));
    let weighted = LossKind::BinaryCrossEntropy
        .taught::<f64>(&weights, 4)
        .unwrap();
    let on_logits = weighted.on_logits(Link::Sigmoid).unwrap();
    let y = Z.map(|z| 1.0 / (1.0 + (-z).exp()));
    let label = Target::Label(1);
    assert!((on_logits.value(&Z, label) - weighted.value(&y, label)).abs() < 1e-14);
    assert!(weighted.on_logits(Link::Softmax).is_none());
    let smoothed = LossKind::CrossEntropy
        .taught::<f64>(&teaching(0.1, None), 4)
        .unwrap();
    let on_logits = smoothed.on_logits(Link::Softmax).unwrap();
    assert_eq!(on_logits.kind(), Some(LossKind::SoftmaxCrossEntropy));
    let sum: f64 = Z.iter().map(|z| z.exp()).sum();
    let p = Z.map(|z| z.exp() / sum);
    assert!((on_logits.value(&Z, label) - smoothed.value(&p, label)).abs() < 1e-14);
    assert!(smoothed.on_logits(Link::Sigmoid).is_none());
}

#[test]
fn nothing_asked_for_is_the_loss_itself() {
    let loss = LossKind::CrossEntropy
        .taught::<f64>(&Teaching::default(), 3)
        .unwrap();
    assert_eq!(loss.soften(Target::Label(2)), Target::Label(2));
    assert_eq!(loss.kind(), Some(LossKind::CrossEntropy));
}

/// By `sklearn.utils.class_weight.compute_class_weight("balanced", …)` of scikit-learn 1.9.1.
#[test]
fn balanced_weights_are_those_of_scikit_learn() {
    let labels = [0, 0, 0, 0, 0, 1, 1, 2, 2, 2];
    let expected = [
        0.666_666_666_666_666_6,
        1.666_666_666_666_666_7,
        1.111_111_111_111_111_2,
    ];
    for (found, expected) in balanced_weights(&labels, 3).iter().zip(expected) {
        assert!((found - expected).abs() < 1e-15, "{found}");
    }
    // A class that does not occur has no part in the balance.
    assert_eq!(balanced_weights(&[0, 2, 2, 2], 3), [2.0, 1.0, 4.0 / 6.0]);
}

#[test]
fn what_cannot_be_taught_is_refused() {
    let refused = |kind: LossKind, teaching: &Teaching| kind.taught::<f64>(teaching, 4).err();
    for epsilon in [-0.1, 1.0, f64::NAN] {
        let error = refused(LossKind::CrossEntropy, &teaching(epsilon, None));
        assert!(
            matches!(error, Some(LossError::Parameter { .. })),
            "{epsilon}"
        );
    }
    let error = refused(LossKind::Hinge, &teaching(0.1, None));
    assert!(matches!(error, Some(LossError::Smoothing(LossKind::Hinge))));
    for weight in [0.0, -1.0, f64::INFINITY, f64::NAN] {
        let error = refused(
            LossKind::Hinge,
            &teaching(0.0, Some(&[1.0, weight, 1.0, 1.0])),
        );
        assert!(
            matches!(error, Some(LossError::Parameter { .. })),
            "{weight}"
        );
    }
    let error = refused(LossKind::CrossEntropy, &teaching(0.0, Some(&[1.0, 2.0])));
    assert!(matches!(
        error,
        Some(LossError::Weights {
            expected: 4,
            found: 2
        })
    ));
    let many = vec![1.0; 5000];
    let error = LossKind::CrossEntropy
        .taught::<f64>(&teaching(0.0, Some(&many)), 5000)
        .err();
    assert!(matches!(error, Some(LossError::Parameter { .. })));
}
