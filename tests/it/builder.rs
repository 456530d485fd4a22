//! A library's user has the same power as the command line, to the same bits.
use crate::command::{numgrad, succeeds, workspace};
use numgrad_core::{ActivationKind, Smooth};
use numgrad_diff::Scheme;
use numgrad_gradient::{EstimatorKind, Perturb};
use numgrad_loss::Target;
use numgrad_train::checkpoint::{CheckpointError, load};
use numgrad_train::dataset::{Dataset, Features, Labels};
use numgrad_train::optimizer::OptimizerKind;
use numgrad_train::{EpochRecord, PrepareError, TrainError, Trainer, Validation, theta_blake3};
use std::ops::ControlFlow;
use std::path::Path;

fn hash_of(trainer: &Trainer<f64>) -> String {
    theta_blake3(trainer.theta()).to_hex().to_string()
}

/// Trains once the folder is free: a program that another test starts holds a copy of the lock until it
/// runs.
fn when_free(train: impl Fn() -> Result<Trainer<f64>, TrainError>) -> Trainer<f64> {
    for _ in 0..200 {
        match train() {
            Err(TrainError::Checkpoint(CheckpointError::Busy { .. })) => {
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
            trained => return trained.unwrap(),
        }
    }
    panic!("the folder stays busy");
}

fn hash_of_command(folder: &Path, words: &str) -> String {
    let ran = succeeds(folder, &format!("train {words} --json"));
    ran.json().last().unwrap()["theta_blake3"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn a_builder_and_the_command_end_with_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let build = Trainer::<f64>::builder;
    // Nothing is asked for: what is left open is settled in the same way.
    let found = build().epochs(2).train().unwrap();
    let expected = hash_of_command(folder.path(), "--epochs 2");
    assert_eq!(hash_of(&found), expected);
    let iris = workspace().join("datasets/iris.csv");
    let iris = iris.to_str().unwrap();
    let found = build()
        .data(iris.parse().unwrap())
        .epochs(2)
        .seed(3)
        .train();
    let expected = hash_of_command(folder.path(), &format!("--data {iris} --epochs 2 --seed 3"));
    assert_eq!(hash_of(&found.unwrap()), expected);
    // And everything.
    let found = build()
        .layers(&[64, 6, 10])
        .activation(ActivationKind::Sigmoid)
        .perturb(Perturb::Neuron)
        .scheme(Scheme::Forward)
        .step(1e-5)
        .optimizer(OptimizerKind::Rmsprop)
        .learning_rate(0.02)
        .schedule("warm-up:1,cosine".parse().unwrap())
        .l2(1e-4)
        .l1(1e-5)
        .clip_norm(0.9)
        .clip_value(0.5)
        .validation(Validation::Part(0.2))
        .watch("validation-accuracy".parse().unwrap())
        .early_stopping(2)
        .test_fraction(0.3)
        .batch_size(70)
        .threads(2)
        .seed(7)
        .epochs(3);
    let found = found.train().unwrap();
    let words = "--layers 64,6,10 --activation sigmoid --perturb neuron --scheme forward --step \
                 1e-5 --optimizer rmsprop --learning-rate 0.02 --schedule warm-up:1,cosine --l2 1e-4 \
                 --l1 1e-5 --clip-norm 0.9 --clip-value 0.5 --validation 0.2 --watch \
                 validation-accuracy --early-stopping 2 --test-fraction 0.3 --batch-size 70 --seed 7 \
                 --epochs 3";
    assert_eq!(hash_of(&found), hash_of_command(folder.path(), words));
}

#[test]
fn a_builders_run_is_one_of_the_commands_and_goes_on_in_both() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let wishes = || {
        let estimator: EstimatorKind = "layer".parse().unwrap();
        let builder = Trainer::<f64>::builder().layers(&[64, 4, 10]);
        builder.perturb(estimator).epochs(3)
    };
    let whole = hash_of(&wishes().train().unwrap());
    let mut told = Vec::new();
    let stopped = wishes().save_in(&run).keep(1);
    let stopped = stopped.callback(|record: &EpochRecord, theta: &[f64]| {
        told.push((record.epoch, theta.len()));
        match record.epoch {
            1 => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    });
    stopped.train().unwrap();
    assert_eq!(told, [(1, 310)]);
    for name in ["last.ckpt", "best.ckpt", "epoch-000001.ckpt"] {
        assert!(run.join(name).exists(), "{name}");
    }
    let ran = succeeds(folder.path(), "train --resume run --epochs 2 --json");
    assert_eq!(ran.json().len(), 2);
    let resumed = when_free(|| Trainer::<f64>::builder().resume(&run).epochs(3).train());
    assert_eq!(hash_of(&resumed), whole);
    let taken = wishes().save_in(&run).train().unwrap_err();
    assert!(matches!(taken, TrainError::Checkpoint(_)), "{taken}");
    let fewer = Trainer::<f64>::builder().resume(&run).epochs(1).train();
    let fewer = fewer.unwrap_err();
    assert!(
        matches!(fewer, TrainError::EpochsDone { done: 3, asked: 1 }),
        "{fewer}"
    );
}

/// Two classes that a line cannot part, and a loss and an activation that nobody has a name for.
fn ring() -> Dataset {
    let angle = |k: u32| f64::from(k) * 0.7;
    let radius = |k: u32| 1.0 + f64::from(k % 2);
    let point = |k: u32| [radius(k) * angle(k).cos(), radius(k) * angle(k).sin()];
    let labels = Labels::Classes {
        classes: 2,
        labels: (0..60).map(|k| k % 2).collect(),
    };
    Dataset::new(
        2,
        Features::Numbers((0..60).flat_map(point).collect()),
        labels,
    )
    .unwrap()
}

fn ripple(z: f64) -> f64 {
    z.sin() + 0.1 * z
}

fn cubic(y: &[f64], t: Target<'_, f64>) -> f64 {
    (0..y.len()).map(|k| (y[k] - t.at(k)).abs().powi(3)).sum()
}

#[test]
fn data_in_memory_with_an_activation_and_a_loss_of_ones_own_are_trained_on_saved_and_resumed() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let own = || {
        Trainer::<f64>::builder()
            .dataset(ring())
            .own_activation(Smooth(ripple))
            .own_loss(numgrad_loss::Smooth(cubic))
    };
    let begun = || own().layers(&[2, 12, 2]).batch_size(12).epochs(40);
    let whole = begun().train().unwrap();
    let accuracy = whole.evaluate_test().unwrap().accuracy();
    assert!(accuracy > Some(0.9), "{accuracy:?}");
    // Raw inputs, as the samples are: one within the ring, one on it.
    let outputs = whole.outputs(&[1.0, 0.0, -2.0, 0.0]).unwrap();
    assert!(
        outputs[0] > outputs[1] && outputs[2] < outputs[3],
        "{outputs:?}"
    );
    assert!(whole.outputs(&[1.0, 0.0, 1.0]).is_err(), "half a sample");

    begun().epochs(20).save_in(&run).train().unwrap();
    let resumed = when_free(|| own().resume(&run).epochs(40).train());
    assert_eq!(hash_of(&resumed), hash_of(&whole));
    // Nobody else can take the run for another one.
    let header = load(&run).unwrap().checkpoint.header;
    assert_eq!(header.configuration.loss.to_string(), "own");
    for words in ["evaluate run", "train --resume run --epochs 50"] {
        let ran = numgrad(folder.path(), words);
        assert_eq!(ran.status, 65, "{words}: {}", ran.stderr);
        assert!(ran.stderr.contains("in no file"), "{}", ran.stderr);
        assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    }
    for words in ["train --data memory", "train --loss own"] {
        assert_eq!(numgrad(folder.path(), words).status, 2, "{words}");
    }
    let without = Trainer::<f64>::builder().dataset(ring()).resume(&run);
    assert!(without.train().is_err(), "its functions are not known");
}

#[test]
fn wishes_that_do_not_fit_are_typed_errors() {
    let build = Trainer::<f64>::builder;
    let error = build().layers(&[63, 10]).train().unwrap_err();
    assert!(
        matches!(error, TrainError::Widths { network: 63, .. }),
        "{error}"
    );
    let error = build().test_fraction(1.5).train().unwrap_err();
    let is_fraction = |error: &TrainError| matches!(error, TrainError::Prepare(PrepareError::TestFraction(part)) if *part == 1.5);
    assert!(is_fraction(&error), "{error}");
    let missing = build().data("no-such-file.csv".parse().unwrap()).train();
    let missing = missing.unwrap_err();
    assert!(
        matches!(missing, TrainError::Prepare(PrepareError::Data(_))),
        "{missing}"
    );
    let error = build().learning_rate(0.0).build().unwrap_err();
    assert!(matches!(error, TrainError::Setting(_)), "{error}");
}
