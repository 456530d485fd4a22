//! Networks learn real data, by one command.
use crate::command::{Ran, numgrad, program, succeeds, workspace};
use numgrad_core::{ActivationKind, Architecture, Initializer, OutputKind, Precision};
use numgrad_diff::Scheme;
use numgrad_gradient::Perturb;
use numgrad_loss::LossKind;
use numgrad_train::dataset::{DataSource, LoadOptions, Scaling};
use numgrad_train::optimizer::OptimizerKind;
use numgrad_train::{Configuration, Prepared, Regime, Trainer};
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

#[test]
fn digits_are_learned_without_a_flag() {
    let folder = tempfile::tempdir().unwrap();
    let mut accuracies: Vec<f64> = (0..10)
        .map(|seed| {
            let words = format!("train --seed {seed} --json --run {seed}");
            let ran = succeeds(folder.path(), &words);
            let lines = ran.json();
            let last = lines.last().unwrap();
            assert_eq!(last["event"], "finished");
            last["test_accuracy"].as_f64().unwrap()
        })
        .collect();
    accuracies.sort_by(f64::total_cmp);
    let median = f64::midpoint(accuracies[4], accuracies[5]);
    assert!(median >= 0.965 && accuracies[0] >= 0.945, "{accuracies:?}");
}

#[test]
fn every_instruction_set_trains_to_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let data = workspace().join("datasets/iris.csv");
    let data = data.display();
    for sweep in ["weight", "neuron", "layer", "weight-direct"] {
        for shape in ["--layers 4,17,3", "--layers 4,20,9,3 --precision f32"] {
            let hash = |instructions: &str| {
                let words = format!(
                    "train --data {data} {shape} --perturb {sweep} --epochs 2 --json \
                     --run {sweep}-{instructions}-{}",
                    shape.len()
                );
                let ran: Ran = Command::new(program())
                    .args(words.split_whitespace())
                    .current_dir(folder.path())
                    .env("NUMGRAD_INSTRUCTIONS", instructions)
                    .output()
                    .unwrap()
                    .into();
                let finished = ran.json().last().cloned();
                finished.map(|line| line["theta_blake3"].clone())
            };
            let portable = hash("portable");
            assert!(portable.is_some());
            for instructions in ["avx2", "avx512", "widest"] {
                let found = hash(instructions);
                if found.is_none() {
                    println!("skipped: this CPU has no {instructions}");
                    continue;
                }
                assert_eq!(found, portable, "{sweep} {shape} {instructions}");
            }
        }
    }
}

#[test]
fn iris_is_learned_from_its_csv_and_evaluated() {
    let folder = tempfile::tempdir().unwrap();
    let data = workspace().join("datasets/iris.csv");
    let words = format!(
        "train --data {} --batch-size 20 --run run --quiet",
        data.display()
    );
    succeeds(folder.path(), &words);
    let ran = succeeds(folder.path(), "evaluate run --json");
    let found = &ran.json()[0];
    assert_eq!(found["samples"], 30);
    assert!(found["accuracy"].as_f64().unwrap() >= 0.9, "{found}");
    assert_eq!(found["confusion"].as_array().unwrap().len(), 3);
}

#[test]
fn diabetes_is_regressed_from_its_csv_and_evaluated() {
    let folder = tempfile::tempdir().unwrap();
    let data = workspace().join("datasets/diabetes.csv");
    let words = format!(
        "train --data {} --loss sum-of-squared-errors --epochs 300 --batch-size 32 \
         --learning-rate 0.02 --layers 10,8,1 --run run --quiet",
        data.display()
    );
    succeeds(folder.path(), &words);
    let ran = succeeds(folder.path(), "evaluate run --json");
    let found = &ran.json()[0];
    assert_eq!(found["samples"], 88);
    assert!(found["r_squared"].as_f64().unwrap() > 0.35, "{found}");
    assert!(found["rmse"].as_f64().unwrap() < 70.0, "{found}");
}

