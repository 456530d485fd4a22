//! What a person or a script sees.
use crate::command::{numgrad, numgrad_with, program, succeeds};
use std::fs::File;
use std::process::{Command, Stdio};

#[test]
fn the_origins_worked_examples_are_commands() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let ran = numgrad_with(folder.path(), arguments);
        assert_eq!(ran.status, 0, "{}", ran.stderr);
        ran.stdout
    };
    let at = ["differentiate", "x^2/2", "--at", "x=2", "--step", "0.001"];
    assert_eq!(run(&at), "d/dx = 1.9999999999997797\n");
    let forward = run(&[&at[..], &["--scheme", "forward", "--json"]].concat());
    let forward: serde_json::Value = serde_json::from_str(&forward).unwrap();
    assert!((forward["derivative"]["x"].as_f64().unwrap() - 2.0005).abs() < 1e-12);
    let descent = run(&[
        "descend", "x^2/2", "--from", "x=2", "--rate", "0.1", "--steps", "20", "--json",
    ]);
    let values: Vec<serde_json::Value> = descent
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let value = |step: usize| values[step]["value"].as_f64().unwrap();
    assert!((value(1) - 1.62).abs() < 1e-12 && (value(2) - 1.3122).abs() < 1e-12);
    assert!((values[1]["point"]["x"].as_f64().unwrap() - 1.8).abs() < 1e-12);
    assert_eq!(values.len(), 21);
}

#[test]
fn an_expression_may_have_any_variables() {
    let folder = tempfile::tempdir().unwrap();
    let ran = numgrad_with(
        folder.path(),
        &["differentiate", "a*sin(b) + 3", "--at", "a=2,b=0", "--json"],
    );
    let found = &ran.json()[0];
    assert!(
        (found["derivative"]["b"].as_f64().unwrap() - 2.0).abs() < 1e-9,
        "{found}"
    );
    for (expression, point) in [("x +", "x=1"), ("x*y", "x=1"), ("x", "z=1"), ("x", "x=one")] {
        let ran = numgrad_with(folder.path(), &["differentiate", expression, "--at", point]);
        assert_eq!(ran.status, 2, "{expression} at {point}: {}", ran.stderr);
        assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    }
}

#[test]
fn json_is_all_that_a_script_finds_on_standard_output() {
    let folder = tempfile::tempdir().unwrap();
    let ran = succeeds(folder.path(), "train --epochs 2 --layers 64,4,10 --json");
    let lines = ran.json();
    assert_eq!(lines.len(), 3);
    for (line, event) in lines.iter().zip(["epoch", "epoch", "finished"]) {
        assert_eq!(line["event"], event);
        for key in [
            "epoch",
            "train_loss",
            "test_loss",
            "train_accuracy",
            "test_accuracy",
            "loss_evaluations",
            "seconds",
        ] {
            assert!(line[key].is_number(), "{key} in {line}");
        }
    }
    let run = lines[2]["run"].as_str().unwrap();
    assert!(run.starts_with("runs/") && folder.path().join(run).join("last.ckpt").exists());
    assert_eq!(lines[2]["theta_blake3"].as_str().unwrap().len(), 64);
}

#[test]
fn a_table_and_the_runs_folder_end_a_training_and_quiet_says_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let ran = succeeds(folder.path(), "train --epochs 2 --layers 64,4,10 --run run");
    for part in ["train loss", "test acc", "loss evaluations", "saved in run"] {
        assert!(ran.stdout.contains(part), "{}", ran.stdout);
    }
    assert_eq!(
        ran.stderr.lines().count(),
        2,
        "a line an epoch: {}",
        ran.stderr
    );
    let ran = succeeds(
        folder.path(),
        "train --epochs 1 --layers 64,4,10 --run other --quiet",
    );
    assert_eq!(ran.stderr, "");
}

#[test]
fn what_cannot_be_written_is_no_panic() {
    let folder = tempfile::tempdir().unwrap();
    succeeds(
        folder.path(),
        "train --epochs 1 --layers 64,4,10 --run run --quiet",
    );
    let run = |words: &str, stdout: Stdio| {
        let child = Command::new(program())
            .args(words.split_whitespace())
            .current_dir(folder.path())
            .stdout(stdout)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let output = child.wait_with_output().unwrap();
        (
            output.status.code(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    for words in [
        "inspect run",
        "evaluate run",
        "--help",
        "train --epochs 1 --quiet",
    ] {
        let (status, error) = run(
            words,
            Stdio::from(File::options().write(true).open("/dev/full").unwrap()),
        );
        assert_eq!(status, Some(74), "{words}: {error}");
        assert!(error.contains("standard output"), "{error}");
        // A pipe that nobody reads any more is not an error.
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let (status, error) = run(words, Stdio::from(writer));
        assert_eq!((status, error.as_str()), (Some(0), ""), "{words}");
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_saves_says_how_to_go_on_and_ends_with_130() {
    let folder = tempfile::tempdir().unwrap();
    let mut child = Command::new(program())
        .args("train --epochs 1000000 --run run".split_whitespace())
        .current_dir(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A line on standard error says that training is under way.
    let mut stderr = std::io::BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    std::io::BufRead::read_line(&mut stderr, &mut line).unwrap();
    let interrupted = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status();
    assert!(interrupted.unwrap().success());
    let mut rest = String::new();
    std::io::Read::read_to_string(&mut stderr, &mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest}");
    assert!(rest.contains("numgrad train --resume run"), "{rest}");
    let ran = numgrad(folder.path(), "inspect run --json");
    let epoch = ran.json()[0]["epoch"].as_u64().unwrap();
    let words = format!("train --resume run --epochs {} --quiet", epoch + 1);
    succeeds(folder.path(), &words);
}

#[test]
fn help_names_every_exit_status() {
    let folder = tempfile::tempdir().unwrap();
    let help = succeeds(folder.path(), "--help").stdout;
    let help: Vec<&str> = help.split_whitespace().collect();
    let help = help.join(" ");
    for status in [
        "0 ", "2 ", "65 ", "66 ", "70 ", "73 ", "74 ", "75 ", "76 ", "130 ",
    ] {
        assert!(help.contains(status), "{status} in {help}");
    }
}
