//! Every estimator stands behind one trait, and random directions through a network are those of
//! any function.
use crate::network::Case;
use crate::threads::on;
use numgrad_core::{ActivationKind, Mlp, OutputKind};
use numgrad_diff::{Directions, Distribution, RandomDirections, Rank, Scheme};
use numgrad_gradient::{Batch, Estimator, EstimatorKind, Measurement, Objective, Perturb};
use numgrad_loss::LossKind;

const SOFTMAX: OutputKind = OutputKind::Softmax;

fn random(count: usize, distribution: Distribution) -> Directions {
    Directions {
        count,
        distribution,
        rank: Rank::None,
    }
}

impl Case {
    fn batch(&self, step: u64) -> Batch<'_, f64> {
        Batch {
            x: &self.x,
            targets: &self.targets,
            step,
        }
    }

    pub(crate) fn estimate(
        &self,
        kind: EstimatorKind,
        scheme: Scheme,
        step: u64,
    ) -> (Measurement<f64>, Vec<f64>) {
        let loss = LossKind::CrossEntropy.build().unwrap();
        let objective = Objective::new(&self.network, &*loss);
        let mut estimator = kind.build(scheme, 1e-3, 5).unwrap();
        let mut gradient = vec![f64::NAN; self.theta.len()];
        let measurement = estimator
            .estimate(&objective, &self.theta, self.batch(step), &mut gradient)
            .unwrap();
        assert_eq!(
            estimator.loss_evaluations(&self.network),
            measurement.loss_evaluations
        );
        (measurement, gradient)
    }
}

#[test]
fn all_estimators_count_what_they_spend_in_batch_losses() {
    let case = Case::new(&[6, 5, 3], ActivationKind::Tanh, SOFTMAX, 7);
    let directions = |count| EstimatorKind::Directions(random(count, Distribution::Gaussian));
    for (kind, scheme, spent) in [
        (Perturb::Weight.into(), Scheme::Central, 2 * 53),
        (Perturb::WeightNaive.into(), Scheme::Forward, 53 + 1),
        (Perturb::Neuron.into(), Scheme::Central, 2 * 8),
        (directions(4), Scheme::Central, 8),
        (directions(4), Scheme::Forward, 5),
        (directions(4), Scheme::FivePoint, 16),
    ] {
        let (measured, _) = case.estimate(kind, scheme, 0);
        assert_eq!(measured.loss_evaluations, spent, "{kind}");
        if kind == directions(4) {
            assert_eq!(
                measured.sample_evaluations,
                7 * spent,
                "every sample of each"
            );
        }
        let loss = case.loss(LossKind::CrossEntropy);
        assert!((measured.loss - loss).abs() < 1e-12, "{kind}");
    }
}

/// What moves θ a few columns at a time gives what full passes of moved copies give.
#[test]
fn directions_through_a_network_are_those_of_its_loss_as_a_function() {
    for (widths, activation, output) in [
        (&[9, 12, 11, 4][..], ActivationKind::Tanh, SOFTMAX),
        (
            &[300, 40, 3],
            ActivationKind::Sigmoid,
            OutputKind::Elementwise(ActivationKind::Sigmoid),
        ),
        // A first layer that takes several chunks of columns.
        (&[1200, 300, 2], ActivationKind::Relu, SOFTMAX),
        (&[5, 3], ActivationKind::Identity, SOFTMAX),
    ] {
        let case = Case::new(widths, activation, output, 41);
        for distribution in Distribution::ALL {
            for scheme in Scheme::ALL {
                let directions = random(3, distribution);
                let kind = EstimatorKind::Directions(directions);
                let (_, found) = case.estimate(kind, scheme, 8);
                let function = RandomDirections::new(directions, scheme, 1e-3, 5).unwrap();
                let mut expected = vec![0.0; case.theta.len()];
                let loss = LossKind::CrossEntropy.build().unwrap();
                let f = |theta: &[f64]| case.loss_at(&*loss, theta);
                function
                    .gradient_into(f, &case.theta, 8, &mut expected)
                    .unwrap();
                let error = crate::network::distance(&found, &expected);
                // Two losses of about 1, rounded to 1e-15, over h = 1e-3, for a slope of ‖g‖ ≈ 0.1.
                assert!(
                    error < 1e-9,
                    "{widths:?} {distribution} {scheme}: {error:e}"
                );
            }
        }
    }
}

