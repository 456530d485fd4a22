//! What cannot be meant is refused, never silently left out, and the advice fits the case.
use crate::command::{numgrad, numgrad_with, succeeds};
use std::fs;

#[test]
fn what_would_be_ignored_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    succeeds(
        folder.path(),
        "train --epochs 1 --layers 64,4,10 --run run --quiet",
    );
    for (words, says) in [
        ("train --target 3", "--target is for a file with columns"),
        (
            "train --data digits --task regression",
            "--task is for a file with columns",
        ),
        ("check --samples 0", "--samples must be at least 1"),
        (
            "check run --layers 64,5,10",
            "--layers cannot be used with a run",
        ),
        (
            "check run --data digits",
            "--data cannot be used with a run",
        ),
        (
            "check run --perturb neuron",
            "--perturb cannot be used with a run",
        ),
        ("train --directions 4", "need --perturb directions"),
        ("differentiate x*x --at x=1,x=2", "'x' has two values"),
        ("train --layers 64,-1,10", "-1"),
        ("compare --budget 0", "it must be at least 1"),
        ("compare --seconds 0", "it must be positive and finite"),
        (
            "compare --learning-rates 0.1,0",
            "it must be positive and finite",
        ),
        (
            "descend x --from x=1 --rate 0",
            "it must be positive and finite",
        ),
    ] {
        let ran = numgrad(folder.path(), words);
        assert_eq!(ran.status, 2, "{words}: {}", ran.stderr);
        assert_eq!(ran.stderr.lines().count(), 1, "{words}: {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{words}: {}", ran.stderr);
    }
    succeeds(
        folder.path(),
        "check run --samples 5 --scheme forward --step 1e-5",
    );
}

#[test]
fn a_name_of_several_columns_is_none_of_theirs() {
    let folder = tempfile::tempdir().unwrap();
    let rows: Vec<String> = (0..20)
        .map(|k| format!("{k},{},{}\n", k % 3, k % 2))
        .collect();
    let rows = rows.concat();
    let write = |name: &str, header: &str| {
        fs::write(folder.path().join(name), format!("{header}\n{rows}")).unwrap();
    };
    write("twice.csv", "x,x,y");
    write("other.csv", "x,y,x");
    write("once.csv", "x,a,y");
    for flag in ["--target x", "--ignore x", "--categorical x"] {
        let ran = numgrad(folder.path(), &format!("train --data twice.csv {flag}"));
        assert_eq!(ran.status, 65, "{flag}: {}", ran.stderr);
        let says = "has 2 columns 'x': say which by its index from 0, as 0 or 1";
        assert!(ran.stderr.contains(says), "{flag}: {}", ran.stderr);
    }
    let train = "train --epochs 1 --quiet --data";
    succeeds(folder.path(), &format!("{train} twice.csv --run twice"));
    succeeds(folder.path(), "evaluate twice --data twice.csv");
    succeeds(
        folder.path(),
        &format!("{train} once.csv --target 2 --run once"),
    );
    for words in [
        "twice --data other.csv",
        "twice --data once.csv --header yes",
    ] {
        let ran = numgrad(folder.path(), &format!("evaluate {words}"));
        assert_eq!(ran.status, 65, "{words}: {}", ran.stderr);
        assert_eq!(ran.stderr.lines().count(), 1, "{words}: {}", ran.stderr);
    }
    let ran = numgrad(folder.path(), "evaluate twice --data other.csv");
    let says = "several columns are named 'x'";
    assert!(ran.stderr.contains(says), "{}", ran.stderr);
}

#[test]
fn a_run_of_no_epoch_says_what_it_is_and_can_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let train = "train --epochs 0 --layers 64,4,10 --run";
    let ran = succeeds(folder.path(), &format!("{train} begun"));
    let says =
        "nothing was trained in 0 epochs: the network is saved as it begins\nsaved in begun\n";
    assert_eq!(ran.stdout, says);
    let ran = succeeds(folder.path(), &format!("{train} other --json"));
    let line = &ran.json()[0];
    assert_eq!(
        (line["event"].as_str(), line["epoch"].as_u64()),
        (Some("finished"), Some(0))
    );
    for words in [
        "evaluate begun",
        "export begun --output begun.json",
        "train --resume begun --epochs 1 --quiet",
    ] {
        succeeds(folder.path(), words);
    }
}

