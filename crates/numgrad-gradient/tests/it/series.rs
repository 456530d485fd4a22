//! Where the loss is a series in the distance that the logits move, no digit is lost.
use crate::case::Case;
use numgrad_gradient::numgrad_core::ActivationKind;
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
        _ => (change(H) - change(-H)) / (2.0 * H),
    }
}

/// One sample whose first input is 1: the weights of that input move their neurons by h itself.
fn case(widths: &[usize]) -> (Case, Vec<f64>) {
    let mut case = Case::new(widths, ActivationKind::Identity, 1);
    case.x.fill(0.3);
    case.x[0] = 1.0;
    case.targets = Targets::Labels(vec![1]);
    // Each layer is W·a + b.
    let mut a = case.x.clone();
    for layer in 0..case.network.layers() {
        let width = case.network.width(layer);
        let weights = &case.theta[case.network.weights_range(layer)];
        let biases = &case.theta[case.network.biases_range(layer)];
        a = (0..width)
            .map(|i| {
                let terms = a
                    .iter()
                    .enumerate()
                    .map(|(j, a)| weights[j * width + i] * a);
                biases[i] + terms.sum::<f64>()
            })
            .collect();
    }
    let total: f64 = a.iter().map(|z| z.exp()).sum();
    (case, a.iter().map(|z| z.exp() / total).collect())
}

fn swept(case: &Case, scheme: Scheme) -> Vec<f64> {
    let kind = EstimatorKind::from(Perturb::Weight);
    let mut sweep = kind.build(scheme, H, 0).unwrap();
    case.estimate(&mut *sweep, 0).1
}

fn assert_exact(found: f64, expected: f64, what: &str) {
    // Rounding of the softmax, of the quotient, and of what describes a neuron.
    let off = (found / expected - 1.0).abs();
    assert!(off < 2e-12, "{what}: {found} {expected}, off by {off:e}");
}

#[test]
fn quotients_of_output_neurons_are_exact_to_the_last_digits() {
    let (case, p) = case(&[3, 4]);
    for scheme in [Scheme::Forward, Scheme::Backward, Scheme::Central] {
        let found = swept(&case, scheme);
        for i in 0..4 {
            let expected = quotient(scheme, |h| {
                let mut moves = [0.0; 4];
                moves[i] = h;
                change(&p, &moves, 1)
            });
            assert_exact(found[i], expected, &format!("{scheme}, {i}"));
        }
    }
}

#[test]
fn quotients_of_hidden_neurons_on_straight_lines_are_exact_to_the_last_digits() {
    let (case, p) = case(&[3, 5, 4]);
    // No logit moves from another one by more than 3e-4.
    let behind = &case.theta[case.network.weights_range(1)];
    for scheme in [Scheme::Forward, Scheme::Backward, Scheme::Central] {
        let found = swept(&case, scheme);
        for i in 0..5 {
            let line = &behind[i * 4..][..4];
            let expected = quotient(scheme, |h| {
                let moves: Vec<f64> = line.iter().map(|w| w * h).collect();
                change(&p, &moves, 1)
            });
            assert_exact(found[i], expected, &format!("{scheme}, {i}"));
        }
    }
}
