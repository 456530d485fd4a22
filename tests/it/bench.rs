//! What `numgrad bench` measures and shows. No time is asserted, only what follows from times.
use crate::command::{Ran, numgrad, succeeds};
use serde_json::Value;
use std::collections::BTreeSet;

/// A network that is measured in no time.
const SMALL: &str = "bench --layers 64,4,10 --seconds 0.01 --batch-size 16";
const WEIGHTS: u64 = 65 * 4 + 5 * 10;

const SWEEPS: [&str; 5] = ["weight-naive", "weight-direct", "weight", "neuron", "layer"];

/// Those that draw something.
const OTHERS: [&str; 5] = [
    "directions",
    "random:10%",
    "block:10%",
    "cyclic:10%",
    "saliency:0.1",
];

fn number(line: &Value, key: &str) -> f64 {
    let found = line[key].as_f64();
    found.unwrap_or_else(|| panic!("{key} in {line}"))
}

/// Equal up to the rounding of a printed number.
fn assert_equal(found: f64, expected: f64) {
    assert!(
        (found / expected - 1.0).abs() < 1e-9,
        "{found} is not {expected}"
    );
}

fn assert_fits_a_terminal(ran: &Ran) {
    for line in ran.stdout.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn every_estimator_is_measured_beside_backpropagation_on_all_threads_and_on_one() {
    let folder = tempfile::tempdir().unwrap();
    let lines = succeeds(folder.path(), &format!("{SMALL} --threads 2 --json")).json();
    let sweeps: Vec<&str> = lines
        .iter()
        .map(|line| line["perturb"].as_str().unwrap())
        .collect();
    assert_eq!(sweeps, [SWEEPS, OTHERS].concat());
    for line in &lines {
        assert_eq!((&line["batch"], &line["threads"]), (&16.into(), &2.into()));
        assert_eq!(
            (&line["precision"], &line["weights"]),
            (&"f64".into(), &WEIGHTS.into())
        );
        let seconds = number(line, "gradient_seconds");
        assert!(seconds > 0.0 && number(line, "backpropagation_seconds") > 0.0);
        assert!(number(line, "update_seconds") > 0.0);
        assert_equal(number(line, "gradients_per_second"), 1.0 / seconds);
        assert_equal(number(line, "weights_per_second"), WEIGHTS as f64 / seconds);
        let evaluations = number(line, "loss_evaluations") / seconds;
        assert_equal(number(line, "loss_evaluations_per_second"), evaluations);
        if line["multiply_adds"].is_null() {
            // Of chosen weights: every step has other ones.
            assert!(line["perturb"].as_str().unwrap().contains(':'), "{line}");
            assert_eq!(line["loss_evaluations"], 2 * (WEIGHTS / 10));
        } else {
            let reached = number(line, "multiply_adds") / seconds;
            let share = reached / number(line, "peak_multiply_adds_per_second");
            assert_equal(number(line, "share_of_peak"), share);
        }
        if line["perturb"] == "weight-naive" {
            assert_eq!(
                (&line["extrapolated"], &line["parallel_efficiency"]),
                (&true.into(), &Value::Null)
            );
        } else {
            let efficiency = number(line, "one_thread_seconds") / (2.0 * seconds);
            assert_equal(number(line, "parallel_efficiency"), efficiency);
        }
    }
    assert_eq!(lines[2]["loss_evaluations"], 2 * WEIGHTS);
    let products = 16.0 * (64.0 * 4.0 + 4.0 * 10.0);
    assert_eq!(
        number(&lines[4], "multiply_adds"),
        3.0 * products - 16.0 * 64.0 * 4.0
    );
    assert_eq!(
        number(&lines[3], "multiply_adds"),
        2.0 * products + 16.0 * 4.0 * 10.0
    );
}

#[test]
fn every_estimator_is_trained_to_one_budget_and_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let words = "compare --layers 64,4,10 --budget 20000 --seconds 60 --learning-rates 0.01,1e-6 \
                 --perturb weight,neuron,random:10% --json --plot-evaluations e.svg --plot-seconds s.svg";
    let lines = succeeds(folder.path(), words).json();
    for (line, a_step) in lines.iter().zip([2 * WEIGHTS, 2 * 14, 2 * (WEIGHTS / 10)]) {
        let trainings = line["trainings"].as_array().unwrap();
        assert_eq!(trainings.len(), 3);
        assert_eq!(number(line, "learning_rate"), 0.01);
        let mut reached = Vec::new();
        for training in trainings {
            assert_eq!(training["ended_by"], "budget");
            let looks = training["looks"].as_array().unwrap();
            let last = &looks[looks.len() - 1];
            let spent = last["loss_evaluations"].as_u64().unwrap();
            assert!((20_000..20_000 + a_step).contains(&spent), "{last}");
            assert_eq!(last["steps"].as_u64().unwrap() * a_step, spent);
            reached.push(number(last, "test_accuracy"));
        }
        reached.sort_by(f64::total_cmp);
        assert_eq!(number(line, "test_accuracy"), reached[1]);
        let seeds: BTreeSet<u64> = (trainings.iter())
            .map(|training| training["seed"].as_u64().unwrap())
            .collect();
        assert_eq!(seeds, BTreeSet::from([0, 1, 2]));
    }
    for chart in ["e.svg", "s.svg"] {
        let chart = std::fs::read_to_string(folder.path().join(chart)).unwrap();
        assert!(chart.contains("random:10%") && chart.contains("test accuracy"));
    }
    let ran = succeeds(
        folder.path(),
        "compare --layers 64,4,10 --budget 2000 --seeds 1",
    );
    assert_fits_a_terminal(&ran);
}

