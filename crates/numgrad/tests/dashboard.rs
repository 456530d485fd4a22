//! The dashboard in a terminal: `cargo test -p numgrad --features tui`.
#![cfg(unix)]

use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

const NUMGRAD: &str = env!("CARGO_BIN_EXE_numgrad");

/// Another screen is taken, and given back.
const TAKEN: &str = "\x1b[?1049h";
const GIVEN_BACK: &str = "\x1b[?1049l";

/// Starts the program in a terminal of its own, which `script` makes; none where there is no `script`.
fn in_terminal(folder: &Path, words: &str) -> Option<Child> {
    let command = format!("stty rows 40 cols 120 && exec {NUMGRAD} {words}");
    Command::new("script")
        .args([
            "--quiet",
            "--return",
            "--flush",
            "--command",
            &command,
            "/dev/null",
        ])
        .current_dir(folder)
        .env("TERM", "xterm-256color")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .ok()
}

/// Waits for the run's first checkpoint with an epoch, at most a minute.
fn wait_for_epochs(folder: &Path) {
    let started = Instant::now();
    let history = folder.join("run/history.csv");
    while started.elapsed() < Duration::from_secs(60) {
        if std::fs::read_to_string(&history).is_ok_and(|text| text.lines().count() > 1) {
            return;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn q_stops_a_run_in_the_dashboard_which_saves_it_and_gives_the_terminal_back() {
    for key in ["q", "\x03"] {
        let folder = tempfile::tempdir().unwrap();
        let words = "train --tui -v --no-report --epochs 1000000 --run run";
        let Some(mut child) = in_terminal(folder.path(), words) else {
            println!("skipped: there is no script");
            return;
        };
        wait_for_epochs(folder.path());
        // A picture or two.
        std::thread::sleep(Duration::from_millis(500));
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(key.as_bytes()).unwrap();
        stdin.flush().unwrap();
        let mut shown = String::new();
        child
            .stdout
            .take()
            .unwrap()
            .read_to_string(&mut shown)
            .unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(130), "{shown}");
        let (_, rest) = shown.split_once(TAKEN).expect("the screen is taken");
        let (pictures, rest) = rest.split_once(GIVEN_BACK).expect("it is given back");
        // Single words: blanks are not written where the screen is blank.
        for part in ["Loss", "Accuracy", "weights/s", "saves"] {
            assert!(pictures.contains(part), "{part}");
        }
        for part in [
            "checkpoint written",
            "go on with: numgrad train --resume run",
        ] {
            assert!(rest.contains(part), "{part}: {rest}");
        }
        let inspected = Command::new(NUMGRAD)
            .args(["inspect", "run", "--json"])
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(inspected.status.success());
    }
}

#[test]
fn a_run_that_fails_in_the_dashboard_gives_the_terminal_back_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let words = "train --tui --no-report --learning-rate 1e200 --optimizer gd --run run";
    let Some(child) = in_terminal(folder.path(), words) else {
        println!("skipped: there is no script");
        return;
    };
    let ended = child.wait_with_output().unwrap();
    let shown = String::from_utf8_lossy(&ended.stdout);
    assert_eq!(ended.status.code(), Some(76), "{shown}");
    let (_, rest) = shown.split_once(GIVEN_BACK).expect("it is given back");
    assert!(rest.contains("diverged in epoch"), "{rest}");
}

#[test]
fn without_a_terminal_there_are_lines_instead_and_a_word_about_it() {
    let folder = tempfile::tempdir().unwrap();
    let words = "train --tui --no-report --epochs 2 --layers 64,4,10 --run run";
    let ended = Command::new(NUMGRAD)
        .args(words.split_whitespace())
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{said}");
    assert!(said.contains("--tui needs a terminal"), "{said}");
    assert!(said.contains("epoch 2/2: train loss"), "{said}");
    assert!(!said.contains('\x1b'), "{said}");
}
