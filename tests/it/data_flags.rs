//! What is said about data files: each flag is read or refused, and advice names flags that there are.
use crate::command::{numgrad, succeeds, workspace};
use std::fs;
use std::path::Path;

/// An NPY file of f8 with this shape.
fn npy(shape: &str, numbers: &[f64]) -> Vec<u8> {
    let header = format!("{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}\n");
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend((header.len() as u16).to_le_bytes());
    file.extend(header.bytes());
    file.extend(numbers.iter().flat_map(|x| x.to_le_bytes()));
    file
}

fn refused(folder: &Path, words: &str, status: i32, says: &[&str]) -> String {
    let ran = numgrad(folder, words);
    assert_eq!(ran.status, status, "{words}: {}", ran.stderr);
    assert_eq!(ran.stderr.lines().count(), 1, "{words}: {}", ran.stderr);
    for part in says {
        assert!(ran.stderr.contains(part), "{words}: {}", ran.stderr);
    }
    ran.stderr
}

/// x.npy with y.npy, nan.npy, and the run `table` of a CSV file.
fn files(folder: &Path) {
    let x: Vec<f64> = (0..80).map(|k| f64::from(k * k % 23)).collect();
    let y: Vec<f64> = (0..40).map(|k| f64::from(k % 2)).collect();
    let mut holes = x.clone();
    holes[5] = f64::NAN;
    fs::write(folder.join("x.npy"), npy("(40, 2)", &x)).unwrap();
    fs::write(folder.join("y.npy"), npy("(40,)", &y)).unwrap();
    fs::write(folder.join("nan.npy"), npy("(40, 2)", &holes)).unwrap();
    let rows: Vec<String> = (0..40)
        .map(|k| format!("{},{},{}\n", k, k * 3 % 7, k % 2))
        .collect();
    fs::write(
        folder.join("table.csv"),
        format!("a,b,class\n{}", rows.concat()),
    )
    .unwrap();
    fs::write(folder.join("x.npz"), "no archive").unwrap();
}

#[test]
fn what_a_source_does_not_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    files(path);
    succeeds(
        path,
        "train --data table.csv --epochs 1 --run table --quiet",
    );
    for (words, says) in [
        (
            "train --data table.csv --targets y.npy",
            "--targets is for an NPY file of inputs alone, but table.csv is a table",
        ),
        (
            "train --data x.npz --targets y.npy",
            "--targets is for an NPY file of inputs alone, but x.npz is an archive",
        ),
        (
            "train --targets y.npy",
            "--targets is for an NPY file of inputs alone",
        ),
        (
            "train --data x.npy --targets y.npy --target 0",
            "give one of them",
        ),
        (
            "train --data x.npy --targets y.npy --missing mean",
            "--missing is for a CSV file, but x.npy is an array of numbers",
        ),
        ("train --data x.npy --arrays a,b", "--arrays is for an NPZ"),
        (
            "train --data x.npy --categorical 1",
            "--categorical is for a CSV file",
        ),
        (
            "train --data x.npz --header yes",
            "--header is for a CSV file",
        ),
        (
            "evaluate table --data table.csv --targets y.npy",
            "--targets is for",
        ),
        (
            "evaluate table --data table.csv --categorical a",
            "--categorical cannot be used: the run keeps its own columns",
        ),
        ("evaluate table --target a", "--target needs --data"),
        (
            "predict table --data table.csv --arrays x,y",
            "--arrays is for an NPZ file",
        ),
    ] {
        refused(path, words, 2, &[says]);
    }
    let words = "train --data nan.npy --targets y.npy --run run";
    refused(
        path,
        words,
        65,
        &["row 2, column 1", "--missing is for tables"],
    );
}

#[test]
fn a_missing_file_is_said_with_the_flag_that_names_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    files(path);
    for (words, flag) in [
        ("train --data none.npy", "--data"),
        ("train --data x.npy --targets none.npy", "--targets"),
        (
            "train --data table.csv --validation none.csv",
            "--validation",
        ),
    ] {
        let file = words.split_whitespace().last().unwrap();
        let says = format!("{file}: no such file: check the path given with {flag}\n");
        refused(path, words, 66, &[&says]);
    }
}

#[test]
fn the_advice_of_predict_and_import_names_no_flag_that_they_lack() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    files(path);
    succeeds(
        path,
        "train --data table.csv --epochs 1 --run table --quiet",
    );
    fs::write(path.join("word.csv"), "a,b\n1,2\n3,four\n").unwrap();
    let said = refused(
        path,
        "predict table --data word.csv",
        65,
        &[
            "word.csv:3:2: 'four' is not a number, as those of column 'b' were when the run was trained",
        ],
    );
    assert!(
        !said.contains("--categorical") && !said.contains("first cell"),
        "{said}"
    );
    succeeds(path, "export table --output two.npz");
    let said = refused(
        path,
        "import two.npz --run back",
        2,
        &["2 inputs", "64", "--data"],
    );
    assert!(!said.contains("--layers"), "{said}");
}

#[test]
fn sizes_have_units_on_the_command_line_and_in_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    files(path);
    let words = "train --data x.npy --targets y.npy --epochs 1 --quiet";
    for size in ["0", "256MiB", "1kb", "2GiB"] {
        succeeds(
            path,
            &format!("{words} --held-bytes {size} --run held-{size}"),
        );
    }
    fs::write(
        path.join("run.toml"),
        "held-bytes = '1KiB'\nmax-data-bytes = 100000\n",
    )
    .unwrap();
    let printed = succeeds(path, "train run.toml --print-config").stdout;
    assert!(printed.contains("\nheld-bytes = \"1KiB\"\n"), "{printed}");
    let wrong = "train --held-bytes 256MX";
    refused(path, wrong, 2, &["'256MX' is no size", "MiB"]);
}

/// Which samples a run held out goes with its network, so that no test is on samples it was trained on.
#[test]
fn an_imported_network_is_tested_on_the_samples_that_its_run_held_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let data = format!("--data {}", workspace().join("datasets/iris.csv").display());
    let words = format!(
        "train {data} --epochs 5 --seed 9 --test-fraction 0.3 --validation 0.2 --run run --quiet"
    );
    succeeds(path, &words);
    let evaluated = succeeds(path, "evaluate run --json").stdout;
    for file in ["model.npz", "model.safetensors"] {
        succeeds(path, &format!("export run --output {file}"));
        let run = format!("back-{file}");
        let ran = succeeds(path, &format!("import {file} {data} --run {run}"));
        assert_eq!(ran.stderr, "", "{file}");
        assert_eq!(
            succeeds(path, &format!("evaluate {run} --json")).stdout,
            evaluated
        );
        let asked = format!("import {file} {data} --seed 4 --test-fraction 0.5 --run other-{file}");
        succeeds(path, &asked);
        let other = succeeds(path, &format!("evaluate other-{file} --json")).json();
        assert_eq!(other[0]["samples"], 75);
    }
}

#[test]
fn samples_of_an_archive_are_predicted_by_the_name_of_their_array() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    files(path);
    let words =
        "train --data x.npy --targets y.npy --epochs 1 --scaling none --layers 2,2 --run run";
    succeeds(path, &format!("{words} --quiet"));
    // The exported weights are arrays as well: two rows of two numbers, and two more.
    succeeds(path, "export run --output all.npz");
    let words = "predict run --data all.npz --arrays 0.weight --held-bytes 0";
    let said = succeeds(path, words).stdout;
    assert_eq!(said.lines().count(), 3, "{said}");
    let words = "predict run --data all.npz --arrays none";
    refused(path, words, 65, &["no array 'none'"]);
}
