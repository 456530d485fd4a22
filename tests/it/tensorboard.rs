//! Event files: TensorBoard's own reader finds in them what the run said.
use crate::command::{numgrad, succeeds};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Prints the scalars of a folder as JSON: for each name the steps and the values.
const READER: &str = "
import json, sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
events = EventAccumulator(sys.argv[1])
events.Reload()
names = events.Tags()['scalars']
print(json.dumps({name: [[e.step, e.value] for e in events.Scalars(name)] for name in names}))
";

/// A Python that has TensorBoard; the variable names one that the path does not.
#[expect(clippy::print_stderr, reason = "what is skipped is said")]
fn python() -> Option<PathBuf> {
    let named = std::env::var_os("NUMGRAD_TENSORBOARD_PYTHON").map(PathBuf::from);
    let python = named.unwrap_or_else(|| "python3".into());
    let found = Command::new(&python)
        .args(["-c", "import tensorboard"])
        .output();
    if found.is_ok_and(|found| found.status.success()) {
        return Some(python);
    }
    eprintln!("skipped: there is no Python with TensorBoard");
    None
}

fn scalars(python: &Path, folder: &Path) -> Value {
    let output = Command::new(python)
        .args(["-c", READER])
        .arg(folder)
        .output()
        .unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    assert!(!error.contains("orrupt"), "{error}");
    serde_json::from_slice(&output.stdout).expect(&error)
}

#[test]
fn tensorboard_reads_what_the_epochs_said_over_a_resume() {
    let folder = tempfile::tempdir().unwrap();
    let train = "train --layers 64,8,10 --audit 8 --tensorboard events --json";
    let mut lines = succeeds(folder.path(), &format!("{train} --epochs 2 --run run")).json();
    let files = || {
        std::fs::read_dir(folder.path().join("events"))
            .unwrap()
            .count()
    };
    assert_eq!(files(), 1);
    let resumed = "train --resume run --epochs 3 --tensorboard events --json";
    lines.extend(succeeds(folder.path(), resumed).json());
    assert_eq!(files(), 2);
    let Some(python) = python() else { return };
    let found = scalars(&python, &folder.path().join("events"));
    let epochs: Vec<&Value> = lines
        .iter()
        .filter(|line| line["event"] == "epoch")
        .collect();
    assert_eq!(epochs.len(), 3);
    for (name, key) in [
        ("loss/train", "train_loss"),
        ("loss/test", "test_loss"),
        ("accuracy/train", "train_accuracy"),
        ("accuracy/test", "test_accuracy"),
    ] {
        let read = found[name].as_array().unwrap();
        assert_eq!(read.len(), 3, "{name}");
        for (read, line) in read.iter().zip(&epochs) {
            assert_eq!(read[0], line["epoch"], "{name}");
            // TensorBoard keeps numbers in f32.
            let expected = line[key].as_f64().unwrap() as f32;
            assert_eq!(read[1].as_f64().unwrap() as f32, expected, "{name}");
        }
    }
    assert_eq!(found["audit/cosine"].as_array().unwrap().len(), 3);
}

#[test]
fn a_folder_that_cannot_be_made_stops_the_run_before_it_begins() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("file"), "").unwrap();
    let ran = numgrad(folder.path(), "train --epochs 1 --tensorboard file/events");
    assert_eq!(ran.status, 73, "{}", ran.stderr);
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
}
