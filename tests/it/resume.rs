//! A run that was stopped ends with the bits of one that never was.
use crate::command::{numgrad, succeeds};
use numgrad_core::Precision;
use numgrad_diff::Directions;
use numgrad_gradient::{EstimatorKind, Perturb};
use numgrad_train::checkpoint::{Checkpoint, RunDirectory, load};
use numgrad_train::dataset::{DataSource, LoadOptions, Scaling};
use numgrad_train::optimizer::OptimizerKind;
use numgrad_train::{Configuration, Prepared, Regime, Trainer, theta_blake3};

fn configuration(
    perturb: EstimatorKind,
    optimizer: OptimizerKind,
    precision: Precision,
) -> Configuration {
    Configuration {
        data: DataSource::Digits,
        reading: LoadOptions::default(),
        scaling: Scaling::None,
        target_scaling: Scaling::None,
        test_fraction: 0.2,
        architecture: numgrad_core::Architecture::new(
            &[64, 12, 10],
            numgrad_core::ActivationKind::Tanh,
            numgrad_core::OutputKind::Softmax,
        ),
        precision,
        initializer: numgrad_core::Initializer::XavierUniform,
        loss: numgrad_loss::LossKind::CrossEntropy,
        perturb,
        scheme: numgrad_diff::Scheme::Central,
        step: 1e-4,
        optimizer,
        learning_rate: 0.01,
        weight_decay: 1e-4,
        batch_size: 200,
        epochs: 3,
        seed: 5,
        audit: 3,
        regime: Regime::default(),
    }
}

/// The steps of one epoch: 1,438 samples in batches of 200.
const BATCHES: usize = 8;

fn advance<T: numgrad_core::Real>(trainer: &mut Trainer<T>, steps: usize) {
    for _ in 0..steps {
        trainer.step().unwrap();
        if trainer.epoch_is_over() {
            trainer.end_epoch().unwrap();
        }
    }
}

fn stopped_everywhere<T: numgrad_core::Real>(perturb: EstimatorKind, optimizer: OptimizerKind) {
    let configuration = configuration(perturb, optimizer, T::PRECISION);
    let data = Prepared::load(&configuration).unwrap();
    let mut whole = Trainer::<T>::new(configuration.clone(), data.clone()).unwrap();
    advance(&mut whole, 3 * BATCHES);
    let expected = theta_blake3(whole.theta());
    for stop in 0..3 * BATCHES {
        let mut first = Trainer::<T>::new(configuration.clone(), data.clone()).unwrap();
        advance(&mut first, stop);
        let bytes = first.checkpoint().to_bytes().unwrap();
        let checkpoint = Checkpoint::from_bytes(&bytes).unwrap();
        assert_eq!(checkpoint, first.checkpoint());
        let mut second = Trainer::<T>::resume(checkpoint, data.clone(), None).unwrap();
        advance(&mut second, 3 * BATCHES - stop);
        assert_eq!(
            theta_blake3(second.theta()),
            expected,
            "stopped after step {stop}"
        );
        assert_eq!(second.audits(), whole.audits());
        assert_eq!(whole.audits().len(), 3);
        for (a, b) in second.history().iter().zip(whole.history()) {
            assert_eq!(a.train_loss.to_bits(), b.train_loss.to_bits());
            assert_eq!(a.test_loss.to_bits(), b.test_loss.to_bits());
            assert_eq!(a.loss_evaluations, b.loss_evaluations);
        }
    }
}

#[test]
fn a_run_stopped_after_any_step_ends_with_the_same_bits() {
    let weight = Perturb::Weight.into();
    stopped_everywhere::<f64>(weight, OptimizerKind::Adam);
    stopped_everywhere::<f64>(weight, OptimizerKind::Momentum);
    stopped_everywhere::<f32>(weight, OptimizerKind::GradientDescent);
}

