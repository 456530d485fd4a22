//! Hinge losses, smoothed labels and class weights are measured by every sweep.
use crate::network::{Case, distance};
use crate::threads::assert_equal_bits;
use numgrad_core::{ActivationKind, OutputKind, Trace};
use numgrad_diff::Scheme;
use numgrad_gradient::Perturb::{Layer, Neuron, Weight, WeightDirect, WeightNaive};
use numgrad_loss::{Loss, LossKind, Targets, Teaching};

const IDENTITY: OutputKind = OutputKind::Elementwise(ActivationKind::Identity);
const SIGMOID: OutputKind = OutputKind::Elementwise(ActivationKind::Sigmoid);
const WEIGHTS: [f64; 5] = [0.5, 2.0, 1.25, 0.25, 3.0];

/// Losses of five classes, each with an output it is used with.
fn taught() -> Vec<(&'static str, Box<dyn Loss<f64>>, OutputKind)> {
    let taught = |kind: LossKind, label_smoothing, weights: Option<[f64; 5]>| {
        let teaching = Teaching {
            label_smoothing,
            class_weights: weights.map(Vec::from),
        };
        kind.taught::<f64>(&teaching, 5).unwrap()
    };
    let (plain, softmax) = (LossKind::CrossEntropy, OutputKind::Softmax);
    vec![
        ("smoothed", taught(plain, 0.1, None), softmax),
        ("weighted", taught(plain, 0.0, Some(WEIGHTS)), softmax),
        ("both", taught(plain, 0.3, Some(WEIGHTS)), softmax),
        (
            "both on logits",
            taught(LossKind::SoftmaxCrossEntropy, 0.1, Some(WEIGHTS)),
            IDENTITY,
        ),
        (
            "not of a softmax",
            taught(plain, 0.1, Some(WEIGHTS)),
            SIGMOID,
        ),
        (
            "weighted, binary",
            taught(LossKind::BinaryCrossEntropy, 0.0, Some(WEIGHTS)),
            SIGMOID,
        ),
        (
            "weighted squares",
            taught(LossKind::SumOfSquaredErrors, 0.0, Some(WEIGHTS)),
            softmax,
        ),
        ("hinge", taught(LossKind::Hinge, 0.0, None), IDENTITY),
        (
            "weighted hinge",
            taught(LossKind::Hinge, 0.0, Some(WEIGHTS)),
            IDENTITY,
        ),
    ]
}

/// The batch without samples of which a margin or a rank is nearer to a corner than any
/// perturbation comes.
fn away_from_corners(mut case: Case) -> Case {
    let mut trace = Trace::new();
    case.network
        .forward(&case.theta, &case.x, &mut trace)
        .unwrap();
    let Targets::Labels(labels) = &case.targets else {
        unreachable!("the cases have labels")
    };
    let far = |b: usize| {
        let y = trace.output(&case.network, b);
        let label = labels[b] as usize;
        let mut others: Vec<f64> = (0..y.len()).filter(|&j| j != label).map(|j| y[j]).collect();
        others.sort_by(f64::total_cmp);
        let most = others[others.len() - 1];
        let lack = 1.0 - y[label] + most;
        lack.abs() > 2e-3 && most - others[others.len() - 2] > 2e-3
    };
    let kept: Vec<usize> = (0..case.samples()).filter(|&b| far(b)).collect();
    let inputs = case.network.inputs();
    let labels = kept.iter().map(|&b| labels[b]).collect();
    let column = |&b: &usize| case.x[b * inputs..(b + 1) * inputs].to_vec();
    case.x = kept.iter().flat_map(column).collect();
    case.targets = Targets::Labels(labels);
    case
}

#[test]
fn taught_losses_are_within_1e_8_of_backpropagation() {
    for activation in [ActivationKind::Tanh, ActivationKind::Gelu] {
        for (name, loss, output) in taught() {
            let case = away_from_corners(Case::new(&[24, 12, 9, 5], activation, output, 40));
            assert!(case.samples() >= 30, "{} samples are left", case.samples());
            let derived = case.derived_of(&*loss);
            for perturb in [Weight, WeightDirect, Neuron, Layer] {
                let found = case.gradient_of(&*loss, perturb, Scheme::Central, 1e-4);
                let error = distance(&found, &derived);
                assert!(error < 1e-8, "{name} {activation} {perturb}: {error:e}");
            }
        }
    }
}

#[test]
fn at_a_large_step_taught_losses_give_the_quotients_of_full_passes() {
    for activation in [ActivationKind::Tanh, ActivationKind::Relu] {
        for (name, loss, output) in taught() {
            let case = Case::new(&[12, 9, 7, 5], activation, output, 37);
            for scheme in Scheme::ALL {
                let naive = case.gradient_of(&*loss, WeightNaive, scheme, 0.5);
                for perturb in [Weight, WeightDirect] {
                    let found = case.gradient_of(&*loss, perturb, scheme, 0.5);
                    let error = distance(&found, &naive);
                    assert!(
                        error < 1e-11,
                        "{name} {activation} {scheme:?} {perturb}: {error:e}"
                    );
                }
            }
        }
    }
}

/// A label is never taken for itself on a way that knows the closed form.
#[test]
fn the_smoothed_loss_of_a_batch_is_that_of_its_distributions() {
    let case = Case::new(&[12, 9, 5], ActivationKind::Relu, OutputKind::Softmax, 37);
    for (name, loss, _) in taught().into_iter().take(3) {
        let found = case.loss_at(&*loss, &case.theta);
        let mut trace = Trace::new();
        case.network
            .forward(&case.theta, &case.x, &mut trace)
            .unwrap();
        let sum: f64 = (0..case.samples())
            .map(|b| loss.value(trace.output(&case.network, b), case.targets.get(b)))
            .sum();
        let expected = sum / case.samples() as f64;
        assert!(
            (found / expected - 1.0).abs() < 1e-14,
            "{name}: {found} {expected}"
        );
        let measured = case.measured_loss(&*loss, Weight);
        assert!(
            (measured / expected - 1.0).abs() < 1e-14,
            "{name}: {measured} {expected}"
        );
    }
}

#[test]
fn the_bits_of_taught_losses_are_equal_on_1_2_3_and_8_threads() {
    for (name, loss, output) in taught() {
        let case = Case::new(&[9, 12, 11, 5], ActivationKind::Relu, output, 70);
        for perturb in [Weight, WeightDirect, Neuron, Layer] {
            for h in [1e-4, 0.5] {
                assert_equal_bits(format_args!("{name} {perturb}"), || {
                    case.gradient_of(&*loss, perturb, Scheme::Central, h)
                });
            }
        }
    }
}
