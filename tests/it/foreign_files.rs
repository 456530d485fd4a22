//! Files that claim to be networks: read or refused, whatever their bytes.
use crate::command::{numgrad, succeeds, workspace};
use crate::exchange::{iris, trained};
use numgrad_core::OutputKind;
use numgrad_train::checkpoint::load;
use numgrad_train::dataset::{Scaler, TargetScale};
use numgrad_train::exchange::{ForeignNetwork, Format, TrainedNetwork};
use std::fs;

/// A file of one tensor, with its header as given.
fn safetensors(header: &str, numbers: usize) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.as_bytes());
    bytes.resize(bytes.len() + numbers, 0);
    bytes
}

#[test]
fn files_that_are_no_network_are_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let weight = |shape: &str, end: usize| {
        format!(r#"{{"0.weight":{{"dtype":"F32","shape":{shape},"data_offsets":[0,{end}]}}}}"#)
    };
    let huge = "[4611686018427387904,4]";
    let nan = {
        let mut bytes = safetensors(&weight("[3,4]", 48), 48);
        let end = bytes.len();
        bytes[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
        bytes
    };
    let half = r#"{"0.weight":{"dtype":"F16","shape":[3,4],"data_offsets":[0,24]}}"#;
    let other = r#"{"running_mean":{"dtype":"F32","shape":[4],"data_offsets":[0,16]}}"#;
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let cases: [(&str, Vec<u8>, &str); 11] = [
        (
            "text.safetensors",
            b"no tensors at all".to_vec(),
            "safetensors file",
        ),
        ("empty.npz", Vec::new(), "npz file"),
        ("length.safetensors", vec![0xff; 16], "safetensors file"),
        (
            "deep.safetensors",
            safetensors(&deep, 0),
            "safetensors file",
        ),
        (
            "huge.safetensors",
            safetensors(&weight(huge, 48), 48),
            "safetensors file",
        ),
        (
            "short.safetensors",
            safetensors(&weight("[3,4]", 48), 40),
            "safetensors file",
        ),
        (
            "flat.safetensors",
            safetensors(&weight("[12]", 48), 48),
            "outputs × inputs",
        ),
        ("nan.safetensors", nan, "not a finite number"),
        ("half.safetensors", safetensors(half, 24), "F16"),
        ("other.safetensors", safetensors(other, 16), "NAME.weight"),
        ("model.onnx", Vec::new(), "written, not read"),
    ];
    for (name, bytes, says) in cases {
        fs::write(folder.path().join(name), bytes).unwrap();
        let ran = numgrad(folder.path(), &format!("import {name} --run run"));
        assert!(
            [2, 65].contains(&ran.status),
            "{name}: {} {}",
            ran.status,
            ran.stderr
        );
        assert_eq!(ran.stderr.lines().count(), 1, "{name}: {}", ran.stderr);
        assert!(ran.stderr.contains(says), "{name}: {}", ran.stderr);
    }
    let ran = numgrad(folder.path(), "import nowhere.npz");
    assert_eq!(ran.status, 66, "{}", ran.stderr);
    succeeds(folder.path(), "train --epochs 1 --quiet --run run");
    let ran = numgrad(folder.path(), "export run --output model.h5");
    assert_eq!(ran.status, 2, "{}", ran.stderr);
    assert!(ran.stderr.contains("--format"), "{}", ran.stderr);
    let ran = numgrad(folder.path(), "export run --output nowhere/model.onnx");
    assert_eq!(ran.status, 73, "{}", ran.stderr);
}

/// Whatever is cut from a file or changed in it, the answer is a network or an error.
#[test]
fn every_cut_and_every_changed_byte_of_a_network_is_read_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let words = format!("--data {} --layers 4,2,3 --epochs 1", iris());
    let run = trained(folder.path(), "run", &words);
    let network = TrainedNetwork::of(&load(&run).unwrap().checkpoint);
    for format in [Format::Safetensors, Format::Npz] {
        let whole = network.to_bytes(format).unwrap();
        assert!(ForeignNetwork::from_bytes(format, &whole).is_ok());
        for length in 0..whole.len() {
            let cut = ForeignNetwork::from_bytes(format, &whole[..length]);
            assert!(cut.is_err(), "{format}: {length} bytes");
        }
        let mut bytes = whole.clone();
        for at in 0..bytes.len() {
            for value in [0, b'9', 0x7f, 0xff] {
                bytes[at] = value;
                let _ = ForeignNetwork::from_bytes(format, &bytes);
            }
            bytes[at] = whole[at];
        }
    }
}

/// Files as they were written once, and what they say: the present form, and the one in which the text
/// is no array and does not say which samples were held out.
#[test]
fn the_text_about_a_network_in_an_npz_file_stays_what_it_is() {
    const TEXT: &str =
        r#""hidden":["tanh"],"output":"softmax","loss":"cross-entropy","scaling":"standard""#;
    const SPLIT: &str = r#","split":{"seed":0,"test_fraction":0.2,"validation":0.25}}"#;
    let golden = |name: &str| {
        workspace()
            .join("crates/numgrad-train/tests/golden")
            .join(name)
    };
    let read = |name: &str| {
        let network = ForeignNetwork::load(&golden(name)).unwrap();
        let description = network.description().unwrap();
        assert_eq!(network.widths(), [1, 1, 2], "{name}");
        let said = serde_json::to_string(description).unwrap();
        let theta = network.theta(
            &Scaler::identity(),
            TargetScale::IDENTITY,
            OutputKind::Softmax,
        );
        (theta.unwrap(), said)
    };
    let (theta, said) = read("network.npz");
    assert_eq!(said, format!(r#"{{"numgrad":"0.1.0",{TEXT}{SPLIT}"#));
    let (theta_before, said_before) = read("network-before.npz");
    assert_eq!(said_before, format!(r#"{{"numgrad":"0.1.0",{TEXT}}}"#));
    assert_eq!(theta, theta_before);

    let folder = tempfile::tempdir().unwrap();
    let rows: Vec<String> = (0..10).map(|k| format!("{k},{}\n", k % 2)).collect();
    fs::write(
        folder.path().join("two.csv"),
        format!("x,kind\n{}", rows.concat()),
    )
    .unwrap();
    let file = golden("network.npz");
    let import = format!("import {} --data two.csv --run run", file.display());
    succeeds(folder.path(), &import);
    succeeds(folder.path(), "export run --output again.npz");
    let (file, again) = (
        fs::read(file).unwrap(),
        fs::read(folder.path().join("again.npz")).unwrap(),
    );
    let text = format!(
        r#"{{"numgrad":"{}",{TEXT}{SPLIT}"#,
        env!("CARGO_PKG_VERSION")
    );
    let holds =
        |file: &[u8], text: &str| file.windows(text.len()).any(|part| part == text.as_bytes());
    assert!(holds(&again, &text));
    // Another version has another text, and checksum.
    if holds(&file, &text) {
        assert!(file == again, "the bytes are others");
    }
}
