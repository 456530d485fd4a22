//! Runs the program as a user would.
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

/// The program, built once for the tests.
pub(crate) fn program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        // The tests' own executable is in target/PROFILE/deps.
        let deps = std::env::current_exe().unwrap();
        let folder = deps.parent().unwrap().parent().unwrap().to_owned();
        let release = folder.file_name().is_some_and(|name| name == "release");
        let mut build = Command::new(env!("CARGO"));
        build.current_dir(workspace());
        build.args([
            "build",
            "--quiet",
            "--package",
            "numgrad",
            "--bin",
            "numgrad",
        ]);
        if release {
            build.arg("--release");
        }
        assert!(
            build.status().unwrap().success(),
            "the program does not build"
        );
        folder.join(format!("numgrad{}", std::env::consts::EXE_SUFFIX))
    })
}

/// The workspace's root.
pub(crate) fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// A finished command.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) status: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// The JSON objects on standard output, a line each.
    pub(crate) fn json(&self) -> Vec<serde_json::Value> {
        self.stdout
            .lines()
            .map(|line| serde_json::from_str(line).expect(line))
            .collect()
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// Runs `numgrad` in a folder with these words, split at blanks.
pub(crate) fn numgrad(folder: &Path, words: &str) -> Ran {
    numgrad_with(folder, &words.split_whitespace().collect::<Vec<_>>())
}

/// Runs `numgrad` in a folder. A training draws no page, which would take longer than most
/// trainings here: [`drawing`] is for who wants to see one.
pub(crate) fn numgrad_with(folder: &Path, arguments: &[&str]) -> Ran {
    let is_training = arguments.first() == Some(&"train");
    let without: &[&str] = if is_training { &["--no-report"] } else { &[] };
    ran(folder, &[arguments, without].concat())
}

/// Runs `numgrad` in a folder as it is, and expects it to succeed.
pub(crate) fn drawing(folder: &Path, arguments: &[&str]) -> Ran {
    let ran = ran(folder, arguments);
    assert_eq!(ran.status, 0, "numgrad {arguments:?}: {}", ran.stderr);
    ran
}

fn ran(folder: &Path, arguments: &[&str]) -> Ran {
    Command::new(program())
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
        .into()
}

/// Runs `numgrad` and expects it to succeed.
pub(crate) fn succeeds(folder: &Path, words: &str) -> Ran {
    let ran = numgrad(folder, words);
    assert_eq!(ran.status, 0, "numgrad {words}: {}", ran.stderr);
    ran
}