#[test]
fn a_comparison_picks_the_rate_that_validates_best_and_says_how_a_training_ended() {
    let folder = tempfile::tempdir().unwrap();
    let words = "compare --layers 64,8,10 --perturb layer --budget 6000 --learning-rates 1e-6,0.01";
    let line = &succeeds(folder.path(), &format!("{words} --seeds 1 --json")).json()[0];
    assert_eq!(number(line, "learning_rate"), 0.01);
    let validated = |k: usize| number(&line["rates"][k], "validation_accuracy");
    assert!(validated(1) > validated(0) + 0.2, "{line}");
    // A tenth of the 1437 samples that are not for testing decides.
    let of_samples = validated(1) * 144.0;
    assert!(
        (of_samples - of_samples.round()).abs() < 1e-9,
        "{of_samples}"
    );
    let training = &line["trainings"][0];
    assert_eq!(number(training, "validation_accuracy"), validated(1));
    let ran = succeeds(folder.path(), &format!("{words} --seeds 1 --seconds 1e-6"));
    assert!(ran.stdout.contains(" time\n"), "{}", ran.stdout);
}

#[test]
fn a_case_is_written_for_others_to_measure() {
    let folder = tempfile::tempdir().unwrap();
    succeeds(
        folder.path(),
        &format!("{SMALL} --perturb layer --write-case case.json"),
    );
    let case = std::fs::read_to_string(folder.path().join("case.json")).unwrap();
    let case: Value = serde_json::from_str(&case).unwrap();
    assert_eq!(case["theta"].as_array().unwrap().len() as u64, WEIGHTS);
    assert_eq!(case["x"].as_array().unwrap().len(), 64 * 16);
    assert_eq!(case["labels"].as_array().unwrap().len(), 16);
}

#[test]
fn the_tables_fit_a_terminal_and_name_every_sweep_that_was_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let ran = succeeds(folder.path(), &format!("{SMALL} --threads 2"));
    for part in SWEEPS
        .iter()
        .chain(&["backpropagation", "310 weights", "peak of 2 threads"])
    {
        assert!(ran.stdout.contains(part), "{part} in {}", ran.stdout);
    }
    assert_fits_a_terminal(&ran);
    let ran = succeeds(
        folder.path(),
        &format!("{SMALL} --threads 1 --perturb neuron,layer"),
    );
    assert!(ran.stdout.contains("neuron") && ran.stdout.contains("layer"));
    assert!(!ran.stdout.contains("weight-"), "{}", ran.stdout);
    // A jump has no derivative: what is compared with it is left out.
    let words = format!("{SMALL} --activation step --step 0.5 --perturb weight");
    let ran = succeeds(folder.path(), &words);
    assert!(!ran.stdout.contains("backpropagation"), "{}", ran.stdout);
    let deep =
        "bench --layers 64,40,40,40,40,40,10 --seconds 0.01 --batch-size 2 --perturb weight-direct";
    assert_fits_a_terminal(&succeeds(folder.path(), deep));
}

#[test]
fn growth_is_a_table_a_chart_and_json() {
    let folder = tempfile::tempdir().unwrap();
    let json = |words: &str| {
        let words = format!("{SMALL} --perturb layer --json {words}");
        succeeds(folder.path(), &words).json()
    };
    let widths = json("--sweep-width 3,6");
    assert_eq!(widths[0]["layers"], serde_json::json!([64, 3, 10]));
    assert_eq!(widths[1]["layers"], serde_json::json!([64, 6, 10]));
    let depths = json("--sweep-depth 0,3");
    assert_eq!(depths[0]["layers"], serde_json::json!([64, 10]));
    assert_eq!(depths[1]["layers"], serde_json::json!([64, 4, 4, 4, 10]));
    let batches = json("--sweep-batch 5,7");
    assert_eq!(
        (&batches[0]["batch"], &batches[1]["batch"]),
        (&5.into(), &7.into())
    );
    let threads = json("--sweep-threads 1,3");
    assert_eq!(
        (&threads[0]["threads"], &threads[1]["threads"]),
        (&1.into(), &3.into())
    );

    let ran = succeeds(
        folder.path(),
        &format!("{SMALL} --sweep-width 3,6 --plot growth.svg"),
    );
    for part in ["width", "naive", "direct", "backprop.", "weights^"] {
        assert!(ran.stdout.contains(part), "{part} in {}", ran.stdout);
    }
    assert_fits_a_terminal(&ran);
    let chart = std::fs::read_to_string(folder.path().join("growth.svg")).unwrap();
    assert!(chart.starts_with("<svg"), "{chart}");
    for part in SWEEPS
        .iter()
        .chain(&["backprop.", "width of the hidden layers (neurons)"])
    {
        assert!(chart.contains(part), "{part} in the chart");
    }
}

#[test]
fn a_growth_that_cannot_be_is_a_wrong_command_line() {
    let folder = tempfile::tempdir().unwrap();
    for words in [
        "--sweep-width 2 --sweep-depth 1",
        "--plot growth.svg",
        "--sweep-batch 0",
        "--sweep-batch 1000000",
        "--sweep-width 0",
        "--sweep-width many",
        "--sweep-depth 1001",
        "--sweep-threads 5000",
        "--layers 64,10 --sweep-width 3",
        "--layers 64,10 --sweep-depth 3",
        "--perturb weight,weights",
    ] {
        let ran = numgrad(folder.path(), &format!("bench --seconds 0.01 {words}"));
        assert_eq!(ran.status, 2, "{words}: {}", ran.stderr);
        assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    }
}
