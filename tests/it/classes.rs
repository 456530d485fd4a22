//! What users expect of a classification: losses and weights for classes, and scores with their names.
use crate::command::{drawing, numgrad, succeeds, workspace};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// A table of three named classes that occur 48, 24 and 12 times.
fn write_rare(path: &Path) {
    let row = |k: usize| {
        let class = match k % 7 {
            0..4 => "common",
            4 | 5 => "seldom",
            _ => "rare",
        };
        let (x, y) = ((k * 5) % 11, (k * 3) % 13);
        format!("{x},{},{class}\n", y + class.len())
    };
    let rows: String = (0..84).map(row).collect();
    fs::write(path, format!("x,y,kind\n{rows}")).unwrap();
}

const TRAIN: &str = "train --data rare.csv --layers 2,8,3 --perturb layer --batch-size 21";

fn evaluated(folder: &Path, words: &str) -> Value {
    succeeds(folder, &format!("evaluate {words} --json"))
        .json()
        .remove(0)
}

#[test]
fn balanced_weights_are_kept_with_the_run_resumed_and_said_by_evaluate() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    write_rare(&path.join("rare.csv"));
    let flags = "--class-weights balanced --label-smoothing 0.1";
    let whole = succeeds(
        path,
        &format!("{TRAIN} {flags} --epochs 4 --run whole --json"),
    );
    succeeds(
        path,
        &format!("{TRAIN} {flags} --epochs 2 --run part --json"),
    );
    let on = succeeds(path, "train --resume part --epochs 4 --json");
    let hash = |lines: Vec<Value>| lines.last().unwrap()["theta_blake3"].clone();
    assert_eq!(hash(on.json()), hash(whole.json()));
    let found = evaluated(path, "whole");
    let weights: Vec<f64> = (found["class_weights"].as_array().unwrap().iter())
        .map(|weight| weight.as_f64().unwrap())
        .collect();
    // Of the training data, whose classes are sorted by name: their weights fall as they occur.
    let [common, rare, seldom] = weights[..] else {
        panic!("{weights:?}")
    };
    assert!(
        common < seldom && seldom < rare && common < 1.0 && rare > 1.0,
        "{weights:?}"
    );
    assert_eq!(found["label_smoothing"], 0.1);
    assert_eq!(found["loss"], whole.json().last().unwrap()["test_loss"]);
    let text = succeeds(path, "evaluate whole").stdout;
    let said = format!("(with class weights {common},{rare},{seldom} and label smoothing 0.1)");
    assert!(text.contains(&said), "{text}");
    // The same numbers given by hand are the same run, and no weights are another one.
    let given = format!("--class-weights {common},{rare},{seldom} --label-smoothing 0.1");
    let given = succeeds(
        path,
        &format!("{TRAIN} {given} --epochs 4 --run given --json"),
    );
    assert_eq!(hash(given.json()), hash(whole.json()));
    let plain = succeeds(path, &format!("{TRAIN} --epochs 4 --run plain --json"));
    assert_ne!(hash(plain.json()), hash(whole.json()));
    assert_eq!(evaluated(path, "plain")["class_weights"], Value::Null);
    let config = succeeds(path, &format!("{TRAIN} {flags} --print-config")).stdout;
    assert!(
        config.contains("class-weights = \"balanced\"\n"),
        "{config}"
    );
    assert!(config.contains("label-smoothing = 0.1\n"), "{config}");
    let repeated = succeeds(path, "train --repeat whole --run again --quiet").stdout;
    assert!(repeated.contains("the same bits as whole"), "{repeated}");
}

