//! Every sweep measures the quotient of what it perturbs, and at a small step they all agree with
//! backpropagation.
use crate::network::{Case, distance, norm};
use crate::threads::assert_equal_bits;
use numgrad_core::ActivationKind::{Gelu, Relu, Sigmoid, Softplus, Step, Tanh};
use numgrad_core::{ActivationKind, OutputKind, Smooth, Trace};
use numgrad_diff::Scheme;
use numgrad_gradient::Perturb::{self, Layer, Neuron, Weight, WeightDirect, WeightNaive};
use numgrad_loss::{LossKind, Target};

const SCHEMES: [Scheme; 4] = [
    Scheme::Forward,
    Scheme::Backward,
    Scheme::Central,
    Scheme::FivePoint,
];
const SOFTMAX: OutputKind = OutputKind::Softmax;
const SIGMOID: OutputKind = OutputKind::Elementwise(Sigmoid);
const IDENTITY: OutputKind = OutputKind::Elementwise(ActivationKind::Identity);

/// The shapes that the promises are kept on, from shallow to deep.
fn shapes() -> [(&'static [usize], ActivationKind); 3] {
    [
        (&[784, 50, 10], Sigmoid),
        (&[64, 32, 16, 10], Tanh),
        (&[9, 12, 11, 8, 7, 4], Tanh),
    ]
}

/// Each smooth loss with an output it is used with.
fn smooth_losses() -> [(LossKind, OutputKind); 6] {
    [
        (LossKind::CrossEntropy, SOFTMAX),
        (LossKind::SumOfSquaredErrors, SOFTMAX),
        (LossKind::SumOfSquaredErrors, IDENTITY),
        (LossKind::MeanSquaredError, SIGMOID),
        (LossKind::BinaryCrossEntropy, SIGMOID),
        (LossKind::CrossEntropy, SIGMOID),
    ]
}

#[test]
fn central_sweeps_are_within_1e_8_of_backpropagation_for_every_smooth_loss() {
    for (widths, activation) in shapes() {
        for (loss, output) in smooth_losses() {
            let case = Case::new(widths, activation, output, 20);
            let derived = case.derived(loss);
            for perturb in [Weight, WeightDirect, Neuron, Layer] {
                let found = case.gradient(loss, perturb, Scheme::Central, 1e-4);
                let error = distance(&found, &derived);
                assert!(
                    error < 1e-8,
                    "{widths:?} {loss} {output} {perturb}: {error:e}"
                );
            }
        }
    }
}

#[test]
fn five_point_sweeps_are_within_1e_11_of_backpropagation() {
    for (widths, activation) in shapes() {
        let case = Case::new(widths, activation, SOFTMAX, 20);
        let derived = case.derived(LossKind::CrossEntropy);
        for perturb in [Weight, WeightDirect, Neuron, Layer] {
            let found = case.gradient(LossKind::CrossEntropy, perturb, Scheme::FivePoint, 1e-3);
            let error = distance(&found, &derived);
            assert!(error < 1e-11, "{widths:?} {perturb}: {error:e}");
        }
    }
}

/// The full passes lose 4ε·L / (h·‖g‖) by subtracting two losses, weight by weight.
#[test]
fn full_passes_are_within_1e_8_of_backpropagation_and_their_rounding() {
    for (widths, activation) in shapes() {
        let samples = if widths[0] > 100 { 3 } else { 20 };
        let case = Case::new(widths, activation, SOFTMAX, samples);
        let (loss, h) = (LossKind::CrossEntropy, 1e-4);
        let derived = case.derived(loss);
        let found = case.gradient(loss, WeightNaive, Scheme::Central, h);
        let entries = (derived.len() as f64).sqrt();
        let rounding = 4.0 * f64::EPSILON * case.loss(loss) * entries / (h * norm(&derived));
        let error = distance(&found, &derived);
        assert!(
            error < 1e-8 + rounding,
            "{widths:?}: {error:e} {rounding:e}"
        );
    }
}

#[test]
fn one_sided_sweeps_are_within_their_first_order_error() {
    for (widths, activation) in shapes() {
        let case = Case::new(widths, activation, SOFTMAX, 20);
        let loss = LossKind::CrossEntropy;
        let derived = case.derived(loss);
        for perturb in [Weight, WeightDirect, Neuron, Layer] {
            for scheme in [Scheme::Forward, Scheme::Backward] {
                let error = |h| distance(&case.gradient(loss, perturb, scheme, h), &derived);
                let (coarse, fine) = (error(1e-3), error(1e-4));
                let order = (coarse / fine).log10();
                assert!(
                    fine < 1e-2 && (order - 1.0).abs() < 0.05,
                    "{perturb} {fine:e} {order}"
                );
            }
        }
    }
}

/// At h = 0.5 a quotient differs from the derivative by percents: only a measurement gives it.
#[test]
fn at_a_large_step_the_weight_sweeps_are_the_full_pass_quotient_and_not_the_derivative() {
    for (widths, activation) in [(&[12, 9, 4][..], Sigmoid), (&[8, 7, 6, 5][..], Tanh)] {
        for (loss, output) in smooth_losses().into_iter().take(5) {
            let case = Case::new(widths, activation, output, 37);
            let derived = case.derived(loss);
            for scheme in SCHEMES {
                let naive = case.gradient(loss, WeightNaive, scheme, 0.5);
                assert!(
                    distance(&naive, &derived) > percents(scheme),
                    "{loss} {output}"
                );
                for perturb in [Weight, WeightDirect] {
                    let error = distance(&case.gradient(loss, perturb, scheme, 0.5), &naive);
                    assert!(
                        error < 1e-11,
                        "{loss} {output} {scheme:?} {perturb}: {error:e}"
                    );
                }
            }
        }
    }
}

/// How far a quotient at h = 0.5 is from the derivative at least; the five-point one is of the
/// fourth order.
fn percents(scheme: Scheme) -> f64 {
    match scheme {
        Scheme::FivePoint => 1e-6,
        _ => 1e-3,
    }
}

#[test]
fn at_a_large_step_neuron_and_layer_are_the_quotients_of_what_they_perturb() {
    for (widths, activation) in [(&[12, 9, 4][..], Sigmoid), (&[8, 7, 6, 5][..], Tanh)] {
        for (loss, output) in smooth_losses().into_iter().take(5) {
            let case = Case::new(widths, activation, output, 37);
            let derived = case.derived(loss);
            for scheme in SCHEMES {
                for (perturb, expected) in [
                    (Neuron, case.neuron_quotients(loss, scheme, 0.5)),
                    (Layer, case.layer_quotients(loss, scheme, 0.5)),
                ] {
                    let found = case.gradient(loss, perturb, scheme, 0.5);
                    let error = distance(&found, &expected);
                    assert!(
                        error < 1e-11,
                        "{loss} {output} {scheme:?} {perturb}: {error:e}"
                    );
                    let apart = distance(&found, &derived);
                    assert!(
                        apart > percents(scheme),
                        "{loss} {output} {perturb}: {apart:e}"
                    );
                }
            }
        }
    }
}

#[test]
fn where_functions_have_corners_the_weight_sweep_is_the_full_pass_quotient() {
    let (relu, leaky) = (Relu, ActivationKind::LeakyRelu);
    for activation in [relu, leaky] {
        for loss in [
            LossKind::CrossEntropy,
            LossKind::MeanAbsoluteError,
            LossKind::Huber(0.3),
        ] {
            let case = Case::new(&[10, 12, 9, 5], activation, SOFTMAX, 40);
            for h in [1e-4, 0.3] {
                let naive = case.gradient(loss, WeightNaive, Scheme::Central, h);
                // The full passes lose ε / h in each of their entries.
                let limit = if h < 0.1 { 1e-9 } else { 1e-11 };
                for perturb in [Weight, WeightDirect] {
                    let found = case.gradient(loss, perturb, Scheme::Central, h);
                    let error = distance(&found, &naive);
                    assert!(
                        error < limit,
                        "{activation} {loss} {h} {perturb}: {error:e}"
                    );
                }
            }
        }
    }
}

/// Most neurons move the logits on a straight line there, and a few of them do not.
#[test]
fn a_corner_that_only_some_neurons_meet_behind_them_is_seen() {
    for widths in [&[10, 12, 9, 5][..], &[10, 12, 9, 8, 5]] {
        let h = 1e-4;
        let case = Case::new(widths, Relu, SOFTMAX, 40).near_corners(h);
        for loss in [LossKind::CrossEntropy, LossKind::SumOfSquaredErrors] {
            let weights = case.gradient(loss, WeightNaive, Scheme::Central, h);
            let neurons = case.neuron_quotients(loss, Scheme::Central, h);
            for (perturb, expected) in [(Weight, &weights), (Neuron, &neurons)] {
                let found = case.gradient(loss, perturb, Scheme::Central, h);
                let error = distance(&found, expected);
                assert!(error < 1e-9, "{widths:?} {loss} {perturb}: {error:e}");
            }
        }
    }
}

#[test]
fn away_from_every_corner_the_sweeps_are_within_1e_8_of_backpropagation() {
    for (loss, output) in [
        (LossKind::CrossEntropy, SOFTMAX),
        (LossKind::MeanAbsoluteError, IDENTITY),
        (LossKind::Huber(0.3), IDENTITY),
    ] {
        let case = Case::new(&[64, 32, 16, 10], Relu, output, 30).away_from_corners(loss, 1e-4);
        assert!(case.samples() >= 10, "{} samples are left", case.samples());
        let derived = case.derived(loss);
        for perturb in [Weight, WeightDirect, Neuron, Layer] {
            let found = case.gradient(loss, perturb, Scheme::Central, 1e-4);
            let error = distance(&found, &derived);
            assert!(error < 1e-8, "{loss} {perturb}: {error:e}");
        }
    }
}

/// 64 samples and a power of two for h: every sum and quotient of ones is exact.
#[test]
fn on_the_zero_one_loss_the_weight_sweeps_equal_the_full_passes_exactly() {
    for activation in [Tanh, Relu, Step] {
        for (scheme, h) in [(Scheme::Central, 0.5), (Scheme::Forward, 1.0)] {
            let case = Case::new(&[12, 9, 7, 4], activation, SOFTMAX, 64);
            let naive = case.gradient(LossKind::ZeroOne, WeightNaive, scheme, h);
            assert!(
                norm(&naive) > 0.0,
                "{activation}: no sample changed its class"
            );
            for perturb in [Weight, WeightDirect] {
                let found = case.gradient(LossKind::ZeroOne, perturb, scheme, h);
                assert_eq!(found, naive, "{activation} {perturb}");
            }
        }
    }
}

#[test]
fn a_step_activation_is_measured_like_any_other() {
    let case = Case::new(&[12, 9, 7, 4], Step, SOFTMAX, 40);
    let naive = case.gradient(LossKind::CrossEntropy, WeightNaive, Scheme::Central, 0.25);
    for perturb in [Weight, WeightDirect] {
        let found = case.gradient(LossKind::CrossEntropy, perturb, Scheme::Central, 0.25);
        assert!(distance(&found, &naive) < 1e-12, "{perturb}");
    }
}

#[test]
fn a_users_own_activation_and_loss_go_through_every_sweep() {
    let loss = |y: &[f64], t: Target<'_, f64>| {
        (0..y.len())
            .map(|k| (y[k] - t.at(k)).cosh().ln())
            .sum::<f64>()
    };
    let swish = |z: f64| z / (1.0 + (-z).exp());
    let plain = Case::with(&[10, 8, 7, 3], swish, IDENTITY, 25);
    let smooth = Case::with(&[10, 8, 7, 3], Smooth(swish), IDENTITY, 25);
    let measure = |case: &Case, perturb| {
        case.gradient_of(&numgrad_loss::Smooth(loss), perturb, Scheme::Central, 1e-4)
    };
    let naive = measure(&plain, WeightNaive);
    for perturb in Perturb::ALL {
        for case in [&plain, &smooth] {
            let error = distance(&measure(case, perturb), &naive);
            assert!(error < 1e-7, "{perturb}: {error:e}");
        }
    }
}

