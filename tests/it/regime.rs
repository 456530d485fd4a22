//! The flags that steer a training do so, and a resumed run goes on with them.
use crate::command::{Ran, numgrad, succeeds};
use numgrad_train::checkpoint::load;

const TRAIN: &str = "train --layers 64,4,10 --perturb layer --json";

fn hash(ran: &Ran) -> serde_json::Value {
    ran.json().last().unwrap()["theta_blake3"].clone()
}

#[test]
fn a_steered_run_resumed_by_the_command_ends_with_the_hash_of_one_that_was_not_stopped() {
    let folder = tempfile::tempdir().unwrap();
    for (place, flags) in [
        "--schedule warm-up:1,cosine:0:4 --clip-norm 0.5 --clip-value 0.2 --l1 1e-4",
        "--schedule plateau:1 --validation 0.2 --optimizer rmsprop",
        "--validation 0.2 --early-stopping 3 --optimizer adamw --l2 0.01",
        "--watch test-accuracy --early-stopping 3 --optimizer nesterov",
    ]
    .into_iter()
    .enumerate()
    {
        let whole = format!("{TRAIN} {flags} --epochs 4 --run whole-{place}");
        let whole = succeeds(folder.path(), &whole);
        let part = format!("{TRAIN} {flags} --epochs 2 --run part-{place}");
        succeeds(folder.path(), &part);
        let on = format!("train --resume part-{place} --epochs 4 --json");
        assert_eq!(hash(&succeeds(folder.path(), &on)), hash(&whole), "{flags}");
    }
}

#[test]
fn a_run_that_stops_early_reports_and_saves_its_best_epoch() {
    let folder = tempfile::tempdir().unwrap();
    let words =
        format!("{TRAIN} --learning-rate 0.5 --validation 0.2 --early-stopping 2 --run run");
    let lines = succeeds(folder.path(), &words).json();
    let (last, epochs) = lines.split_last().unwrap();
    let loss = |line: &serde_json::Value| line["validation_loss"].as_f64().unwrap();
    let best = epochs.iter().map(loss).fold(f64::INFINITY, f64::min);
    assert!(epochs.len() < 40, "nothing stopped it");
    assert_eq!(loss(last), best);
    let evaluated = &succeeds(folder.path(), "evaluate run --json").json()[0];
    assert_eq!(evaluated["loss"], last["test_loss"]);
}

#[test]
fn a_run_that_was_stopped_early_says_so_when_it_is_to_go_on_and_keeps_its_settings() {
    let folder = tempfile::tempdir().unwrap();
    let words = format!("{TRAIN} --learning-rate 0.5 --early-stopping 1 --epochs 30 --run run");
    let first = succeeds(folder.path(), &words);
    let config = || std::fs::read_to_string(folder.path().join("run/config.toml")).unwrap();
    let before = config();
    let again = succeeds(folder.path(), "train --resume run --epochs 60 --json");
    let epochs = first.json().len() - 1;
    for part in [
        format!("stopped early after epoch {epochs}: its train-loss has not improved since"),
        "--early-stopping 1".to_owned(),
    ] {
        assert!(again.stderr.contains(&part), "{part}: {}", again.stderr);
    }
    assert_eq!(again.json().len(), 1, "nothing was trained");
    assert_eq!(hash(&again), hash(&first));
    assert_eq!(config(), before);
    let found = load(&folder.path().join("run")).unwrap().checkpoint;
    assert_eq!(found.header.configuration.epochs, 30);
}

#[test]
fn epochs_for_which_a_schedule_leaves_no_rate_are_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let train = |words: &str| succeeds(folder.path(), words).stderr;
    let says = train(&format!("{TRAIN} --schedule cosine --epochs 2 --run run"));
    assert_eq!(says, "");
    let says = train("train --resume run --epochs 5 --json");
    assert_eq!(says.lines().count(), 1, "{says}");
    for part in ["the 3 epochs from 3 on learn nothing", "cosine:0:5"] {
        assert!(says.contains(part), "{part}: {says}");
    }
    // One with a floor goes on learning.
    let floor = format!("{TRAIN} --schedule cosine:0.1:1 --epochs 2");
    assert_eq!(train(&floor), "");
    let none = format!("{TRAIN} --schedule cosine:0:1 --epochs 2");
    assert!(train(&none).contains("learning rate to 0"));
}

#[test]
fn validation_data_may_be_a_file_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let rows = |shift: usize| {
        let row = |k: usize| format!("{},{},{}\n", k % 5, (k + shift) % 7, k % 2);
        "a,b,class\n".to_owned() + &(0..40).map(row).collect::<String>()
    };
    std::fs::write(folder.path().join("train.csv"), rows(0)).unwrap();
    std::fs::write(folder.path().join("other.csv"), rows(3)).unwrap();
    let words = "train --data train.csv --validation other.csv --epochs 2 --run run --json";
    let lines = succeeds(folder.path(), words).json();
    assert!(lines[0]["validation_accuracy"].is_f64());
    std::fs::write(folder.path().join("other.csv"), "a,class\n1,0\n2,1\n").unwrap();
    let ran = numgrad(folder.path(), &words.replace("run run", "run again"));
    assert_eq!(ran.status, 65, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("other.csv: has no column 'b'"),
        "{}",
        ran.stderr
    );
}

#[test]
fn the_last_checkpoints_and_the_best_are_kept_and_can_be_used() {
    let folder = tempfile::tempdir().unwrap();
    let words = format!("{TRAIN} --keep 2 --epochs 5 --run run");
    let losses = succeeds(folder.path(), &words).json();
    let entries = std::fs::read_dir(folder.path().join("run")).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    for name in ["best.ckpt", "epoch-000004.ckpt", "epoch-000005.ckpt"] {
        assert!(names.iter().any(|found| found == name), "{name}: {names:?}");
    }
    assert!(!names.iter().any(|name| name == "epoch-000003.ckpt"));
    let kept = succeeds(folder.path(), "evaluate run/epoch-000004.ckpt --json");
    assert_eq!(kept.json()[0]["loss"], losses[3]["test_loss"]);
}

#[test]
fn what_cannot_steer_is_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    for (flags, says) in [
        ("--schedule sometimes", "warm-up:EPOCHS"),
        ("--validation 1.5", "between 0 and 1"),
        ("--watch validation-loss", "give --validation"),
        ("--early-stopping 0", "at least 1"),
        ("--clip-norm=-1", "positive"),
        ("--watch accuracy", "validation-accuracy"),
    ] {
        let ran = numgrad(folder.path(), &format!("{TRAIN} {flags}"));
        assert_eq!(ran.status, 2, "{flags}: {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{flags}: {}", ran.stderr);
        assert_eq!(ran.stderr.lines().count(), 1, "{flags}: {}", ran.stderr);
    }
}
