//! What a person or a script sees.
use crate::command::{numgrad, numgrad_with, program, succeeds, workspace};
use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Duration;

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
    let lines: Vec<&str> = ran.stderr.lines().collect();
    assert_eq!(lines.len(), 3, "a line an epoch: {lines:?}");
    let first = "numgrad: classification, 10 classes: 1,438 samples to train, 359 to test; 64-4-10, \
                 310 parameters";
    assert_eq!(lines[0], first);
    let ran = succeeds(
        folder.path(),
        "train --epochs 1 --layers 64,4,10 --run other --quiet",
    );
    assert_eq!(ran.stderr, "");
}

const WORDS: &str =
    "id,kind\n0,a rather long name\n1,another long name\n2,a name that is long as well\n";

#[test]
fn the_losses_and_accuracies_of_validation_data_are_shown() {
    let folder = tempfile::tempdir().unwrap();
    let train = "train --epochs 2 --layers 64,4,10 --run";
    let ran = succeeds(folder.path(), &format!("{train} with --validation 0.1"));
    let head = ran.stdout.lines().next().unwrap();
    assert_eq!(
        head,
        "epoch  train loss  val. loss  test loss  train acc  val. acc  test acc  seconds"
    );
    assert!(ran.stderr.contains(", validation loss "), "{}", ran.stderr);
    let history = fs::read_to_string(folder.path().join("with/history.jsonl")).unwrap();
    let first: serde_json::Value = serde_json::from_str(history.lines().next().unwrap()).unwrap();
    let row: Vec<&str> = ran
        .stdout
        .lines()
        .nth(1)
        .unwrap()
        .split_whitespace()
        .collect();
    let loss = first["validation_loss"].as_f64().unwrap();
    let accuracy = first["validation_accuracy"].as_f64().unwrap();
    assert_eq!(
        (row[2], row[5]),
        (&*format!("{loss:.5}"), &*format!("{accuracy:.4}"))
    );
    let ran = succeeds(folder.path(), &format!("{train} without"));
    assert!(!ran.stdout.contains("val."), "{}", ran.stdout);
    let data = workspace().join("datasets/diabetes.csv");
    let words = format!("train --data {} --epochs 1 --run values", data.display());
    let ran = succeeds(folder.path(), &words);
    assert!(!ran.stdout.contains("acc"), "{}", ran.stdout);
}

#[test]
fn what_is_printed_fits_a_terminal_of_fifty_columns() {
    let folder = tempfile::tempdir().unwrap();
    let rows = WORDS.lines().skip(1);
    let rows: Vec<String> = rows.flat_map(|row| vec![format!("{row}\n"); 9]).collect();
    fs::write(
        folder.path().join("long.csv"),
        format!("id,kind\n{}", rows.concat()),
    )
    .unwrap();
    let narrow = |words: &str| {
        let mut command = Command::new(program());
        command
            .args(words.split_whitespace())
            .current_dir(folder.path());
        let ran = command.env("COLUMNS", "50").output().unwrap();
        let text = String::from_utf8(ran.stdout).unwrap();
        for line in text.lines() {
            assert!(line.chars().count() <= 50, "{words}: {line}");
        }
        text
    };
    let run = "--audit 4 --validation 0.1 --early-stopping 2 --no-report --run run";
    let trained = narrow(&format!("train --epochs 3 --layers 64,4,10 {run}"));
    assert!(trained.contains("val. acc  test acc"), "{trained}");
    narrow("evaluate run");
    narrow("train --data long.csv --epochs 1 --learning-rate 1e-9 --no-report --run names");
    let mistakes = narrow("evaluate names");
    assert!(mistakes.contains(" taken for a"), "{mistakes}");
    narrow("compare run names");
    let compared = "--budget 20000 --seconds 1 --seeds 1 --learning-rates 0.01 --layers 64,4,10";
    let table = narrow(&format!("compare --perturb layer,random:10% {compared}"));
    assert!(
        table.contains("test acc.") && table.contains("random:10%"),
        "{table}"
    );
}

