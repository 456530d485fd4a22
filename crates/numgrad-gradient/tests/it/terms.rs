//! Losses that are a sum of a term for each output are described term by term, and no digit is lost.
use crate::case::Case;
use numgrad_gradient::numgrad_core::{ActivationKind, Architecture, OutputKind, Trace};
use numgrad_gradient::numgrad_diff::Scheme;
use numgrad_gradient::numgrad_loss::nalgebra::DMatrix;
use numgrad_gradient::numgrad_loss::{
    Loss, LossKind, MeanSquaredError, Separable, Target, Targets,
};
use numgrad_gradient::{Batch, EstimatorKind, Objective};
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
            let mut trace = Trace::default();
            let network = &case.network;
            network.forward(&case.theta, &case.x, &mut trace).unwrap();
            let target = |k: usize, b: usize| {
                let output = trace.units(network, network.layers() - 1, b).a[k];
                output - if k == b % 5 { residual } else { 0.7 }
            };
            let targets = DMatrix::from_fn(network.outputs(), case.targets.len(), target);
            case.targets = Targets::Values(targets);
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

/// The mean squared error, which counts how often it is asked for a difference of the whole.
#[derive(Default)]
struct Watched {
    differences: AtomicUsize,
}

impl Loss<f64> for Watched {
    fn value(&self, y: &[f64], t: Target<'_, f64>) -> f64 {
        MeanSquaredError.value(y, t)
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
        MeanSquaredError.differences(y, moves, t, scratch, out);
    }

    fn difference_is_exact(&self) -> bool {
        true
    }

    fn is_piecewise_smooth(&self) -> bool {
        true
    }

    fn separable(&self) -> Option<&dyn Separable<f64>> {
        Some(self)
    }
}

impl Separable<f64> for Watched {
    fn term_differences(&self, y: &[f64], k: usize, t: Target<'_, f64>, moves: &mut [f64]) {
        MeanSquaredError.term_differences(y, k, t, moves);
    }
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
            let loss = Watched::default();
            let objective = Objective::new(&case.network, &loss);
            let kind: EstimatorKind = name.parse().unwrap();
            let mut sweep = kind.build(Scheme::Central, h, 0).unwrap();
            let batch: Batch<'_, f64> = case.batch(0);
            let mut found = vec![0.0; case.theta.len()];
            sweep
                .estimate(&objective, &case.theta, batch, &mut found)
                .unwrap();
            assert_eq!(
                loss.differences.into_inner(),
                0,
                "{name}, {widths:?} {activation} {output}"
            );
            assert_eq!(found, swept(&case, name, Scheme::Central, h));
        }
    }
}