#[test]
fn a_regression_that_is_no_better_than_the_mean_of_its_targets_is_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let row = |k: u32| format!("{k},{}\n", 100_000 + 1_000 * k);
    let table: String = (0..100).map(row).collect();
    std::fs::write(
        folder.path().join("prices.csv"),
        format!("a,price\n{table}"),
    )
    .unwrap();
    let warning = |rate: &str| {
        let words = format!("train --data prices.csv --learning-rate {rate} --epochs 400");
        let said = succeeds(folder.path(), &words).stderr;
        said.contains("no better than their mean")
    };
    assert!(
        warning("0.001 --target-scaling none"),
        "the outputs have hardly left 0"
    );
    assert!(!warning("1 --target-scaling none"));
}

/// Targets are brought to the scale of a network's first outputs, and predictions back to theirs.
#[test]
fn targets_of_any_size_are_learnt_at_the_rate_of_every_other_run() {
    let folder = tempfile::tempdir().unwrap();
    for (name, unit, offset) in [("prices", 1000.0, 100_000.0), ("grains", 1e-7, -3e-6)] {
        let row = |k: u32| format!("{k},{:e}\n", offset + unit * f64::from(k));
        let table: String = (0..100).map(row).collect();
        let file = format!("{name}.csv");
        std::fs::write(folder.path().join(&file), format!("a,y\n{table}")).unwrap();
        let words = format!("train --data {file} --epochs 200 --run {name} --quiet");
        succeeds(folder.path(), &words);
        let ran = succeeds(folder.path(), &format!("evaluate {name} --json"));
        let found = &ran.json()[0];
        assert!(found["r_squared"].as_f64().unwrap() > 0.98, "{found}");
        let error = found["rmse"].as_f64().unwrap() / unit;
        assert!(0.0 < error && error < 5.0, "in the target's units: {found}");
        std::fs::write(folder.path().join("new.csv"), "a\n10\n90\n").unwrap();
        let ran = succeeds(folder.path(), &format!("predict {name} --data new.csv"));
        let predicted = ran.stdout.lines().skip(1).map(str::parse::<f64>);
        let predicted: Vec<f64> = predicted.collect::<Result<_, _>>().unwrap();
        assert_eq!(predicted.len(), 2);
        for (value, row) in predicted.into_iter().zip([10.0, 90.0]) {
            let row_found = (value - offset) / unit;
            assert!(
                (row_found - row).abs() < 10.0,
                "{name}: {row_found} for {row}"
            );
        }
        // What is resumed and what is repeated have the same scale.
        succeeds(
            folder.path(),
            &format!("train --resume {name} --epochs 201 --quiet"),
        );
        let words = format!("train --repeat {name} --run {name}-again --quiet");
        succeeds(folder.path(), &words);
    }
}

#[test]
fn only_values_behind_a_linear_output_are_scaled_by_default() {
    let folder = tempfile::tempdir().unwrap();
    let rows = "a,y\n1,0.1\n2,0.3\n3,0.4\n4,0.9\n";
    std::fs::write(folder.path().join("y.csv"), rows).unwrap();
    for (words, scaling) in [
        ("--data y.csv", "standard"),
        ("--data y.csv --loss huber:0.5", "standard"),
        ("--data y.csv --output sigmoid", "none"),
        ("--data y.csv --output sigmoid --loss bce", "none"),
        ("--data y.csv --target-scaling unit", "unit"),
        ("--data digits", "none"),
    ] {
        let ran = succeeds(folder.path(), &format!("train {words} --print-config"));
        let line = format!("target-scaling = \"{scaling}\"");
        assert!(ran.stdout.contains(&line), "{words}: {}", ran.stdout);
    }
}

