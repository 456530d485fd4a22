//! What an estimate costs, what it is off by, and what it refuses.
use crate::case::Case;
use numgrad_gradient::numgrad_core::{ActivationKind, Architecture, OutputKind};
use numgrad_gradient::numgrad_diff::{Directions, Scheme};
use numgrad_gradient::numgrad_loss::{LossKind, Targets};
use numgrad_gradient::{
    Estimator, EstimatorKind, GradientError, Perturb, RandomEstimator, default_step, differences_at,
};

fn build(name: &str, scheme: Scheme) -> Box<dyn Estimator<f64>> {
    let kind: EstimatorKind = name.parse().unwrap();
    kind.build(scheme, 1e-4, 5).unwrap()
}

#[test]
fn a_smooth_neuron_is_described_by_five_passes_however_close_to_zero_it_is() {
    for activation in [
        ActivationKind::Sigmoid,
        ActivationKind::Tanh,
        ActivationKind::Identity,
    ] {
        let mut case = Case::new(&[4, 5, 3, 2], activation, 6);
        let expected = 5 * 10 * 6;
        let sweep = || build("weight", Scheme::Central);
        let (measured, _) = case.estimate(&mut *sweep(), 0);
        assert_eq!(measured.sample_evaluations, expected, "{activation}");
        // Every z is 0.
        case.theta.fill(0.0);
        let (measured, _) = case.estimate(&mut *sweep(), 0);
        assert_eq!(measured.sample_evaluations, expected, "{activation} at 0");
    }
}

#[test]
fn a_neuron_whose_corner_is_within_the_step_costs_a_pass_for_each_weight_more() {
    // Two inputs and no bias: z is 0 of both neurons, for both samples.
    let mut case = Case::new(&[2, 2, 2], ActivationKind::Relu, 2);
    case.x = vec![0.5, 0.25, 1.0, 0.75];
    case.theta[..6].fill(0.0);
    let (measured, _) = case.estimate(&mut *build("weight", Scheme::Central), 0);
    let described = 5 * 4 * 2;
    let directly = 2 * 2 * (3 * 2);
    assert_eq!(measured.sample_evaluations, described + directly);
}

#[test]
fn samples_of_wide_layers_are_described_in_parts_like_all_at_once() {
    // Of 16 samples at a time eight may have their directions together; then one.
    for widths in [[3, 300, 2, 40], [3, 700, 2, 200]] {
        let case = Case::new(&widths, ActivationKind::Identity, 64);
        let alone = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .build()
            .unwrap();
        let gradient = |name| {
            let mut sweep = build(name, Scheme::Central);
            alone.install(|| case.estimate(&mut *sweep, 0).1)
        };
        let (found, expected) = (gradient("weight"), gradient("layer"));
        let largest = expected.iter().fold(0.0, |most: f64, g| most.max(g.abs()));
        for (found, expected) in found.iter().zip(&expected) {
            let off = (found - expected).abs() / largest;
            assert!(off < 1e-8, "{widths:?}: {found} {expected}");
        }
    }
}

#[test]
fn between_two_corners_six_passes_serve_all_weights() {
    let evaluations = |case: &Case| {
        let (measured, found) = case.estimate(&mut *build("weight", Scheme::Central), 0);
        let (_, expected) = case.estimate(&mut *build("weight-direct", Scheme::Central), 0);
        let largest = expected.iter().fold(0.0, |most: f64, g| most.max(g.abs()));
        for (found, expected) in found.iter().zip(&expected) {
            assert!(
                (found - expected).abs() < 1e-12 * largest,
                "{found} {expected}"
            );
        }
        let neurons = case.network.neurons() as u64;
        measured.sample_evaluations - 5 * neurons
    };
    // 40 inputs that are not 0; z is 2e-5 and 1.
    let mut case = Case::new(&[60, 2, 3], ActivationKind::Relu, 1);
    case.theta[..120].fill(0.0);
    case.theta[120..122].copy_from_slice(&[2e-5, 1.0]);
    assert_eq!(evaluations(&case), 2 * 6);
    // Both are 1, and behind them a unit is near its corner, which has three weights itself.
    let mut case = Case::new(&[60, 2, 2, 3], ActivationKind::Relu, 1);
    case.theta[..120].fill(0.0);
    case.theta[120..122].fill(1.0);
    case.theta[126] = 1e-5 - case.theta[122] - case.theta[124];
    assert_eq!(evaluations(&case), 2 * (2 * 6) + 3 * 2);
}

