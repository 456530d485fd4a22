//! What steers a run does what it says, and a resumed run goes on with the same bits.
use numgrad_train::checkpoint::Checkpoint;
use numgrad_train::dataset::{DataSource, LoadOptions, Scaling};
use numgrad_train::numgrad_core::{
    ActivationKind, Architecture, Initializer, OutputKind, Precision,
};
use numgrad_train::optimizer::OptimizerKind;
use numgrad_train::regime::{add_l1, clip_norm, clip_value};
use numgrad_train::{
    Configuration, EpochRecord, Prepared, Regime, Schedule, Trainer, theta_blake3,
};
use std::ops::ControlFlow;

const EPOCHS: u64 = 6;

fn configuration(regime: Regime) -> Configuration {
    Configuration {
        data: DataSource::Digits,
        reading: LoadOptions::default(),
        scaling: Scaling::None,
        target_scaling: Scaling::None,
        test_fraction: 0.8,
        architecture: Architecture::new(&[64, 4, 10], ActivationKind::Tanh, OutputKind::Softmax),
        precision: Precision::F64,
        initializer: Initializer::XavierUniform,
        loss: "cross-entropy".parse().unwrap(),
        perturb: "layer".parse().unwrap(),
        scheme: "central".parse().unwrap(),
        step: 1e-4,
        optimizer: OptimizerKind::Momentum,
        // So large that the loss goes up now and then, and something is stuck.
        learning_rate: 0.8,
        weight_decay: 0.0,
        batch_size: 100,
        epochs: EPOCHS,
        seed: 1,
        audit: 0,
        regime,
    }
}

fn trainer(regime: Regime) -> (Trainer<f64>, Prepared) {
    let configuration = configuration(regime);
    let data = Prepared::load(&configuration).unwrap();
    (Trainer::new(configuration, data.clone()).unwrap(), data)
}

fn advance(trainer: &mut Trainer<f64>) {
    trainer.step().unwrap();
    if trainer.epoch_is_over() {
        trainer.end_epoch().unwrap();
    }
}

/// The record without the seconds, which no two runs share.
fn timeless(record: &EpochRecord) -> EpochRecord {
    EpochRecord {
        seconds: 0.0,
        spent: numgrad_train::Spent::default(),
        ..record.clone()
    }
}

fn regimes() -> Vec<(&'static str, Regime)> {
    let schedule = |text: &str| Regime {
        schedule: text.parse().unwrap(),
        ..Regime::default()
    };
    let validated = Regime {
        validation: Some("0.3".parse().unwrap()),
        ..Regime::default()
    };
    vec![
        ("step", schedule("step:2:0.5")),
        ("exponential", schedule("exponential:0.7")),
        ("warm-up and cosine", schedule("warm-up:2,cosine:0.1")),
        (
            "plateau",
            Regime {
                schedule: "plateau:1:0.5".parse().unwrap(),
                ..validated.clone()
            },
        ),
        (
            "early stopping",
            Regime {
                early_stopping: Some(2),
                ..validated
            },
        ),
        (
            "clipping and L1",
            Regime {
                clip_norm: Some(0.5),
                clip_value: Some(0.1),
                l1: 1e-3,
                ..Regime::default()
            },
        ),
    ]
}

#[test]
fn a_steered_run_stopped_after_any_step_ends_with_the_same_bits() {
    for (name, regime) in regimes() {
        let (mut whole, data) = trainer(regime.clone());
        let mut checkpoints = vec![whole.checkpoint()];
        while !whole.is_finished() {
            advance(&mut whole);
            checkpoints.push(whole.checkpoint());
        }
        whole.restore_best();
        let history: Vec<_> = whole.history().iter().map(timeless).collect();
        for (stop, checkpoint) in checkpoints.into_iter().enumerate() {
            let bytes = checkpoint.to_bytes().unwrap();
            let read = Checkpoint::from_bytes(&bytes).unwrap();
            assert_eq!(read, checkpoint);
            let mut resumed = Trainer::<f64>::resume(read, data.clone(), None).unwrap();
            resumed.run(&mut []).unwrap();
            let again: Vec<_> = resumed.history().iter().map(timeless).collect();
            assert_eq!(again, history, "{name}, stopped after step {stop}");
            assert_eq!(
                theta_blake3(resumed.theta()),
                theta_blake3(whole.theta()),
                "{name}, stopped after step {stop}"
            );
        }
    }
}

#[test]
fn rates_go_as_their_factors_say() {
    let rates = |text: &str| {
        let (mut trainer, _) = trainer(Regime {
            schedule: text.parse().unwrap(),
            ..Regime::default()
        });
        trainer.run(&mut []).unwrap();
        let rates = trainer
            .history()
            .iter()
            .map(|record| record.learning_rate / 0.8);
        rates.collect::<Vec<f64>>()
    };
    let close = |found: Vec<f64>, expected: [f64; 6]| {
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        }
    };
    close(rates("constant"), [1.0; 6]);
    close(rates("step:2:0.5"), [1.0, 1.0, 0.5, 0.5, 0.25, 0.25]);
    close(
        rates("exponential:0.5"),
        [1.0, 0.5, 0.25, 0.125, 0.0625, 0.03125],
    );
    close(rates("warm-up:2"), [0.5, 1.0, 1.0, 1.0, 1.0, 1.0]);
    // Four batches an epoch: the last step of epoch e is step 4·e + 3 of 24.
    let wave = |k: f64| 0.1 + 0.45 * (1.0 + (std::f64::consts::PI * k / 24.0).cos());
    close(
        rates("cosine:0.1"),
        [3.0, 7.0, 11.0, 15.0, 19.0, 23.0].map(wave),
    );
    let plateau: Schedule = "plateau:2:0.1".parse().unwrap();
    let watched = [3.0, 2.0, 2.0, 2.5, 1.0, 1.0, 1.0];
    assert_eq!(plateau.of_epoch(3, &watched[..3].to_vec()), 1.0);
    assert_eq!(plateau.of_epoch(4, &watched[..4].to_vec()), 0.1);
    assert!((plateau.of_epoch(7, &watched.to_vec()) - 0.01).abs() < 1e-15);
}