#[test]
fn a_net_of_steps_and_a_net_on_the_zero_one_loss_run_with_a_large_step() {
    let folder = tempfile::tempdir().unwrap();
    for (run, words) in [
        ("steps", "--activation step --init normal:1 --step 0.5"),
        (
            "zero-one",
            "--loss zero-one --step 0.5 --optimizer gd --learning-rate 0.5",
        ),
    ] {
        let words = format!("train {words} --layers 64,12,10 --epochs 4 --json --run {run}");
        let lines = succeeds(folder.path(), &words).json();
        let accuracy = |k: usize| lines[k]["test_accuracy"].as_f64().unwrap();
        // Ten classes: guessing is right in a tenth.
        assert!(
            accuracy(lines.len() - 1) > 0.3,
            "{run}: {}",
            accuracy(lines.len() - 1)
        );
    }
}

#[test]
fn random_directions_learn_digits_with_a_fortieth_of_the_evaluations() {
    let folder = tempfile::tempdir().unwrap();
    for (run, words, least) in [
        ("signs", "--directions 32", 0.93),
        (
            "evolution",
            "--directions 32 --distribution gaussian --rank centred",
            0.93,
        ),
    ] {
        let words = format!("train --perturb directions {words} --json --run {run}");
        let lines = succeeds(folder.path(), &words).json();
        let last = lines.last().unwrap();
        let accuracy = last["test_accuracy"].as_f64().unwrap();
        assert!(accuracy >= least, "{run}: {accuracy}");
        assert_eq!(last["loss_evaluations"], 40 * 15 * 64);
    }
    let shown = succeeds(folder.path(), "inspect signs").stdout;
    assert!(
        shown.contains("directions (32 rademacher, rank none)"),
        "{shown}"
    );
    for flag in ["--directions 4", "--distribution sphere", "--rank centred"] {
        assert_eq!(numgrad(folder.path(), &format!("train {flag}")).status, 2);
    }
    let none = numgrad(folder.path(), "train --perturb directions --directions 0");
    assert_eq!(none.status, 2, "{}", none.stderr);
}

#[test]
fn threads_do_not_change_a_runs_hash() {
    let folder = tempfile::tempdir().unwrap();
    let hash = |threads: usize| {
        let words = format!("train --epochs 2 --json --threads {threads} --run {threads}");
        succeeds(folder.path(), &words).json().last().unwrap()["theta_blake3"].clone()
    };
    let one = hash(1);
    for threads in [2, 3, 8] {
        assert_eq!(hash(threads), one, "{threads} threads");
    }
}

/// MNIST is not part of the project: without it this says so, and passes.
#[expect(clippy::print_stderr, reason = "what is skipped is said")]
fn mnist() -> Option<PathBuf> {
    let folder = workspace().parent()?.join("shared/datasets/mnist");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: MNIST is not beside the project");
    None
}

/// The published curve of a backpropagation with the same settings.
#[test]
fn mnist_follows_the_textbooks_curve() {
    let Some(data) = mnist() else { return };
    let folder = tempfile::tempdir().unwrap();
    let words = |perturb: &str, epochs: usize| {
        format!(
            "train --data mnist:{} --layers 784,50,10 --activation sigmoid --optimizer gd \
             --learning-rate 0.1 --batch-size 100 --epochs {epochs} --init normal:0.01 \
             --perturb {perturb} --json --run {perturb}",
            data.display()
        )
    };
    let neuron = succeeds(folder.path(), &words("neuron", 17)).json();
    let accuracy = |lines: &[serde_json::Value], epoch: usize| {
        lines[epoch - 1]["test_accuracy"].as_f64().unwrap()
    };
    for (epoch, expected, tolerance) in [
        (1, 0.79, 0.02),
        (2, 0.88, 0.02),
        (4, 0.91, 0.02),
        (9, 0.93, 0.02),
        (16, 0.9465, 0.003),
    ] {
        let found = accuracy(&neuron, epoch);
        assert!(
            (found - expected).abs() <= tolerance,
            "epoch {epoch}: {found}"
        );
    }
    let weight = succeeds(folder.path(), &words("weight", 2)).json();
    for epoch in [1, 2] {
        let loss = |lines: &[serde_json::Value]| lines[epoch - 1]["train_loss"].as_f64().unwrap();
        assert!(
            (loss(&weight) - loss(&neuron)).abs() < 1e-6,
            "epoch {epoch}"
        );
        assert!((accuracy(&weight, epoch) - accuracy(&neuron, epoch)).abs() < 1e-3);
    }
}

