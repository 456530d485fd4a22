//! Whatever the network, the loss, the batch and the step, the weight sweeps are the full passes.
use crate::network::{Case, norm};
use numgrad_core::{ActivationKind, OutputKind};
use numgrad_diff::Scheme;
use numgrad_gradient::Perturb::{Weight, WeightDirect, WeightNaive};
use numgrad_loss::LossKind;
use proptest::prelude::*;

fn losses() -> impl Strategy<Value = (LossKind, OutputKind)> {
    let identity = OutputKind::Elementwise(ActivationKind::Identity);
    let softplus = OutputKind::Elementwise(ActivationKind::Softplus);
    let sigmoid = OutputKind::Elementwise(ActivationKind::Sigmoid);
    prop::sample::select(vec![
        (LossKind::CrossEntropy, OutputKind::Softmax),
        (LossKind::SumOfSquaredErrors, OutputKind::Softmax),
        (LossKind::SumOfSquaredErrors, identity),
        (LossKind::SumOfSquaredErrors, softplus),
        (LossKind::MeanAbsoluteError, identity),
        (LossKind::Huber(0.2), identity),
        (LossKind::Hinge, identity),
        (LossKind::Hinge, OutputKind::Softmax),
        (LossKind::BinaryCrossEntropy, sigmoid),
        (LossKind::SoftmaxCrossEntropy, identity),
        (LossKind::SoftmaxCrossEntropy, OutputKind::Softmax),
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn the_weight_sweeps_are_the_full_pass_quotient_on_any_network(
        widths in prop::collection::vec(1_usize..9, 2..6),
        activation in prop::sample::select(ActivationKind::ALL.to_vec()),
        (loss, output) in losses(),
        samples in 1_usize..40,
        scheme in prop::sample::select(Scheme::ALL.to_vec()),
        exponent in -4.0_f64..0.5,
    ) {
        let case = Case::new(&widths, activation, output, samples);
        let h = 10_f64.powf(exponent);
        let naive = case.gradient(loss, WeightNaive, scheme, h);
        // The full passes lose some ε·L / h in each entry by subtracting losses.
        let entries = (naive.len() as f64).sqrt();
        let rounding = 40.0 * f64::EPSILON * (1.0 + case.loss(loss)) * entries / h;
        for perturb in [Weight, WeightDirect] {
            let found = case.gradient(loss, perturb, scheme, h);
            let difference: Vec<f64> = found.iter().zip(&naive).map(|(a, b)| a - b).collect();
            let error = norm(&difference);
            prop_assert!(error <= rounding + 1e-11 * norm(&naive), "{} {:e}", perturb, error);
        }
    }
}
