//! The network is what its description says, from its first weights to its outputs.
use numgrad_core::{
    ActivationKind, Architecture, Initializer, Mlp, OutputKind, Parameter, ShapeError, Trace,
};
use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

fn network(widths: &[usize]) -> Result<Mlp<f64>, ShapeError> {
    Architecture::new(widths, ActivationKind::Tanh, OutputKind::Softmax).build()
}

#[test]
fn a_forward_pass_is_the_one_done_by_hand() {
    let network = network(&[2, 3, 2]).unwrap();
    let theta: Vec<f64> = (0..network.parameters())
        .map(|k| (k as f64 * 0.7).sin())
        .collect();
    let (w0, b0) = (network.weights(&theta, 0), network.biases(&theta, 0));
    let (w1, b1) = (network.weights(&theta, 1), network.biases(&theta, 1));
    // More samples than a tile, so that several are passed.
    let x: Vec<f64> = (0..2 * 75).map(|k| f64::from(k).cos()).collect();
    let mut trace = Trace::new();
    network.forward(&theta, &x, &mut trace).unwrap();
    assert_eq!(trace.samples(), 75);
    for b in 0..75 {
        let x = nalgebra::DVector::from_column_slice(&x[2 * b..2 * b + 2]);
        let a = (w0 * &x + b0).map(f64::tanh);
        let e = (w1 * &a + b1).map(f64::exp);
        let y = &e / e.sum();
        for (found, expected) in trace.output(&network, b).iter().zip(y.iter()) {
            assert!((found - expected).abs() < 1e-15);
        }
        let hidden = trace.units(&network, 0, b);
        assert!((hidden.a[2] - a[2]).abs() < 1e-15 && (hidden.z[2].tanh() - a[2]).abs() < 1e-15);
    }
}

#[test]
fn every_entry_of_theta_knows_what_it_is() {
    let network = network(&[2, 3, 2]).unwrap();
    assert_eq!(network.parameters(), 9 + 8);
    let name = |index| network.parameter(index).to_string();
    assert_eq!([name(0), name(4), name(8)], ["W0[0,0]", "W0[1,1]", "b0[2]"]);
    assert_eq!(
        [name(9), name(14), name(16)],
        ["W1[0,0]", "W1[1,2]", "b1[1]"]
    );
    let bias = Parameter::Bias { layer: 1, row: 1 };
    assert_eq!(network.parameter(16), bias);
}

#[test]
fn shapes_that_cannot_be_are_refused() {
    assert_eq!(network(&[4]).unwrap_err(), ShapeError::TooFewWidths(1));
    assert_eq!(
        network(&[4, 0, 2]).unwrap_err(),
        ShapeError::ZeroWidth { layer: 1 }
    );
    assert!(matches!(
        network(&[1 << 25, 2]),
        Err(ShapeError::TooLarge { .. })
    ));
    assert!(matches!(
        network(&[1 << 20, 1 << 20]),
        Err(ShapeError::TooLarge { .. })
    ));
    assert!(matches!(
        network(&[2; 1002]),
        Err(ShapeError::TooLarge { .. })
    ));
    let few = Mlp::<f64>::new(&[2, 3, 2], Vec::new(), OutputKind::Softmax.build());
    assert!(matches!(
        few,
        Err(ShapeError::Activations {
            expected: 1,
            found: 0
        })
    ));
    let network = network(&[2, 3, 2]).unwrap();
    let mut trace = Trace::new();
    assert!(network.forward(&[0.0; 16], &[0.0; 2], &mut trace).is_err());
    assert!(network.forward(&[0.0; 17], &[0.0; 3], &mut trace).is_err());
}

/// The first weights of a seed are the same for ever, in both precisions.
#[test]
fn initialisers_are_pinned_and_have_their_variance() {
    let (inputs, outputs) = (400.0, 100.0);
    let network = network(&[400, 100]).unwrap();
    for (initializer, variance) in [
        (Initializer::Normal(0.05), 0.0025),
        (Initializer::XavierUniform, 2.0 / (inputs + outputs)),
        (Initializer::XavierNormal, 2.0 / (inputs + outputs)),
        (Initializer::HeUniform, 2.0 / inputs),
        (Initializer::HeNormal, 2.0 / inputs),
    ] {
        let mut theta = vec![1.0; network.parameters()];
        initializer.draw(&network, &mut ChaCha8Rng::seed_from_u64(1), &mut theta);
        let weights = network.weights(&theta, 0);
        let found = weights.iter().map(|w| w * w).sum::<f64>() / weights.len() as f64;
        // The mean of 40,000 squares of normal numbers is known to 1/141 (one deviation).
        assert!(
            (found / variance - 1.0).abs() < 5.0 / 141.0,
            "{initializer}: {found}"
        );
        assert!(network.biases(&theta, 0).iter().all(|&b| b == 0.0));
        let again: Initializer = initializer.to_string().parse().unwrap();
        assert_eq!(again, initializer);
    }
    let mut theta = vec![1.0; network.parameters()];
    Initializer::Zeros.draw(&network, &mut ChaCha8Rng::seed_from_u64(1), &mut theta);
    assert!(theta.iter().all(|&entry| entry == 0.0));
    let wrong = ["normal:-1", "normal:NaN", "normal", "glorot"];
    assert!(
        wrong
            .iter()
            .all(|name| name.parse::<Initializer>().is_err())
    );
}
