//! Where the loss is a series in the distance that the logits move, no digit is lost.
use crate::case::Case;
use numgrad_gradient::numgrad_core::{Activation, ActivationKind};
use numgrad_gradient::numgrad_diff::Scheme;
use numgrad_gradient::numgrad_loss::Targets;
use numgrad_gradient::{EstimatorKind, Perturb};

/// Nearly as far as the series of degree four reaches, whose last term is then 1e-13 of the whole.
const H: f64 = 2e-4;

/// log Σ p·exp(m) − m_label: what the loss changes by when the logits move by m, to the last digit.
fn change(p: &[f64], moves: &[f64], label: usize) -> f64 {
    let sum: f64 = p.iter().zip(moves).map(|(p, m)| p * m.exp_m1()).sum();
    sum.ln_1p() - moves[label]
}

fn quotient(scheme: Scheme, change: impl Fn(f64) -> f64) -> f64 {
    match scheme {
        Scheme::Forward => change(H) / H,
        Scheme::Backward => -change(-H) / H,
        Scheme::Central => (change(H) - change(-H)) / (2.0 * H),
        Scheme::FivePoint => {
            let odd = |h| change(h) - change(-h);
            (8.0 * odd(H) - odd(2.0 * H)) / (12.0 * H)
        }
    }
}

/// The quotient of a neuron that moves the logits on a straight line.
fn along(line: &[f64], p: &[f64], scheme: Scheme) -> f64 {
    quotient(scheme, |h| {
        let moves: Vec<f64> = line.iter().map(|v| v * h).collect();
        change(p, &moves, 1)
    })
}

/// One sample whose first input is 1: the weights of that input move their neurons by h itself.
fn case(widths: &[usize], activation: ActivationKind) -> Case {
    let mut case = Case::new(widths, activation, 1);
    case.x.fill(0.3);
    case.x[0] = 1.0;
    case.targets = Targets::Labels(vec![1]);
    // The logits stay within 3e-4 of each other.
    let last = case.network.layers() - 1;
    if last > 1 {
        for w in &mut case.theta[case.network.weights_range(last)] {
            *w *= 0.3;
        }
    }
    case
}

/// The pre-activations of each layer, and the probabilities.
fn pass(case: &Case, activation: ActivationKind) -> (Vec<Vec<f64>>, Vec<f64>) {
    let (mut a, mut all_z) = (case.x.clone(), Vec::new());
    let last = case.network.layers() - 1;
    for layer in 0..=last {
        let width = case.network.width(layer);
        let weights = &case.theta[case.network.weights_range(layer)];
        let biases = &case.theta[case.network.biases_range(layer)];
        let z = through(weights, width, &a);
        let z: Vec<f64> = z.iter().zip(biases).map(|(z, b)| z + b).collect();
        a = z.iter().map(|&z| activation.value(z)).collect();
        all_z.push(z);
    }
    let total: f64 = all_z[last].iter().map(|z| z.exp()).sum();
    let p = all_z[last].iter().map(|z| z.exp() / total).collect();
    (all_z, p)
}

/// W·a.
fn through(weights: &[f64], width: usize, a: &[f64]) -> Vec<f64> {
    let entry = |i: usize| (0..a.len()).map(|j| weights[j * width + i] * a[j]).sum();
    (0..width).map(entry).collect()
}

fn swept(case: &Case, scheme: Scheme) -> Vec<f64> {
    let kind = EstimatorKind::from(Perturb::Weight);
    let mut sweep = kind.build(scheme, H, 0).unwrap();
    case.estimate(&mut *sweep, 0).1
}

/// What is left of the softmax's rounding, of the quotient's, and of the degrees past the fourth.
const ROUNDING: f64 = 1e-13;

/// The same, where a neuron is described by a polynomial through five values.
const DESCRIBED: f64 = 2e-12;

fn assert_exact(found: f64, expected: f64, within: f64, what: &str) {
    let off = (found / expected - 1.0).abs();
    assert!(off < within, "{what}: {found} {expected}, off by {off:e}");
}

#[test]
fn quotients_of_output_neurons_are_exact_to_the_last_digits() {
    let case = case(&[3, 4], ActivationKind::Identity);
    let (_, p) = pass(&case, ActivationKind::Identity);
    for scheme in [Scheme::Forward, Scheme::Backward, Scheme::Central] {
        let found = swept(&case, scheme);
        for i in 0..4 {
            let expected = quotient(scheme, |h| {
                let mut moves = [0.0; 4];
                moves[i] = h;
                change(&p, &moves, 1)
            });
            assert_exact(found[i], expected, ROUNDING, &format!("{scheme}, {i}"));
        }
    }
}