#[cfg(unix)]
#[test]
fn bars_fit_a_terminal_of_fifty_columns() {
    let folder = tempfile::tempdir().unwrap();
    let words = "train --epochs 3 --layers 64,4,10 --no-report --run run";
    let command = format!(
        "stty rows 24 cols 50 && exec {} {words}",
        program().display()
    );
    let script = Command::new("script")
        .args(["--quiet", "--return", "--command", &command, "/dev/null"])
        .current_dir(folder.path())
        .env("TERM", "xterm")
        .output();
    let Ok(ran) = script else {
        eprintln!("skipped: there is no script");
        return;
    };
    let text = String::from_utf8(ran.stdout).unwrap();
    let bars = text
        .split(['\r', '\n', '\x1b'])
        .filter(|line| line.contains("left, test loss "));
    let mut bars = bars.peekable();
    assert!(bars.peek().is_some(), "{text}");
    for bar in bars {
        let (_, loss) = bar.split_once("test loss ").unwrap();
        let number = loss
            .split_whitespace()
            .next()
            .unwrap()
            .trim_end_matches(',');
        assert_eq!(
            number.split_once('.').map(|(_, part)| part.len()),
            Some(4),
            "{bar}"
        );
    }
}

#[test]
fn more_threads_than_cores_are_warned_of_once() {
    let folder = tempfile::tempdir().unwrap();
    let cores = std::thread::available_parallelism().unwrap();
    let words = "train --epochs 1 --layers 64,4,10 --quiet --threads";
    let ran = succeeds(folder.path(), &format!("{words} {cores}"));
    assert_eq!(ran.stderr, "");
    let ran = succeeds(folder.path(), &format!("{words} {}", cores.get() + 30));
    assert_eq!(ran.stderr.lines().count(), 1, "{}", ran.stderr);
    let says = format!("threads share {cores} cores");
    assert!(ran.stderr.contains(&says), "{}", ran.stderr);
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

/// A command that runs, and what it says on standard error.
#[cfg(unix)]
struct Running {
    child: Child,
    stderr: BufReader<ChildStderr>,
}

#[cfg(unix)]
impl Running {
    fn start(folder: &Path, words: &str) -> Self {
        let mut command = Command::new(program());
        command.args(words.split_whitespace()).current_dir(folder);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        Self { child, stderr }
    }

    /// Waits for a line that says this.
    fn until(&mut self, says: &str) {
        let mut line = String::new();
        while !line.contains(says) {
            line.clear();
            assert!(self.stderr.read_line(&mut line).unwrap() > 0, "no {says}");
        }
    }

    fn interrupt(&self) {
        let mut kill = Command::new("kill");
        kill.args(["-INT", &self.child.id().to_string()]);
        assert!(kill.status().unwrap().success());
    }

    /// Its exit status, what it printed, and the rest of what it said.
    fn end(mut self) -> (Option<i32>, String, String) {
        let (mut printed, mut said) = (String::new(), String::new());
        self.stderr.read_to_string(&mut said).unwrap();
        let mut stdout = self.child.stdout.take().unwrap();
        stdout.read_to_string(&mut printed).unwrap();
        (self.child.wait().unwrap().code(), printed, said)
    }
}

#[cfg(unix)]
#[test]
fn a_second_ctrl_c_within_a_long_step_ends_at_once_and_says_how_to_go_on() {
    let folder = tempfile::tempdir().unwrap();
    // A step of hours.
    let words =
        "train --layers 64,300,300,10 --perturb weight-naive --batch-size 1400 --run run -v";
    let mut train = Running::start(folder.path(), words);
    train.until("checkpoint written");
    std::thread::sleep(Duration::from_secs(1));
    train.interrupt();
    train.until("stopping when the step under way is done");
    train.interrupt();
    let (status, _, said) = train.end();
    assert_eq!(status, Some(130), "{said}");
    let advice = "numgrad: ended at once; go on with: numgrad train --resume run\n";
    assert_eq!(said, advice);
    let ran = succeeds(folder.path(), "inspect run --json");
    assert_eq!(ran.json()[0]["epoch"], 0);
}

#[cfg(unix)]
#[test]
fn a_comparison_that_is_stopped_prints_what_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let words = "compare --perturb layer,weight-naive --budget 1000000000 --seconds 2 --seeds 1 \
                 --learning-rates 0.01 --layers 64,8,10";
    let mut compare = Running::start(folder.path(), words);
    compare.until("1/2: layer");
    compare.interrupt();
    let (status, printed, said) = compare.end();
    assert_eq!(status, Some(130), "{said}");
    assert!(
        said.contains("what was done by then is in the table"),
        "{said}"
    );
    assert!(printed.contains("\nlayer "), "{printed}");
}

#[cfg(unix)]
#[test]
fn ctrl_c_saves_says_how_to_go_on_and_ends_with_130() {
    let folder = tempfile::tempdir().unwrap();
    let mut train = Running::start(folder.path(), "train --epochs 1000000 --run run");
    train.until("epoch 1/");
    train.interrupt();
    let (status, _, rest) = train.end();
    assert_eq!(status, Some(130), "{rest}");
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
