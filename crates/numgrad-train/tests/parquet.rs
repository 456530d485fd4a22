//! A Parquet file is the same table as a CSV file with the same cells.
#![cfg(feature = "parquet")]
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]

use numgrad_train::dataset::{CellKind, DataSource, Labels, LoadOptions, Missing};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, FloatType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use std::fs;
use std::path::Path;
use std::sync::Arc;

const SCHEMA: &str = "message wines {
    required double alcohol;
    optional double sugar;
    required byte_array region (UTF8);
    required int64 count;
    required float weight;
    required byte_array quality (UTF8);
}";

/// Six rows, in two groups of them, of which one lacks its sugar.
fn wines(path: &Path) {
    let schema = Arc::new(parse_message_type(SCHEMA).unwrap());
    let file = fs::File::create(path).unwrap();
    let properties = Arc::new(WriterProperties::builder().build());
    let mut writer = SerializedFileWriter::new(file, schema, properties).unwrap();
    let words = |words: &[&str]| -> Vec<ByteArray> { words.iter().map(|&w| w.into()).collect() };
    for sugar in [vec![2.0, 4.5], vec![1.0, 0.25, 3.0]] {
        let full = sugar.len() == 3;
        let mut group = writer.next_row_group().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let alcohol = [12.5, 13.1, 14.2];
        column
            .typed::<DoubleType>()
            .write_batch(&alcohol, None, None)
            .unwrap();
        column.close().unwrap();
        let levels: &[i16] = if full { &[1, 1, 1] } else { &[1, 0, 1] };
        let mut column = group.next_column().unwrap().unwrap();
        column
            .typed::<DoubleType>()
            .write_batch(&sugar, Some(levels), None)
            .unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let regions = words(&["north", "a, \"b\"", "north"]);
        column
            .typed::<ByteArrayType>()
            .write_batch(&regions, None, None)
            .unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column
            .typed::<Int64Type>()
            .write_batch(&[1, -2, 3], None, None)
            .unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        column
            .typed::<FloatType>()
            .write_batch(&[0.1, 0.2, 0.3], None, None)
            .unwrap();
        column.close().unwrap();
        let mut column = group.next_column().unwrap().unwrap();
        let quality = words(&["good", "poor", "good"]);
        column
            .typed::<ByteArrayType>()
            .write_batch(&quality, None, None)
            .unwrap();
        column.close().unwrap();
        group.close().unwrap();
    }
    writer.close().unwrap();
}

#[test]
fn a_parquet_file_is_the_table_that_a_csv_file_with_its_cells_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wines.parquet");
    wines(&path);
    let wide = |x: f32| f64::from(x);
    let rows = |sugar: [&str; 3]| {
        format!(
            "12.5,{},north,1,{},good\n13.1,{},\"a, \"\"b\"\"\",-2,{},poor\n14.2,{},north,3,{},good\n",
            sugar[0],
            wide(0.1),
            sugar[1],
            wide(0.2),
            sugar[2],
            wide(0.3)
        )
    };
    let text = format!(
        "alcohol,sugar,region,count,weight,quality\n{}{}",
        rows(["2", "", "4.5"]),
        rows(["1", "0.25", "3"])
    );
    let csv = folder.path().join("wines.csv");
    fs::write(&csv, text).unwrap();
    let source: DataSource = path.display().to_string().parse().unwrap();
    for missing in [Missing::Drop, Missing::Mean] {
        let options = LoadOptions {
            missing,
            categorical: vec!["count".to_owned()],
            ..LoadOptions::default()
        };
        let found = source.load(&options).unwrap().train;
        let expected = DataSource::Csv(csv.clone()).load(&options).unwrap().train;
        assert_eq!(found.columns(), expected.columns());
        assert_eq!(
            found.fingerprint().unwrap(),
            expected.fingerprint().unwrap()
        );
        let Labels::Classes { classes, .. } = found.labels() else {
            panic!("{:?}", found.labels());
        };
        assert_eq!(*classes, 2);
    }
    let error = source
        .load(&LoadOptions::default())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("wines.parquet:3:2: the cell is empty"),
        "{error}"
    );
    let options = LoadOptions {
        target: Some("alcohol".to_owned()),
        missing: Missing::Drop,
        ..LoadOptions::default()
    };
    let data = source.load(&options).unwrap().train;
    assert_eq!((data.samples(), data.classes()), (5, None));
    let summary = source.describe(&LoadOptions::default()).unwrap();
    let columns = &summary.parts[0].columns;
    assert_eq!((columns[1].missing, columns[2].kind), (1, CellKind::Words));
}

#[test]
fn what_is_no_table_of_numbers_and_words_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("wines.parquet");
    let source = DataSource::Csv(path.clone());
    fs::write(&path, "no parquet at all").unwrap();
    let error = source.load(&LoadOptions::default()).unwrap_err();
    assert!(error.to_string().contains("is no Parquet file"), "{error}");
    wines(&path);
    let whole = fs::read(&path).unwrap();
    for length in [0, 10, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        assert!(source.load(&LoadOptions::default()).is_err(), "{length}");
    }
    let options = LoadOptions {
        max_bytes: 100,
        ..LoadOptions::default()
    };
    fs::write(&path, whole).unwrap();
    let error = source.load(&options).unwrap_err();
    assert!(error.to_string().contains("--max-data-bytes"), "{error}");
    let schema = "message m { required group g { required double x; } required double y; }";
    let schema = Arc::new(parse_message_type(schema).unwrap());
    let file = fs::File::create(&path).unwrap();
    SerializedFileWriter::new(file, schema, Arc::default())
        .unwrap()
        .close()
        .unwrap();
    let error = source.load(&options).unwrap_err();
    assert!(
        error.to_string().contains("'g' holds lists or records"),
        "{error}"
    );
}
