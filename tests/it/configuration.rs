//! Each flag of `train` is a key of its configuration file, and a run's folder repeats the run.
use crate::command::{numgrad, succeeds, workspace};
use numgrad_train::checkpoint::{RunDirectory, load};
use std::fs;
use std::path::Path;

fn hash(folder: &Path, words: &str) -> String {
    let ran = succeeds(folder, &format!("{words} --json"));
    let finished = ran.json().pop().unwrap();
    finished["theta_blake3"].as_str().unwrap().to_owned()
}

const SMALL: &str = "--layers 64,4,10 --epochs 2";

#[test]
fn a_file_asks_for_what_its_flags_ask_for_and_flags_come_before_it() {
    let folder = tempfile::tempdir().unwrap();
    let file = "# A comment\nlayers = [64, 4, 10]\nepochs = 2\nlearning-rate = 1e-2\n\
                perturb = \"neuron\"\nseed = 0x3\nbatch-size = 50\nquiet = true\n";
    fs::write(folder.path().join("run.toml"), file).unwrap();
    let flags = "--layers 64,4,10 --epochs 2 --learning-rate 1e-2 --perturb neuron --batch-size 50";
    let by_flags = hash(folder.path(), &format!("train {flags} --seed 3"));
    assert_eq!(hash(folder.path(), "train run.toml"), by_flags);
    let other = hash(folder.path(), &format!("train {flags} --seed 4"));
    assert_eq!(hash(folder.path(), "train run.toml --seed 4"), other);
    assert_eq!(hash(folder.path(), "train --seed 4 run.toml"), other);
    assert_ne!(other, by_flags);
}

#[test]
fn the_printed_settings_and_those_in_a_folder_ask_for_the_same_run() {
    let folder = tempfile::tempdir().unwrap();
    let data = workspace().join("datasets/iris.csv");
    let words = format!("--data {} --epochs 2 --audit 3 --seed 5", data.display());
    let printed = succeeds(folder.path(), &format!("train {words} --print-config"));
    assert!(!folder.path().join("runs").exists(), "it trains nothing");
    for line in [
        "layers = [4, 32, 3]",
        "loss = \"cross-entropy\"",
        "learning-rate = 0.01",
    ] {
        assert!(
            printed.stdout.lines().any(|found| found == line),
            "{}",
            printed.stdout
        );
    }
    fs::write(folder.path().join("printed.toml"), &printed.stdout).unwrap();
    let expected = hash(folder.path(), &format!("train {words} --run first"));
    assert_eq!(hash(folder.path(), "train printed.toml"), expected);
    assert_eq!(hash(folder.path(), "train first/config.toml"), expected);
}

/// TOML's own numbers end at 2^63 − 1.
#[test]
fn a_seed_of_64_bits_is_kept_and_read_in_every_base() {
    let folder = tempfile::tempdir().unwrap();
    let words = format!("train {SMALL} --seed 18446744073709551615");
    let expected = hash(folder.path(), &format!("{words} --run run"));
    assert_eq!(hash(folder.path(), "train run/config.toml"), expected);
    for seed in ["18_446_744_073_709_551_615", "0xffff_ffff_ffff_ffff"] {
        let file = format!("layers = [64, 4, 10]\nepochs = 2\nseed = {seed}\n");
        fs::write(folder.path().join("run.toml"), file).unwrap();
        assert_eq!(hash(folder.path(), "train run.toml"), expected, "{seed}");
    }
    let beyond = format!("seed = 0o1{}\n", "0".repeat(60));
    fs::write(folder.path().join("run.toml"), beyond).unwrap();
    let ran = numgrad(folder.path(), "train run.toml");
    assert_eq!(ran.status, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("run.toml:1: "), "{}", ran.stderr);
}

