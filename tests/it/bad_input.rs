//! Whatever is wrong with the input: one line that says where, the documented status, no panic,
//! and nothing written.
use crate::command::{Ran, numgrad, succeeds};
use std::fs;
use std::path::Path;

fn fails(folder: &Path, words: &str, status: i32, says: &[&str]) {
    let before = listing(folder);
    let ran: Ran = numgrad(folder, words);
    assert_eq!(ran.status, status, "numgrad {words}: {}", ran.stderr);
    assert_eq!(
        ran.stderr.lines().count(),
        1,
        "numgrad {words}: {}",
        ran.stderr
    );
    assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
    for part in says {
        assert!(ran.stderr.contains(part), "'{part}' in: {}", ran.stderr);
    }
    assert_eq!(ran.stdout, "", "numgrad {words}");
    assert_eq!(listing(folder), before, "numgrad {words} wrote something");
}

fn listing(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

const GOOD: &str = "a,b,class\n1,2,0\n3,4,1\n5,6,0\n7,8,1\n9,1,0\n2,3,1\n";

#[test]
fn bad_csv_files_are_refused_with_their_place() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let cases: [(&str, &[u8], &[&str]); 14] = [
        (
            "short",
            b"a,b,c\n1,2,0\n3,4\n5,6,1\n",
            &["short.csv:3:", "2 columns", "line 1 has 3"],
        ),
        ("long", b"1,2,0\n3,4,1,9\n", &["long.csv:2:", "4 columns"]),
        (
            "letter",
            b"a,b,c\n1,2,0\n3,x,1\n",
            &["letter.csv:3:2:", "'x' is not a number", "--categorical 1"],
        ),
        (
            "word",
            b"1,2,0\n3,four,1\n",
            &["word.csv:2:2:", "'four' is not a number"],
        ),
        (
            "nan",
            b"1,2,0\n3,NaN,1\n",
            &["nan.csv:2:2:", "not a finite number"],
        ),
        (
            "infinite",
            b"1,2,0\n3,1e400,1\n",
            &["infinite.csv:2:2:", "not a finite number"],
        ),
        ("empty", b"", &["empty.csv", "holds no line"]),
        (
            "quote",
            b"1,2,0\n3,\"4,1\n",
            &["quote.csv", "quotation mark"],
        ),
        (
            "binary",
            b"1,2,0\n\xff\xfe,2,1\n",
            &["binary.csv:2:", "UTF-8"],
        ),
        ("narrow", b"1\n2\n3\n", &["narrow.csv", "one column"]),
        ("missing", b"1,,0\n3,4,1\n", &["missing.csv:1:2:"]),
        ("nul", b"1,2\x00,0\n3,4,1\n", &["nul.csv:1:2:"]),
        ("header", b"a,b,c\n", &["header.csv"]),
        (
            "cut",
            b"\x1f\x8b\x08\x00\x00",
            &["cut.csv", "end too early"],
        ),
    ];
    for (name, content, says) in cases {
        fs::write(path.join(format!("{name}.csv")), content).unwrap();
        fails(path, &format!("train --data {name}.csv"), 65, says);
    }
    fails(
        path,
        "train --data nowhere.csv",
        66,
        &["nowhere.csv", "no such file"],
    );
}

#[test]
fn targets_that_do_not_fit_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::write(path.join("good.csv"), GOOD).unwrap();
    fails(
        path,
        "train --data good.csv --target wrong",
        65,
        &["'wrong'", "a, b, class"],
    );
    fs::write(path.join("gap.csv"), "1,0\n2,3\n4,1\n").unwrap();
    let words = "train --data gap.csv --task classification";
    fails(path, words, 65, &["gap.csv", "class"]);
    fs::write(path.join("half.csv"), "1,0\n2,0.5\n4,1\n").unwrap();
    let words = "train --data half.csv --task classification";
    fails(
        path,
        words,
        65,
        &["half.csv:2:2", "0.5", "--task regression"],
    );
    let words =
        "train --data half.csv --loss binary-cross-entropy --output sigmoid --test-fraction 2";
    fails(path, words, 2, &["--test-fraction"]);
}

