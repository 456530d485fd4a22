//! In f32 the sweeps keep the digits that a plain subtraction would lose.
use crate::network::{Case, distance};
use numgrad_core::ActivationKind::{Identity, Relu, Sigmoid};
use numgrad_core::OutputKind;
use numgrad_diff::Scheme;
use numgrad_gradient::Perturb::{Layer, Neuron, Weight, WeightDirect};
use numgrad_loss::LossKind;

const SOFTMAX: OutputKind = OutputKind::Softmax;
const SIGMOID: OutputKind = OutputKind::Elementwise(Sigmoid);
const IDENTITY: OutputKind = OutputKind::Elementwise(Identity);

/// Plain subtraction in f32 would be off by percents there.
#[test]
fn in_f32_a_gradient_is_within_1e_5_of_the_one_in_f64_also_on_confident_samples() {
    let (bce, mse) = (LossKind::BinaryCrossEntropy, LossKind::MeanSquaredError);
    for (widths, activation, output, loss) in [
        (&[784, 50, 10][..], Sigmoid, SOFTMAX, LossKind::CrossEntropy),
        (&[784, 128, 64, 10], Relu, SOFTMAX, LossKind::CrossEntropy),
        (&[784, 50, 10], Sigmoid, SIGMOID, bce),
        (&[784, 128, 64, 10], Relu, IDENTITY, mse),
        (&[784, 50, 10], Sigmoid, SOFTMAX, mse),
    ] {
        for confidence in [1.0, 6.0] {
            let mut case = Case::new(widths, activation, output, 40);
            let last = case.network.layers() - 1;
            let range = case.network.weights_range(last);
            for weight in &mut case.theta[range] {
                *weight *= confidence;
            }
            // The parameters and inputs of both are the same numbers.
            for number in case.theta.iter_mut().chain(&mut case.x) {
                *number = f64::from(*number as f32);
            }
            if confidence > 1.0 {
                case.label_as_classified();
            }
            for perturb in [Weight, WeightDirect, Neuron, Layer] {
                let wide = case.gradient(loss, perturb, Scheme::Central, 1e-4);
                let narrow = case.narrow_gradient(loss, perturb, 1e-4);
                let error = distance(&narrow, &wide);
                assert!(
                    error < 1e-5,
                    "{widths:?} {loss} {confidence} {perturb}: {error:e}"
                );
            }
        }
    }
}
