//! Losses that are a sum of a term for each output are described term by term, and no digit is lost.
use crate::case::Case;
use numgrad_gradient::numgrad_core::{ActivationKind, Architecture, OutputKind, Trace};
use numgrad_gradient::numgrad_diff::Scheme;
use numgrad_gradient::numgrad_loss::nalgebra::DMatrix;
use numgrad_gradient::numgrad_loss::{Loss, LossKind, Separable, Target, Targets, Teaching};
use numgrad_gradient::{EstimatorKind, Objective};
use std::sync::atomic::{AtomicUsize, Ordering};

const IDENTITY: OutputKind = OutputKind::Elementwise(ActivationKind::Identity);
const SIGMOID: OutputKind = OutputKind::Elementwise(ActivationKind::Sigmoid);
const TANH: OutputKind = OutputKind::Elementwise(ActivationKind::Tanh);

/// What is described by a polynomial through five values, of the largest entry.
const DESCRIBED: f64 = 2e-12;

fn case(widths: &[usize], activation: ActivationKind, output: OutputKind, loss: LossKind) -> Case {
    let samples = 40;
    let mut case = Case::new(widths, activation, samples);
    case.network = Architecture::new(widths, activation, output)
        .build()
        .unwrap();
    case.loss = loss;
    let target = |k: usize, b: usize| 0.5 + 0.5 * (2.3 * (5 * b + k) as f64).sin();
    case.targets = Targets::Values(DMatrix::from_fn(case.network.outputs(), samples, target));
    case
}

fn swept(case: &Case, name: &str, scheme: Scheme, h: f64) -> Vec<f64> {
    let kind: EstimatorKind = name.parse().unwrap();
    case.estimate(&mut *kind.build(scheme, h, 0).unwrap(), 0).1
}

/// The outputs of all samples, one after the other.
fn outputs(case: &Case) -> Vec<f64> {
    let (network, mut trace) = (&case.network, Trace::default());
    network.forward(&case.theta, &case.x, &mut trace).unwrap();
    let of_sample = |b| trace.units(network, network.layers() - 1, b).a.to_vec();
    (0..case.targets.len()).flat_map(of_sample).collect()
}

/// The largest difference to what is expected, as a part of the largest entry.
fn off(found: &[f64], expected: &[f64]) -> f64 {
    let size = |entries: &mut dyn Iterator<Item = f64>| entries.fold(0.0, |a, b| b.abs().max(a));
    let differences = &mut found.iter().zip(expected).map(|(a, b)| a - b);
    size(differences) / size(&mut expected.iter().copied())
}

#[test]
fn sums_of_terms_are_described_as_exactly_as_they_are_evaluated() {
    for (loss, output) in [
        (LossKind::MeanSquaredError, IDENTITY),
        (LossKind::SumOfSquaredErrors, TANH),
        (LossKind::MeanAbsoluteError, IDENTITY),
        (LossKind::Huber(0.3), IDENTITY),
        (LossKind::BinaryCrossEntropy, SIGMOID),
        (LossKind::CrossEntropy, SIGMOID),
        (LossKind::SumOfSquaredErrors, OutputKind::Softmax),
        (LossKind::MeanAbsoluteError, OutputKind::Softmax),
    ] {
        for activation in [
            ActivationKind::Relu,
            ActivationKind::LeakyRelu,
            ActivationKind::Tanh,
        ] {
            let case = case(&[7, 9, 8, 5], activation, output, loss);
            for scheme in [Scheme::Forward, Scheme::Central, Scheme::FivePoint] {
                let expected = swept(&case, "weight-direct", scheme, 1e-4);
                let found = swept(&case, "weight", scheme, 1e-4);
                let error = off(&found, &expected);
                assert!(
                    error < DESCRIBED,
                    "{loss} {output} {activation} {scheme}: {error:e}"
                );
                let mut some = swept(&case, "random:30%", scheme, 1e-4);
                for (entry, &all) in some.iter_mut().zip(&expected) {
                    if *entry == 0.0 {
                        *entry = all;
                    }
                }
                let error = off(&some, &expected);
                assert!(
                    error < DESCRIBED,
                    "some of {loss} {output} {activation} {scheme}: {error:e}"
                );
            }
        }
    }
}

#[test]
fn a_corner_of_a_term_is_seen() {
    for (loss, residual) in [
        (LossKind::MeanAbsoluteError, 0.0),
        (LossKind::MeanAbsoluteError, 3e-5),
        (LossKind::Huber(0.3), 0.3),
        (LossKind::Huber(0.3), -0.3 - 2e-5),
    ] {
        for activation in [ActivationKind::LeakyRelu, ActivationKind::Tanh] {
            let mut case = case(&[7, 9, 8, 5], activation, IDENTITY, loss);
            // Each sample has one output whose term bends there.
            let found = outputs(&case);
            let target =
                |k: usize, b: usize| found[b * 5 + k] - if k == b % 5 { residual } else { 0.7 };
            case.targets = Targets::Values(DMatrix::from_fn(5, case.targets.len(), target));
            for scheme in [Scheme::Forward, Scheme::Central] {
                let expected = swept(&case, "weight-direct", scheme, 1e-4);
                let found = swept(&case, "weight", scheme, 1e-4);
                let error = off(&found, &expected);
                assert!(
                    error < DESCRIBED,
                    "{loss} at {residual}, {activation}, {scheme}: {error:e}"
                );
            }
        }
    }
}

/// A loss that counts how often it is asked for a difference of the whole.
struct Watched {
    loss: Box<dyn Loss<f64>>,
    differences: AtomicUsize,
}

impl Watched {
    fn new(kind: LossKind) -> Self {
        Self {
            loss: kind.build().unwrap(),
            differences: AtomicUsize::new(0),
        }
    }
}