/// Every flag is a key without a list of them: help and the printed settings name the same.
#[test]
fn every_flag_is_a_key() {
    let folder = tempfile::tempdir().unwrap();
    let help = succeeds(folder.path(), "train --help").stdout;
    let printed = succeeds(folder.path(), "train --print-config").stdout;
    let flags = help.lines().filter_map(|line| {
        let flag = line.trim_start().split_once("--")?.1;
        let is_one = line.starts_with("      --") || line.starts_with("  -");
        is_one.then(|| flag.split([' ', '=']).next().unwrap_or(flag))
    });
    let mut known = 0;
    // How much is said is no setting of a run.
    let no_keys = ["resume", "repeat", "print-config", "help", "verbose..."];
    for flag in flags.filter(|flag| !no_keys.contains(flag)) {
        let is_key = |line: &str| {
            let line = line.strip_prefix("# ").unwrap_or(line);
            line.starts_with(&format!("{flag} = ")) || line.starts_with(&format!("{flag}: "))
        };
        assert!(printed.lines().any(is_key), "{flag} in {printed}");
        known += 1;
    }
    assert!(known >= 25, "{known}");
}

#[test]
fn what_is_wrong_in_a_file_is_said_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let deep = format!("x = {}", "[".repeat(1_000_000));
    let nested = format!("x = {}1{}", "{a=".repeat(200_000), "}".repeat(200_000));
    let long = "#".repeat((1 << 20) + 1);
    let cases: [(&str, &str, &[&str]); 20] = [
        (
            "\nlerning-rate = 0.1\n",
            ":2:",
            &["'lerning-rate'", "'learning-rate'"],
        ),
        ("learning_rate = 0.1\n", ":1:", &["'learning-rate'"]),
        ("zzz = 1\n", ":1:", &["unknown key", "--print-config"]),
        (
            "seed = 1\nepochs = \"ten\"\n",
            ":2:",
            &["'epochs'", "a whole number"],
        ),
        ("epochs = 1.5\n", ":1:", &["a whole number"]),
        ("epochs = -1\n", ":1:", &["-1"]),
        ("step = true\n", ":1:", &["a number", "true or false"]),
        ("activation = 'rleu'\n", ":1:", &["rleu", "'relu'"]),
        ("quiet = 1\n", ":1:", &["true or false"]),
        ("seed = [1, 2]\n", ":1:", &["a whole number", "a list"]),
        ("[network]\nlayers = [4]\n", ":1:", &["'network'"]),
        ("seed = 1\nseed = 2\n", ":2:", &["duplicate key"]),
        (
            "seed = 1\nresume = \"run\"\n",
            ":2:",
            &["unknown key 'resume'"],
        ),
        ("layers = \"10,5,1\"\n", ":1:", &["a list of whole numbers"]),
        ("layers = [64, \"a\"]\n", ":1:", &["a list with text"]),
        ("\nignore = ['a,b']\n", ":2:", &["'ignore'", "\"a,b\""]),
        ("\nlearning-rate = -1\n", ":2:", &["positive and finite"]),
        ("\nbatch-size = 0\n", ":2:", &["at least 1"]),
        (&deep, ":1:", &["deep.toml"]),
        (&nested, ":1:", &["deep.toml"]),
    ];
    for (text, line, says) in cases {
        let name = if text.len() > 1000 {
            "deep.toml"
        } else {
            "run.toml"
        };
        fs::write(folder.path().join(name), text).unwrap();
        let ran = numgrad(folder.path(), &format!("train {name}"));
        let start: String = text.chars().take(60).collect();
        assert_eq!(ran.status, 2, "{start}: {}", ran.stderr);
        assert_eq!(ran.stderr.lines().count(), 1, "{start}: {}", ran.stderr);
        for part in says.iter().chain([&line]) {
            assert!(
                ran.stderr.contains(part),
                "{start}: '{part}' in {}",
                ran.stderr
            );
        }
    }
    fs::write(folder.path().join("long.toml"), long).unwrap();
    assert_eq!(numgrad(folder.path(), "train long.toml").status, 2);
    assert_eq!(numgrad(folder.path(), "train nowhere.toml").status, 66);
}

