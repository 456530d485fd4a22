//! The terms of a loss that is a sum over the outputs.
mod kinds;

use kinds::ALL;
use numgrad_loss::{Loss, LossKind, Target, Teaching};

fn difference(loss: &dyn Loss<f64>, y: &[f64], d: &[f64], target: Target<'_, f64>) -> f64 {
    let (mut scratch, mut out) = (vec![0.0; y.len()], [0.0]);
    loss.differences(y, d, target, &mut scratch, &mut out);
    out[0]
}

#[test]
fn the_terms_of_a_separable_loss_add_up_to_its_differences() {
    let y = [0.31, 0.62, 0.17];
    let teaching = Teaching {
        label_smoothing: 0.0,
        class_weights: Some(vec![0.5, 3.0, 1.5]),
    };
    for kind in ALL {
        let smoothed = Teaching {
            label_smoothing: 0.1,
            ..Teaching::default()
        };
        let softens = kind == LossKind::CrossEntropy;
        let losses = [
            kind.build::<f64>().unwrap(),
            kind.taught(&teaching, 3).unwrap(),
            kind.taught(if softens { &smoothed } else { &teaching }, 3)
                .unwrap(),
        ];
        for loss in losses {
            let Some(terms) = loss.separable() else {
                let whole = [
                    LossKind::SoftmaxCrossEntropy,
                    LossKind::Hinge,
                    LossKind::ZeroOne,
                ];
                assert!(whole.contains(&kind), "{kind}");
                continue;
            };
            for target in [Target::Label(2), Target::Values(&[0.2, 0.5, 1.0])] {
                for size in [1e-6, 0.01, 0.05, 1.7] {
                    let moves = [0.9 * size, -0.7 * size, 0.05 * size];
                    let whole = difference(&*loss, &y, &moves, target);
                    let mut sum = 0.0;
                    for (k, d) in moves.into_iter().enumerate() {
                        let mut term = [d];
                        terms.term_differences(&y, k, target, &mut term);
                        sum += term[0];
                        let mut alone = [0.0; 3];
                        alone[k] = d;
                        let alone = difference(&*loss, &y, &alone, target);
                        assert_close(term[0], alone, &format!("{kind} {k} {size}"));
                    }
                    assert_close(sum, whole, &format!("{kind} {size}"));
                }
            }
        }
    }
}

/// Equal but for the rounding of a few additions; what both say is no number is equal, too.
fn assert_close(found: f64, expected: f64, what: &str) {
    let off = (found - expected).abs();
    let are_none = found.is_nan() && expected.is_nan();
    assert!(
        off <= 1e-14 * expected.abs().max(found.abs()) || are_none,
        "{what}: {found} {expected}"
    );
}
