//! Each library crate works in a project of its own, and brings no more than it should.
use crate::command::workspace;
use std::fs;
use std::process::Command;

const CRATES: [&str; 7] = ["scalar", "core", "loss", "diff", "gradient", "train", "mpi"];

/// What `cargo tree` says a crate brings.
fn tree(package: &str) -> String {
    let output = Command::new(env!("CARGO"))
        .args([
            "tree",
            "--offline",
            "--edges",
            "normal",
            "--prefix",
            "none",
            "--package",
            package,
        ])
        .current_dir(workspace())
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn brings(package: &str, dependency: &str) -> bool {
    let start = format!("{dependency} v");
    tree(package).lines().any(|line| line.starts_with(&start))
}

#[test]
fn a_crate_brings_no_more_than_it_should() {
    for dependency in ["rayon", "clap", "bincode"] {
        assert!(!brings("numgrad-loss", dependency), "{dependency}");
    }
    assert!(!brings("numgrad-diff", "nalgebra"));
    for dependency in ["mpi", "mpi-sys"] {
        assert!(!brings("numgrad", dependency), "{dependency}");
    }
    assert!(
        brings("numgrad-loss", "nalgebra"),
        "the tree is read rightly"
    );
}

/// The first Rust example of a crate's README, as a program.
fn readme_example(name: &str) -> String {
    let path = workspace().join(format!("crates/numgrad-{name}/README.md"));
    let text = fs::read_to_string(path).unwrap();
    let example = text
        .split("```rust\n")
        .nth(1)
        .expect(name)
        .split("```")
        .next()
        .unwrap();
    // A line that documentation hides stands in a program.
    let lines = example
        .lines()
        .map(|line| line.strip_prefix("# ").unwrap_or(line));
    let body: Vec<&str> = lines.filter(|line| !line.starts_with("Ok::<")).collect();
    format!(
        "fn main() -> Result<(), Box<dyn std::error::Error>> {{\n{}\nOk(())\n}}\n",
        body.join("\n")
    )
}

#[test]
fn each_crate_runs_its_readmes_example_in_a_project_outside_the_workspace() {
    let folder = tempfile::tempdir().unwrap();
    for name in CRATES {
        let project = folder.path().join(name);
        fs::create_dir_all(project.join("src")).unwrap();
        fs::write(project.join("src/main.rs"), readme_example(name)).unwrap();
        let path = workspace().join(format!("crates/numgrad-{name}"));
        let manifest = format!(
            "[package]\nname = \"alone-{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n\
             [dependencies]\nnumgrad-{name} = {{ path = {path:?} }}\n\n[workspace]\n"
        );
        fs::write(project.join("Cargo.toml"), manifest).unwrap();
        // The workspace's own versions, so that nothing is looked up.
        fs::copy(workspace().join("Cargo.lock"), project.join("Cargo.lock")).unwrap();
        let output = Command::new(env!("CARGO"))
            .args(["run", "--quiet", "--offline"])
            .current_dir(&project)
            // One folder for all, apart from the workspace's: what they share is built once.
            .env("CARGO_TARGET_DIR", workspace().join("target/alone"))
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "numgrad-{name}: {error}");
    }
}

#[test]
fn every_crate_states_the_oldest_rust_it_builds_with() {
    for name in CRATES.iter().chain(&[""]) {
        let dash = if name.is_empty() { "" } else { "-" };
        let path = workspace().join(format!("crates/numgrad{dash}{name}/README.md"));
        assert!(
            fs::read_to_string(&path).unwrap().contains("MSRV: 1.89"),
            "{path:?}"
        );
    }
    let manifest = fs::read_to_string(workspace().join("Cargo.toml")).unwrap();
    assert!(manifest.contains("rust-version = \"1.89\""));
}