#[test]
fn a_runs_folder_holds_its_settings_and_its_history_as_csv_and_json_lines() {
    let folder = tempfile::tempdir().unwrap();
    let run = folder.path().join("run");
    let words = format!("train {SMALL} --audit 2 --run run --json");
    let printed = succeeds(folder.path(), &words).json();
    let check = |epochs: usize| {
        let lines = fs::read_to_string(run.join("history.jsonl")).unwrap();
        let lines: Vec<serde_json::Value> = lines
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        let table = fs::read_to_string(run.join("history.csv")).unwrap();
        let rows: Vec<Vec<&str>> = table.lines().map(|row| row.split(',').collect()).collect();
        assert_eq!((lines.len(), rows.len()), (epochs, epochs + 1), "{table}");
        let column = |name: &str| rows[0].iter().position(|found| *found == name).expect(name);
        for (line, row) in lines.iter().zip(&rows[1..]) {
            for (name, value) in [
                ("epoch", &line["epoch"]),
                ("test_loss", &line["test_loss"]),
                ("audit.cosine", &line["audit"]["cosine"]),
            ] {
                let cell: f64 = row[column(name)].parse().unwrap();
                assert_eq!(Some(cell), value.as_f64(), "{name}");
            }
        }
        lines
    };
    assert_eq!(check(2)[1]["test_loss"], printed[1]["test_loss"]);
    succeeds(folder.path(), "train --resume run --epochs 3 --quiet");
    check(3);
    let settings = fs::read_to_string(run.join("config.toml")).unwrap();
    assert!(
        settings.contains("numgrad 0.") && settings.contains("\nseed = 0\n"),
        "{settings}"
    );
    assert!(settings.contains("\nepochs = 3\n"), "{settings}");
}

#[test]
fn a_run_is_repeated_to_the_same_bits_and_another_one_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let first = hash(
        folder.path(),
        &format!("train {SMALL} --seed 2 --run first"),
    );
    let again = succeeds(folder.path(), "train --repeat first --run again --json").json();
    let again = again.last().unwrap();
    assert_eq!(again["theta_blake3"], *first);
    assert!(
        again["repeated"].as_str().unwrap().contains("same bits"),
        "{again}"
    );
    let config = |run: &str| fs::read_to_string(folder.path().join(run).join("config.toml"));
    assert_eq!(config("again").unwrap(), config("first").unwrap());
    // A run that went on is repeated as far as it came.
    succeeds(folder.path(), "train --resume first --epochs 3 --quiet");
    let ran = succeeds(folder.path(), "train --repeat first --run third");
    assert!(
        ran.stdout.contains("repeated: the same bits as first"),
        "{}",
        ran.stdout
    );
    for (words, says) in [
        ("--seed 3", "--seed cannot be used with --repeat"),
        ("--epochs 3", "--epochs cannot be used with --repeat"),
        ("--resume first", "cannot be used with"),
    ] {
        let ran = numgrad(folder.path(), &format!("train --repeat first {words}"));
        assert_eq!(ran.status, 2, "{words}: {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{words}: {}", ran.stderr);
    }
}

#[test]
fn a_repetition_that_ends_before_the_run_it_repeats_is_no_repetition() {
    let folder = tempfile::tempdir().unwrap();
    succeeds(
        folder.path(),
        "train --layers 64,4,10 --epochs 3 --run run --quiet",
    );
    // As an earlier version left a run that was resumed with fewer epochs.
    let path = folder.path().join("run");
    let mut checkpoint = load(&path).unwrap().checkpoint;
    checkpoint.header.configuration.epochs = 1;
    RunDirectory::open(&path)
        .unwrap()
        .save(&checkpoint)
        .unwrap();
    let ran = numgrad(folder.path(), "train --repeat run --run again");
    assert_eq!(ran.status, 65, "{}", ran.stdout);
    let says = "it ended with epoch 1, but there are 3 to repeat";
    assert!(ran.stderr.contains(says), "{}", ran.stderr);
}

#[test]
fn an_imported_run_is_repeated_from_its_own_beginning_and_changed_data_are_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let iris = workspace().join("datasets/iris.csv");
    fs::copy(iris, folder.path().join("my.csv")).unwrap();
    succeeds(
        folder.path(),
        "train --data my.csv --epochs 1 --run run --quiet",
    );
    succeeds(folder.path(), "export run --output model.npz");
    succeeds(folder.path(), "import model.npz --data my.csv --run back");
    let on = hash(folder.path(), "train --resume back --epochs 2");
    assert_eq!(hash(folder.path(), "train --repeat back --run again"), on);
    let text = fs::read_to_string(folder.path().join("my.csv")).unwrap();
    fs::write(folder.path().join("my.csv"), text.replace("5.1", "5.2")).unwrap();
    let ran = numgrad(folder.path(), "train --repeat run");
    assert_eq!(ran.status, 65, "{}", ran.stderr);
    assert!(ran.stderr.contains("changed since"), "{}", ran.stderr);
}
