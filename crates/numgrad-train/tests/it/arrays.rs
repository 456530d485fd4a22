//! NPY and NPZ files are read as NumPy wrote them, in memory or left in their file, and nothing that
//! their headers claim is believed before it is seen.
use numgrad_loss::Targets;
use numgrad_train::Prepared;
use numgrad_train::dataset::{DataSource, Dataset, Labels, LoadOptions, Loaded, Scaling};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// An NPY file of version 1 with this header and these numbers.
fn npy(descr: &str, is_fortran: bool, shape: &str, numbers: &[u8]) -> Vec<u8> {
    let order = if is_fortran { "True" } else { "False" };
    let header = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n");
    let mut file = b"\x93NUMPY\x01\x00".to_vec();
    file.extend((header.len() as u16).to_le_bytes());
    file.extend(header.bytes());
    file.extend(numbers);
    file
}

fn doubles(numbers: &[f64]) -> Vec<u8> {
    numbers.iter().flat_map(|x| x.to_le_bytes()).collect()
}

/// x.npy with these bytes, and y.npy with so many targets.
fn files(folder: &Path, x: &[u8], targets: u8) -> (DataSource, LoadOptions) {
    let y: Vec<u8> = (0..targets).map(|k| k % 2).collect();
    let paths = [folder.join("x.npy"), folder.join("y.npy")];
    fs::write(&paths[0], x).unwrap();
    fs::write(&paths[1], npy("|u1", false, &format!("({targets},)"), &y)).unwrap();
    let [x, y] = paths;
    let options = LoadOptions {
        targets: Some(y),
        ..LoadOptions::default()
    };
    (DataSource::Npy(x), options)
}

fn inputs(data: &Dataset) -> Vec<f64> {
    let (mut x, mut targets) = (Vec::new(), Targets::Labels(Vec::new()));
    let all: Vec<usize> = (0..data.samples()).collect();
    data.gather(&all, &mut x, &mut targets).unwrap();
    x
}

#[test]
fn every_kind_of_number_and_both_orders_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let read = |descr: &str, is_fortran, bytes: &[u8]| {
        let (source, mut options) =
            files(folder.path(), &npy(descr, is_fortran, "(2, 2)", bytes), 2);
        let held = inputs(&source.load(&options).unwrap().train);
        options.held_bytes = 0;
        if !is_fortran {
            assert_eq!(
                inputs(&source.load(&options).unwrap().train),
                held,
                "{descr}"
            );
        }
        held
    };
    let little = |size: usize| -> Vec<u8> {
        [1_i64, -2, 3, 100]
            .iter()
            .flat_map(|x| x.to_le_bytes()[..size].to_vec())
            .collect()
    };
    let big = |size: usize| -> Vec<u8> {
        [1_i64, -2, 3, 100]
            .iter()
            .flat_map(|x| x.to_be_bytes()[8 - size..].to_vec())
            .collect()
    };
    for size in [1, 2, 4, 8] {
        assert_eq!(
            read(&format!("<i{size}"), false, &little(size)),
            [1.0, -2.0, 3.0, 100.0]
        );
        assert_eq!(
            read(&format!(">i{size}"), false, &big(size)),
            [1.0, -2.0, 3.0, 100.0]
        );
    }
    assert_eq!(read("<u2", false, &little(2)), [1.0, 65534.0, 3.0, 100.0]);
    assert_eq!(read("|u1", false, &[0, 51, 102, 255]), [0.0, 0.2, 0.4, 1.0]);
    let floats: Vec<u8> = [0.5_f32, 1.5, 2.5, -3.5]
        .iter()
        .flat_map(|x| x.to_be_bytes())
        .collect();
    assert_eq!(read(">f4", false, &floats), [0.5, 1.5, 2.5, -3.5]);
    let columns = doubles(&[1.0, 3.0, 2.0, 4.0]);
    assert_eq!(read("<f8", true, &columns), [1.0, 2.0, 3.0, 4.0]);
}

