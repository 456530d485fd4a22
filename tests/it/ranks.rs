//! What a build without MPI says to a launcher. Ranks themselves are tested in numgrad-train, as
//! threads, and in `tests/mpi.rs`.
use crate::command::{numgrad, program, succeeds};
use serde_json::Value;
use std::process::Command;

#[test]
fn a_build_without_mpi_says_so_when_it_is_one_of_several_ranks_and_is_alone_else() {
    let folder = tempfile::tempdir().unwrap();
    let ran = |ranks: &str| {
        let mut command = Command::new(program());
        command.args(["train", "--epochs", "1", "--layers", "64,4,10"]);
        command.args(["--no-report", "--quiet", "--run", "run"]);
        command.env("OMPI_COMM_WORLD_SIZE", ranks);
        command.current_dir(folder.path()).output().unwrap()
    };
    let several = ran("2");
    let error = String::from_utf8(several.stderr).unwrap();
    assert_eq!(several.status.code(), Some(2), "{error}");
    assert!(error.contains("build it with --features mpi"), "{error}");
    assert_eq!(error.lines().count(), 1, "{error}");
    assert!(!folder.path().join("run").exists());
    assert!(ran("1").status.success());
}

#[test]
fn a_process_alone_ends_with_the_same_bits_whatever_would_be_distributed() {
    let folder = tempfile::tempdir().unwrap();
    let hash = |words: &str| {
        let train = "train --epochs 1 --layers 64,4,10 --json --run";
        let lines = succeeds(folder.path(), &format!("{train} {words}")).json();
        lines[lines.len() - 1]["theta_blake3"].clone()
    };
    let alone = hash("a");
    assert_eq!(hash("b --distribute coordinates"), alone);
    assert_eq!(hash("c --distribute samples"), alone);
    let wrong = numgrad(folder.path(), "train --distribute weights");
    assert_eq!(wrong.status, 2);
    assert!(
        wrong.stderr.contains("coordinates, samples"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn a_prediction_adds_what_is_measured_and_the_network_of_two_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let scale = "scale --layers 64,6,10 --batch-size 60 --threads 1 --seconds 0.02";
    let words = "--ranks 1..20 --network-latency 1ms --bandwidth 1MB/s --json";
    let lines = succeeds(folder.path(), &format!("{scale} {words}")).json();
    let numbers = |key: &str| -> Vec<f64> {
        let all = lines.iter().map(|line: &Value| line[key].as_f64().unwrap());
        all.collect()
    };
    assert_eq!(numbers("ranks"), [1.0, 2.0, 4.0, 8.0, 16.0, 20.0]);
    let (seconds, network) = (numbers("step_seconds"), numbers("network_seconds"));
    let (bytes, exchanges) = (numbers("bytes"), numbers("exchanges"));
    assert_eq!((network[0], bytes[0], exchanges[0]), (0.0, 0.0, 0.0));
    for (k, ranks) in numbers("ranks").into_iter().enumerate().skip(1) {
        let received = bytes[k] * (ranks - 1.0) / ranks / 1e6;
        let expected = exchanges[k] * ranks.log2().ceil() * 1e-3 + received;
        assert!((network[k] - expected).abs() < 1e-12, "{ranks}");
        // All numbers of the batch and of the gradient travel, whatever the ranks.
        assert!(bytes[k] > 8.0 * (60.0 * 16.0 + 460.0), "{ranks}");
        let parts = numbers("gradient_seconds")[k] + numbers("update_seconds")[k] + network[k];
        assert!((seconds[k] - parts).abs() < 1e-12);
        assert!((numbers("speed_up")[k] - seconds[0] / seconds[k]).abs() < 1e-9);
    }
    let directions = "--perturb directions --directions 12 --ranks 3 --json";
    let line = &succeeds(folder.path(), &format!("{scale} {directions}")).json()[0];
    assert_eq!(
        (line["bytes"].as_u64(), line["exchanges"].as_u64()),
        (Some(96), Some(1))
    );
    let table = succeeds(folder.path(), &format!("{scale} --ranks 1,2")).stdout;
    assert!(
        table.contains("assumed: every rank is as fast as this machine"),
        "{table}"
    );
    for wrong in ["--ranks 0", "--bandwidth fast", "--distribute directions"] {
        assert_eq!(
            numgrad(folder.path(), &format!("{scale} {wrong}")).status,
            2,
            "{wrong}"
        );
    }
}
