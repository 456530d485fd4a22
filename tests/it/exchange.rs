//! A network that leaves numgrad gives the same outputs elsewhere, and comes back with the same bits.
use crate::command::{numgrad, succeeds, workspace};
use numgrad_core::{Precision, Real, Trace};
use numgrad_train::checkpoint::{Checkpoint, load};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Trains a little on a file of the project, and says where the run is.
pub(crate) fn trained(folder: &Path, name: &str, words: &str) -> PathBuf {
    succeeds(folder, &format!("train {words} --run {name} --quiet"));
    folder.join(name)
}

pub(crate) fn iris() -> String {
    workspace().join("datasets/iris.csv").display().to_string()
}

/// Raw inputs that f32 holds exactly: a width's worth of quarters a line.
fn inputs(width: usize) -> Vec<Vec<f64>> {
    let entry = |k: usize| ((k * 37 + 11) % 29) as f64 / 4.0;
    (0..12)
        .map(|b| (0..width).map(|j| entry(b * width + j)).collect())
        .collect()
}

/// What the run's own forward pass makes of raw inputs.
fn outputs(checkpoint: &Checkpoint, inputs: &[Vec<f64>]) -> Vec<Vec<f64>> {
    fn of<T: Real>(checkpoint: &Checkpoint, inputs: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let network = checkpoint
            .header
            .configuration
            .architecture
            .build::<T>()
            .unwrap();
        let theta = checkpoint.payload.theta.get::<T>().unwrap();
        let (offsets, factors) = {
            let scaler = &checkpoint.header.scaler;
            (scaler.offsets().to_vec(), scaler.factors().to_vec())
        };
        let scaled = |(j, &x): (usize, &f64)| {
            let (offset, factor) = (
                offsets.get(j).unwrap_or(&0.0),
                factors.get(j).unwrap_or(&1.0),
            );
            T::of((x - offset) * factor)
        };
        let sample = |x: &Vec<f64>| {
            let x: Vec<T> = x.iter().enumerate().map(scaled).collect();
            let mut trace = Trace::new();
            network.forward(&theta, &x, &mut trace).unwrap();
            let outputs = trace.output(&network, 0).iter();
            let scale = checkpoint.header.target_scale;
            outputs.map(|y| scale.value(y.as_f64())).collect()
        };
        inputs.iter().map(sample).collect()
    }
    match checkpoint.header.configuration.precision {
        Precision::F32 => of::<f32>(checkpoint, inputs),
        Precision::F64 => of::<f64>(checkpoint, inputs),
    }
}

/// A Python that may have the libraries: named by the environment, or the system's.
fn python() -> String {
    std::env::var("NUMGRAD_TEST_PYTHON").unwrap_or_else(|_| "python3".to_owned())
}

/// What a library computes, or none where it is not installed.
#[expect(clippy::print_stderr, reason = "what is skipped is said")]
fn elsewhere(arguments: &[&str]) -> Option<Vec<Vec<f64>>> {
    let script = workspace().join("tests/exchange/outputs.py");
    let ran = Command::new(python()).arg(script).args(arguments).output();
    let ran = match ran {
        Ok(ran) if ran.status.code() != Some(77) => ran,
        Ok(ran) => {
            eprintln!(
                "skipped {}: {}",
                arguments[0],
                String::from_utf8_lossy(&ran.stderr)
            );
            return None;
        }
        Err(error) => {
            eprintln!("skipped {}: {}: {error}", arguments[0], python());
            return None;
        }
    };
    assert!(
        ran.status.success(),
        "{}",
        String::from_utf8_lossy(&ran.stderr)
    );
    let text = String::from_utf8(ran.stdout).unwrap();
    let row = |line: &str| line.split(' ').map(|y| y.parse().unwrap()).collect();
    Some(text.lines().map(row).collect())
}

/// Exports a run in a format and compares what a library makes of it with the run itself.
fn agree(run: &Path, kind: &str, file: &str, flags: &str, tolerance: f64) {
    let folder = run.parent().unwrap();
    let checkpoint = load(run).unwrap().checkpoint;
    let architecture = &checkpoint.header.configuration.architecture;
    let x = inputs(architecture.widths[0]);
    let expected = outputs(&checkpoint, &x);
    let mut text = String::new();
    for row in &x {
        let row: Vec<String> = row.iter().map(ToString::to_string).collect();
        writeln!(text, "{}", row.join(" ")).unwrap();
    }
    fs::write(folder.join("inputs.txt"), text).unwrap();
    let words = format!("export {} --output {file} {flags} --json", run.display());
    assert_eq!(succeeds(folder, &words).json()[0]["file"], file);
    let hidden = architecture
        .hidden
        .first()
        .map_or("identity".to_owned(), ToString::to_string);
    let output = architecture.output.to_string();
    let (model, inputs) = (folder.join(file), folder.join("inputs.txt"));
    let (model, inputs) = (model.to_str().unwrap(), inputs.to_str().unwrap());
    let Some(found) = elsewhere(&[kind, model, inputs, &hidden, &output]) else {
        return;
    };
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().flatten().zip(expected.iter().flatten()) {
        let error = (found - expected).abs() / expected.abs().max(1.0);
        assert!(error <= tolerance, "{kind} {file}: {found} for {expected}");
    }
}