#[test]
fn directions_have_the_same_bits_at_every_thread_count_and_other_ones_in_another_step() {
    // The second network is large enough for all threads to share one pass.
    for widths in [&[20, 16, 10][..], &[1100, 1000, 3]] {
        let case = Case::new(widths, ActivationKind::Tanh, SOFTMAX, 40);
        let kind = EstimatorKind::Directions(random(3, Distribution::Sphere));
        let found =
            |threads: usize, step: u64| on(threads, || case.estimate(kind, Scheme::Central, step));
        let one = found(1, 0);
        for threads in [2, 3, 8] {
            assert_eq!(found(threads, 0), one, "{threads} threads");
        }
        assert_ne!(found(1, 1).1, one.1);
    }
}

#[test]
fn a_replayed_step_has_the_bits_of_one_with_a_gradient() {
    let case = Case::new(&[30, 20, 5], ActivationKind::Sigmoid, SOFTMAX, 12);
    let loss = LossKind::CrossEntropy.build().unwrap();
    let objective = Objective::new(&case.network, &*loss);
    let kind = EstimatorKind::Directions(random(5, Distribution::Gaussian));
    let (measurement, gradient) = case.estimate(kind, Scheme::Central, 2);
    let mut expected = case.theta.clone();
    numgrad_train::optimizer::gradient_descent(&mut expected, &gradient, 0.1, 0.01);
    let mut estimator: Box<dyn Estimator<f64>> = kind.build(Scheme::Central, 1e-3, 5).unwrap();
    let mut theta = case.theta.clone();
    let descended = estimator
        .descend(&objective, &mut theta, case.batch(2), 0.1, 0.01)
        .unwrap();
    assert_eq!(descended.unwrap(), measurement);
    assert_eq!(theta, expected);
    // A loss that is not finite leaves θ as it was.
    let mut broken = theta.clone();
    broken[0] = f64::NAN;
    let mut after = broken.clone();
    let refused = estimator.descend(&objective, &mut after, case.batch(2), 0.1, 0.01);
    assert!(refused.unwrap().is_err());
    assert_eq!(after[1..], broken[1..]);
    let sweep: EstimatorKind = Perturb::Neuron.into();
    let mut sweep: Box<dyn Estimator<f64>> = sweep.build(Scheme::Central, 1e-3, 5).unwrap();
    let none = sweep.descend(&objective, &mut theta, case.batch(2), 0.1, 0.01);
    assert!(none.is_none());
}

#[test]
fn estimators_are_stored_by_name_and_those_of_old_checkpoints_are_read() {
    let old: EstimatorKind = serde_json::from_str("\"weight-direct\"").unwrap();
    assert_eq!(old, Perturb::WeightDirect.into());
    let directions = EstimatorKind::Directions(random(64, Distribution::Orthogonal));
    let text = serde_json::to_string(&directions).unwrap();
    let expected = r#"{"directions":{"count":64,"distribution":"orthogonal","rank":"none"}}"#;
    assert_eq!(text, expected);
    assert_eq!(
        serde_json::from_str::<EstimatorKind>(&text).unwrap(),
        directions
    );
    for name in ["weight", "layer", "directions"] {
        let kind: EstimatorKind = name.parse().unwrap();
        assert_eq!(kind.to_string(), name);
    }
    assert!("weights".parse::<EstimatorKind>().is_err());
    assert!(
        EstimatorKind::Directions(random(0, Distribution::Sphere))
            .build::<f64>(Scheme::Central, 1e-3, 0)
            .is_err()
    );
}

#[test]
fn the_variance_that_an_estimator_states_is_the_one_it_has() {
    let case = Case::new(&[6, 5, 3], ActivationKind::Tanh, SOFTMAX, 7);
    let network: &Mlp<f64> = &case.network;
    let stated = |kind: EstimatorKind| {
        let estimator: Box<dyn Estimator<f64>> = kind.build(Scheme::Central, 1e-3, 0).unwrap();
        estimator.relative_variance(network)
    };
    assert_eq!(stated(Perturb::Weight.into()), 0.0);
    let kind = EstimatorKind::Directions(random(4, Distribution::Gaussian));
    assert_eq!(stated(kind), 54.0 / 4.0);
    let (_, exact) = case.estimate(Perturb::Weight.into(), Scheme::Central, 0);
    let square: f64 = exact.iter().map(|g| g * g).sum();
    let distances: Vec<f64> = (0..2000)
        .map(|step| {
            let (_, found) = case.estimate(kind, Scheme::Central, step);
            let distance = found.iter().zip(&exact).map(|(f, g)| (f - g).powi(2));
            distance.sum::<f64>() / square
        })
        .collect();
    let mean = distances.iter().sum::<f64>() / 2000.0;
    let spread = distances.iter().map(|d| (d - mean).powi(2)).sum::<f64>();
    let error = (spread / 1999.0 / 2000.0).sqrt();
    // Five standard errors: with other seeds this would fail wrongly once in 1.7 million times.
    assert!((mean - 13.5).abs() < 5.0 * error, "{mean} ± {error}");
}