/// Nobody says where these have their corners: units before the last layer cross some of them.
#[test]
fn corners_of_a_users_own_activation_are_not_smoothed_over() {
    let bent = |z: f64| if z > 0.0 { z } else { 0.2 * z };
    let elu = |z: f64| if z > 0.0 { z } else { z.exp_m1() };
    let widths = [10, 8, 7, 3];
    for mut case in [
        Case::with(&widths, Smooth(bent), SOFTMAX, 20),
        Case::with(&widths, Smooth(elu), SOFTMAX, 20),
    ] {
        // Those of the first sample come to lie near their corners.
        let mut trace = Trace::new();
        let biases = case.network.biases_range(1);
        (case.network.forward(&case.theta, &case.x, &mut trace)).unwrap();
        let z = trace.units(&case.network, 1, 0).z;
        for (k, (bias, z)) in case.theta[biases].iter_mut().zip(z).enumerate() {
            *bias += 1e-5 * k as f64 - z;
        }
        let measure =
            |perturb| case.gradient(LossKind::CrossEntropy, perturb, Scheme::Central, 1e-4);
        let naive = measure(WeightNaive);
        for perturb in [Weight, WeightDirect] {
            let error = distance(&measure(perturb), &naive);
            assert!(error < 1e-9, "{perturb}: {error:e}");
        }
    }
}