#[test]
fn weights_and_smoothing_that_cannot_be_are_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    write_rare(&path.join("rare.csv"));
    for (words, said) in [
        ("--label-smoothing 1", "at least 0 and less than 1"),
        (
            "--label-smoothing 0.1 --loss hinge",
            "not for the loss hinge",
        ),
        (
            "--class-weights 1,2",
            "there are 2 class weights for 3 classes",
        ),
        (
            "--class-weights 1,0,2",
            "not balanced, and no positive numbers",
        ),
        (
            "--class-weights even",
            "not balanced, and no positive numbers",
        ),
    ] {
        let ran = numgrad(path, &format!("{TRAIN} {words} --run run"));
        assert!(
            ran.status == 2 || ran.status == 65,
            "{words}: {}",
            ran.status
        );
        assert!(ran.stderr.contains(said), "{words}: {}", ran.stderr);
        assert!(!path.join("run").exists(), "{words}");
    }
    let diabetes = workspace().join("datasets/diabetes.csv");
    for flag in ["--class-weights balanced", "--label-smoothing 0.1"] {
        let ran = numgrad(path, &format!("train --data {} {flag}", diabetes.display()));
        assert!(
            ran.stderr
                .contains("is for classes, but the targets are values"),
            "{}",
            ran.stderr
        );
    }
}

#[test]
fn softplus_gelu_and_the_hinge_train_iris() {
    let folder = tempfile::tempdir().unwrap();
    let iris = workspace().join("datasets/iris.csv");
    for (name, flags) in [
        ("hinge", "--loss hinge"),
        ("softplus", "--activation softplus"),
        ("gelu", "--activation gelu --precision f32"),
    ] {
        let words = format!(
            "train --data {} {flags} --run {name} --quiet",
            iris.display()
        );
        succeeds(folder.path(), &words);
        let found = evaluated(folder.path(), name);
        assert!(
            found["accuracy"].as_f64().unwrap() >= 0.9,
            "{name}: {found}"
        );
        let checked = succeeds(folder.path(), &format!("check {name} --json"));
        assert!(!checked.json().is_empty(), "{name}");
    }
    // A margin is one of scores, which sum to anything.
    fs::write(folder.path().join("one.csv"), "5.1,3.5,1.4,0.2\n").unwrap();
    let lines = succeeds(folder.path(), "predict hinge --data one.csv").stdout;
    assert!(lines.starts_with("prediction,output "), "{lines}");
}

#[test]
fn evaluate_says_the_scores_of_every_class_by_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    write_rare(&path.join("rare.csv"));
    succeeds(path, &format!("{TRAIN} --epochs 30 --run run --quiet"));
    let found = evaluated(path, "run --data rare.csv --top-k 2");
    assert_eq!(found["classes"], json!(["common", "rare", "seldom"]));
    let by_class = found["by_class"].as_array().unwrap();
    let samples: Vec<u64> = (by_class.iter())
        .map(|class| class["samples"].as_u64().unwrap())
        .collect();
    assert_eq!(samples, [48, 12, 24]);
    // From the matrix beside them.
    let count = |t: usize, k: usize| found["confusion"][t][k].as_f64().unwrap();
    for (class, score) in by_class.iter().enumerate() {
        let all: f64 = (0..3).map(|k| count(class, k)).sum();
        assert_eq!(score["recall"].as_f64().unwrap(), count(class, class) / all);
        assert!((0.0..=1.0).contains(&score["auroc"].as_f64().unwrap()));
    }
    let mean: f64 = by_class
        .iter()
        .map(|class| class["recall"].as_f64().unwrap())
        .sum();
    assert!((found["macro"]["recall"].as_f64().unwrap() - mean / 3.0).abs() < 1e-12);
    assert_eq!(found["top_k"]["k"], 2);
    let top = found["top_k"]["accuracy"].as_f64().unwrap();
    assert!(top >= found["accuracy"].as_f64().unwrap() && top <= 1.0);
    let text = succeeds(path, "evaluate run --data rare.csv --top-k 2").stdout;
    for said in [
        "top-2     ",
        "AUROC     ",
        "true\\found",
        " seldom",
        "precision",
        "average",
    ] {
        assert!(text.contains(said), "{said}: {text}");
    }
    for (words, said) in [
        ("--top-k 0", "from 1 to the 3 outputs"),
        ("--top-k 4", "from 1 to"),
    ] {
        let ran = numgrad(path, &format!("evaluate run {words}"));
        assert_eq!(ran.status, 2);
        assert!(ran.stderr.contains(said), "{}", ran.stderr);
    }
}