/// Every activation of the network's, with softmax and without, scaled inputs, and scaled targets.
const NETWORKS: [(&str, &str); 10] = [
    ("relu", "--layers 4,6,5,3 --activation relu"),
    (
        "sigmoid",
        "--layers 4,5,3 --activation sigmoid --scaling unit",
    ),
    (
        "tanh",
        "--layers 4,5,3 --activation tanh --output sigmoid --loss sse",
    ),
    (
        "leaky",
        "--layers 4,5,3 --activation leaky-relu --scaling none",
    ),
    ("softplus", "--layers 4,5,3 --activation softplus"),
    (
        "gelu",
        "--layers 4,5,3 --activation gelu --output softplus --loss sse",
    ),
    ("step", "--layers 4,5,3 --activation step --step 0.5"),
    ("linear", "--layers 4,3"),
    ("values", "--target petal_length --layers 4,5,1"),
    (
        "unit-values",
        "--target petal_length --layers 4,5,1 --output sigmoid --target-scaling unit",
    ),
];

fn each_network(mut test: impl FnMut(&Path, f64)) {
    let folder = tempfile::tempdir().unwrap();
    for (precision, tolerance) in [("f64", 1e-12), ("f32", 1e-6)] {
        for (name, words) in NETWORKS {
            let words = format!(
                "--data {} --epochs 2 --precision {precision} {words}",
                iris()
            );
            test(
                &trained(folder.path(), &format!("{name}-{precision}"), &words),
                tolerance,
            );
        }
    }
}

#[test]
fn onnxruntime_gives_the_same_outputs() {
    each_network(|run, tolerance| agree(run, "onnxruntime", "model.onnx", "", tolerance));
}

#[test]
fn numpy_gives_the_same_outputs_of_an_npz_file() {
    each_network(|run, tolerance| agree(run, "numpy", "model.npz", "", tolerance));
}

#[test]
fn safetensors_gives_the_same_outputs() {
    each_network(|run, tolerance| agree(run, "safetensors", "model.safetensors", "", tolerance));
}

#[test]
fn torch_loads_the_layers_as_a_sequential() {
    each_network(|run, tolerance| {
        let architecture = load(run)
            .unwrap()
            .checkpoint
            .header
            .configuration
            .architecture;
        let hidden = architecture.hidden.first().map(ToString::to_string);
        // What a sigmoid gives is no value before it is scaled.
        let is_whole = !run.ends_with("unit-values-f64") && !run.ends_with("unit-values-f32");
        if is_whole
            && matches!(
                hidden.as_deref(),
                None | Some("relu" | "tanh" | "sigmoid" | "softplus")
            )
        {
            // The scaling in the first layer is rounded with it.
            let flags = "--fold-scaling";
            agree(run, "torch", "model.safetensors", flags, 10.0 * tolerance);
        }
    });
}

#[test]
fn json_holds_every_number_of_the_network() {
    let folder = tempfile::tempdir().unwrap();
    let words = format!("--data {} --layers 4,2,3 --epochs 1", iris());
    let run = trained(folder.path(), "run", &words);
    succeeds(folder.path(), "export run --output model.json");
    let text = fs::read_to_string(folder.path().join("model.json")).unwrap();
    let found: serde_json::Value = serde_json::from_str(&text).unwrap();
    let checkpoint = load(&run).unwrap().checkpoint;
    let theta = checkpoint.payload.theta.get::<f64>().unwrap();
    let network = checkpoint
        .header
        .configuration
        .architecture
        .build::<f64>()
        .unwrap();
    for (l, layer) in found["layers"].as_array().unwrap().iter().enumerate() {
        let (w, b) = (network.weights(&theta, l), network.biases(&theta, l));
        for i in 0..network.width(l) {
            assert_eq!(layer["bias"][i].as_f64(), Some(b[i]));
            for j in 0..network.fan_in(l) {
                assert_eq!(layer["weight"][i][j].as_f64(), Some(w[(i, j)]));
            }
        }
    }
    assert_eq!(found["layers"][0]["activation"], "relu");
    assert_eq!(
        found["input_scaling"]["offset"].as_array().unwrap().len(),
        4
    );
}

