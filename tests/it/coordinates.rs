//! Chosen coordinates are those of the full sweep, as many as were asked for, and drawn fairly.
use crate::network::Case;
use crate::threads::on;
use numgrad_core::{ActivationKind, OutputKind};
use numgrad_diff::Scheme;
use numgrad_gradient::{Batch, Coordinates, Estimator, EstimatorKind, Objective, Perturb};
use numgrad_loss::LossKind;

const FORMS: [&str; 6] = [
    "random:10%",
    "random:7",
    "block:31",
    "block:90%",
    "cyclic:13%",
    "saliency:0.2:0",
];

/// The steps of an epoch.
const STEPS: u64 = 3;

fn estimator(name: &str) -> Box<dyn Estimator<f64>> {
    let kind: EstimatorKind = name.parse().unwrap();
    kind.build(Scheme::Central, 1e-3, 3).unwrap()
}

impl Case {
    /// The gradient of a step, prepared as a training does.
    fn chosen(&self, name: &str, step: u64) -> (u64, Vec<f64>) {
        let loss = LossKind::CrossEntropy.build().unwrap();
        let objective = Objective::new(&self.network, &*loss);
        let mut estimator = estimator(name);
        let mut gradient = vec![f64::NAN; self.theta.len()];
        let batch = |step| Batch {
            x: &self.x,
            targets: &self.targets,
            step,
        };
        estimator
            .prepare(&objective, &self.theta, batch(0), STEPS)
            .unwrap();
        // The step before leaves nothing behind.
        estimator
            .estimate(&objective, &self.theta, batch(step + 1), &mut gradient)
            .unwrap();
        let measured = estimator
            .estimate(&objective, &self.theta, batch(step), &mut gradient)
            .unwrap();
        (measured.loss_evaluations, gradient)
    }
}

/// Every input is 1 or more and every unit open, so that no entry of the gradient is 0 by chance.
fn without_zeros(mut case: Case) -> Case {
    for x in &mut case.x {
        *x += 1.0;
    }
    case
}

/// A network of two hidden layers, on eleven samples without zeros.
fn of_two_layers() -> Case {
    let (tanh, softmax) = (ActivationKind::Tanh, OutputKind::Softmax);
    without_zeros(Case::new(&[9, 12, 11, 4], tanh, softmax, 11))
}

#[test]
fn chosen_coordinates_are_those_of_the_full_sweep_and_the_others_are_0() {
    for activation in [
        ActivationKind::Tanh,
        ActivationKind::LeakyRelu,
        ActivationKind::Step,
    ] {
        for widths in [
            &[9, 12, 11, 7, 4][..],
            &[9, 12, 11, 4],
            &[20, 13, 3],
            &[6, 5],
        ] {
            let case = Case::new(widths, activation, OutputKind::Softmax, 11);
            let mut full = vec![0.0; case.theta.len()];
            let kind: EstimatorKind = Perturb::Weight.into();
            let mut sweep = kind.build(Scheme::Central, 1e-3, 3).unwrap();
            let loss = LossKind::CrossEntropy.build().unwrap();
            let objective = Objective::new(&case.network, &*loss);
            let batch = Batch {
                x: &case.x,
                targets: &case.targets,
                step: 0,
            };
            sweep
                .estimate(&objective, &case.theta, batch, &mut full)
                .unwrap();
            for name in FORMS {
                for step in 0..4 {
                    let (_, found) = case.chosen(name, step);
                    // Neighbours in a vector decide how a move is rounded: 1e-16 of it.
                    let largest = full.iter().fold(0.0, |most: f64, g| most.max(g.abs()));
                    let is_measured = found.iter().any(|&g| g != 0.0);
                    assert!(is_measured || activation == ActivationKind::Step, "{name}");
                    for (k, (&found, &full)) in found.iter().zip(&full).enumerate() {
                        let same = (found - full).abs() <= 1e-13 * largest;
                        assert!(
                            found == 0.0 || same,
                            "{activation} {widths:?} {name}, step {step}, entry {k}: {found:e} {full:e}"
                        );
                    }
                }
            }
        }
    }
}

#[test]
fn as_many_coordinates_are_written_as_are_asked_for_and_counted() {
    let case = of_two_layers();
    let parameters = case.theta.len();
    for name in FORMS {
        let coordinates: Coordinates = name.parse().unwrap();
        let expected = coordinates.count(parameters);
        for step in 0..20 {
            let (spent, gradient) = case.chosen(name, step);
            let written = gradient.iter().filter(|&&g| g != 0.0).count();
            assert_eq!(written, expected, "{name}, step {step}");
            assert_eq!(spent, 2 * expected as u64, "{name}");
        }
    }
    let (_, all) = case.chosen("random:100%", 0);
    assert!(all.iter().all(|&g| g != 0.0));
}

