//! Data that would spoil a run are refused where they stand.
use numgrad_train::dataset::{
    DataError, DataSource, Dataset, Features, Labels, LoadOptions, Scaler, Scaling,
};
use std::fs;
use std::path::Path;

fn refused(folder: &Path, text: &[u8], options: &LoadOptions) -> String {
    let path = folder.join("data.csv");
    fs::write(&path, text).unwrap();
    let error: DataError = DataSource::Csv(path).load(options).unwrap_err();
    assert_eq!(error.exit_code(), 65, "{error}");
    let message = error.to_string();
    assert!(!message.contains('\n'), "{message}");
    message.split_once("data.csv").unwrap().1.to_owned()
}

#[test]
fn a_limit_as_large_as_can_be_is_no_limit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.csv");
    fs::write(&path, "1,0\n2,1\n").unwrap();
    let options = LoadOptions {
        max_bytes: u64::MAX,
        ..LoadOptions::default()
    };
    assert_eq!(
        DataSource::Csv(path)
            .load(&options)
            .unwrap()
            .train
            .samples(),
        2
    );
}

#[test]
fn numbers_whose_squares_overflow_are_refused_where_they_stand() {
    let folder = tempfile::tempdir().unwrap();
    let message = refused(
        folder.path(),
        b"1,2,0\n3,-1e308,1\n",
        &LoadOptions::default(),
    );
    assert!(message.starts_with(":2:2: '-1e308'"), "{message}");
}

#[test]
fn a_quotation_mark_that_stays_open_is_found_where_it_opens() {
    let folder = tempfile::tempdir().unwrap();
    let message = refused(
        folder.path(),
        b"1,2,0\n3,\"4,1\n5,6,0\n",
        &LoadOptions::default(),
    );
    assert!(
        message.starts_with(":2:2: ") && message.contains("quotation mark"),
        "{message}"
    );
}

#[test]
fn a_word_among_numbers_is_named_where_it_stands_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |text: &[u8]| refused(folder.path(), text, &LoadOptions::default());
    let below_a_header = refused(b"a,b,c\n1,2,0\n3,x,1\n");
    assert!(
        below_a_header.starts_with(":3:2: 'x' is not a number")
            && below_a_header.contains("--categorical 1"),
        "{below_a_header}"
    );
    let first = refused(b"1,x,0\n3,4,1\n");
    assert!(
        first.starts_with(":1:2: 'x' is not a number, though line 2 holds '4'"),
        "{first}"
    );
}

#[test]
fn a_column_that_hardly_varies_scales_to_numbers() {
    for tiny in [5e-324, 1e-310] {
        let labels = Labels::Values(vec![0.0; 2]);
        let mut data = Dataset::new(1, Features::Numbers(vec![0.0, tiny]), labels).unwrap();
        for scaling in [Scaling::Unit, Scaling::Standard] {
            Scaler::fit(scaling, &data).unwrap().apply(&mut data);
            let Features::Numbers(values) = data.features() else {
                panic!("numbers stay numbers")
            };
            assert!(
                values.iter().all(|x| x.is_finite()),
                "{scaling} of {tiny}: {values:?}"
            );
        }
    }
}

#[test]
fn images_are_scaled_too_where_that_is_asked_for() {
    let labels = || Labels::Classes {
        classes: 1,
        labels: vec![0; 3],
    };
    let images = Dataset::new(1, Features::Bytes(vec![0, 51, 102]), labels()).unwrap();
    for (scaling, expected) in [
        (Scaling::Unit, [0.0, 0.5, 1.0]),
        (Scaling::None, [0.0, 0.2, 0.4]),
    ] {
        let mut scaled = images.clone();
        Scaler::fit(scaling, &images).unwrap().apply(&mut scaled);
        let (mut x, mut targets) = (Vec::<f64>::new(), numgrad_loss::Targets::Labels(Vec::new()));
        scaled.gather(&[0, 1, 2], &mut x, &mut targets).unwrap();
        assert_eq!(x, expected, "{scaling}");
    }
}

