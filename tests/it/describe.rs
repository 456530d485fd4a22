//! `numgrad data describe`: what data hold, on a narrow terminal and as JSON.
use crate::command::{numgrad, succeeds, workspace};
use serde_json::Value;
use std::fs;
use std::path::Path;

pub(crate) fn described(folder: &Path, words: &str) -> Vec<Value> {
    let ran = succeeds(folder, &format!("data describe {words} --json"));
    ran.json()[0]["parts"].as_array().unwrap().clone()
}

pub(crate) fn column<'a>(part: &'a Value, name: &str) -> &'a Value {
    let columns = part["columns"].as_array().unwrap();
    let found = columns.iter().find(|column| column["name"] == name);
    found.unwrap_or_else(|| panic!("{name} in {part}"))
}

#[test]
fn a_table_is_described_with_its_types_ranges_words_and_missing_cells() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let text = "a,b,word,mixed,void,class\n1,0.5,red,1,,0\n2,NA,blue,x,?,1\n3,2.5,red,2,,1\n";
    fs::write(path.join("table.csv"), text).unwrap();
    let part = described(path, "table.csv").remove(0);
    assert_eq!((&part["rows"], &part["width"]), (&3.into(), &6.into()));
    let a = column(&part, "a");
    assert_eq!(a["type"], "whole");
    assert_eq!([&a["least"], &a["mean"], &a["greatest"]], [1.0, 2.0, 3.0]);
    let b = column(&part, "b");
    assert_eq!((&b["type"], &b["missing"]), (&"number".into(), &1.into()));
    assert_eq!([&b["least"], &b["mean"], &b["greatest"]], [0.5, 1.5, 2.5]);
    let word = column(&part, "word");
    assert_eq!(word["type"], "words");
    assert_eq!(
        word["values"],
        serde_json::json!([{"value": "blue", "count": 1}, {"value": "red", "count": 2}])
    );
    assert_eq!(column(&part, "mixed")["type"], "mixed");
    let void = column(&part, "void");
    assert_eq!(
        (&void["type"], &void["missing"]),
        (&"empty".into(), &3.into())
    );
    let class = column(&part, "class");
    assert_eq!(class["target"], true);
    assert_eq!(
        class["values"][1],
        serde_json::json!({"value": "1", "count": 2})
    );
    let other = described(path, "table.csv --target a").remove(0);
    assert_eq!(column(&other, "a")["target"], true);
    let ran = numgrad(path, "data describe table.csv --target zzz");
    assert_eq!(ran.status, 65, "{}", ran.stderr);
    let ran = numgrad(path, "data describe digits --target 1");
    assert_eq!(ran.status, 2, "{}", ran.stderr);
    assert_eq!(numgrad(path, "data describe none.csv").status, 66);
}

#[test]
fn a_description_fits_a_terminal_of_sixty_columns() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    for file in ["wines.csv", "iris.csv", "digits.csv", "diabetes.csv"] {
        let data = workspace().join("datasets").join(file);
        fs::copy(data, path.join(file)).unwrap();
        let text = succeeds(path, &format!("data describe {file}")).stdout;
        for line in text.lines() {
            assert!(line.chars().count() <= 60, "{file}: {line}");
        }
    }
    let wines = succeeds(path, "data describe wines.csv").stdout;
    assert!(wines.contains("240 rows, 7 columns\n"), "{wines}");
    assert!(wines.contains("\nquality* "), "{wines}");
    assert!(wines.contains("3 classes: fine"), "{wines}");
}

/// The counts and means of the files are those that a training reads.
#[test]
fn arrays_and_images_are_described_with_their_classes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let digits = described(path, "digits").remove(0);
    assert_eq!(
        (&digits["rows"], &digits["width"]),
        (&1797.into(), &65.into())
    );
    let counts = column(&digits, "class")["values"].as_array().unwrap();
    let all: u64 = counts
        .iter()
        .map(|one| one["count"].as_u64().unwrap())
        .sum();
    assert_eq!((counts.len(), all), (10, 1797));
    assert_eq!(column(&digits, "pixels")["greatest"], 1.0);
    // A network's own arrays are as good as any.
    succeeds(path, "train --epochs 1 --layers 64,3,10 --run run --quiet");
    succeeds(path, "export run --output arrays.npz");
    let parts = described(path, "arrays.npz");
    let weights = parts
        .iter()
        .find(|part| part["name"] == "0.weight")
        .unwrap();
    assert_eq!(weights["shape"], serde_json::json!([3, 64]));
    assert_eq!(weights["rows"], 3);
    let mut images = vec![0, 0, 8, 3];
    for length in [2_u32, 2, 3] {
        images.extend(length.to_be_bytes());
    }
    images.extend([0, 255, 0, 255, 0, 255, 51, 51, 51, 51, 51, 51]);
    let mut labels = vec![0, 0, 8, 1];
    labels.extend(2_u32.to_be_bytes());
    labels.extend([1, 0]);
    fs::write(path.join("images"), images).unwrap();
    fs::write(path.join("labels"), labels).unwrap();
    let part = described(path, "images,labels").remove(0);
    let pixels = column(&part, "pixels");
    assert_eq!(
        (&pixels["columns"], &pixels["type"]),
        (&6.into(), &"number".into())
    );
    assert!(
        (pixels["mean"].as_f64().unwrap() - 0.35).abs() < 1e-15,
        "{pixels}"
    );
}

#[test]
fn an_array_is_described_where_it_lies_and_its_nans_are_missing_cells() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }\n";
    file.extend((header.len() as u16).to_le_bytes());
    file.extend(header.bytes());
    let numbers: [f32; 6] = [1.5, 0.0, f32::NAN, 1.0, 2.5, 1.0];
    file.extend(numbers.iter().flat_map(|x| x.to_le_bytes()));
    fs::write(path.join("x.npy"), file).unwrap();
    let part = described(path, "x.npy").remove(0);
    let first = column(&part, "0");
    assert_eq!(
        (&first["missing"], &first["mean"]),
        (&1.into(), &2.0.into())
    );
    let target = column(&part, "1");
    assert_eq!(
        (&target["type"], &target["target"]),
        (&"whole".into(), &true.into())
    );
    assert_eq!(
        target["values"][1],
        serde_json::json!({"value": "1", "count": 2})
    );
}