#[test]
fn every_coordinate_has_its_turn_in_a_cycle_and_its_chance_in_a_draw() {
    let case = Case::new(&[5, 6, 4, 3], ActivationKind::Tanh, OutputKind::Softmax, 5);
    let case = without_zeros(case);
    let parameters = case.theta.len();
    let turns = |name: &str, steps: u64| {
        let mut turns = vec![0_u32; parameters];
        for step in 0..steps {
            let (_, gradient) = case.chosen(name, step);
            for (turns, g) in turns.iter_mut().zip(gradient) {
                *turns += u32::from(g != 0.0);
            }
        }
        turns
    };
    // P = 79 coordinates by tens: in 79 steps each has ten turns, and the first within eight.
    assert_eq!(parameters, 79);
    assert!(turns("cyclic:10", 79).iter().all(|&turns| turns == 10));
    assert!(turns("cyclic:10", 8).iter().all(|&turns| turns > 0));
    let steps = 2000;
    for name in ["random:10", "block:10"] {
        let found = turns(name, steps);
        if name == "random:10" {
            // A layer's number in a step is one of two neighbours, whose deviation is 1/2 at most.
            let mut start = 0;
            for length in [6 * 6, 7 * 4, 5 * 3] {
                let of_layer: u32 = found[start..start + length].iter().sum();
                let expected = steps as f64 * 10.0 * length as f64 / 79.0;
                let off = (f64::from(of_layer) - expected).abs();
                assert!(off < 5.0 * 0.5 * (steps as f64).sqrt(), "{start}: {off}");
                start += length;
            }
        }
        for (k, turns) in found.into_iter().enumerate() {
            let (n, p) = (steps as f64, 10.0 / 79.0);
            let deviations = (f64::from(turns) - n * p) / (n * p * (1.0 - p)).sqrt();
            // Of 158 fair coordinates, one is this far off in one of 10,000 seeds.
            assert!(deviations.abs() < 5.0, "{name}, {k}: {deviations}");
        }
    }
}

#[test]
fn a_choice_follows_from_seed_and_step_and_has_equal_bits_at_every_thread_count() {
    let case = Case::new(
        &[40, 30, 20, 5],
        ActivationKind::Relu,
        OutputKind::Softmax,
        70,
    );
    for name in FORMS {
        let found = |threads: usize, step: u64| on(threads, || case.chosen(name, step));
        let one = found(1, 6);
        for threads in [2, 3, 8] {
            assert_eq!(found(threads, 6), one, "{name}, {threads} threads");
        }
        assert_ne!(found(1, 7).1, one.1, "{name}");
    }
}

/// Which entries are not 0.
fn mask(gradient: &[f64]) -> Vec<bool> {
    gradient.iter().map(|&g| g != 0.0).collect()
}

#[test]
fn the_neurons_of_a_saliency_are_kept_for_its_epochs_and_then_drawn_again() {
    let case = of_two_layers();
    for (name, steps) in [
        ("saliency:0.2:0", 1),
        ("saliency:0.2:1", STEPS),
        ("saliency:0.2:2", 2 * STEPS),
        ("saliency:0.2", 5 * STEPS),
    ] {
        let masks: Vec<Vec<bool>> = (0..3 * steps)
            .map(|step| mask(&case.chosen(name, step).1))
            .collect();
        for (k, kept) in masks.chunks(steps as usize).enumerate() {
            assert!(kept.iter().all(|mask| *mask == kept[0]), "{name}, {k}");
            assert!(
                !masks[..k * steps as usize].contains(&kept[0]),
                "{name}, {k}"
            );
        }
    }
}

/// The score of a weight is a multiple of it. In a layer of zeros none is salient, and the least
/// share is left: a hundredth of its coordinates.
#[test]
fn a_saliency_leaves_the_least_share_to_a_layer_that_has_nothing_to_lose() {
    let mut case = Case::new(
        &[20, 13, 9, 4],
        ActivationKind::Tanh,
        OutputKind::Softmax,
        11,
    );
    let first = 21 * 13;
    case.theta[..first].fill(0.0);
    let case = without_zeros(case);
    let in_first = |name: &str| {
        let (_, gradient) = case.chosen(name, 0);
        mask(&gradient[..first]).iter().filter(|&&m| m).count()
    };
    assert_eq!(in_first("saliency:0.1"), first / 100);
    assert!(in_first("random:10%") > first / 20);
}

#[test]
fn coordinates_are_stored_by_name_and_wrong_ones_refused() {
    for (name, stored) in [
        ("random:12", "random:12"),
        ("block:2.5%", "block:2.5%"),
        ("cyclic:100%", "cyclic:100%"),
        ("saliency:0.1", "saliency:0.1:5"),
        ("saliency:0.1:2", "saliency:0.1:2"),
    ] {
        let kind: EstimatorKind = name.parse().unwrap();
        assert_eq!(kind.to_string(), name);
        let text = serde_json::to_string(&kind).unwrap();
        assert_eq!(text, format!(r#"{{"chosen":"{stored}"}}"#));
        assert_eq!(serde_json::from_str::<EstimatorKind>(&text).unwrap(), kind);
    }
    // A checkpoint from before neurons were kept drew them in every step, and goes on to.
    let old: EstimatorKind = serde_json::from_str(r#"{"chosen":"saliency:0.1"}"#).unwrap();
    assert_eq!(old, "saliency:0.1:0".parse().unwrap());
    for name in [
        "random:",
        "random:0",
        "random:0%",
        "block:101%",
        "cyclic:-3",
        "saliency:1.5",
        "saliency:nan",
        "saliency:0.1:",
        "saliency:0.1:-1",
        "saliency:0.1:5:5",
        "none:3",
    ] {
        assert!(name.parse::<Coordinates>().is_err(), "{name}");
    }
}