/// The first 100 steps of the same run, by both sweeps.
#[test]
fn on_mnist_the_weight_and_the_neuron_sweep_take_the_same_first_100_steps() {
    let Some(folder) = mnist() else { return };
    let losses = |perturb: Perturb| {
        let configuration = Configuration {
            data: DataSource::Mnist(folder.clone()),
            reading: LoadOptions::default(),
            scaling: Scaling::None,
            target_scaling: Scaling::None,
            test_fraction: 0.2,
            architecture: Architecture::new(
                &[784, 50, 10],
                ActivationKind::Sigmoid,
                OutputKind::Softmax,
            ),
            precision: Precision::F64,
            initializer: Initializer::Normal(0.01),
            loss: LossKind::CrossEntropy,
            perturb: perturb.into(),
            scheme: Scheme::Central,
            step: 1e-4,
            optimizer: OptimizerKind::GradientDescent,
            learning_rate: 0.1,
            weight_decay: 0.0,
            batch_size: 100,
            epochs: 1,
            seed: 0,
            audit: 0,
            regime: Regime::default(),
        };
        let data = Prepared::load(&configuration).unwrap();
        let mut trainer = Trainer::<f64>::new(configuration, data).unwrap();
        (0..100)
            .map(|_| trainer.step().unwrap())
            .collect::<Vec<_>>()
    };
    let (weight, neuron) = (losses(Perturb::Weight), losses(Perturb::Neuron));
    for (step, (weight, neuron)) in weight.iter().zip(&neuron).enumerate() {
        assert!(
            (weight - neuron).abs() < 1e-6,
            "step {step}: {weight} {neuron}"
        );
    }
    assert!(weight[99] < weight[0]);
}

#[test]
fn a_sweep_that_takes_long_says_so_and_names_a_faster_one_before_it_starts() {
    let Some(data) = mnist() else { return };
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(program())
        .args([
            "train",
            "--perturb",
            "weight-naive",
            "--epochs",
            "1",
            "--quiet",
            "--data",
        ])
        .arg(format!("mnist:{}", data.display()))
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stderr.take().unwrap())
        .read_line(&mut line)
        .unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    let says = "numgrad: an epoch with --perturb weight-naive will take about";
    assert!(line.starts_with(says), "{line}");
    assert!(line.contains("--perturb weight would take about"), "{line}");
}

#[test]
fn a_check_of_every_sweep_passes_and_names_the_worst_entries() {
    let folder = tempfile::tempdir().unwrap();
    for words in [
        "check --layers 64,12,10 --activation sigmoid",
        "check --layers 64,12,8,10 --activation tanh --precision f32",
        "check --layers 64,12,10 --activation relu --samples 30",
        "check --layers 64,12,10 --activation tanh --step 0.5 --scheme forward",
    ] {
        let ran = succeeds(folder.path(), words);
        assert_eq!(ran.stdout.matches(" ok").count(), 4, "{}", ran.stdout);
        let entries = ran.stdout.matches('[').count();
        assert!(
            entries >= 4,
            "worst entries by layer and index: {}",
            ran.stdout
        );
    }
    // An absurdly small step drowns the full passes, and the check knows that it does.
    let ran = numgrad(folder.path(), "check --layers 64,12,10 --step 1e-9 --json");
    assert_eq!(ran.status, 0, "{}", ran.stderr);
}
