//! The parts of a checkpoint and of its folder, each for itself.
use crate::fixture::sample;
use crate::folder::names;
use numgrad_core::{Precision, Real};
use numgrad_train::checkpoint::{
    Checkpoint, CheckpointError, Fault, Numbers, RunDirectory, load, write_once,
};
use numgrad_train::dataset::{Column, Columns, Missing, Role, TargetScale};
use std::fs;

/// A checkpoint after some epochs.
fn after(epochs: u64) -> Checkpoint {
    let mut checkpoint = sample(1);
    let record = checkpoint.payload.history[0].clone();
    checkpoint.header.epoch = epochs;
    checkpoint.payload.progress.epoch = epochs;
    checkpoint.payload.history = (1..=epochs)
        .map(|epoch| {
            let mut record = record.clone();
            record.epoch = epoch;
            record
        })
        .collect();
    checkpoint
}

/// The fault of a checkpoint with one byte changed and its checksum made right.
fn fault_with(at: usize, byte: u8) -> Fault {
    let mut bytes = sample(1).to_bytes().unwrap();
    bytes[at] = byte;
    let end = bytes.len() - 32;
    let checksum = blake3::hash(&bytes[..end]);
    bytes[end..].copy_from_slice(checksum.as_bytes());
    Checkpoint::from_bytes(&bytes).unwrap_err()
}

#[test]
fn another_codec_unknown_flags_and_formats_are_refused_by_their_numbers() {
    assert_eq!(fault_with(12, 2), Fault::Codec { codec: 2, flags: 0 });
    assert_eq!(fault_with(14, 1), Fault::Codec { codec: 1, flags: 1 });
    for (format, newest) in [(0, 2), (3, 2)] {
        let version = Fault::Version {
            found: format,
            newest,
        };
        assert_eq!(fault_with(8, format as u8), version);
    }
}

#[test]
fn what_follows_the_end_of_a_payload_is_counted() {
    let mut bytes = sample(1).to_bytes().unwrap();
    let end = bytes.len() - 32;
    bytes.truncate(end);
    bytes.extend([0; 5]);
    let length = u64::from_le_bytes(bytes[24..32].try_into().unwrap()) + 5;
    bytes[24..32].copy_from_slice(&length.to_le_bytes());
    let checksum = blake3::hash(&bytes);
    bytes.extend(checksum.as_bytes());
    let fault = Checkpoint::from_bytes(&bytes).unwrap_err().to_string();
    assert!(fault.contains("5 bytes follow"), "{fault}");
}

/// 161,596 parameters: more than are read in one piece.
#[test]
fn a_vector_of_several_pieces_is_read_as_it_was_written() {
    let mut large = sample(1);
    large.header.configuration.architecture.widths = vec![2, 400, 398, 2];
    let parameters: u32 = 2 * 400 + 400 + 400 * 398 + 398 + 398 * 2 + 2;
    let hidden = large.header.configuration.architecture.hidden[0];
    large.header.configuration.architecture.hidden = vec![hidden; 2];
    large.header.parameters = parameters.into();
    let vector = |first: f64| {
        let entries = (0..parameters).map(|k| first + f64::from(k));
        Numbers::F64(entries.collect())
    };
    large.payload.theta = vector(0.5);
    large.payload.memories = vec![vector(1.0), vector(2.0)];
    large.payload.kept = None;
    let folder = tempfile::tempdir().unwrap();
    let mut run = RunDirectory::create(folder.path()).unwrap();
    run.save(&large).unwrap();
    assert_eq!(load(folder.path()).unwrap().checkpoint, large);
}

#[test]
fn the_newest_epochs_and_the_best_one_stay() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = RunDirectory::create(folder.path()).unwrap();
    fs::write(folder.path().join("epoch-notes.ckpt"), "a user's own").unwrap();
    for epoch in 9..=12 {
        run.keep(&after(epoch), 2, epoch == 10).unwrap();
    }
    let expected = [
        "best.ckpt",
        "epoch-000011.ckpt",
        "epoch-000012.ckpt",
        "epoch-notes.ckpt",
        "run.lock",
    ];
    assert_eq!(names(folder.path()), expected);
    let read = |name: &str| load(&folder.path().join(name)).unwrap().checkpoint;
    assert_eq!(read("best.ckpt"), after(10));
    assert_eq!(read("epoch-000012.ckpt"), after(12));
    // A run that was begun with more epochs to keep than are there keeps them all.
    run.keep(&after(13), 9, false).unwrap();
    assert_eq!(names(folder.path()).len(), 6);
    let mut bad = after(14);
    bad.header.parameters = 13;
    assert_eq!(run.keep(&bad, 9, false).unwrap_err().exit_code(), 65);
}

#[test]
fn a_run_that_is_opened_again_keeps_its_last_checkpoint_as_the_previous_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    RunDirectory::create(&path)
        .unwrap()
        .save(&sample(1))
        .unwrap();
    RunDirectory::open(&path).unwrap().save(&sample(2)).unwrap();
    assert_eq!(load(&path.join("prev.ckpt")).unwrap().checkpoint, sample(1));
}