#[test]
fn random_directions_are_drawn_again_after_any_stop() {
    let directions = EstimatorKind::Directions(Directions::default());
    stopped_everywhere::<f64>(directions, OptimizerKind::Adam);
    stopped_everywhere::<f32>(directions, OptimizerKind::GradientDescent);
}

/// The shares of a saliency are found again from the first parameters, and the draws from the step:
/// one is kept for an epoch here, and another drawn where the second epoch begins.
#[test]
fn a_training_by_chosen_coordinates_goes_on_bit_for_bit_from_every_step() {
    for name in ["saliency:0.2:1", "cyclic:7%"] {
        stopped_everywhere::<f64>(name.parse().unwrap(), OptimizerKind::Adam);
    }
    let random = "random:100".parse().unwrap();
    stopped_everywhere::<f32>(random, OptimizerKind::Momentum);
}

/// Epochs of one batch: were the directions drawn by the batch alone, all would be the same.
#[test]
fn no_epoch_draws_the_directions_of_another() {
    let directions = EstimatorKind::Directions(Directions {
        count: 1,
        ..Directions::default()
    });
    let configuration = Configuration {
        batch_size: 2000,
        // θ stays where it is, so that two gradients differ by their directions alone.
        learning_rate: 1e-30,
        weight_decay: 0.0,
        audit: 0,
        regime: Regime::default(),
        ..configuration(directions, OptimizerKind::Momentum, Precision::F64)
    };
    let data = Prepared::load(&configuration).unwrap();
    let mut trainer = Trainer::<f64>::new(configuration, data).unwrap();
    let mut velocity = || -> Vec<f64> {
        advance(&mut trainer, 1);
        trainer.checkpoint().payload.memories[0].get().unwrap()
    };
    let (first, second) = (velocity(), velocity());
    let ratios: Vec<f64> = second.iter().zip(&first).map(|(b, a)| b / a).collect();
    let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
    let largest = ratios.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    assert!(
        largest - least > 1e-3,
        "the second velocity is {least} times the first"
    );
}

#[test]
fn a_checkpoint_that_claims_more_batches_than_an_epoch_has_is_refused() {
    let configuration = configuration(Perturb::Weight.into(), OptimizerKind::Adam, Precision::F64);
    let data = Prepared::load(&configuration).unwrap();
    let trainer = Trainer::<f64>::new(configuration, data.clone()).unwrap();
    let mut checkpoint = trainer.checkpoint();
    checkpoint.payload.progress.batch = BATCHES as u64 + 1;
    assert!(Trainer::<f64>::resume(checkpoint, data, None).is_err());
}

#[test]
fn a_run_resumed_by_the_command_ends_with_the_hash_of_one_that_was_not_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let train = "train --seed 3 --layers 64,8,10 --json";
    let whole = succeeds(folder.path(), &format!("{train} --epochs 6 --run whole"));
    succeeds(folder.path(), &format!("{train} --epochs 2 --run parts"));
    let on = succeeds(
        folder.path(),
        "train --resume parts --epochs 6 --threads 1 --json",
    );
    let hash = |ran: &crate::command::Ran| ran.json().last().unwrap()["theta_blake3"].clone();
    assert_eq!(hash(&on), hash(&whole));
    assert_eq!(on.json().len(), 5, "four epochs and the end");
}

#[test]
fn a_run_is_saved_as_often_as_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let previous = |flags: &str, run: &str| {
        let words = format!("train --layers 64,4,10 --epochs 1 --quiet --run {run} {flags}");
        succeeds(folder.path(), &words);
        let found = load(&folder.path().join(run).join("prev.ckpt")).unwrap();
        found.checkpoint.header.step
    };
    assert_eq!(previous("", "seldom"), 0, "at the beginning and at the end");
    assert_eq!(previous("--save-every 0s", "often"), 15, "after every step");
}