#[test]
fn an_estimate_spends_the_losses_that_it_says() {
    let case = Case::new(&[5, 4, 3], ActivationKind::Tanh, 4);
    for name in [
        "weight",
        "weight-direct",
        "weight-naive",
        "neuron",
        "layer",
        "directions",
        "random:25%",
        "cyclic:3",
    ] {
        for scheme in Scheme::ALL {
            let mut estimator = build(name, scheme);
            let (measured, _) = case.estimate(&mut *estimator, 1);
            let said = estimator.loss_evaluations(&case.network);
            assert_eq!(measured.loss_evaluations, said, "{name}, {scheme}");
        }
    }
}

#[test]
fn chosen_coordinates_are_off_by_the_variance_that_they_say() {
    // 36 parameters: a cycle of four steps.
    let case = Case::new(&[3, 4, 4], ActivationKind::Tanh, 5);
    let (_, full) = case.estimate(&mut *build("weight", Scheme::Central), 0);
    let square: f64 = full.iter().map(|g| g * g).sum();
    for (name, steps) in [("cyclic:25%", 4), ("cyclic:50%", 2), ("block:100%", 1)] {
        let mut chosen = build(name, Scheme::Central);
        let off = (0..steps).map(|step| {
            let (_, found) = case.estimate(&mut *chosen, step);
            let errors = found.iter().zip(&full).map(|(f, g)| (f - g).powi(2));
            errors.sum::<f64>()
        });
        let variance = off.sum::<f64>() / steps as f64 / square;
        let said = chosen.relative_variance(&case.network);
        assert!((variance - said).abs() < 1e-9, "{name}: {variance} {said}");
    }
}

#[test]
fn a_descent_along_directions_has_the_bits_of_an_estimate_and_a_step_with_decay() {
    let case = Case::new(&[5, 4, 3], ActivationKind::Relu, 4);
    let (rate, decay) = (0.1, 0.25);
    let (measured, gradient) = case.estimate(&mut *build("directions", Scheme::Central), 3);
    let step = |(&theta, g): (&f64, f64)| theta - rate * (g + decay * theta);
    let expected: Vec<f64> = case.theta.iter().zip(gradient).map(step).collect();
    let mut theta = case.theta.clone();
    let mut directions = build("directions", Scheme::Central);
    let found = case
        .with(|objective| directions.descend(objective, &mut theta, case.batch(3), rate, decay));
    assert_eq!(found.unwrap().unwrap(), measured);
    assert_eq!(theta, expected);
}

#[test]
fn differences_of_chosen_parameters_are_those_entries_of_the_gradient() {
    let case = Case::new(&[5, 4, 3], ActivationKind::Tanh, 4);
    let (_, gradient) = case.estimate(&mut *build("weight", Scheme::Central), 0);
    let chosen = [0, 7, 20, 38];
    let found = case.with(|objective| {
        differences_at(objective, &case.theta, case.batch(0), &chosen, 1e-5).unwrap()
    });
    for (found, k) in found.into_iter().zip(chosen) {
        // Truncation 1e-9 of the sweep, rounding ε/h = 2e-11 of the difference.
        assert!((found - gradient[k]).abs() < 1e-8, "{k}: {found}");
        assert!(gradient[k].abs() > 1e-4, "{k}: nothing is compared");
    }
}

#[test]
fn the_first_entry_that_is_not_finite_is_named() {
    let identity = OutputKind::Elementwise(ActivationKind::Identity);
    let mut case = Case::new(&[3, 2], ActivationKind::Identity, 1);
    case.network = Architecture::new(&[3, 2], ActivationKind::Identity, identity)
        .build()
        .unwrap();
    case.loss = LossKind::SumOfSquaredErrors;
    case.targets = Targets::Labels(vec![0]);
    // The loss is small, but the square of what the third input moves is beyond all numbers.
    case.x = vec![1.0, 0.5, 1e200];
    for weight in &mut case.theta[4..6] {
        *weight *= 1e-200;
    }
    for name in ["weight", "weight-direct", "block:100%"] {
        let found = case.try_estimate(&mut *build(name, Scheme::Central), 0);
        let parameter = case.network.parameter(4);
        assert_eq!(
            found.unwrap_err(),
            GradientError::Infinite { parameter },
            "{name}"
        );
    }
}