#[test]
fn weights_of_a_thousand_give_finite_gradients() {
    for (loss, output) in smooth_losses().into_iter().take(5) {
        for activation in [Sigmoid, Tanh, Relu, Softplus, Gelu] {
            let mut case = Case::new(&[6, 5, 4, 3], activation, output, 16);
            for entry in &mut case.theta {
                *entry *= 600.0;
            }
            for h in [1e-4, 1000.0] {
                for perturb in [Weight, WeightDirect, Neuron, Layer] {
                    let gradient = case.gradient(loss, perturb, Scheme::Central, h);
                    assert!(
                        gradient.iter().all(|g| g.is_finite()),
                        "{loss} {activation} {h}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_bits_of_every_sweep_are_equal_on_1_2_3_and_8_threads() {
    for (widths, activation) in shapes() {
        for perturb in Perturb::ALL {
            if perturb == WeightNaive && widths[0] > 100 {
                continue; // the small nets show it too
            }
            let case = Case::new(widths, activation, SOFTMAX, 70);
            for (loss, h) in [
                (LossKind::CrossEntropy, 1e-4),
                (LossKind::CrossEntropy, 0.5),
                (LossKind::SumOfSquaredErrors, 1e-4),
            ] {
                assert_equal_bits(format_args!("{widths:?} {perturb} {loss}"), || {
                    case.gradient(loss, perturb, Scheme::Central, h)
                });
            }
        }
    }
}

#[test]
fn loss_evaluations_are_counted_as_the_documentation_says() {
    let case = Case::new(&[6, 5, 4, 3], Tanh, SOFTMAX, 7);
    let (parameters, neurons) = (35 + 24 + 15, 12);
    for (perturb, scheme, expected) in [
        (Weight, Scheme::Central, 2 * parameters),
        (WeightNaive, Scheme::Forward, parameters + 1),
        (WeightDirect, Scheme::FivePoint, 4 * parameters),
        (Neuron, Scheme::Central, 2 * neurons),
        (Layer, Scheme::Backward, 2 + 3 + 1),
    ] {
        let found = case.measurement(LossKind::CrossEntropy, perturb, scheme, 1e-3);
        assert_eq!(found.loss_evaluations, expected, "{perturb}");
    }
}
