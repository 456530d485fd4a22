//! `numgrad minimize` goes down with a program that it knows nothing of, whatever that program does.
use crate::command::{Ran, numgrad_with, program};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

const ROSENBROCK: &str = r#"{ x[NR] = $1 }
END { printf "%.17g\n", (1 - x[1])^2 + 100 * (x[2] - x[1] * x[1])^2 }
"#;

/// A bowl that says in a file how often it was asked, and takes its time.
const SLOW_BOWL: &str = "read a; read b; echo asked >> asked.txt; sleep 0.02
awk -v a=$a -v b=$b 'BEGIN { printf \"%.17g\\n\", (a - 1)^2 + (b + 2)^2 }'
";

/// A folder with a start and some programs.
fn folder(scripts: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("start.txt"), "-1.2 # x\n\n1\n").unwrap();
    for (name, text) in scripts {
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn minimize(folder: &Path, command: &str, words: &str) -> Ran {
    let start = [
        "minimize",
        "--parameters",
        "start.txt",
        "--command",
        command,
    ];
    let words = words.split_whitespace();
    numgrad_with(folder, &start.into_iter().chain(words).collect::<Vec<_>>())
}

fn resume(folder: &Path, words: &str) -> Ran {
    let words = words.split_whitespace();
    let words = ["minimize", "--resume", "run"].into_iter().chain(words);
    numgrad_with(folder, &words.collect::<Vec<_>>())
}

fn finished(ran: &Ran) -> serde_json::Value {
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let last = ran.json().pop().unwrap();
    assert_eq!(last["event"], "finished");
    last
}

fn log(folder: &Path) -> Vec<String> {
    let text = fs::read_to_string(folder.join("run/evaluations.jsonl")).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn the_minimum_of_an_external_rosenbrock_is_found() {
    let folder = folder(&[("rosenbrock.awk", ROSENBROCK)]);
    let words = "--learning-rate 0.5 --steps 600 --json --run run";
    let ran = minimize(folder.path(), "awk -f rosenbrock.awk", words);
    let found = finished(&ran);
    assert!(found["value"].as_f64().unwrap() < 1e-5, "{found}");
    for k in 0..2 {
        let coordinate = found["theta"][k].as_f64().unwrap();
        assert!((coordinate - 1.0).abs() < 1e-2, "{found}");
    }
    // f itself and two points for each coordinate a step, and f at the end.
    assert_eq!(found["loss_evaluations"], 600 * 5 + 1);
    assert_eq!(ran.json().len(), 601);
    assert_eq!(log(folder.path()).len(), 3001);
}

#[test]
fn a_value_that_no_perturbation_changes_is_warned_of_once() {
    let folder = folder(&[]);
    let ran = minimize(folder.path(), "echo 1", "--steps 3 --run run");
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    let warning = "no perturbation changes the value";
    assert_eq!(ran.stderr.matches(warning).count(), 1, "{}", ran.stderr);
}

#[test]
fn parameters_in_a_file_give_what_those_on_standard_input_do_at_any_number_of_jobs() {
    let folder = folder(&[("rosenbrock.awk", ROSENBROCK)]);
    let found = |command: &str, run: &str, words: &str| {
        let words = format!("{words} --steps 8 --json --run {run}");
        finished(&minimize(folder.path(), command, &words))["theta"].clone()
    };
    let one = found("awk -f rosenbrock.awk", "a", "--jobs 1");
    assert_eq!(found("awk -f 'rosenbrock.awk'", "b", "--jobs 7"), one);
    assert_eq!(found("awk -f rosenbrock.awk {}", "c", "--jobs 3"), one);
    let left = fs::read_dir(folder.path().join("c")).unwrap();
    assert_eq!(left.count(), 3, "the run, its log and its lock");
}

#[test]
fn random_directions_go_down_too_by_losses_and_by_ranks() {
    let folder = folder(&[("bowl.awk", "{ s += ($1 - NR)^2 } END { print s }")]);
    for (run, words) in [
        ("signs", "--directions 2"),
        (
            "ranks",
            "--directions 4 --distribution gaussian --rank centred --step 0.1",
        ),
    ] {
        let words = format!(
            "--perturb directions {words} --learning-rate 0.2 --steps 40 --json --run {run}"
        );
        let found = finished(&minimize(folder.path(), "awk -f bowl.awk", &words));
        assert!(found["value"].as_f64().unwrap() < 0.5, "{run}: {found}");
    }
}

#[test]
fn a_program_that_hangs_is_ended_with_all_that_it_started() {
    let folder = folder(&[("hang.sh", "sleep 1000 & sleep 1000\n")]);
    let words = "--time-limit 100ms --run run";
    let ran = minimize(folder.path(), "sh hang.sh", words);
    assert_eq!(ran.status, 69, "{}", ran.stderr);
    let says = "the command ran longer than 100ms; go on with: numgrad minimize --resume run";
    assert!(ran.stderr.contains(says), "{}", ran.stderr);
    // One that prints its number and leaves something behind is not waited for, either.
    fs::write(folder.path().join("hang.sh"), "sleep 1000 & echo 3\n").unwrap();
    let found = finished(&resume(folder.path(), "--steps 1 --jobs 8 --json"));
    assert_eq!(found["value"], 3.0);
}

#[test]
fn a_program_that_fails_is_named_with_its_reason_and_the_run_goes_on_once_it_is_mended() {
    for (script, says) in [
        (
            "echo because >&2; exit 3",
            "ended with exit status: 3: because",
        ),
        ("kill -SEGV $$", "ended with signal: 11"),
        ("echo 1 2", "printed '1 2', which is not one finite number"),
        ("echo nan", "printed 'nan', which is not one finite number"),
        ("true", "printed nothing"),
        (
            "head -c 3000000 /dev/zero",
            "which is not one finite number",
        ),
    ] {
        let folder = folder(&[("program.sh", script)]);
        let words = "--retries 1 --steps 2 --run run";
        let ran = minimize(folder.path(), "sh program.sh", words);
        assert_eq!(ran.status, 69, "{script}: {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{script}: {}", ran.stderr);
        assert!(ran.stderr.contains("evaluation 0"), "{}", ran.stderr);
        assert!(ran.stderr.contains("(attempt 2 of 2)"), "{}", ran.stderr);
        fs::write(folder.path().join("program.sh"), "read a; echo $a").unwrap();
        let found = finished(&resume(folder.path(), "--json"));
        assert_eq!(found["loss_evaluations"], 11, "{script}");
    }
    let folder = folder(&[]);
    let ran = minimize(folder.path(), "./no-such-program", "--run run");
    assert_eq!(ran.status, 69);
    assert!(ran.stderr.contains("cannot be started"), "{}", ran.stderr);
}

#[test]
fn a_failure_is_retried_left_out_or_given_a_value() {
    // Every call fails the first time for its point.
    let flaky =
        "read a; read b; f=seen-$a-$b; if [ -e $f ]; then echo $a; else touch $f; exit 1; fi";
    let flaky = folder(&[("flaky.sh", flaky)]);
    let words = "--retries 1 --steps 2 --json --run run";
    let found = finished(&minimize(flaky.path(), "sh flaky.sh", words));
    assert_eq!(found["left_out"], 0);
    // The second coordinate can only be moved down.
    let edge = "{ x[NR] = $1 } END { if (x[2] > 1) exit 1; print x[1]^2 + x[2]^2 }";
    let edge = folder(&[("edge.awk", edge)]);
    let words = "--steps 3 --step 0.01 --optimizer gd --json";
    let skip = format!("{words} --on-failure skip --run run");
    let ran = minimize(edge.path(), "awk -f edge.awk", &skip);
    let skipped = finished(&ran);
    assert_eq!(
        skipped["theta"][1], 1.0,
        "a coordinate without a difference stays"
    );
    assert!(skipped["theta"][0].as_f64().unwrap().abs() < 1.0);
    assert_eq!(skipped["left_out"], 3);
    let failures = log(edge.path());
    let failures = failures.iter().filter(|line| line.contains("ended with"));
    assert_eq!(failures.count(), 3);
    // What was left out stays so when the run goes on, and the bits do as well.
    let again = finished(&resume(edge.path(), "--steps 3 --on-failure skip --json"));
    assert_eq!(again["theta"], skipped["theta"]);
    let words = "--steps 3 --step 0.01 --json";
    let value = format!("{words} --on-failure 100 --run value");
    let valued = finished(&minimize(edge.path(), "awk -f edge.awk", &value));
    assert!(
        valued["theta"][1].as_f64().unwrap() < 1.0,
        "a wall of 100 is fled from"
    );
}

/// Starts a slow run, and waits until it has written down some evaluations.
fn started(folder: &Path, evaluations: usize) -> std::process::Child {
    let child = Command::new(program())
        .args([
            "minimize",
            "--parameters",
            "start.txt",
            "--command",
            "sh bowl.sh",
        ])
        .args("--steps 12 --learning-rate 0.3 --jobs 2 --run run --json".split(' '))
        .current_dir(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    while fs::read_to_string(folder.join("run/evaluations.jsonl"))
        .map_or(0, |text| text.lines().count())
        < evaluations
    {
        std::thread::sleep(Duration::from_millis(5));
    }
    child
}

#[test]
fn a_run_killed_at_any_time_loses_no_evaluation_that_was_written_and_ends_as_if_it_had_not_been() {
    let scripts = [("bowl.sh", SLOW_BOWL)];
    let whole = folder(&scripts);
    let words = "--steps 12 --learning-rate 0.3 --run run --json";
    let expected = finished(&minimize(whole.path(), "sh bowl.sh", words));
    for evaluations in [1, 18, 33] {
        let folder = folder(&scripts);
        let mut child = started(folder.path(), evaluations);
        child.kill().unwrap(); // SIGKILL
        child.wait().unwrap();
        let mut before = log(folder.path());
        let text = fs::read_to_string(folder.path().join("run/evaluations.jsonl")).unwrap();
        if !text.ends_with('\n') {
            before.pop();
        }
        let found = finished(&resume(folder.path(), "--json"));
        assert_eq!(found["theta"], expected["theta"]);
        assert_eq!(found["value"], expected["value"]);
        let after = log(folder.path());
        assert_eq!(after[..before.len()], before, "nothing written is lost");
        assert_eq!(after.len(), 61);
        let asked = fs::read_to_string(folder.path().join("asked.txt")).unwrap();
        let asked = asked.lines().count();
        // Only what two jobs were at when they were killed is asked again.
        assert!((61..=63).contains(&asked), "asked {asked} times for 61");
    }
}

#[test]
fn a_signal_stops_a_run_which_then_goes_on() {
    let folder = folder(&[("bowl.sh", SLOW_BOWL)]);
    let mut child = started(folder.path(), 3);
    let id = child.id().to_string();
    let sent = Command::new("kill").args(["-INT", &id]).status().unwrap();
    assert!(sent.success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let found = finished(&resume(folder.path(), "--json"));
    assert_eq!(found["loss_evaluations"], 61);
}

#[test]
fn half_a_line_is_cut_off_and_a_log_that_does_not_fit_is_refused() {
    let folder = folder(&[("rosenbrock.awk", ROSENBROCK)]);
    let words = "--steps 2 --json --run run";
    let expected = finished(&minimize(folder.path(), "awk -f rosenbrock.awk", words));
    let path = folder.path().join("run/evaluations.jsonl");
    let whole = fs::read(&path).unwrap();
    // Cut within any of the last lines.
    for cut in (whole.len() - 160..whole.len()).step_by(7) {
        fs::write(&path, &whole[..cut]).unwrap();
        let found = finished(&resume(folder.path(), "--json"));
        assert_eq!(found["theta"], expected["theta"], "cut at {cut}");
    }
    let lines = log(folder.path());
    let damaged = [&lines[..1], &["{}".to_owned()], &lines[2..]].concat();
    fs::write(&path, damaged.join("\n") + "\n").unwrap();
    let ran = resume(folder.path(), "");
    assert_eq!(ran.status, 65, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("evaluations.jsonl:2:"),
        "{}",
        ran.stderr
    );
    let other = lines[0].replace("\"point\":\"", "\"point\":\"00");
    fs::write(&path, other + "\n").unwrap();
    let ran = resume(folder.path(), "");
    assert_eq!(ran.status, 65, "{}", ran.stderr);
    assert!(ran.stderr.contains("of another run"), "{}", ran.stderr);
}

#[test]
fn what_cannot_be_minimised_is_said_before_anything_is_made() {
    let folder = folder(&[]);
    for (command, words, status) in [
        ("unclosed 'quote", "", 2),
        ("", "", 2),
        ("true", "--directions 3", 2),
        ("true", "--perturb directions --directions 0", 2),
        ("true", "--step 0", 2),
        ("true", "--learning-rate -1", 2),
        ("true", "--on-failure nan", 2),
        ("true", "--time-limit soon", 2),
    ] {
        let ran = minimize(folder.path(), command, &format!("{words} --run run"));
        assert_eq!(ran.status, status, "{command} {words}: {}", ran.stderr);
        assert!(!folder.path().join("run").exists(), "{command} {words}");
    }
    fs::write(folder.path().join("start.txt"), "1\n2,5\n").unwrap();
    let ran = minimize(folder.path(), "true", "--run run");
    assert_eq!(ran.status, 65);
    assert!(ran.stderr.contains("start.txt:2: '2,5'"), "{}", ran.stderr);
    fs::remove_file(folder.path().join("start.txt")).unwrap();
    assert_eq!(minimize(folder.path(), "true", "--run run").status, 66);
    assert_eq!(resume(folder.path(), "").status, 66);
}
