//! What `-v` adds on standard error.
use crate::command::{Ran, program, succeeds};
use std::path::Path;
use std::process::Command;

/// The lines on standard error whose message is this one.
fn lines<'a>(ran: &'a Ran, message: &str) -> Vec<&'a str> {
    let levels = ["INFO", "WARN", "DEBUG"].map(|level| format!("{level} {message} "));
    let of = |line: &&str| levels.iter().any(|start| line.contains(start));
    ran.stderr.lines().filter(of).collect()
}

fn train(folder: &Path, words: &str) -> Ran {
    let train = "train --layers 64,4,10 --perturb layer --epochs 3 --json";
    succeeds(folder, &format!("{train} {words}"))
}

#[test]
fn v_tells_what_is_read_built_changed_and_saved_and_vv_each_step() {
    let folder = tempfile::tempdir().unwrap();
    let silent = train(folder.path(), "--run silent");
    assert_eq!(silent.stderr, "");
    let told = train(
        folder.path(),
        "--run told --schedule step:1:0.5 --audit 8 -v",
    );
    for (message, parts) in [
        (
            "data read",
            &["source=digits", "rows=1797", "inputs=64", "classes=10"][..],
        ),
        (
            "data split and scaled",
            &["train=1438", "test=359", "scaling=none"],
        ),
        (
            "network",
            &["layers=\"64-4-10\"", "activation=relu", "parameters=310"],
        ),
        (
            "gradient",
            &["perturb=layer", "optimizer=adam", "schedule=step:1:0.5"],
        ),
        ("checkpoint written", &["folder=told", "epoch=0", "batch=0"]),
        ("learning rate", &["epoch=2", "from=0.01", "to=0.005"]),
    ] {
        let found = lines(&told, message);
        let first = found.first().expect(message);
        for part in parts {
            assert!(first.contains(part), "{message}: {part} is not in {first}");
        }
        assert!(first.contains("INFO"), "{first}");
    }
    assert_eq!(lines(&told, "learning rate").len(), 2);
    assert!(lines(&told, "step").is_empty() && !told.stderr.contains('\x1b'));
    // What is said changes no number.
    let hash = |ran: &Ran| ran.json().last().unwrap()["theta_blake3"].clone();
    let steps = train(folder.path(), "--run steps -vv");
    assert_eq!(hash(&steps), hash(&silent));
    assert_eq!(lines(&steps, "step").len(), 3 * 15);
    assert!(lines(&steps, "step")[0].contains("DEBUG"));
    // Before the command's name as well, with a file of settings.
    std::fs::write(
        folder.path().join("run.toml"),
        "epochs = 1\nlayers = [64, 4, 10]\n",
    )
    .unwrap();
    let before = succeeds(folder.path(), "-v train run.toml --json");
    assert!(
        lines(&before, "training")[0].contains("epochs=1"),
        "{}",
        before.stderr
    );
    // A file has a size, and a run that goes on says what it reads, too.
    let csv = (0..30).map(|k| format!("{k},{},{}\n", k % 4, k % 2));
    std::fs::write(folder.path().join("my.csv"), csv.collect::<String>()).unwrap();
    succeeds(
        folder.path(),
        "train --data my.csv --epochs 1 --run file --quiet",
    );
    let on = succeeds(folder.path(), "train --resume file --epochs 2 --json -v");
    let size = std::fs::metadata(folder.path().join("my.csv"))
        .unwrap()
        .len();
    let read = lines(&on, "data read")[0];
    assert!(read.contains(&format!("bytes={size}")), "{read}");
}

#[test]
fn an_audit_that_noise_dominates_is_a_warning_of_the_log() {
    let folder = tempfile::tempdir().unwrap();
    let words = "train --perturb directions --directions 1 --audit 32 --epochs 2 --json -v";
    let ran = succeeds(folder.path(), words);
    let warned = lines(&ran, "the gradient does not dominate a step");
    assert!(
        !warned.is_empty() && warned[0].contains("WARN"),
        "{}",
        ran.stderr
    );
}

/// A pool of a thousand threads would take minutes where there are two cores.
#[test]
fn no_more_threads_are_started_than_are_of_use_and_the_bits_are_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let cores = std::thread::available_parallelism().unwrap().get();
    let train = |threads: usize| {
        let words = format!("train -v --epochs 1 --layers 64,4,10 --json --threads {threads}");
        succeeds(folder.path(), &words)
    };
    let (one, many) = (train(1), train(2 * cores + 1000));
    let hash = |ran: &Ran| ran.json()[1]["theta_blake3"].clone();
    assert_eq!(hash(&one), hash(&many));
    let most = (2 * cores).max(64);
    for says in [format!("; {most} are started"), format!("threads={most}")] {
        assert!(many.stderr.contains(&says), "{says}: {}", many.stderr);
    }
}

/// In a terminal the log has colours, unless nobody wants them.
#[cfg(unix)]
#[test]
fn the_log_is_coloured_in_a_terminal_alone_and_never_against_no_color() {
    let folder = tempfile::tempdir().unwrap();
    let run = |place: usize, no_color: &str| {
        let words = format!("train --epochs 1 --layers 64,4,10 --no-report -v --run {place}");
        let command = format!("{} {words}", program().display());
        let script = Command::new("script")
            .args(["--quiet", "--return", "--command", &command, "/dev/null"])
            .current_dir(folder.path())
            .env("TERM", "xterm-256color")
            .env("NO_COLOR", no_color)
            .output();
        script
            .ok()
            .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (Some(coloured), Some(plain)) = (run(0, ""), run(1, "1")) else {
        println!("skipped: there is no script");
        return;
    };
    assert!(coloured.contains("\x1b[32m INFO"), "{coloured}");
    assert!(plain.contains("INFO") && !plain.contains('\x1b'), "{plain}");
    assert!(
        plain.contains("epoch 1/1: train loss"),
        "lines, and no bars: {plain}"
    );
}

#[test]
fn a_dashboard_that_is_not_built_in_is_named_with_what_to_build() {
    let folder = tempfile::tempdir().unwrap();
    let ran = crate::command::numgrad(folder.path(), "train --tui --run run");
    assert_eq!(ran.status, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("--features tui"), "{}", ran.stderr);
    assert_eq!(ran.stderr.lines().count(), 1);
    assert!(!folder.path().join("run").exists());
}