#[test]
fn bad_idx_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let images = |count: u32, pixels: usize| {
        let mut bytes = vec![0, 0, 8, 3];
        for n in [count, 2, 2] {
            bytes.extend(n.to_be_bytes());
        }
        bytes.extend(vec![7; pixels]);
        bytes
    };
    let labels = |count: u32| {
        let mut bytes = vec![0, 0, 8, 1];
        bytes.extend(count.to_be_bytes());
        bytes.extend((0..count).map(|k| (k % 2) as u8));
        bytes
    };
    fs::write(path.join("labels"), labels(3)).unwrap();
    let mut absurd = images(3, 12);
    absurd[4..16].fill(0xff);
    let mut huge = images(3, 12);
    huge[10..12].fill(0xff);
    huge[14..16].fill(0xff);
    let mut wrong = images(3, 12);
    wrong[2] = 0x0d;
    let cases: [(&str, Vec<u8>, &[&str]); 7] = [
        ("magic", wrong, &["magic", "[00, 00, 08, 03]"]),
        (
            "short",
            images(3, 11),
            &["short", "ends after 11 of the 12"],
        ),
        ("long", images(3, 14), &["long", "2 bytes follow"]),
        ("absurd", absurd, &["absurd", "past counting"]),
        ("huge", huge, &["huge", "--max-data-bytes"]),
        (
            "other",
            images(2, 8),
            &["labels", "3 labels for the 2 images"],
        ),
        ("stub", vec![0, 0, 8, 3, 0], &["stub", "within its header"]),
    ];
    for (name, bytes, says) in cases {
        fs::write(path.join(name), bytes).unwrap();
        fails(path, &format!("train --data {name},labels"), 65, says);
    }
    fails(
        path,
        "train --data mnist:nowhere",
        66,
        &["train-images-idx3-ubyte"],
    );
}

#[test]
fn shapes_and_numbers_that_cannot_be_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    for (words, says) in [
        ("train --step 0", "it must be positive and finite"),
        ("train --step=-1e-4", "it must be positive and finite"),
        ("train --step nan", "it must be positive and finite"),
        ("train --layers 64", "at least the widths"),
        ("train --layers 64,0,10", "no neurons"),
        ("train --layers 63,5,10", "63 inputs, but the data have 64"),
        ("train --layers 64,5,9", "9 outputs, but the data have 10"),
        ("train --layers 64,900000000,10", "more than the limit"),
        ("train --batch-size 0", "it must be at least 1"),
        ("train --learning-rate=-1", "--learning-rate"),
        (
            "train --weight-decay=-1",
            "it must be at least 0 and finite",
        ),
        ("train --activation swish", "unknown activation"),
        ("train --loss wrong", "unknown loss"),
        ("train --init normal:x", "unknown initialiser"),
        ("train --perturb atoms", "unknown perturbation"),
        ("train --data what", "no source of data"),
        ("train --threads 100000", "--threads"),
        ("trian", "trian"),
    ] {
        fails(path, words, 2, &[says]);
    }
}

#[test]
fn what_is_no_checkpoint_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::write(path.join("text.ckpt"), "not a checkpoint").unwrap();
    fails(
        path,
        "inspect text.ckpt",
        65,
        &["text.ckpt", "not a numgrad checkpoint"],
    );
    fails(
        path,
        "evaluate text.ckpt",
        65,
        &["not a numgrad checkpoint"],
    );
    fails(path, "inspect nowhere", 66, &["nowhere"]);
    fails(path, "train --resume nowhere", 66, &["nowhere"]);
    let taken = path.join("taken");
    fs::create_dir(&taken).unwrap();
    fs::write(taken.join("last.ckpt"), "another run").unwrap();
    fails(path, "train --run taken", 73, &["holds a run already"]);
    fs::write(path.join("file"), "a file").unwrap();
    fails(path, "train --run file", 73, &["file"]);
}

/// What a crash left of a run's beginning, and hidden files, are in nobody's way.
#[test]
fn a_folder_with_files_of_somebody_else_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let papers = path.join("papers");
    fs::create_dir(&papers).unwrap();
    fs::write(papers.join("thesis.txt"), "years of work").unwrap();
    fs::write(path.join("start.txt"), "1\n2\n").unwrap();
    let minimize = "minimize --command cat --parameters start.txt --run papers";
    for words in ["train --run papers --tensorboard papers/events", minimize] {
        let says = ["holds what is no run's", "thesis.txt", "such as papers/run"];
        fails(path, words, 73, &says);
        assert_eq!(listing(&papers), ["thesis.txt"], "{words}");
    }
    let train = "train --epochs 1 --layers 64,4,10 --quiet --run";
    for (name, file) in [("empty", ".keep"), ("begun", "run.lock")] {
        fs::create_dir(path.join(name)).unwrap();
        fs::write(path.join(name).join(file), "").unwrap();
        succeeds(path, &format!("{train} {name}"));
    }
    succeeds(path, &format!("{train} events --tensorboard events/of"));
}

#[test]
fn a_run_that_diverges_says_where_and_keeps_the_last_good_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let words = "train --optimizer gd --learning-rate 1e300 --output identity --loss sse --run run";
    let ran = numgrad(folder.path(), words);
    assert_eq!(ran.status, 76, "{}", ran.stderr);
    let last = ran.stderr.lines().last().unwrap();
    assert!(
        last.contains("diverged in epoch 1, batch 2 (step 2)"),
        "{last}"
    );
    assert!(
        last.contains("--learning-rate") && last.contains("checkpoint is in run"),
        "{last}"
    );
    assert_eq!(numgrad(folder.path(), "inspect run").status, 0);
}