#[test]
fn only_epochs_threads_and_output_may_change_on_the_way() {
    let folder = tempfile::tempdir().unwrap();
    succeeds(
        folder.path(),
        "train --epochs 1 --layers 64,4,10 --run run --quiet",
    );
    for flag in [
        "--seed 1",
        "--learning-rate 0.1",
        "--data digits",
        "--perturb neuron",
    ] {
        let ran = numgrad(folder.path(), &format!("train --resume run {flag}"));
        assert_eq!(ran.status, 2, "{flag}: {}", ran.stderr);
    }
}

#[test]
fn fewer_epochs_than_are_done_are_refused_and_nothing_is_changed() {
    let folder = tempfile::tempdir().unwrap();
    succeeds(
        folder.path(),
        "train --epochs 3 --layers 64,4,10 --run run --quiet",
    );
    let files = ["config.toml", "history.csv", "last.ckpt", "prev.ckpt"];
    let read = || files.map(|name| std::fs::read(folder.path().join("run").join(name)).unwrap());
    let before = read();
    let ran = numgrad(folder.path(), "train --resume run --epochs 2");
    assert_eq!((ran.status, ran.stdout.as_str()), (2, ""), "{}", ran.stderr);
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    for part in ["3 epochs are done", "--epochs 4"] {
        assert!(ran.stderr.contains(part), "{}", ran.stderr);
    }
    assert!(read() == before, "the run's files are others");
    // As many as are done are nothing to train, which is said and no mistake.
    let ran = succeeds(folder.path(), "train --resume run --epochs 3");
    assert!(
        ran.stderr.contains("--epochs 6 would train on"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_damaged_last_checkpoint_is_passed_over_for_the_one_before() {
    let folder = tempfile::tempdir().unwrap();
    succeeds(
        folder.path(),
        "train --epochs 2 --layers 64,4,10 --run run --quiet",
    );
    let last = folder.path().join("run/last.ckpt");
    let mut bytes = std::fs::read(&last).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&last, bytes).unwrap();
    let ran = succeeds(folder.path(), "inspect run");
    assert!(ran.stderr.contains("checksum"), "{}", ran.stderr);
    assert!(ran.stdout.contains("prev.ckpt"), "{}", ran.stdout);
}

#[test]
fn a_run_is_held_by_one_process_and_freed_with_it() {
    let folder = tempfile::tempdir().unwrap();
    succeeds(
        folder.path(),
        "train --epochs 1 --layers 64,4,10 --run run --quiet",
    );
    let run = folder.path().join("run");
    let held = RunDirectory::open(&run).unwrap();
    let ran = numgrad(folder.path(), "train --resume run --epochs 2");
    assert_eq!(ran.status, 75, "{}", ran.stderr);
    drop(held);
    succeeds(folder.path(), "train --resume run --epochs 2 --quiet");
}

#[test]
fn what_a_crashed_save_left_behind_is_swept_away() {
    let folder = tempfile::tempdir().unwrap();
    succeeds(
        folder.path(),
        "train --epochs 1 --layers 64,4,10 --run run --quiet",
    );
    let stale = folder.path().join("run/.last.ckpt.123.4.tmp");
    std::fs::write(&stale, "half a checkpoint").unwrap();
    succeeds(folder.path(), "train --resume run --epochs 2 --quiet");
    assert!(!stale.exists());
    assert!(load(&folder.path().join("run")).is_ok());
}

#[test]
fn a_checkpoint_of_other_data_does_not_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let csv = |shift: i32| {
        let rows = (0..40).map(|k| format!("{},{},{}\n", k + shift, k % 7, k % 2));
        "a,b,class\n".to_owned() + &rows.collect::<String>()
    };
    let file = folder.path().join("data.csv");
    std::fs::write(&file, csv(0)).unwrap();
    succeeds(
        folder.path(),
        "train --data data.csv --epochs 1 --run run --quiet",
    );
    std::fs::write(&file, csv(1)).unwrap();
    let ran = numgrad(folder.path(), "train --resume run --epochs 2");
    assert_eq!(ran.status, 65, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("changed since the run began"),
        "{}",
        ran.stderr
    );
}
