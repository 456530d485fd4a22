//! Networks that no derivative can train learn digits: the examples' own, each to what it promises.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

#[path = "../examples/underivable/cases.rs"]
mod cases;
#[path = "../examples/underivable/quantised.rs"]
mod quantised;
#[path = "../examples/underivable/spiking.rs"]
mod spiking;
#[path = "../examples/underivable/training.rs"]
mod training;

use cases::Case;
use numgrad_train::numgrad_core::Activation;
use training::Weights;

/// Ten classes: guessing is right in a tenth.
fn learns(case: &Case, least: f64) {
    let accuracy = case.accuracy(0).unwrap();
    assert!(accuracy >= least, "{}: {accuracy}", case.name);
}

#[test]
fn neurons_that_step_learn_digits() {
    learns(&cases::STEPS, 0.93);
}

#[test]
fn neurons_that_leak_integrate_and_fire_learn_digits() {
    learns(&cases::SPIKES, 0.93);
}

#[test]
fn weights_of_one_bit_learn_digits() {
    learns(&cases::ONE_BIT, 0.90);
}

#[test]
fn weights_of_eight_bits_learn_digits() {
    learns(&cases::EIGHT_BITS, 0.94);
}

#[test]
fn a_network_learns_digits_from_the_number_of_its_mistakes() {
    learns(&cases::MISTAKES, 0.88);
}

#[test]
fn each_of_the_examples_has_its_test_here() {
    assert_eq!(cases::ALL.len(), 5);
}

#[test]
fn quantised_weights_are_on_their_grid_and_biases_are_as_they_were() {
    let network = numgrad_train::numgrad_core::Architecture::new(
        &[3, 2],
        numgrad_train::numgrad_core::ActivationKind::Tanh,
        numgrad_train::numgrad_core::OutputKind::Softmax,
    );
    let network = network.build::<f64>().unwrap();
    let theta = [0.3, -0.001, 9.0, -9.0, 0.0, -0.0, 0.3, 9.0];
    let mut weights = [0.0; 8];
    quantised::Bits1.of(&network, &theta, &mut weights);
    assert_eq!(
        weights,
        [0.125, -0.125, 0.125, -0.125, 0.125, -0.125, 0.3, 9.0]
    );
    quantised::Bits8.of(&network, &theta, &mut weights);
    assert_eq!(weights[..4], [19.0 / 64.0, 0.0, 127.0 / 64.0, -2.0]);
    assert_eq!(weights[6..], [0.3, 9.0]);
}

#[test]
fn a_spiking_neuron_fires_never_sometimes_and_at_most_once_a_time_step() {
    let rate = |z: f64| spiking::Spiking.value(z);
    // A charge that leaks a tenth a step never gets past ten times its current.
    assert_eq!(rate(0.05), 0.0);
    assert_eq!(rate(-3.0), 0.0);
    assert_eq!(rate(5.0), 1.0);
    let mut last = 0.0;
    for k in 0..100 {
        let now = rate(f64::from(k) / 50.0);
        assert!(now >= last, "more current fires no less");
        last = now;
    }
}