#[test]
fn a_constant_column_becomes_zero_though_its_mean_is_rounded() {
    let labels = |n| Labels::Values(vec![0.0; n]);
    let train = Dataset::new(1, Features::Numbers(vec![0.1; 3]), labels(3)).unwrap();
    for scaling in [Scaling::Unit, Scaling::Standard] {
        let mut other = Dataset::new(1, Features::Numbers(vec![0.2]), labels(1)).unwrap();
        Scaler::fit(scaling, &train).unwrap().apply(&mut other);
        assert_eq!(other.features(), &Features::Numbers(vec![0.0]), "{scaling}");
    }
}

#[test]
fn lines_are_counted_as_an_editor_does() {
    let folder = tempfile::tempdir().unwrap();
    for (text, place) in [
        ("1,2\n\n\n3,x\n4,5\n", ":4:2: "),
        ("1,2\r\n3,4\r\n3,x\r\n", ":3:2: "),
        ("1,2\r\n\r\n3,4\r\n\r\n3,x\r\n", ":5:2: "),
        ("1,2\r3,4\r5,x\r", ":3:2: "),
        ("a,b\n1,2\n\n3\n", ":4: "),
        ("\n\n1,x\n2,3\n", ":3:2: "),
        ("1,2\n3,x", ":2:2: "),
        ("\u{feff}\"1\",2\n3,x\n", ":2:2: "),
        ("\"a\nb\",c\n1,2\n3,4,5\n", ":4: "),
    ] {
        let message = refused(folder.path(), text.as_bytes(), &LoadOptions::default());
        assert!(message.starts_with(place), "{text:?}{message}");
    }
    // Longer than what is read at a time, so that lines begin where a piece ends.
    let rows: Vec<String> = (0..20_000)
        .map(|k| format!("{k},{}\r\n\n", k % 7))
        .collect();
    let long = rows.concat() + "1,?\n";
    let message = refused(folder.path(), long.as_bytes(), &LoadOptions::default());
    assert!(message.starts_with(":40001:2: "), "{message}");
}

#[test]
fn a_quotation_mark_within_a_field_is_no_opening_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.csv");
    fs::write(&path, "5\" disk,\"a \"\"b\"\"\"\n1,0\n\"2\",1\n").unwrap();
    let loaded = DataSource::Csv(path).load(&LoadOptions::default()).unwrap();
    assert_eq!(loaded.train.features(), &Features::Numbers(vec![1.0, 2.0]));
    let message = refused(folder.path(), b"1,2\n3,\"4", &LoadOptions::default());
    assert!(message.starts_with(":2:2: a quotation mark"), "{message}");
}

#[test]
fn a_line_may_be_as_long_as_the_limit_and_no_longer() {
    let folder = tempfile::tempdir().unwrap();
    let line = |length: usize| {
        let mut text = b"1,0\n1,".to_vec();
        text.resize(text.len() + length - 3, b' ');
        text.extend(b"1\n");
        text
    };
    let limit = 16 << 20;
    let path = folder.path().join("data.csv");
    fs::write(&path, line(limit)).unwrap();
    assert!(DataSource::Csv(path).load(&LoadOptions::default()).is_ok());
    let message = refused(folder.path(), &line(limit + 1), &LoadOptions::default());
    assert!(message.contains("line 2 is longer than"), "{message}");
}

#[test]
fn a_file_may_be_as_long_as_its_limit_and_no_longer() {
    let folder = tempfile::tempdir().unwrap();
    let text = b"1,0\n2,1\n";
    let path = folder.path().join("data.csv");
    let limited = |max_bytes| LoadOptions {
        max_bytes,
        ..LoadOptions::default()
    };
    fs::write(&path, text).unwrap();
    assert!(DataSource::Csv(path).load(&limited(8)).is_ok());
    let message = refused(folder.path(), text, &limited(7));
    assert!(message.contains("more than 7 bytes"), "{message}");
}