#[test]
fn an_imported_network_has_the_bits_of_the_exported_one_and_trains_on() {
    let folder = tempfile::tempdir().unwrap();
    for (precision, target, file) in [
        ("f64", "", "a.safetensors"),
        ("f64", "", "b.npz"),
        ("f32", "", "c.safetensors"),
        ("f64", "--target petal_length", "d.npz"),
        ("f32", "--target petal_length", "e.safetensors"),
    ] {
        let name = format!("run-{file}");
        let data = format!("--data {} {target}", iris());
        let words = format!("{data} --epochs 3 --activation tanh --precision {precision}");
        let run = trained(folder.path(), &name, &words);
        succeeds(folder.path(), &format!("export {name} --output {file}"));
        let words = format!("import {file} {data} --run back-{file}");
        succeeds(folder.path(), &words);
        let back = folder.path().join(format!("back-{file}"));
        let theta = |run: &Path| load(run).unwrap().checkpoint.payload.theta;
        assert_eq!(theta(&back), theta(&run), "{file}");
        let loss = |run: &str| {
            let ran = succeeds(folder.path(), &format!("evaluate {run} --json"));
            ran.json()[0]["loss"].as_f64().unwrap()
        };
        let before = loss(&name);
        assert_eq!(loss(&format!("back-{file}")).to_bits(), before.to_bits());
        let on = format!("train --resume back-{file} --epochs 20 --quiet");
        succeeds(folder.path(), &on);
        assert!(loss(&format!("back-{file}")) < before);
    }
}

/// The scaling of the file's network is translated into the one of the data it is given.
#[test]
fn an_imported_network_is_the_same_function_of_raw_inputs_whatever_the_scaling() {
    let folder = tempfile::tempdir().unwrap();
    let data = format!("--data {}", iris());
    let run = trained(folder.path(), "run", &format!("{data} --epochs 3"));
    let x = inputs(4);
    let expected = outputs(&load(&run).unwrap().checkpoint, &x);
    succeeds(folder.path(), "export run --output model.safetensors");
    succeeds(
        folder.path(),
        "export run --output folded.npz --fold-scaling",
    );
    for (file, scaling) in [
        ("model.safetensors", "none"),
        ("model.safetensors", "unit"),
        ("folded.npz", "none"),
        ("folded.npz", "standard"),
    ] {
        let name = format!("{file}-{scaling}");
        let words = format!("import {file} {data} --seed 7 --scaling {scaling} --run {name}");
        succeeds(folder.path(), &words);
        let found = outputs(&load(&folder.path().join(&name)).unwrap().checkpoint, &x);
        for (found, expected) in found.iter().flatten().zip(expected.iter().flatten()) {
            assert!(
                (found - expected).abs() < 1e-12,
                "{name}: {found} for {expected}"
            );
        }
    }
}

/// The same for targets: what is predicted is in their own units, whatever they were scaled by.
#[test]
fn an_imported_network_predicts_the_same_values_whatever_the_scaling_of_targets() {
    let folder = tempfile::tempdir().unwrap();
    let data = format!("--data {} --target petal_length", iris());
    let run = trained(folder.path(), "run", &format!("{data} --epochs 3"));
    let x = inputs(4);
    let expected = outputs(&load(&run).unwrap().checkpoint, &x);
    succeeds(folder.path(), "export run --output model.npz");
    succeeds(
        folder.path(),
        "export run --output folded.npz --fold-scaling",
    );
    for (file, scaling) in [
        ("model.npz", "none"),
        ("model.npz", "unit"),
        ("folded.npz", "none"),
        ("folded.npz", "standard"),
    ] {
        let name = format!("{file}-{scaling}");
        let words = format!("import {file} {data} --target-scaling {scaling} --run {name}");
        succeeds(folder.path(), &words);
        let found = outputs(&load(&folder.path().join(&name)).unwrap().checkpoint, &x);
        for (found, expected) in found.iter().flatten().zip(expected.iter().flatten()) {
            assert!(
                (found - expected).abs() < 1e-11,
                "{name}: {found} for {expected}"
            );
        }
    }
    let run = format!("{data} --epochs 1 --output sigmoid --target-scaling unit");
    trained(folder.path(), "bent", &run);
    succeeds(folder.path(), "export bent --output bent.npz");
    let words = format!("import bent.npz {data} --target-scaling none --run other");
    let ran = numgrad(folder.path(), &words);
    assert_eq!(ran.status, 65, "{}", ran.stderr);
    assert!(
        ran.stderr.contains("sigmoid cannot take in"),
        "{}",
        ran.stderr
    );
}
