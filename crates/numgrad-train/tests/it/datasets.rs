//! Data files are read as they say, and split and scaled from the seed.
use numgrad_loss::Targets;
use numgrad_train::Prepared;
use numgrad_train::dataset::{
    DataSource, Dataset, Features, Header, Labels, LoadOptions, Scaler, Scaling, Task, order, split,
};
use std::fs;
use std::io::Write;
use std::path::Path;

fn csv(folder: &Path, text: &str, options: &LoadOptions) -> Dataset {
    let path = folder.join("data.csv");
    fs::write(&path, text).unwrap();
    DataSource::Csv(path).load(options).unwrap().train
}

#[test]
fn a_header_is_one_only_if_no_field_of_it_is_a_number_and_all_else_is() {
    let folder = tempfile::tempdir().unwrap();
    let read = |text: &str, header| {
        let options = LoadOptions {
            header,
            ..LoadOptions::default()
        };
        csv(folder.path(), text, &options).samples()
    };
    assert_eq!(read("a,b\n1,0\n2,1\n", Header::Auto), 2);
    assert_eq!(read("3,0\n1,0\n2,1\n", Header::Auto), 3);
    assert_eq!(read("3,0\n1,0\n2,1\n", Header::Yes), 2);
    assert_eq!(read("\u{feff}a,b\r\n1,0\r\n2,1\r\n", Header::Auto), 2);
}

#[test]
fn a_target_is_the_last_column_or_the_one_named_or_counted() {
    let folder = tempfile::tempdir().unwrap();
    let text = "a,b,c\n1,0,9.5\n2,1,8.5\n3,1,7.5\n";
    let read = |target: Option<&str>| {
        let options = LoadOptions {
            target: target.map(str::to_owned),
            ..LoadOptions::default()
        };
        csv(folder.path(), text, &options)
    };
    let last = read(None);
    assert_eq!(last.labels(), &Labels::Values(vec![9.5, 8.5, 7.5]));
    assert_eq!(
        last.features(),
        &Features::Numbers(vec![1.0, 0.0, 2.0, 1.0, 3.0, 1.0])
    );
    let classes = Labels::Classes {
        classes: 2,
        labels: vec![0, 1, 1],
    };
    assert_eq!(read(Some("b")).labels(), &classes);
    assert_eq!(read(Some("1")).labels(), &classes);
    assert_eq!((last.outputs(), read(Some("b")).outputs()), (1, 2));
}

#[test]
fn integers_are_classes_unless_they_are_said_to_be_values_or_are_too_many() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = LoadOptions::default();
    let rows = |n: u32| {
        let lines: Vec<String> = (0..n).map(|k| format!("{k},{k}")).collect();
        lines.join("\n")
    };
    assert_eq!(
        csv(folder.path(), &rows(100), &options).classes(),
        Some(100)
    );
    assert_eq!(csv(folder.path(), &rows(101), &options).classes(), None);
    options.task = Some(Task::Regression);
    assert_eq!(csv(folder.path(), &rows(3), &options).classes(), None);
}

#[test]
fn packed_files_are_read_like_others_and_a_bomb_is_stopped_at_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.csv.gz");
    let pack = |text: &[u8]| {
        let file = fs::File::create(&path).unwrap();
        let mut packer = flate2::write::GzEncoder::new(file, flate2::Compression::best());
        packer.write_all(text).unwrap();
        packer.finish().unwrap();
    };
    pack(b"1,0\n2,1\n");
    let source = DataSource::Csv(path.clone());
    let mut options = LoadOptions::default();
    assert_eq!(source.load(&options).unwrap().train.samples(), 2);
    pack(&vec![b'1'; 3 << 20]);
    options.max_bytes = 1 << 20;
    let error = source.load(&options).unwrap_err();
    assert_eq!(error.exit_code(), 65);
    assert!(error.to_string().contains("--max-data-bytes"), "{error}");
}

#[test]
fn the_embedded_digits_are_those_of_the_datasets_folder() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../datasets/digits.csv");
    let options = LoadOptions::default();
    let digits = DataSource::Digits.load(&options).unwrap().train;
    assert_eq!(
        (digits.samples(), digits.inputs(), digits.classes()),
        (1797, 64, Some(10))
    );
    // A packaged crate is tested without the workspace around it.
    if path.exists() {
        let file = DataSource::Csv(path).load(&options).unwrap().train;
        assert_eq!(file.labels(), digits.labels());
        let (Features::Numbers(file), Features::Numbers(digits)) =
            (file.features(), digits.features())
        else {
            panic!("both are numbers");
        };
        assert!(
            file.iter()
                .zip(digits)
                .all(|(file, digit)| file / 16.0 == *digit)
        );
    }
}

