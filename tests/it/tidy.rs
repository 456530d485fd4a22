//! The house rules, as a test.
use crate::command::workspace;
use std::fs;
use std::path::{Path, PathBuf};

/// The longest file, with its tests.
const LONGEST: usize = 400;

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

fn files() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in [
        "crates",
        "benches",
        "tests",
        "reliability",
        "fuzz/src",
        "fuzz/fuzz_targets",
    ] {
        sources(&workspace().join(folder), &mut found);
    }
    let text = |path: PathBuf| {
        let name = path
            .strip_prefix(workspace())
            .unwrap()
            .display()
            .to_string();
        (name, fs::read_to_string(path).unwrap())
    };
    found.into_iter().map(text).collect()
}

#[test]
fn every_file_says_first_what_it_is_for() {
    for (name, text) in files() {
        let opens = text.starts_with("//!") || text.starts_with("#![doc");
        assert!(opens, "{name} does not open with //!");
    }
}

#[test]
fn no_file_is_longer_than_400_lines() {
    for (name, text) in files() {
        let lines = text.lines().count();
        assert!(lines <= LONGEST, "{name} has {lines} lines");
    }
}

#[test]
fn one_file_names_the_codec() {
    let name = ["bin", "code::"].concat();
    let users: Vec<String> = files()
        .into_iter()
        .filter(|(_, text)| text.contains(&name))
        .map(|(name, _)| name)
        .collect();
    assert_eq!(users, ["crates/numgrad-train/src/checkpoint/codec.rs"]);
}

#[test]
fn the_pure_crates_touch_no_file_no_clock_and_print_nothing() {
    let banned = ["std::fs", "std::time", "std::io", "println!", "std::env"];
    for (name, text) in files() {
        let pure = ["scalar", "core", "loss", "diff", "gradient"];
        let is_pure = pure
            .iter()
            .any(|c| name.starts_with(&format!("crates/numgrad-{c}/src/")));
        if is_pure {
            for word in banned {
                assert!(!text.contains(word), "{name} says {word}");
            }
        }
    }
}

#[test]
fn matrices_are_never_read_from_a_file_as_they_are() {
    let feature = ["serde-", "serialize"].concat();
    let manifest = fs::read_to_string(workspace().join("Cargo.toml")).unwrap();
    let found = manifest
        .lines()
        .any(|line| line.contains("nalgebra") && line.contains(&feature));
    assert!(!found, "nalgebra's own Deserialize is not memory-safe");
}