#[test]
fn schedules_are_read_back_and_what_is_none_is_refused() {
    for text in [
        "constant",
        "warm-up:3,step:10:0.5",
        "exponential:0.95",
        "cosine:0.1:40",
        "cosine:0",
        "plateau:5:0.5",
    ] {
        let schedule: Schedule = text.parse().unwrap();
        assert_eq!(schedule.to_string(), text);
    }
    for text in [
        "",
        "steps",
        "step",
        "step:0",
        "step:2:0",
        "step:2:nan",
        "cosine:2",
        "cosine:0:0",
        "warm-up:-1",
        "plateau:1:2:3",
        "exponential:inf",
        "warm-up:2,",
    ] {
        assert!(text.parse::<Schedule>().is_err(), "{text}");
    }
}

#[test]
fn a_run_that_stops_early_ends_with_its_best_weights() {
    let mut configuration = configuration(Regime {
        validation: Some("0.3".parse().unwrap()),
        early_stopping: Some(1),
        ..Regime::default()
    });
    // So large that the loss soon goes up.
    configuration.learning_rate = 4.0;
    let data = Prepared::load(&configuration).unwrap();
    let mut trainer = Trainer::<f64>::new(configuration, data.clone()).unwrap();
    trainer.run(&mut []).unwrap();
    let losses = trainer
        .history()
        .iter()
        .map(|record| record.validation_loss.unwrap());
    let losses: Vec<f64> = losses.collect();
    let best = losses.iter().copied().fold(f64::INFINITY, f64::min);
    assert!(losses.len() < EPOCHS as usize && losses[losses.len() - 1] > best);
    let record = trainer.record().unwrap();
    assert_eq!(record.validation_loss, Some(best));
    let test = trainer.evaluate_test().unwrap();
    assert_eq!(test.loss.to_bits(), record.test_loss.to_bits());
    assert_eq!(data.train.samples(), 251);
    assert_eq!(data.validation.unwrap().samples(), 108);
}

#[test]
fn gradients_are_cut_and_shortened_and_the_l1_penalty_draws_to_zero() {
    let mut gradient = [3.0, -4.0, 0.5];
    clip_value(&mut gradient, 3.5);
    assert_eq!(gradient, [3.0, -3.5, 0.5]);
    let mut gradient = [3.0, -4.0];
    clip_norm(&mut gradient, 10.0);
    assert_eq!(gradient, [3.0, -4.0]);
    clip_norm(&mut gradient, 0.5);
    assert!((gradient[0] - 0.3_f64).abs() + (gradient[1] + 0.4).abs() < 1e-15);
    let mut gradient = [1.0; 3];
    add_l1(&mut gradient, &[2.0, -2.0, 0.0], 0.25);
    assert_eq!(gradient, [1.25, 0.75, 1.0]);
}

#[test]
fn a_callback_sees_every_epoch_and_may_end_the_run() {
    let (mut trainer, _) = trainer(Regime::default());
    let mut seen = Vec::new();
    let mut stop = |record: &EpochRecord, theta: &[f64]| {
        seen.push((record.epoch, theta.len()));
        match record.epoch {
            3 => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        }
    };
    trainer.run(&mut [&mut stop]).unwrap();
    assert_eq!(seen, [(1, 310), (2, 310), (3, 310)]);
}

#[test]
fn settings_that_cannot_be_are_refused() {
    let wrong = |regime: Regime| {
        let configuration = configuration(regime);
        let data = Prepared::load(&configuration).unwrap();
        Trainer::<f64>::new(configuration, data)
            .unwrap_err()
            .to_string()
    };
    let regime = Regime::default;
    for (regime, says) in [
        (
            Regime {
                clip_norm: Some(0.0),
                ..regime()
            },
            "--clip-norm",
        ),
        (
            Regime {
                clip_value: Some(f64::NAN),
                ..regime()
            },
            "--clip-value",
        ),
        (
            Regime {
                l1: -1.0,
                ..regime()
            },
            "--l1",
        ),
        (
            Regime {
                early_stopping: Some(0),
                ..regime()
            },
            "--early-stopping",
        ),
        (
            Regime {
                keep: Some(0),
                ..regime()
            },
            "--keep",
        ),
        (
            Regime {
                watch: Some("validation-loss".parse().unwrap()),
                ..regime()
            },
            "give --validation",
        ),
    ] {
        let message = wrong(regime);
        assert!(message.contains(says), "{message}");
    }
}
