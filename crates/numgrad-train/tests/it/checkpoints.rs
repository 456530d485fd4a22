//! A run's folder always holds a checkpoint that can be read, and nothing else is taken for one.
use crate::fixture::{of_format_1, sample};
use crate::folder::names;
use numgrad_train::checkpoint::{Checkpoint, CheckpointError, Kept, Numbers, RunDirectory, load};
use std::fs;
use std::path::Path;

/// The bytes of `sample(1)` as format 2 was first written. They may never change.
const GOLDEN: &[u8] = include_bytes!("../golden/format-2.ckpt");

/// The same of format 1, which is read and written no more.
const GOLDEN_1: &[u8] = include_bytes!("../golden/format-1.ckpt");

fn damage(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).unwrap();
}

/// A checkpoint's bytes with some replaced by as many others, and its checksum made right.
fn forged(from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut bytes = GOLDEN.to_vec();
    let places: Vec<usize> = (0..bytes.len() - from.len())
        .filter(|&at| bytes[at..].starts_with(from))
        .collect();
    assert_eq!((places.len(), from.len()), (1, to.len()), "{places:?}");
    bytes[places[0]..places[0] + to.len()].copy_from_slice(to);
    let end = bytes.len() - 32;
    let checksum = blake3::hash(&bytes[..end]);
    bytes[end..].copy_from_slice(checksum.as_bytes());
    bytes
}

fn is_refused(bytes: &[u8], says: &str) {
    let fault = Checkpoint::from_bytes(bytes).unwrap_err().to_string();
    assert!(fault.contains(says), "{fault}");
}

#[test]
fn a_checkpoint_of_format_1_is_read_for_ever() {
    let read = Checkpoint::from_bytes(GOLDEN_1).unwrap();
    assert_eq!(read, of_format_1(1));
    // What is written from it is read as the same, in today's format.
    let bytes = read.to_bytes().unwrap();
    assert_eq!(Checkpoint::from_bytes(&bytes).unwrap(), read);
}

#[test]
fn a_checkpoint_of_format_2_is_read_and_written_with_the_same_bytes_for_ever() {
    if std::env::var_os("NUMGRAD_WRITE_GOLDEN").is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/format-2.ckpt");
        fs::write(path, sample(1).to_bytes().unwrap()).unwrap();
    }
    let read = Checkpoint::from_bytes(GOLDEN).unwrap();
    assert_eq!(read, sample(1));
    assert_eq!(read.to_bytes().unwrap(), GOLDEN);
}

#[test]
fn every_flipped_bit_every_cut_and_every_extension_is_noticed() {
    let mut bytes = GOLDEN.to_vec();
    for bit in 0..8 * bytes.len() {
        bytes[bit / 8] ^= 1 << (bit % 8);
        assert!(Checkpoint::from_bytes(&bytes).is_err(), "bit {bit}");
        bytes[bit / 8] ^= 1 << (bit % 8);
    }
    for length in 0..bytes.len() {
        let cut = Checkpoint::from_bytes(&bytes[..length]);
        assert!(cut.is_err(), "{length} bytes");
    }
    for _ in 0..4096 {
        bytes.push(0);
        assert!(Checkpoint::from_bytes(&bytes).is_err());
    }
}

#[test]
fn parts_that_do_not_fit_are_refused_though_the_checksum_is_right() {
    let number = f64::to_le_bytes;
    for (value, other) in [
        (6.25, f64::NAN),
        (0.515_625, f64::INFINITY),
        (0.765_625, f64::NAN),
    ] {
        let bytes = forged(&number(value), &number(other));
        is_refused(&bytes, "progress holds what is not a finite number");
    }
    // Numbers that stand nowhere but in the record: of the validation, of the time, of a layer.
    for value in [0.812_5, 0.031_25, 0.000_488_281_25] {
        let bytes = forged(&number(value), &number(f64::NAN));
        is_refused(&bytes, "record of epoch 1");
    }
    // θ₁ = −3/8 is found in no other vector.
    let bytes = forged(&number(-0.375), &number(f64::NEG_INFINITY));
    is_refused(&bytes, "theta holds what is not a finite number");
    for (text, other, says) in [
        ("\"parameters\": 12", "\"parameters\": 13", "13 parameters"),
        (
            "    \"optimizer\": \"adam\"",
            "\"optimizer\": \"momentum\"",
            "2 memories for momentum",
        ),
        (
            "0.25,\n      0.5",
            "0.25           ",
            "scaler of other columns",
        ),
        ("\"any\"", "\"\\t \"", "control character"),
        ("[\n        2,\n", "[\n        9,\n", "parameters"),
    ] {
        is_refused(&forged(text.as_bytes(), other.as_bytes()), says);
    }
    let hash = sample(1).header.data;
    let bytes = forged(hash.as_bytes(), "é".repeat(32).as_bytes());
    is_refused(&bytes, "fingerprint");
}