#[test]
fn scalings_use_the_training_sets_numbers_and_flatten_constant_columns() {
    let data = |values: &[f64]| {
        let labels = Labels::Values(vec![0.0; values.len() / 2]);
        Dataset::new(2, Features::Numbers(values.to_vec()), labels).unwrap()
    };
    let train = data(&[0.0, 7.0, 4.0, 7.0, 8.0, 7.0]);
    let scaled = |scaling, values: &[f64]| {
        let mut other = data(values);
        Scaler::fit(scaling, &train).unwrap().apply(&mut other);
        other.features().clone()
    };
    let expected = |values: &[f64]| Features::Numbers(values.to_vec());
    assert_eq!(scaled(Scaling::Unit, &[2.0, 9.0]), expected(&[0.25, 0.0]));
    assert_eq!(scaled(Scaling::None, &[2.0, 9.0]), expected(&[2.0, 9.0]));
    let deviation = (32.0_f64 / 3.0).sqrt();
    let Features::Numbers(found) = scaled(Scaling::Standard, &[8.0, 7.0]) else {
        panic!("numbers stay numbers");
    };
    assert!((found[0] - 4.0 / deviation).abs() < 1e-15 && found[1] == 0.0);
}

#[test]
fn a_split_is_a_partition_that_depends_on_the_seed_alone() {
    let (train, test) = split(1797, 0.2, 3).unwrap();
    assert_eq!((train.len(), test.len()), (1438, 359));
    let mut all = [train.clone(), test.clone()].concat();
    all.sort_unstable();
    assert!(all.iter().copied().eq(0..1797));
    assert_eq!(split(1797, 0.2, 3), Some((train, test.clone())));
    assert_ne!(split(1797, 0.2, 4).unwrap().1, test);
    assert!(split(2, 0.1, 0).is_none() && split(2, 0.9, 0).is_none());
    let (mut first, mut second) = (Vec::new(), Vec::new());
    order(50, 1, 0, &mut first);
    order(50, 1, 1, &mut second);
    assert_ne!(first, second);
    second.sort_unstable();
    assert!(second.into_iter().eq(0..50));
}

#[test]
fn a_batch_holds_its_samples_in_both_precisions_and_bytes_are_widened_exactly() {
    let labels = Labels::Classes {
        classes: 2,
        labels: vec![0, 1, 1],
    };
    let images = Dataset::new(2, Features::Bytes(vec![0, 51, 102, 153, 204, 255]), labels);
    let images = images.unwrap();
    let (mut x, mut targets) = (Vec::<f32>::new(), Targets::Labels(Vec::new()));
    images.gather(&[2, 0], &mut x, &mut targets).unwrap();
    assert_eq!(x, [0.8, 1.0, 0.0, 0.2]);
    assert_eq!(targets, Targets::Labels(vec![1, 0]));
    let (mut x, mut targets) = (Vec::<f64>::new(), Targets::Labels(Vec::new()));
    images.gather(&[1], &mut x, &mut targets).unwrap();
    assert_eq!(x, [102.0 / 255.0, 153.0 / 255.0]);
    let other = images.subset(&[0, 1]);
    assert_ne!(images.fingerprint().unwrap(), other.fingerprint().unwrap());
    assert_eq!(
        images.fingerprint().unwrap(),
        images.subset(&[0, 1, 2]).fingerprint().unwrap()
    );
}

#[test]
fn preparing_scales_both_sides_by_the_training_side() {
    let values: Vec<f64> = (0..40).map(f64::from).collect();
    let labels = Labels::Values(vec![0.0; 40]);
    let train = Dataset::new(1, Features::Numbers(values), labels).unwrap();
    let loaded = numgrad_train::dataset::Loaded { train, test: None };
    let prepared = Prepared::new(loaded, Scaling::Unit, 0.25, 9).unwrap();
    assert_eq!(
        (prepared.train.samples(), prepared.test.samples()),
        (30, 10)
    );
    let Features::Numbers(train) = prepared.train.features() else {
        panic!("numbers stay numbers");
    };
    assert!(train.contains(&0.0) && train.contains(&1.0));
}
