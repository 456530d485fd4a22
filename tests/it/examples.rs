//! Each example runs, in two seconds at most, and says what it promises.
use crate::command::workspace;
use std::path::PathBuf;
use std::process::{Command, Output};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The crate of each example, its name, and what it must say.
const EXAMPLES: [(&str, &str, &[&str]); 9] = [
    (
        "numgrad",
        "xor",
        &["0 xor 0 = 0", "0 xor 1 = 1", "1 xor 0 = 1", "1 xor 1 = 0"],
    ),
    (
        "numgrad",
        "digits",
        &["epoch  5: loss", "% of 359 held-out digits"],
    ),
    ("numgrad", "own_activation", &["% of the held-out digits"]),
    ("numgrad", "own_loss", &["the demand is met in"]),
    (
        "numgrad",
        "regression",
        &["held-out patients: RMSE", "for the first of the file"],
    ),
    (
        "numgrad",
        "resume",
        &[
            "stopped after 2 epochs",
            "resumed up to epoch 6",
            "never stopped: true",
        ],
    ),
    (
        "numgrad",
        "gradient_check",
        &[
            "as it was derived: Passed",
            "with a slip: Failed",
            "the worst entry is w1: WrongEntry",
        ],
    ),
    (
        "numgrad-loss",
        "only_the_losses",
        &[
            "cross-entropy: 0.7764",
            "accuracy: 0.75",
            "0 taken for 1: 1 time",
            "as a difference: -1.0e-6",
        ],
    ),
    (
        "numgrad-train",
        "only_the_optimizer",
        &["gd: (", "momentum: (", "adam: ("],
    ),
];

/// No example takes longer, built as the tests are.
const LONGEST: Duration = Duration::from_secs(2);

/// Where the examples are, built once for the tests.
fn examples() -> &'static PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        // The tests' own executable is in target/PROFILE/deps.
        let deps = std::env::current_exe().unwrap();
        let folder = deps.parent().unwrap().parent().unwrap().to_owned();
        let mut build = Command::new(env!("CARGO"));
        // As `cargo test` itself has built them: then there is nothing left to do.
        let is_release = folder.ends_with("release");
        let profile = if is_release { "release" } else { "test" };
        build.current_dir(workspace());
        // Of the whole workspace, so that crates have the same features as there.
        build.args(["build", "--quiet", "--workspace", "--examples"]);
        build.args(["--profile", profile]);
        assert!(
            build.status().unwrap().success(),
            "an example does not build"
        );
        folder.join("examples")
    })
}

fn run(name: &str) -> String {
    let folder = examples();
    let started = Instant::now();
    let path = folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(path).output().unwrap();
    assert!(
        status.success(),
        "{name}: {}",
        String::from_utf8_lossy(&stderr)
    );
    // A machine with other work may take twice as long, and the build is not counted.
    assert!(
        started.elapsed() < 4 * LONGEST,
        "{name}: {:?}",
        started.elapsed()
    );
    String::from_utf8(stdout).unwrap()
}

/// The first number in a text behind some words.
fn number_behind(text: &str, words: &str) -> f64 {
    let rest = text.split(words).nth(1).expect(text);
    let is_of_number = |letter: char| letter.is_ascii_digit() || letter == '.' || letter == '-';
    let number = rest
        .trim_start()
        .split(|letter| !is_of_number(letter))
        .next();
    number.and_then(|number| number.parse().ok()).expect(text)
}

#[test]
fn every_example_says_what_it_promises() {
    for (_, name, says) in EXAMPLES {
        let text = run(name);
        for part in says {
            assert!(text.contains(part), "{name}: {part} is not in\n{text}");
        }
        match name {
            "digits" => {
                let last = text.lines().last().unwrap();
                assert!(number_behind(&format!(":{last}"), ":") > 93.0, "{text}");
            }
            "own_activation" => assert!(number_behind(&text, "/5):") > 90.0, "{text}"),
            "own_loss" => {
                let met = number_behind(&text, "met in");
                assert!(
                    (85.0..95.0).contains(&met),
                    "nine in ten are asked for: {text}"
                );
            }
            "regression" => assert!(number_behind(&text, "R²") > 0.45, "{text}"),
            "only_the_optimizer" => {
                for line in text.lines() {
                    assert!((number_behind(line, "(") - 1.0).abs() < 0.01, "{text}");
                }
            }
            _ => {}
        }
    }
}

#[test]
fn every_example_is_listed() {
    let mut found = Vec::new();
    for package in ["numgrad", "numgrad-loss", "numgrad-train"] {
        let folder = workspace().join("crates").join(package).join("examples");
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path.file_stem().unwrap().to_string_lossy().into_owned());
            }
        }
    }
    for name in found {
        assert!(
            EXAMPLES.iter().any(|(_, listed, _)| *listed == name),
            "{name}"
        );
    }
}