#[test]
fn a_table_has_its_target_in_its_last_column_or_the_one_counted() {
    let folder = tempfile::tempdir().unwrap();
    let table = npy(
        "<f8",
        false,
        "(2, 3)",
        &doubles(&[1.0, 2.5, 3.0, 4.0, 5.5, 6.0]),
    );
    let (source, mut options) = files(folder.path(), &table, 2);
    options.targets = None;
    let data = source.load(&options).unwrap().train;
    assert_eq!(inputs(&data), [1.0, 2.5, 4.0, 5.5]);
    assert_eq!(data.labels(), &Labels::Values(vec![3.0, 6.0]));
    options.target = Some("1".to_owned());
    let data = source.load(&options).unwrap().train;
    assert_eq!(inputs(&data), [1.0, 3.0, 4.0, 6.0]);
}

#[test]
fn a_file_that_is_left_where_it_is_trains_as_one_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let numbers: Vec<f64> = (0..120).map(|k| f64::from(k * k % 17) / 3.0).collect();
    let (source, mut options) = files(
        folder.path(),
        &npy("<f8", false, "(40, 3)", &doubles(&numbers)),
        40,
    );
    let mut prepared = || {
        let train = source.load(&options).unwrap().train;
        options.held_bytes = 0;
        let loaded = Loaded { train, test: None };
        Prepared::new(loaded, Scaling::Standard, 0.25, 3).unwrap()
    };
    let (held, left) = (prepared(), prepared());
    assert_eq!(inputs(&held.train), inputs(&left.train));
    assert_eq!(inputs(&held.test), inputs(&left.test));
    assert_eq!(
        held.train.fingerprint().unwrap(),
        left.train.fingerprint().unwrap()
    );
    assert_ne!(
        held.train.fingerprint().unwrap(),
        left.test.fingerprint().unwrap()
    );
}

fn refused(x: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut said = Vec::new();
    let (source, mut options) = files(folder.path(), x, 2);
    for held in [1 << 20, 0] {
        options.held_bytes = held;
        let read = source.load(&options).and_then(|loaded| {
            let (mut x, mut targets) = (Vec::<f64>::new(), Targets::Labels(Vec::new()));
            loaded.train.gather(&[0, 1], &mut x, &mut targets)
        });
        let error = read.unwrap_err();
        assert_eq!(error.exit_code(), 65, "{error}");
        said.push(error.to_string());
    }
    said.join(" | ")
}

#[test]
fn what_a_header_claims_is_not_believed() {
    let four = doubles(&[1.0, 2.0, 3.0, 4.0]);
    let deep = "(".repeat(5000) + &")".repeat(5000);
    let huge = u64::MAX.to_string();
    for (file, says) in [
        (b"text".to_vec(), "ends within its header"),
        (b"no magic number".to_vec(), "is no NPY file"),
        (
            npy("<f8", false, "(2, 3)", &four),
            "ends after 32 of the 48 bytes",
        ),
        (npy("<f8", false, "(2, 1)", &four), "16 bytes follow"),
        (npy("<f8", false, "(0, 4)", &[]), "nothing in it"),
        (
            npy("<f8", false, "(3, 1)", &four[..24]),
            "2 targets for the 3 samples",
        ),
        (
            npy("<f8", false, &format!("({huge}, 8)"), &four),
            "header that is not read|past counting",
        ),
        (
            npy("<f8", false, &format!("(0, {huge})"), &[]),
            "past counting",
        ),
        (npy("<f8", false, &deep, &four), "header that is not read"),
        (npy("|O", false, "(2, 2)", &four), "holds '|O'"),
        (npy("<f2", false, "(4, 4)", &four), "holds '<f2'"),
        (
            npy("<f8", false, "(2, -2)", &four),
            "header that is not read",
        ),
        (
            npy("<f8", false, "(2, 2)", &doubles(&[1.0, f64::NAN, 3.0, 4.0])),
            "row 0, column 1",
        ),
        (
            npy("<f8", false, "(2, 2)", &doubles(&[1.0, 2.0, 1e200, 4.0])),
            "too large",
        ),
        (
            b"\x93NUMPY\x02\x00\xff\xff\xff\xff".to_vec(),
            "header of 4294967295 bytes",
        ),
        (b"\x93NUMPY\x09\x00\x00\x00".to_vec(), "NPY version 9"),
    ] {
        let said = refused(&file);
        assert!(
            says.split('|').any(|says| said.contains(says)),
            "{says}: {said}"
        );
    }
}