#[test]
fn what_could_not_be_read_again_is_not_written() {
    let kept = |epoch| {
        Some(Kept {
            epoch,
            theta: Numbers::F64(vec![0.5; 12]),
            is_restored: false,
        })
    };
    let mut best = sample(2);
    best.payload.kept = kept(best.payload.progress.epoch);
    assert!(best.to_bytes().is_ok());
    for epoch in [0, best.payload.progress.epoch + 1] {
        best.payload.kept = kept(epoch);
        let fault = best.to_bytes().unwrap_err().to_string();
        assert!(fault.contains("are kept"), "{fault}");
    }
    let changes: [fn(&mut Checkpoint); 6] = [
        |c| c.header.epoch += 1,
        |c| c.payload.history.truncate(0),
        |c| c.payload.theta = Numbers::F64(vec![f64::NAN; 12]),
        |c| c.payload.theta = Numbers::F64(vec![0.0; 11]),
        |c| c.payload.theta = Numbers::F32(vec![0.0; 12]),
        |c| c.payload.memories.truncate(1),
    ];
    let folder = tempfile::tempdir().unwrap();
    let mut run = RunDirectory::create(folder.path()).unwrap();
    run.save(&sample(1)).unwrap();
    for change in changes {
        let mut checkpoint = sample(2);
        change(&mut checkpoint);
        assert_eq!(run.save(&checkpoint).unwrap_err().exit_code(), 65);
    }
    assert_eq!(load(folder.path()).unwrap().checkpoint, sample(1));
    assert_eq!(names(folder.path()), ["last.ckpt", "run.lock"]);
}

#[test]
fn the_last_checkpoint_and_the_one_before_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs/today/first");
    let mut run = RunDirectory::create(&path).unwrap();
    for batch in 1..4 {
        run.save(&sample(batch)).unwrap();
        assert_eq!(load(&path).unwrap().checkpoint, sample(batch));
    }
    assert_eq!(names(&path), ["last.ckpt", "prev.ckpt", "run.lock"]);
    assert_eq!(load(&path.join("prev.ckpt")).unwrap().checkpoint, sample(2));
    fs::remove_file(path.join("last.ckpt")).unwrap();
    let found = load(&path).unwrap();
    assert_eq!(found.checkpoint, sample(2));
    assert!(matches!(
        found.warning,
        Some(CheckpointError::NotFound { .. })
    ));
}

#[test]
fn a_damaged_checkpoint_never_takes_the_place_of_a_whole_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let mut run = RunDirectory::create(&path).unwrap();
    run.save(&sample(1)).unwrap();
    run.save(&sample(2)).unwrap();
    drop(run);
    damage(&path.join("last.ckpt"));
    let found = load(&path).unwrap();
    assert_eq!(found.checkpoint, sample(1));
    assert!(found.warning.is_some());
    // Had the damaged one become the previous one on the way, a crash then would lose the run.
    let mut run = RunDirectory::open(&path).unwrap();
    run.save(&sample(3)).unwrap();
    assert_eq!(load(&path).unwrap().checkpoint, sample(3));
    assert_eq!(load(&path.join("prev.ckpt")).unwrap().checkpoint, sample(1));
}

#[test]
fn a_folder_is_held_by_one_and_made_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    assert_eq!(RunDirectory::open(&path).unwrap_err().exit_code(), 66);
    let mut run = RunDirectory::create(&path).unwrap();
    assert_eq!(RunDirectory::open(&path).unwrap_err().exit_code(), 75);
    run.save(&sample(1)).unwrap();
    drop(run);
    assert_eq!(RunDirectory::create(&path).unwrap_err().exit_code(), 73);
    fs::write(path.join(".last.ckpt.1.1.tmp"), "half").unwrap();
    fs::write(path.join(".notes.tmp"), "a user's own").unwrap();
    drop(RunDirectory::open(&path).unwrap());
    assert_eq!(names(&path), [".notes.tmp", "last.ckpt", "run.lock"]);
}

#[test]
fn a_save_that_fails_leaves_nothing_behind_and_the_next_one_succeeds() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = RunDirectory::create(folder.path()).unwrap();
    run.save(&sample(1)).unwrap();
    // A folder in the previous checkpoint's place cannot be replaced by a file.
    let obstacle = folder.path().join("prev.ckpt");
    fs::create_dir(&obstacle).unwrap();
    let error = run.save(&sample(2)).unwrap_err();
    assert_eq!(error.exit_code(), 74, "{error}");
    assert_eq!(load(folder.path()).unwrap().checkpoint, sample(1));
    assert_eq!(names(folder.path()), ["last.ckpt", "prev.ckpt", "run.lock"]);
    fs::remove_dir(obstacle).unwrap();
    run.save(&sample(3)).unwrap();
    assert_eq!(load(folder.path()).unwrap().checkpoint, sample(3));
}