#[test]
fn the_shares_of_a_saliency_count_the_least_scores_of_its_paper() {
    let mut case = Case::new(&[5, 6, 4], ActivationKind::Tanh, 7);
    case.loss = LossKind::SumOfSquaredErrors;
    let seed = 5;
    let directions = Directions {
        count: 64,
        ..Directions::default()
    };
    let mut random = RandomEstimator::new(directions, Scheme::Central, 1e-3, seed).unwrap();
    let (_, before) = case.estimate(&mut random, 0);
    let length = before.iter().map(|g| g * g).sum::<f64>().sqrt();
    let start = case.theta.clone();
    for (theta, g) in case.theta.iter_mut().zip(&before) {
        *theta += 1e-2 / length * g;
    }
    let (_, after) = case.estimate(&mut random, 0);
    case.theta = start;
    let mut scores: Vec<(f64, usize)> = (0..case.theta.len())
        .map(|k| (-case.theta[k] * (after[k] - before[k]), k))
        .collect();
    scores.sort_by(|a, b| a.0.total_cmp(&b.0));
    let first = case.network.biases_range(0).end;
    let expected = scores[..16].iter().filter(|score| score.1 < first).count();
    let mut chosen = build("saliency:0.25", Scheme::Central);
    case.with(|objective| chosen.prepare(objective, &case.theta, case.batch(0), 1))
        .unwrap();
    // No input is 0, so that no chosen entry is.
    for x in &mut case.x {
        *x += 1.0;
    }
    let (_, gradient) = case.estimate(&mut *chosen, 0);
    let nonzero = |gradient: &[f64]| gradient.iter().filter(|&&g| g != 0.0).count();
    assert_eq!(nonzero(&gradient), 16);
    assert_eq!(nonzero(&gradient[..first]), expected);
    assert_ne!(expected, 16 * first / case.theta.len(), "a draw would do");
}

#[test]
fn only_a_plain_subtraction_in_single_precision_asks_for_a_longer_step() {
    assert_eq!(default_step::<f32>(false), 1e-2);
    assert_eq!(default_step::<f32>(true), 1e-4);
    assert_eq!(default_step::<f64>(false), 1e-4);
    assert_eq!(default_step::<f64>(true), 1e-4);
    let naive = EstimatorKind::from(Perturb::WeightNaive);
    assert!(naive.subtracts_losses() && !EstimatorKind::from(Perturb::Weight).subtracts_losses());
}

#[test]
fn moves_that_end_alike_are_asked_once() {
    let (samples, widths) = (40, [7, 9, 8, 5]);
    let case = Case::new(&widths, ActivationKind::Step, samples);
    let kind: EstimatorKind = "weight".parse().unwrap();
    let mut sweep = kind.build(Scheme::Central, 0.5, 0).unwrap();
    let (measured, _) = case.estimate(&mut *sweep, 0);
    // A step goes up or down by 1, whatever its weights' moves; the outputs move by 2 for each of
    // their inputs and biases.
    let hidden = samples * (9 + 8);
    let outputs = samples * 5 * 2 * (8 + 1);
    assert!(measured.sample_evaluations <= (hidden + outputs) as u64);
    assert!(measured.sample_evaluations > 0);
}

#[test]
fn a_single_logit_decides_nothing_behind_a_softmax() {
    let mut case = Case::new(&[3, 4, 1], ActivationKind::Tanh, 5);
    case.loss = LossKind::ZeroOne;
    case.targets = Targets::Labels(vec![0; 5]);
    let (_, gradient) = case.estimate(&mut *build("weight", Scheme::Central), 0);
    assert!(gradient.iter().all(|&g| g == 0.0));
}