/// A zip archive of arrays, packed or as they are.
fn npz(path: &PathBuf, arrays: &[(&str, Vec<u8>)], is_packed: bool) {
    let mut file = Vec::new();
    let mut archive = rawzip::ZipArchiveWriter::new(&mut file);
    for (name, bytes) in arrays {
        let name = format!("{name}.npy");
        let method = if is_packed {
            rawzip::CompressionMethod::DEFLATE
        } else {
            rawzip::CompressionMethod::STORE
        };
        let entry = archive.new_file(&name).compression_method(method);
        let (mut entry, configuration) = entry.start().unwrap();
        let descriptor = if is_packed {
            let packer =
                flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::best());
            let mut writer = configuration.wrap(packer);
            writer.write_all(bytes).unwrap();
            let (packer, descriptor) = writer.finish().unwrap();
            packer.finish().unwrap();
            descriptor
        } else {
            let mut writer = configuration.wrap(&mut entry);
            writer.write_all(bytes).unwrap();
            writer.finish().unwrap().1
        };
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    fs::write(path, file).unwrap();
}

#[test]
fn archives_of_arrays_are_read_packed_or_not_by_the_names_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.npz");
    let x = npy("<f8", false, "(2, 2)", &doubles(&[1.0, 2.0, 3.0, 4.0]));
    let y = npy("|u1", false, "(2,)", &[0, 1]);
    for is_packed in [true, false] {
        for held_bytes in [1 << 20, 0] {
            let mut options = LoadOptions {
                held_bytes,
                ..LoadOptions::default()
            };
            let parts = ["x_train", "y_train", "x_test", "y_test"];
            let arrays = parts.map(|name| {
                (
                    name,
                    if name.starts_with('x') {
                        x.clone()
                    } else {
                        y.clone()
                    },
                )
            });
            npz(&path, &arrays, is_packed);
            let loaded = DataSource::Npz(path.clone()).load(&options).unwrap();
            assert_eq!(inputs(&loaded.train), [1.0, 2.0, 3.0, 4.0]);
            assert_eq!(loaded.test.unwrap().classes(), Some(2));
            npz(&path, &[("a", x.clone()), ("b", y.clone())], is_packed);
            let error = DataSource::Npz(path.clone()).load(&options).unwrap_err();
            assert!(error.to_string().contains("--arrays X,Y"), "{error}");
            options.arrays = Some("a,b".to_owned());
            let loaded = DataSource::Npz(path.clone()).load(&options).unwrap();
            assert_eq!(inputs(&loaded.train), [1.0, 2.0, 3.0, 4.0]);
        }
    }
}

#[test]
fn a_damaged_archive_and_one_past_the_limit_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.npz");
    let x = npy("<f8", false, "(2, 20000)", &doubles(&vec![0.0; 40_000]));
    let y = npy("|u1", false, "(2,)", &[0, 1]);
    npz(&path, &[("x", x), ("y", y)], true);
    let mut options = LoadOptions::default();
    let source = DataSource::Npz(path.clone());
    assert!(source.load(&options).is_ok());
    options.max_bytes = 1000;
    let error = source.load(&options).unwrap_err();
    assert!(error.to_string().contains("--max-data-bytes"), "{error}");
    options.max_bytes = 1 << 30;
    let whole = fs::read(&path).unwrap();
    let mut refused = 0;
    // Every third byte: each of them is a file written and read twice.
    for at in (0..whole.len()).step_by(3) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x55;
        fs::write(&path, bytes).unwrap();
        refused += usize::from(source.load(&options).is_err());
        fs::write(&path, &whole[..at]).unwrap();
        assert!(source.load(&options).is_err(), "{at} bytes");
    }
    assert!(refused > whole.len() / 6, "{refused} of {}", whole.len());
}
