//! What the program is made of: no unsafe code, no build script but one and no road to a network.
use crate::command::{numgrad, program, workspace};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The crates' folders.
fn crates() -> Vec<PathBuf> {
    let entries = fs::read_dir(workspace().join("crates")).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}

fn texts(folder: &Path, found: &mut Vec<(PathBuf, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            texts(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            found.push((path, text));
        }
    }
}

fn sources() -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for folder in crates() {
        texts(&folder.join("src"), &mut found);
    }
    found
}

#[test]
fn every_crate_forbids_unsafe_code_and_has_none() {
    for folder in crates() {
        let roots = ["src/lib.rs", "src/main.rs"].map(|root| folder.join(root));
        for root in roots.iter().filter(|root| root.exists()) {
            let text = fs::read_to_string(root).unwrap();
            assert!(
                text.contains("#![forbid(unsafe_code)]"),
                "{}",
                root.display()
            );
        }
    }
    let is_unsafe = |line: &str| {
        let mut words = line.split(|c: char| !(c.is_alphanumeric() || c == '_'));
        !line.trim_start().starts_with("//")
            && words.any(|word| word == "unsafe")
            && !line.contains("'unsafe-inline'")
    };
    let found: Vec<PathBuf> = sources()
        .into_iter()
        .filter(|(_, text)| text.lines().any(is_unsafe))
        .map(|(path, _)| path)
        .collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn no_crate_runs_anything_while_it_is_built_but_a_look_for_mpi_where_it_is_asked_for() {
    for folder in crates() {
        if folder.ends_with("numgrad-mpi") {
            let script = fs::read_to_string(folder.join("build.rs")).unwrap();
            let (before, _) = script.split_once("    let wrapper").unwrap();
            assert!(
                before
                    .contains("if env::var_os(\"CARGO_FEATURE_MPI\").is_none() {\n        return;")
            );
            continue;
        }
        assert!(!folder.join("build.rs").exists(), "{}", folder.display());
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        for key in ["build =", "build=", "[build-dependencies]", "proc-macro"] {
            assert!(!manifest.contains(key), "{} says {key}", folder.display());
        }
    }
}

#[test]
fn no_source_names_a_network() {
    for (path, text) in sources() {
        for word in ["std::net", "TcpStream", "UdpSocket", "UnixStream"] {
            assert!(!text.contains(word), "{} says {word}", path.display());
        }
    }
}

/// One room has a road to a network, with a feature that nobody gets who does not ask for it.
#[test]
fn only_a_fetch_names_what_opens_connections_and_only_with_its_feature() {
    let mut users = Vec::new();
    for (path, text) in sources() {
        if text.contains("ureq") {
            let name = path.strip_prefix(workspace()).unwrap();
            users.push(name.display().to_string());
        }
    }
    assert_eq!(users, ["crates/numgrad-train/src/fetch/mirror.rs"]);
    let mut tree = Command::new(env!("CARGO"));
    tree.args([
        "tree",
        "--locked",
        "--edges",
        "normal,build",
        "--prefix",
        "none",
    ]);
    tree.args(["--package", "numgrad"]).current_dir(workspace());
    let tree = tree.output().unwrap();
    let text = String::from_utf8_lossy(&tree.stdout);
    assert!(
        tree.status.success() && text.contains("numgrad-train"),
        "{text}"
    );
    for name in ["ureq", "rustls", "ring"] {
        let is_there = text
            .lines()
            .any(|line| line.starts_with(&format!("{name} ")));
        assert!(!is_there, "{name} is built without being asked for");
    }
}

#[test]
fn without_the_feature_a_fetch_says_which_one_to_build_with() {
    let folder = tempfile::tempdir().unwrap();
    let ran = numgrad(folder.path(), "data fetch mnist --to here");
    assert_eq!(ran.status, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("--features download"), "{}", ran.stderr);
    assert!(!folder.path().join("here").exists());
}

/// The system calls of whole commands, where strace shows them.
#[cfg(target_os = "linux")]
#[test]
fn no_command_opens_a_network_connection() {
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    for words in [
        "train --epochs 1 --layers 64,4,10 --run run --quiet",
        "evaluate run",
        "inspect run",
        "check run",
        "data describe digits",
        "differentiate x^2 --at x=1",
        "descend x^2 --from x=1 --rate 0.1 --steps 3",
    ] {
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-e", "trace=%network", "-o"]);
        strace
            .arg(&trace)
            .arg(program())
            .args(words.split_whitespace());
        strace.current_dir(folder.path()).stdout(Stdio::null());
        let Ok(status) = strace.status() else {
            println!("skipped: there is no strace");
            return;
        };
        if !trace.exists() {
            println!("skipped: strace cannot trace here");
            return;
        }
        assert!(status.success(), "{words}");
        // A pair of sockets carries signals within the process.
        let calls = fs::read_to_string(&trace).unwrap();
        // A thread that ends with its process while strace looks has a line without a call.
        let is_call = |line: &&str| !line.contains("???(") && !line.contains("socketpair(");
        let outward = calls.lines().find(is_call);
        assert_eq!(outward, None, "{words}");
        fs::remove_file(&trace).unwrap();
    }
}
