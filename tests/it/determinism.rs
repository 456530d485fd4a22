//! The bits of a run depend on its configuration, its data and the version, and on nothing else.
use crate::network::Case;
use crate::threads::on;
use numgrad_core::{ActivationKind, Architecture, Initializer, OutputKind, Precision};
use numgrad_diff::Scheme;
use numgrad_gradient::EstimatorKind;
use numgrad_loss::LossKind;
use numgrad_train::checkpoint::Checkpoint;
use numgrad_train::dataset::{DataSource, LoadOptions, Scaling};
use numgrad_train::optimizer::OptimizerKind;
use numgrad_train::{Configuration, Prepared, Trainer};
use proptest::prelude::*;

const ESTIMATORS: [&str; 8] = [
    "weight",
    "weight-direct",
    "weight-naive",
    "neuron",
    "layer",
    "directions",
    "random:50",
    "block:20%",
];

#[test]
fn every_estimators_gradient_has_one_hash_on_1_to_16_threads_and_when_it_is_asked_again() {
    let case = Case::new(
        &[20, 16, 9, 5],
        ActivationKind::Relu,
        OutputKind::Softmax,
        37,
    );
    for name in ESTIMATORS {
        let kind: EstimatorKind = name.parse().unwrap();
        let found = |threads: usize| on(threads, || case.estimate(kind, Scheme::Central, 3));
        let one = found(1);
        for threads in 1..=16 {
            assert_eq!(found(threads), one, "{name} on {threads} threads");
        }
    }
}

#[test]
fn a_batch_of_several_chunks_has_one_hash_however_it_is_cut_into_tiles() {
    for activation in [ActivationKind::Relu, ActivationKind::Tanh] {
        let case = Case::new(&[7, 6, 5, 3], activation, OutputKind::Softmax, 801);
        for name in ESTIMATORS {
            let kind: EstimatorKind = name.parse().unwrap();
            let found = |threads: usize| on(threads, || case.estimate(kind, Scheme::Central, 3));
            let one = found(1);
            for threads in [2, 3, 7, 16] {
                assert_eq!(found(threads), one, "{name} on {threads} threads");
            }
        }
    }
}

fn configuration(widths: &[usize], activation: ActivationKind, seed: u64) -> Configuration {
    Configuration {
        data: DataSource::Digits,
        reading: LoadOptions::default(),
        scaling: Scaling::None,
        target_scaling: Scaling::None,
        test_fraction: 0.2,
        architecture: Architecture::new(widths, activation, OutputKind::Softmax),
        precision: Precision::F64,
        initializer: Initializer::XavierUniform,
        loss: LossKind::CrossEntropy,
        perturb: "layer".parse().unwrap(),
        scheme: Scheme::Central,
        step: 1e-4,
        optimizer: OptimizerKind::Adam,
        learning_rate: 0.01,
        weight_decay: 1e-4,
        batch_size: 100,
        epochs: 1,
        seed,
        audit: 0,
        regime: numgrad_train::Regime::default(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_network_that_was_saved_and_loaded_predicts_the_same_bits(
        hidden in prop::collection::vec(1_usize..12, 1..3),
        activation in prop::sample::select(ActivationKind::ALL.to_vec()),
        seed in any::<u64>(),
    ) {
        let widths = [vec![64], hidden, vec![10]].concat();
        let configuration = configuration(&widths, activation, seed);
        let data = Prepared::load(&configuration).unwrap();
        let mut trainer = Trainer::<f64>::new(configuration, data.clone()).unwrap();
        trainer.step().unwrap();
        let bytes = trainer.checkpoint().to_bytes().unwrap();
        let read = Checkpoint::from_bytes(&bytes).unwrap();
        let again = Trainer::<f64>::resume(read, data, None).unwrap();
        let bits = |trainer: &Trainer<f64>| -> Vec<u64> {
            trainer.theta().iter().map(|x| x.to_bits()).collect()
        };
        prop_assert_eq!(bits(&again), bits(&trainer));
        let (a, b) = (trainer.evaluate_test().unwrap(), again.evaluate_test().unwrap());
        prop_assert_eq!(a.loss.to_bits(), b.loss.to_bits());
        prop_assert_eq!(a.accuracy(), b.accuracy());
    }
}