#[test]
fn an_exported_file_is_what_its_name_says_and_no_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let train = "train --epochs 1 --layers 64,4,10 --run run --quiet";
    succeeds(folder.path(), train);
    for (words, says) in [
        ("--output a.onnx --format json", "a.onnx is a file of onnx"),
        (
            "--output run/last.ckpt --format json",
            "is the name of a checkpoint",
        ),
    ] {
        let ran = numgrad(folder.path(), &format!("export run {words}"));
        assert_eq!(ran.status, 2, "{words}: {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{words}: {}", ran.stderr);
    }
    succeeds(folder.path(), "export run --output a.txt --format json");
    succeeds(folder.path(), "inspect run/last.ckpt");
}

#[test]
fn a_negative_number_needs_no_equals_sign() {
    let folder = tempfile::tempdir().unwrap();
    for (words, says) in [
        ("train --step -1", "it must be positive and finite"),
        ("train --learning-rate -1", "it must be positive and finite"),
        ("train --epochs -1", "invalid value '-1'"),
        (
            "descend x --from x=1 --rate -0.1 --steps 1",
            "it must be positive and finite",
        ),
        ("compare --seconds -1", "it must be positive and finite"),
    ] {
        let ran = numgrad(folder.path(), words);
        assert!(ran.stderr.contains(says), "{words}: {}", ran.stderr);
        assert!(
            !ran.stderr.contains("unexpected"),
            "{words}: {}",
            ran.stderr
        );
    }
}

#[test]
fn numbers_far_from_1_are_powers_of_ten() {
    let folder = tempfile::tempdir().unwrap();
    for words in [
        "differentiate 1e300*x --at x=1",
        "differentiate 1e-300*x --at x=1",
        "descend 1e200*x --from x=1e100 --rate 1e-110 --steps 1",
    ] {
        let ran = succeeds(folder.path(), words);
        let longest = ran.stdout.lines().map(|line| line.chars().count()).max();
        assert!(longest < Some(60), "{words}: {}", ran.stdout);
        assert!(ran.stdout.contains('e'), "{words}: {}", ran.stdout);
    }
}

/// Where the quotients at h, 2h and 4h do not follow the scheme's order, nothing has converged.
#[test]
fn a_derivative_is_doubted_at_a_jump_and_at_a_corner() {
    let folder = tempfile::tempdir().unwrap();
    for (expression, point, is_doubted) in [
        ("floor(x)", "x=1", true),
        ("abs(x)", "x=1e-7", true),
        ("x^3", "x=0", false),
        ("sin(x)", "x=1", false),
        ("exp(-1000*x)", "x=0.5", false),
    ] {
        let arguments = ["differentiate", expression, "--at", point, "--json"];
        let ran = numgrad_with(folder.path(), &arguments);
        let status = ran.json()[0]["status"]["x"].as_str().unwrap().to_owned();
        assert_eq!(
            status == "unsettled",
            is_doubted,
            "{expression} at {point}: {status}"
        );
    }
}

#[test]
fn a_descent_needs_a_value_to_start_from() {
    let folder = tempfile::tempdir().unwrap();
    let ran = numgrad_with(folder.path(), &["descend", "1/x", "--from", "x=0"]);
    assert_eq!(
        (ran.status, ran.stdout.as_str()),
        (65, ""),
        "{}",
        ran.stderr
    );
    assert!(
        ran.stderr.contains("no finite value at x=0"),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_title_of_a_chart_says_the_order_and_the_direction() {
    let folder = tempfile::tempdir().unwrap();
    for (words, title) in [
        (
            "x^4 --at x=1 --order 2",
            "second derivative of x^4 at x = 1",
        ),
        (
            "x*y --at x=2,y=3 --along x=1,y=-1",
            "of x*y at x=2,y=3, along x=1,y=-1",
        ),
    ] {
        succeeds(
            folder.path(),
            &format!("differentiate {words} --table --plot v.svg"),
        );
        let chart = fs::read_to_string(folder.path().join("v.svg")).unwrap();
        assert!(chart.contains(title), "{title}");
    }
}

#[test]
fn a_run_that_cannot_begin_is_not_told_to_learn_more_slowly() {
    let folder = tempfile::tempdir().unwrap();
    let rows: Vec<String> = (0..20).map(|k| format!("{k}e30,{k}\n")).collect();
    let rows = rows.concat();
    fs::write(folder.path().join("far.csv"), rows).unwrap();
    let words = "train --data far.csv --task regression --scaling none --precision f32 --run run";
    let ran = numgrad(folder.path(), words);
    assert_eq!(ran.status, 76, "{}", ran.stderr);
    assert!(ran.stderr.contains("--scaling standard"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("--learning-rate"), "{}", ran.stderr);
}