impl Loss<f64> for Watched {
    fn value(&self, y: &[f64], t: Target<'_, f64>) -> f64 {
        self.loss.value(y, t)
    }

    fn differences(
        &self,
        y: &[f64],
        moves: &[f64],
        t: Target<'_, f64>,
        scratch: &mut [f64],
        out: &mut [f64],
    ) {
        self.differences.fetch_add(out.len(), Ordering::Relaxed);
        self.loss.differences(y, moves, t, scratch, out);
    }

    fn difference_is_exact(&self) -> bool {
        true
    }

    fn is_piecewise_smooth(&self) -> bool {
        true
    }

    fn separable(&self) -> Option<&dyn Separable<f64>> {
        self.loss.separable()
    }
}

fn by_loss(case: &Case, loss: &dyn Loss<f64>, name: &str, h: f64) -> Vec<f64> {
    let objective = Objective::new(&case.network, loss);
    let kind: EstimatorKind = name.parse().unwrap();
    let mut sweep = kind.build(Scheme::Central, h, 0).unwrap();
    let mut found = vec![0.0; case.theta.len()];
    sweep
        .estimate(&objective, &case.theta, case.batch(0), &mut found)
        .unwrap();
    found
}

#[test]
fn along_lines_and_curves_only_the_terms_are_asked() {
    let softmax = OutputKind::Softmax;
    for (widths, activation, output, h) in [
        (&[7, 5][..], ActivationKind::Identity, IDENTITY, 1e-4),
        (&[7, 9, 5], ActivationKind::Tanh, IDENTITY, 1e-4),
        (&[7, 9, 8, 5], ActivationKind::Tanh, IDENTITY, 1e-4),
        // A polynomial of the second degree is one as far as it goes.
        (&[7, 9, 5], ActivationKind::Identity, IDENTITY, 0.5),
        (&[7, 5], ActivationKind::Identity, softmax, 1e-4),
        (&[7, 9, 5], ActivationKind::Tanh, softmax, 1e-4),
        (&[7, 9, 8, 5], ActivationKind::Tanh, softmax, 3e-5),
    ] {
        let case = case(widths, activation, output, LossKind::MeanSquaredError);
        for name in ["weight", "neuron", "random:30%"] {
            let loss = Watched::new(case.loss);
            by_loss(&case, &loss, name, h);
            let asked = loss.differences.into_inner();
            assert_eq!(asked, 0, "{name}, {widths:?} {activation} {output}");
        }
    }
}

#[test]
fn a_term_that_is_nearly_flat_keeps_no_sample_from_being_followed() {
    let loss = LossKind::BinaryCrossEntropyLogits;
    let mut case = case(&[7, 9, 8, 5], ActivationKind::Tanh, IDENTITY, loss);
    // One output of each sample is nearly as likely as it should be.
    let logits = outputs(&case);
    let target = |k: usize, b: usize| {
        let p = 1.0 / (1.0 + (-logits[b * 5 + k]).exp());
        if k == b % 5 { p + 3e-6 } else { 0.5 }
    };
    case.targets = Targets::Values(DMatrix::from_fn(5, case.targets.len(), target));
    let watched = Watched::new(loss);
    let found = by_loss(&case, &watched, "weight", 1e-4);
    assert_eq!(watched.differences.into_inner(), 0);
    let error = off(
        &found,
        &swept(&case, "weight-direct", Scheme::Central, 1e-4),
    );
    assert!(error < DESCRIBED, "{error:e}");
}

#[test]
fn a_unit_that_lets_nothing_through_may_have_any_weights() {
    let loss = LossKind::MeanSquaredError;
    for widths in [&[7, 9, 5][..], &[7, 9, 8, 5]] {
        let mut case = case(widths, ActivationKind::Relu, IDENTITY, loss);
        let bias = case.network.biases_range(0).start + 2;
        case.theta[bias] = -100.0;
        let width = widths[2];
        let behind = case.network.weights_range(1).start + 2 * width;
        for name in ["weight", "neuron"] {
            let mut with = |weight: f64| {
                case.theta[behind..behind + width].fill(weight);
                swept(&case, name, Scheme::Central, 1e-4)
            };
            assert_eq!(with(1e80), with(0.0), "{name} {widths:?}");
        }
    }
}

#[test]
fn a_tiny_step_gives_the_slope_of_a_quadratic() {
    let activation = ActivationKind::Identity;
    let loss = LossKind::MeanSquaredError;
    let case = case(&[7, 9, 5], activation, IDENTITY, loss);
    let found = swept(&case, "neuron", Scheme::Central, 1e-160);
    let error = off(&found, &swept(&case, "neuron", Scheme::Central, 1e-4));
    assert!(error < DESCRIBED, "{error:e}");
}

#[test]
fn weights_of_classes_and_labels_are_part_of_the_terms() {
    let teaching = Teaching {
        label_smoothing: 0.0,
        class_weights: Some(vec![0.5, 3.0, 1.5, 1.0, 2.0]),
    };
    for (kind, output) in [
        (LossKind::BinaryCrossEntropy, SIGMOID),
        (LossKind::CrossEntropy, SIGMOID),
        (LossKind::SumOfSquaredErrors, OutputKind::Softmax),
    ] {
        let loss = kind.taught(&teaching, 5).unwrap();
        let mut case = case(&[7, 9, 8, 5], ActivationKind::Tanh, output, kind);
        case.targets = Targets::Labels((0..case.targets.len() as u32).map(|b| b % 5).collect());
        let found = by_loss(&case, &*loss, "weight", 1e-4);
        let error = off(&found, &by_loss(&case, &*loss, "weight-direct", 1e-4));
        assert!(error < DESCRIBED, "{kind} {output}: {error:e}");
    }
}