#[test]
fn quotients_of_hidden_neurons_on_straight_lines_are_exact_to_the_last_digits() {
    let case = case(&[3, 5, 4], ActivationKind::Identity);
    let (_, p) = pass(&case, ActivationKind::Identity);
    // No logit moves from another one by more than 3e-4.
    let behind = &case.theta[case.network.weights_range(1)];
    for scheme in [Scheme::Forward, Scheme::Backward, Scheme::Central] {
        let found = swept(&case, scheme);
        for i in 0..5 {
            let line = &behind[i * 4..][..4];
            let expected = along(line, &p, scheme);
            assert_exact(found[i], expected, ROUNDING, &format!("{scheme}, {i}"));
        }
    }
}

#[test]
fn quotients_of_neurons_before_a_layer_with_corners_are_exact_to_the_last_digits() {
    let activation = ActivationKind::LeakyRelu;
    let case = case(&[3, 5, 6, 4], activation);
    let (z, p) = pass(&case, activation);
    let slope = |z: f64| activation.value(z) / z;
    let weights = |layer| &case.theta[case.network.weights_range(layer)];
    for scheme in [Scheme::Forward, Scheme::Central, Scheme::FivePoint] {
        let found = swept(&case, scheme);
        for i in 0..5 {
            let mut line = vec![0.0; 5];
            line[i] = slope(z[0][i]);
            let mut line = through(weights(1), 6, &line);
            for (v, &z) in line.iter_mut().zip(&z[1]) {
                *v *= slope(z);
            }
            let line = through(weights(2), 4, &line);
            let expected = along(&line, &p, scheme);
            assert_exact(found[i], expected, ROUNDING, &format!("{scheme}, {i}"));
        }
    }
}

#[test]
fn a_unit_that_lets_nothing_through_may_have_any_weights() {
    let mut case = case(&[3, 5, 4], ActivationKind::Relu);
    let bias = case.network.biases_range(0).start + 2;
    case.theta[bias] = -100.0;
    let behind = case.network.weights_range(1).start + 2 * 4;
    case.theta[behind..behind + 4].copy_from_slice(&[1e80, -1e80, 2e80, -2e80]);
    for scheme in [Scheme::Forward, Scheme::Central] {
        let found = swept(&case, scheme);
        let unit = (0..4).map(|input| found[input * 5 + 2]);
        assert!(unit.clone().all(|g| g == 0.0), "{scheme}");
        assert!(found.iter().all(|g| g.is_finite()), "{scheme}");
    }
}

/// tanh(z + d) − tanh(z), to the last digit.
fn tanh_moves(z: f64, d: f64) -> f64 {
    let (t, d) = (z.tanh(), d.tanh());
    d * (1.0 - t * t) / (1.0 + t * d)
}

#[test]
fn quotients_of_neurons_that_move_the_logits_on_curves_are_exact_to_the_last_digits() {
    // With weights so small the units need three powers, with large ones four.
    for scale in [0.1, 8.0] {
        let mut case = case(&[3, 5, 6, 4], ActivationKind::Tanh);
        for (layer, scale) in [(1, scale), (2, 0.1 / scale)] {
            let weights = case.network.weights_range(layer);
            case.theta[weights].iter_mut().for_each(|w| *w *= scale);
        }
        let (z, p) = pass(&case, ActivationKind::Tanh);
        let weights = |layer| &case.theta[case.network.weights_range(layer)];
        for scheme in [Scheme::Forward, Scheme::Backward, Scheme::Central] {
            let found = swept(&case, scheme);
            for i in 0..5 {
                let expected = quotient(scheme, |h| {
                    let mut moves = vec![0.0; 5];
                    moves[i] = tanh_moves(z[0][i], h);
                    let mut moves = through(weights(1), 6, &moves);
                    for (d, &z) in moves.iter_mut().zip(&z[1]) {
                        *d = tanh_moves(z, *d);
                    }
                    change(&p, &through(weights(2), 4, &moves), 1)
                });
                assert_exact(
                    found[i],
                    expected,
                    DESCRIBED,
                    &format!("{scheme}, {scale}, {i}"),
                );
            }
        }
    }
}