/// Only a file system without links is reason to be without a last checkpoint for an instant.
#[test]
fn a_link_that_fails_fails_the_save_and_leaves_what_was_there() {
    let folder = tempfile::tempdir().unwrap();
    let mut run = RunDirectory::create(folder.path()).unwrap();
    run.save(&sample(1)).unwrap();
    let link = format!(".prev.ckpt.{}.2.tmp", std::process::id());
    fs::create_dir(folder.path().join(&link)).unwrap();
    assert_eq!(run.save(&sample(2)).unwrap_err().exit_code(), 74);
    assert_eq!(load(folder.path()).unwrap().checkpoint, sample(1));
    assert_eq!(names(folder.path()), [&*link, "last.ckpt", "run.lock"]);
    run.save(&sample(3)).unwrap();
    assert_eq!(load(folder.path()).unwrap().checkpoint, sample(3));
}

#[test]
fn columns_make_as_many_inputs_as_the_network_has() {
    let number = Column {
        name: Some("width".to_owned()),
        role: Role::Number { fill: None },
    };
    for (columns, fits) in [(1, false), (2, true), (3, false)] {
        let mut checkpoint = sample(1);
        checkpoint.header.columns = Some(Columns {
            columns: vec![number.clone(); columns],
            missing: Missing::Error,
        });
        assert_eq!(checkpoint.to_bytes().is_ok(), fits, "{columns}");
    }
}

#[test]
fn a_file_that_is_written_once_is_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("start.ckpt");
    write_once(&path, b"first").unwrap();
    let again = write_once(&path, b"second");
    assert!(matches!(again, Err(CheckpointError::Exists { .. })));
    assert_eq!(fs::read(&path).unwrap(), b"first");
    assert_eq!(names(folder.path()), ["start.ckpt"]);
    let nowhere = write_once(&folder.path().join("no/start.ckpt"), b"first");
    assert_eq!(nowhere.unwrap_err().exit_code(), 74);
}

#[test]
fn numbers_come_back_in_their_own_precision_and_in_no_other() {
    fn check<T: Real>(other: Precision, vector: &[T]) {
        let numbers = Numbers::of(vector);
        assert_eq!(numbers.precision(), T::PRECISION);
        assert_eq!((numbers.len(), numbers.is_empty()), (3, false));
        assert!(numbers.get::<T>().is_some_and(|found| found == vector));
        let wide = numbers.widened();
        let expected: Vec<f64> = vector.iter().map(|x| x.as_f64()).collect();
        assert_eq!(wide, expected);
        assert_eq!(Numbers::of_wide(wide.clone(), T::PRECISION), numbers);
        assert_eq!(Numbers::of_wide(wide, other).precision(), other);
        assert_eq!(numbers.slice(1..3), Numbers::of(&vector[1..]));
        assert!(Numbers::of::<T>(&[]).is_empty());
    }
    check(Precision::F32, &[0.1_f64, -2.5, 1e300]);
    check(Precision::F64, &[0.1_f32, -2.5, 1e30]);
    assert_eq!(Numbers::F32(vec![0.5]).get::<f64>(), None);
    assert_eq!(Numbers::F64(vec![0.5]).get::<f32>(), None);
    let other = serde_json::from_str::<Numbers>("{\"F64\": 3}").unwrap_err();
    assert!(
        other.to_string().contains("a sequence of numbers"),
        "{other}"
    );
}

#[test]
fn every_error_has_the_exit_status_of_its_kind() {
    let folder = tempfile::tempdir().unwrap();
    let missing = folder.path().join("none");
    assert_eq!(load(&missing).unwrap_err().exit_code(), 66);
    assert_eq!(load(folder.path()).unwrap_err().exit_code(), 66);
    let noise = folder.path().join("noise.ckpt");
    fs::write(&noise, "no checkpoint").unwrap();
    assert_eq!(load(&noise).unwrap_err().exit_code(), 65);
    let under_a_file = RunDirectory::create(&noise.join("run"));
    assert_eq!(under_a_file.unwrap_err().exit_code(), 73);
}

#[test]
fn a_scale_of_the_targets_without_an_inverse_is_refused() {
    for (offset, spread) in [("0.0", "0.0"), ("0.0", "-1.0"), ("0.0", "1e-320")] {
        let mut checkpoint = sample(1);
        let scale = format!("{{\"offset\":{offset},\"spread\":{spread}}}");
        checkpoint.header.target_scale = serde_json::from_str(&scale).unwrap();
        let fault = checkpoint.to_bytes().unwrap_err().to_string();
        assert!(fault.contains("targets"), "{fault}");
    }
    let mut scaled = sample(1);
    scaled.header.target_scale = TargetScale::new(100.0, 0.25).unwrap();
    let read = Checkpoint::from_bytes(&scaled.to_bytes().unwrap()).unwrap();
    assert_eq!(read, scaled);
    assert_eq!(TargetScale::new(0.0, 0.0), None);
}
