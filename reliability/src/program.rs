//! The program under test, and what its runs end with.
use crate::report::Outcome;
use numgrad_train::checkpoint::load;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Runs that differ in whatever a checkpoint has to keep: the optimizer's memories, the precision,
/// the draws, the history. A few milliseconds each.
pub(crate) const RUNS: [&str; 10] = [
    "--layers 4,5,3 --activation tanh",
    "--layers 4,6,3 --optimizer gd --precision f32",
    "--layers 4,5,4,3 --optimizer momentum --perturb neuron --activation sigmoid",
    "--layers 4,5,3 --optimizer gd --perturb directions --directions 4",
    "--layers 4,5,3 --perturb directions --distribution gaussian --rank centred --precision f32",
    "--layers 4,6,3 --coordinates random:9",
    "--layers 4,6,3 --coordinates saliency:0.4 --optimizer momentum",
    "--layers 4,4,3 --perturb weight-naive --scheme five-point --audit 3",
    "--layers 4,5,1 --task regression --perturb layer --weight-decay 0.001",
    "--layers 4,6,3 --activation step --perturb neuron --step 1 --loss zero-one",
];

/// How long most runs last: six epochs of three steps.
pub(crate) const LENGTH: &str = "--epochs 6 --batch-size 16";

/// How long runs of several ranks last: longer than a launcher takes to start them.
#[cfg(target_os = "linux")]
pub(crate) const LENGTH_OF_RANKS: &str = "--epochs 150 --batch-size 16";

/// What every run has: a checkpoint after each step.
/// The page about a run is left out: one that cannot be written is but a warning.
const ALWAYS: &str = "train --data ../data.csv --threads 1 --save-every 0s --quiet --no-report";

/// The program `numgrad`, and a folder for its runs.
#[derive(Debug)]
pub(crate) struct Program {
    path: PathBuf,
}

impl Program {
    /// This program, or else the one that is built as this suite was built.
    pub(crate) fn of(path: Option<&Path>) -> Outcome<Self> {
        match path {
            Some(path) => Ok(Self {
                path: path.canonicalize()?,
            }),
            None => Self::build(),
        }
    }

    fn build() -> Outcome<Self> {
        let folder = std::env::current_exe()?;
        let folder = folder.parent().ok_or("this program is in no folder")?;
        let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let mut build = Command::new(env!("CARGO"));
        build.current_dir(workspace);
        build.args([
            "build",
            "--quiet",
            "--package",
            "numgrad",
            "--bin",
            "numgrad",
        ]);
        if folder.ends_with("release") {
            build.arg("--release");
        }
        if !build.status()?.success() {
            return Err("the program does not build".into());
        }
        Ok(Self {
            path: folder.join("numgrad"),
        })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A command of the program in a folder, whose output is not looked at.
    pub(crate) fn command(&self, folder: &Path, words: &str) -> Command {
        let mut command = Command::new(&self.path);
        silent(&mut command, folder).args(words.split_whitespace());
        command
    }
}

/// A command in a folder, whose output is not looked at.
pub(crate) fn silent<'a>(command: &'a mut Command, folder: &Path) -> &'a mut Command {
    command
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
}

/// The words that begin the run `name` of this length, in a folder beside the data.
pub(crate) fn begin(run: &str, name: &str, length: &str) -> String {
    format!("{ALWAYS} --run {name} {run} {length}")
}

/// The words that go on with the run `name`.
pub(crate) fn go_on(name: &str) -> String {
    format!("train --resume {name} --threads 1 --save-every 0s --quiet --no-report")
}

/// A folder in memory, where the system has one: nothing here depends on how fast a disk is.
pub(crate) fn temporary_folder() -> Outcome<tempfile::TempDir> {
    let memory = Path::new("/dev/shm");
    let parent = if memory.is_dir() {
        memory.to_owned()
    } else {
        std::env::temp_dir()
    };
    Ok(tempfile::Builder::new()
        .prefix("numgrad-")
        .tempdir_in(parent)?)
}

/// A folder for runs, with the data beside it.
pub(crate) fn workplace() -> Outcome<tempfile::TempDir> {
    let folder = temporary_folder()?;
    fs::create_dir(folder.path().join("runs"))?;
    fs::write(folder.path().join("data.csv"), data())?;
    Ok(folder)
}

/// Sixty samples of three classes, as numbers that need all their digits.
pub(crate) fn data() -> String {
    let rows = (0..60).map(|k| {
        let (x, class) = (f64::from(k), k % 3);
        let features = [0.3, 0.7, 1.1, 1.9].map(|w| (w * x).sin() + f64::from(class) / 2.0);
        let [a, b, c, d] = features;
        format!("{a},{b},{c},{d},{class}\n")
    });
    rows.collect()
}

/// Where a run stands: everything in its last checkpoint but the time that it took.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct State {
    pub(crate) step: u64,
    payload: Value,
    header: Value,
}

/// The state of the run in this folder, whose last checkpoint has to be whole. None if no
/// checkpoint was ever written.
pub(crate) fn state(run: &Path) -> Outcome<Option<State>> {
    if !run.join("last.ckpt").exists() && !run.join("prev.ckpt").exists() {
        return Ok(None);
    }
    let loaded = load(run)?;
    if let Some(warning) = loaded.warning {
        return Err(warning.into());
    }
    let step = loaded.checkpoint.header.step;
    let (mut payload, mut header) = (
        serde_json::to_value(loaded.checkpoint.payload)?,
        serde_json::to_value(loaded.checkpoint.header)?,
    );
    forget_time(&mut payload);
    forget_time(&mut header);
    Ok(Some(State {
        step,
        payload,
        header,
    }))
}

fn forget_time(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|name, _| !name.contains("seconds") && name != "spent");
            fields.values_mut().for_each(forget_time);
        }
        Value::Array(entries) => entries.iter_mut().for_each(forget_time),
        _ => {}
    }
}
