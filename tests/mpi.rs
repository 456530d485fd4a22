//! Trainings under mpirun: the bits of one process, and what becomes of a job whose rank dies.
//!
//! `NUMGRAD_TEST_MPI` names the folder with a `numgrad` that was built with the feature `mpi`, and
//! with numgrad-mpi's example in `examples`; without it there is nothing to test. `MPIRUN` may name
//! the launcher with its flags. Ranks wait busily: one test at a time (`--test-threads 1`) takes less
//! time than all at once.
#![cfg(target_os = "linux")]
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]
#![expect(clippy::print_stdout, reason = "what is skipped is said")]
use numgrad_core::{ActivationKind, Architecture, OutputKind};
use numgrad_diff::Scheme;
use numgrad_gradient::Shared;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// How long a job may take to end after one of its ranks has died.
const MOST: Duration = Duration::from_secs(10);

fn programs() -> Option<PathBuf> {
    let folder = std::env::var_os("NUMGRAD_TEST_MPI").map(PathBuf::from);
    if folder.is_none() {
        println!("skipped: NUMGRAD_TEST_MPI names no folder with a numgrad that knows MPI");
    }
    folder
}

/// A program on so many ranks, more than cores if need be.
fn launch(program: &Path, ranks: usize, folder: &Path, words: &str) -> Command {
    let launcher = std::env::var("MPIRUN").unwrap_or_else(|_| {
        "mpirun --allow-run-as-root --oversubscribe --mca mpi_yield_when_idle 1".to_owned()
    });
    let mut launcher = launcher.split_whitespace();
    let mut command = Command::new(launcher.next().unwrap());
    command.args(launcher).args(["-n", &ranks.to_string()]);
    command.arg(program).args(words.split_whitespace());
    command.current_dir(folder).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// What a training's last line says of its parameters.
fn hash(output: &Output) -> String {
    let (out, error) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{error}");
    let last = out.lines().last().expect(&error);
    let line: Value = serde_json::from_str(last).expect(&out);
    line["theta_blake3"].as_str().expect(&out).to_owned()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn alone(program: &Path, folder: &Path, words: &str) -> String {
    let mut command = Command::new(program);
    command.args(words.split_whitespace()).current_dir(folder);
    hash(&command.output().unwrap())
}

/// The processes that mpirun started for a program.
fn ranks_of(job: &Child, program: &Path) -> Vec<u32> {
    let processes = fs::read_dir("/proc").unwrap().flatten();
    let ids = processes.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    let is_rank = |id: &u32| {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        let fields = stat.rsplit(") ").next().unwrap_or_default();
        let parent = fields.split(' ').nth(1).and_then(|id| id.parse().ok());
        let line = fs::read(format!("/proc/{id}/cmdline")).unwrap_or_default();
        let name = line.split(|&byte| byte == 0).next().unwrap_or_default();
        parent == Some(job.id()) && name == program.as_os_str().as_encoded_bytes()
    };
    let mut found: Vec<u32> = ids.filter(is_rank).collect();
    found.sort_unstable();
    found
}

/// Waits until it is so.
fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let started = Instant::now();
    while !is_so() {
        assert!(started.elapsed() < Duration::from_secs(60), "{what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

const SHORT: &str = "train --layers 64,12,10 --epochs 2 --test-fraction 0.8 --threads 1 --json \
                     --no-report";

/// Ranks, and threads of each.
const PARTS: [(usize, usize); 7] = [(1, 2), (2, 1), (2, 2), (3, 1), (3, 2), (4, 1), (4, 2)];

/// A run ends with the bits of one process on all these ranks and threads.
fn has_equal_bits(program: &Path, folder: &Path, words: &str, parts: &[(usize, usize)]) {
    let run = |name: &str| format!("{words} --json --no-report --run {name}");
    let expected = alone(program, folder, &(run("alone") + " --threads 1"));
    for &(ranks, threads) in parts {
        let words = run(&format!("on-{ranks}-{threads}")) + &format!(" --threads {threads}");
        let output = launch(program, ranks, folder, &words).output().unwrap();
        assert_eq!(hash(&output), expected, "{words} on {ranks} ranks");
        let all = ranks * threads;
        let said = format!("{ranks} ranks with {all} threads in all");
        let error = text(&output.stderr);
        assert!(ranks == 1 || error.contains(&said), "{error}");
        let lines = text(&output.stdout);
        let ended = lines.matches("\"event\":\"finished\"").count();
        assert_eq!(ended, 1, "one rank speaks: {lines}");
    }
}

#[test]
fn digits_end_with_the_bits_of_one_process_on_all_ranks_threads_and_splits() {
    let Some(programs) = programs() else { return };
    let program = programs.join("numgrad");
    let digits = "train --layers 64,12,10 --epochs 2";
    for (how, parts) in [
        ("--perturb weight --distribute samples", &PARTS[..]),
        ("--perturb weight --distribute coordinates", &PARTS),
        ("--perturb directions --directions 5", &PARTS),
        ("--perturb neuron", &[(2, 1), (4, 1)]),
        ("--precision f32 --activation tanh", &[(2, 1), (4, 1)]),
        // A batch of which each rank adds up its own samples.
        (
            "--batch-size 1024 --test-fraction 0.2",
            &[(2, 1), (3, 1), (4, 1)],
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let few = if how.contains("--test-fraction") {
            ""
        } else {
            "--test-fraction 0.9"
        };
        let words = format!("{digits} {few} {how}");
        has_equal_bits(&program, folder.path(), &words, parts);
    }
}

/// The first images of MNIST and their labels, as IDX files; MNIST itself is not part of the
/// project.
fn some_of_mnist(folder: &Path, samples: usize) -> Option<()> {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).parent()?;
    let mnist = workspace.parent()?.join("shared/datasets/mnist");
    if !mnist.is_dir() {
        println!("skipped: MNIST is not beside the project");
        return None;
    }
    for (name, header, of_sample) in [("images-idx3", 16, 28 * 28), ("labels-idx1", 8, 1)] {
        let mut unpack = Command::new("gzip");
        unpack
            .arg("-dc")
            .arg(mnist.join(format!("train-{name}-ubyte.gz")));
        let mut bytes = unpack.output().unwrap().stdout;
        bytes.truncate(header + samples * of_sample);
        bytes[4..8].copy_from_slice(&(samples as u32).to_be_bytes());
        fs::write(folder.join(name), bytes).unwrap();
    }
    Some(())
}

#[test]
fn mnist_ends_with_the_bits_of_one_process_on_ranks_threads_and_splits() {
    let Some(programs) = programs() else { return };
    let (program, folder) = (programs.join("numgrad"), tempfile::tempdir().unwrap());
    if some_of_mnist(folder.path(), 700).is_none() {
        return;
    }
    let images = "train --data ../images-idx3,../labels-idx1 --layers 784,20,10 --epochs 1";
    for (k, how) in [
        "--perturb weight --distribute samples",
        "--perturb weight --distribute coordinates",
        "--perturb directions --directions 5",
        "--batch-size 512",
    ]
    .into_iter()
    .enumerate()
    {
        let folder = folder.path().join(k.to_string());
        fs::create_dir(&folder).unwrap();
        let size = if how.contains("--batch-size") {
            ""
        } else {
            "--batch-size 100"
        };
        let words = format!("{images} {size} {how}");
        has_equal_bits(&program, &folder, &words, &[(2, 1), (3, 2), (4, 1)]);
    }
}

#[test]
fn a_bench_counts_the_bytes_of_the_model_and_adds_up() {
    let Some(programs) = programs() else { return };
    let (program, folder) = (programs.join("numgrad"), tempfile::tempdir().unwrap());
    let bench = "bench --layers 64,6,10 --activation sigmoid --threads 1 --seconds 0.05";
    let architecture =
        Architecture::new(&[64, 6, 10], ActivationKind::Sigmoid, OutputKind::Softmax);
    let network = architecture.build::<f64>().unwrap();
    for (ranks, samples, how, expected) in [
        (
            2,
            60,
            "--perturb weight,neuron,layer,weight-direct,directions",
            5,
        ),
        (2, 512, "--perturb weight,neuron,layer", 3),
        (3, 60, "--distribute coordinates --perturb weight,layer", 2),
        // What a split cannot be is left out, unless it is asked for.
        (2, 60, "--distribute directions", 1),
    ] {
        let words = format!("{bench} --batch-size {samples} {how} --json");
        let output = launch(&program, ranks, folder.path(), &words)
            .output()
            .unwrap();
        let (out, error) = (text(&output.stdout), text(&output.stderr));
        assert!(output.status.success(), "{error}");
        let lines: Vec<Value> = out
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines.len(), expected, "{out}");
        for line in lines {
            let number = |key: &str| line[key].as_f64().unwrap();
            let word = |key: &str| line[key].as_str().unwrap();
            let model = Shared {
                kind: word("perturb").parse().unwrap(),
                scheme: Scheme::Central,
                split: word("split").parse().unwrap(),
                samples,
                ranks,
                rough: 0,
            };
            let traffic = model.traffic(&network).unwrap();
            assert_eq!(line["bytes"], traffic.bytes, "{line}");
            assert_eq!(line["predicted_bytes"], traffic.bytes, "{line}");
            assert_eq!(line["exchanges"], traffic.exchanges, "{line}");
            let computing = number("played_gradient_seconds") + number("update_seconds");
            let predicted = computing + number("network_seconds");
            assert!(
                (predicted / number("predicted_seconds") - 1.0).abs() < 1e-9,
                "{line}"
            );
            let efficiency = number("alone_seconds") / number("step_seconds") / ranks as f64;
            assert!(
                (efficiency / number("efficiency") - 1.0).abs() < 1e-9,
                "{line}"
            );
        }
    }
    let words = format!("{bench} --batch-size 60 --perturb weight,saliency:0.1");
    let output = launch(&program, 2, folder.path(), &words).output().unwrap();
    let table = text(&output.stdout);
    assert!(
        table.contains("2 x 1") && table.contains("saliency:0.1"),
        "{table}"
    );
    assert!(
        table.lines().all(|line| line.chars().count() <= 80),
        "{table}"
    );
}

#[test]
fn a_job_whose_rank_is_killed_ends_with_advice_and_goes_on_with_another_number_of_ranks() {
    let Some(programs) = programs() else { return };
    let (program, folder) = (programs.join("numgrad"), tempfile::tempdir().unwrap());
    let folder = folder.path();
    let long = SHORT.replace("--epochs 2", "--epochs 60") + " --save-every 0s";
    let expected = alone(&program, folder, &format!("{long} --run whole"));
    for killed in [0, 1] {
        let run = format!("killed-{killed}");
        let words = format!("{long} --run {run}");
        let job = launch(&program, 2, folder, &words).spawn().unwrap();
        let history = folder.join(&run).join("history.csv");
        let is_under_way =
            || fs::read_to_string(&history).is_ok_and(|text| text.lines().count() > 5);
        until("the run is under way", is_under_way);
        let ranks = ranks_of(&job, &program);
        assert_eq!(ranks.len(), 2);
        let died = Instant::now();
        let mut kill = Command::new("kill");
        kill.args(["-9", &ranks[killed].to_string()]);
        assert!(kill.status().unwrap().success());
        let output = job.wait_with_output().unwrap();
        assert!(died.elapsed() < MOST, "{:?}", died.elapsed());
        let error = text(&output.stderr);
        assert!(!output.status.success(), "{error}");
        assert!(error.contains(&format!("rank {killed}")), "{error}");
        let advice = format!("numgrad train --resume {run}");
        assert_eq!(error.matches(&advice).count(), 1, "{error}");
        let words = format!("train --resume {run} --threads 1 --json --no-report");
        let output = launch(&program, 3, folder, &words).output().unwrap();
        assert_eq!(hash(&output), expected, "after rank {killed} was killed");
    }
}

#[test]
fn ranks_agree_and_what_one_of_them_does_ends_all() {
    let Some(programs) = programs() else { return };
    let program = programs.join("examples/ranks");
    let folder = tempfile::tempdir().unwrap();
    for ranks in [1, 2, 4] {
        let output = launch(&program, ranks, folder.path(), "").output().unwrap();
        assert_eq!(text(&output.stdout), format!("{ranks} ranks agree\n"));
    }
    for (word, status, said) in [("panic", 70, "rank 2 of 3 panicked"), ("abort", 74, "")] {
        let started = Instant::now();
        let output = launch(&program, 3, folder.path(), word).output().unwrap();
        let error = text(&output.stderr);
        assert!(started.elapsed() < MOST, "{word}");
        assert_eq!(output.status.code(), Some(status), "{error}");
        assert!(error.contains(said), "{error}");
    }
}

#[test]
fn what_is_wrong_is_said_once_and_ends_every_rank() {
    let Some(programs) = programs() else { return };
    let (program, folder) = (programs.join("numgrad"), tempfile::tempdir().unwrap());
    fs::write(folder.path().join("file"), "").unwrap();
    for (words, status, said) in [
        (
            "train --perturb directions --distribute samples",
            2,
            "split it by directions",
        ),
        ("train --data missing.csv", 66, "missing.csv"),
        ("train --run file/run", 73, "file/run"),
        ("train --learning-rate 1e300 --optimizer gd", 76, "diverged"),
        ("evaluate run", 2, "only train and bench share"),
        (
            "bench --sweep-width 4",
            2,
            "growth is measured by one process",
        ),
        (
            "bench --perturb neuron --distribute directions",
            2,
            "split it by samples",
        ),
        ("bench --data missing.csv", 66, "missing.csv"),
        ("train --epohcs 3", 2, "--epohcs"),
    ] {
        let words = format!("{words} --threads 1");
        let output = launch(&program, 2, folder.path(), &words).output().unwrap();
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(status), "{words}: {error}");
        let lines = error.lines().filter(|line| line.starts_with("numgrad: "));
        let failures: Vec<&str> = lines.filter(|line| line.contains(said)).collect();
        assert_eq!(failures.len(), 1, "{words}: {error}");
        assert!(!error.contains("--resume"), "nothing is to go on: {error}");
    }
}
