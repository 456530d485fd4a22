//! Softplus and GELU go through every sweep as the other activations do, to the same digits.
use crate::network::{Case, distance};
use crate::threads::assert_equal_bits;
use numgrad_core::ActivationKind::{self, Gelu, Softplus};
use numgrad_core::OutputKind;
use numgrad_diff::Scheme;
use numgrad_gradient::Perturb::{self, Layer, Neuron, Weight, WeightDirect, WeightNaive};
use numgrad_loss::LossKind;

const SOFTMAX: OutputKind = OutputKind::Softmax;

fn cases() -> impl Iterator<Item = (ActivationKind, LossKind, OutputKind)> {
    [Softplus, Gelu].into_iter().flat_map(|kind| {
        [
            (kind, LossKind::CrossEntropy, SOFTMAX),
            (
                kind,
                LossKind::SumOfSquaredErrors,
                OutputKind::Elementwise(kind),
            ),
        ]
    })
}

#[test]
fn softplus_and_gelu_are_backpropagation_to_their_truncation() {
    for widths in [&[64, 32, 16, 10][..], &[9, 12, 11, 8, 7, 4]] {
        for (activation, loss, output) in cases() {
            let case = Case::new(widths, activation, output, 20);
            let derived = case.derived(loss);
            // Squares of a curved output have a larger h²·f'''/6 than a cross-entropy; that it is
            // this, the scheme of fourth order shows.
            let of_squares = loss == LossKind::SumOfSquaredErrors;
            let central = if of_squares { 1e-7 } else { 1e-8 };
            for (scheme, h, limit) in [
                (Scheme::Central, 1e-4, central),
                (Scheme::FivePoint, 1e-3, 1e-11),
            ] {
                for perturb in [Weight, WeightDirect, Neuron, Layer] {
                    let error = distance(&case.gradient(loss, perturb, scheme, h), &derived);
                    let what = format!("{widths:?} {activation} {loss} {perturb} {scheme:?}");
                    assert!(error < limit, "{what}: {error:e}");
                }
            }
        }
    }
}

/// At h = 0.5 a quotient is no derivative: only a measurement gives it.
#[test]
fn at_a_large_step_softplus_and_gelu_give_the_quotients_of_full_passes() {
    for (activation, loss, output) in cases() {
        let case = Case::new(&[8, 7, 6, 5], activation, output, 37);
        let derived = case.derived(loss);
        for scheme in Scheme::ALL {
            let naive = case.gradient(loss, WeightNaive, scheme, 0.5);
            assert!(
                distance(&naive, &derived) > 1e-6,
                "{activation} {loss} {scheme:?}"
            );
            for (perturb, expected) in [
                (Weight, naive.clone()),
                (WeightDirect, naive),
                (Neuron, case.neuron_quotients(loss, scheme, 0.5)),
                (Layer, case.layer_quotients(loss, scheme, 0.5)),
            ] {
                let error = distance(&case.gradient(loss, perturb, scheme, 0.5), &expected);
                let what = format!("{activation} {loss} {scheme:?} {perturb}");
                assert!(error < 1e-11, "{what}: {error:e}");
            }
        }
    }
}

#[test]
fn the_bits_of_softplus_and_gelu_are_equal_on_1_2_3_and_8_threads() {
    for (activation, loss, output) in cases() {
        let case = Case::new(&[9, 12, 11, 4], activation, output, 70);
        for perturb in Perturb::ALL {
            for h in [1e-4, 0.5] {
                assert_equal_bits(format_args!("{activation} {perturb}"), || {
                    case.gradient(loss, perturb, Scheme::Central, h)
                });
            }
        }
    }
}

#[test]
fn in_f32_softplus_and_gelu_are_within_1e_5_of_f64() {
    for activation in [Softplus, Gelu] {
        let mut case = Case::new(&[64, 32, 16, 10], activation, SOFTMAX, 40);
        for number in case.theta.iter_mut().chain(&mut case.x) {
            *number = f64::from(*number as f32);
        }
        for perturb in [Weight, WeightDirect, Neuron, Layer] {
            let wide = case.gradient(LossKind::CrossEntropy, perturb, Scheme::Central, 1e-4);
            let narrow = case.narrow_gradient(LossKind::CrossEntropy, perturb, 1e-4);
            let error = distance(&narrow, &wide);
            assert!(error < 1e-5, "{activation} {perturb}: {error:e}");
        }
    }
}