#[test]
fn a_class_that_does_not_occur_is_said_and_is_no_number() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    write_rare(&path.join("rare.csv"));
    succeeds(path, &format!("{TRAIN} --epochs 2 --run run --quiet"));
    let text = fs::read_to_string(path.join("rare.csv")).unwrap();
    let some: Vec<&str> = text
        .lines()
        .filter(|line| !line.ends_with("rare"))
        .collect();
    fs::write(path.join("some.csv"), some.join("\n")).unwrap();
    let found = evaluated(path, "run --data some.csv");
    assert_eq!(found["by_class"][1]["recall"], Value::Null);
    assert_eq!(found["by_class"][1]["auroc"], Value::Null);
    assert!(found["macro"]["recall"].is_f64() && found["auroc"].is_f64());
    let text = succeeds(path, "evaluate run --data some.csv").stdout;
    assert!(text.contains("rare: no sample is of this class"), "{text}");
    assert!(!text.contains("NaN"), "{text}");
}

#[test]
fn how_a_runs_table_is_read_cannot_be_said_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    write_rare(&path.join("rare.csv"));
    succeeds(path, &format!("{TRAIN} --epochs 1 --run run --quiet"));
    for flag in [
        "--missing median",
        "--categorical x",
        "--ignore x",
        "--target kind",
        "--task classification",
    ] {
        let name = flag.split(' ').next().unwrap();
        for (data, said) in [
            ("--data rare.csv", "keeps its own columns"),
            ("", "needs --data"),
        ] {
            let ran = numgrad(path, &format!("evaluate run {data} {flag}"));
            assert_eq!(ran.status, 2, "{flag}");
            assert!(
                ran.stderr.contains(name) && ran.stderr.contains(said),
                "{}",
                ran.stderr
            );
            assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
        }
    }
}

#[test]
fn the_report_calls_classes_by_their_names() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    write_rare(&path.join("rare.csv"));
    let words = format!("{TRAIN} --epochs 2 --run run --quiet");
    drawing(path, &words.split(' ').collect::<Vec<_>>());
    let html = fs::read_to_string(path.join("run/report.html")).unwrap();
    let worst = html.rsplit("Worst-classified samples").next().unwrap();
    let worst = worst.split("</table>").next().unwrap();
    assert!(
        worst.contains("rare") || worst.contains("seldom"),
        "{worst}"
    );
    let scores = html.rsplit("Scores of the classes").next().unwrap();
    let scores = scores.split("</table>").next().unwrap();
    for name in ["common", "seldom", "rare", "precision"] {
        assert!(scores.contains(name), "{name}: {scores}");
    }
}

#[test]
fn values_are_evaluated_by_their_mean_absolute_error_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let row = |k: usize| format!("{},{}\n", k % 7, 2 * (k % 7) + 1);
    let rows: String = (0..40).map(row).collect();
    fs::write(path.join("line.csv"), format!("x,y\n{rows}")).unwrap();
    let words = "train --data line.csv --task regression --layers 1,1 --epochs 1 --run run --quiet";
    succeeds(path, words);
    let found = evaluated(path, "run");
    let (mae, rmse) = (
        found["mae"].as_f64().unwrap(),
        found["rmse"].as_f64().unwrap(),
    );
    assert!(mae > 0.0 && mae <= rmse, "{found}");
    fs::write(path.join("flat.csv"), "x,y\n1,5\n2,5\n").unwrap();
    assert_eq!(
        evaluated(path, "run --data flat.csv")["r_squared"],
        Value::Null
    );
    let text = succeeds(path, "evaluate run --data flat.csv").stdout;
    assert!(
        text.contains("R²        undefined: the targets do not vary"),
        "{text}"
    );
    let ran = numgrad(path, "evaluate run --top-k 2");
    assert!(
        ran.stderr.contains("--top-k is for classes"),
        "{}",
        ran.stderr
    );
}
