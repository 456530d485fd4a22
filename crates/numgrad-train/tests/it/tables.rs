//! Tables with words and missing cells become numbers as they say, and other files become the same.
use numgrad_train::Prepared;
use numgrad_train::dataset::{
    Columns, DataError, DataSource, Dataset, Features, Labels, LoadOptions, Loaded, Missing, Role,
    Scaling, inputs_from_text,
};
use std::fs;
use std::io::Cursor;
use std::path::Path;

fn load(folder: &Path, text: &str, options: &LoadOptions) -> Result<Dataset, DataError> {
    let path = folder.join("table.csv");
    fs::write(&path, text).unwrap();
    DataSource::Csv(path)
        .load(options)
        .map(|loaded| loaded.train)
}

fn options(missing: Missing) -> LoadOptions {
    LoadOptions {
        missing,
        ..LoadOptions::default()
    }
}

fn numbers(data: &Dataset) -> &[f64] {
    match data.features() {
        Features::Numbers(values) => values,
        _ => panic!("a table is numbers"),
    }
}

const FRUIT: &str =
    "colour,weight,kind\nred,3,apple\nyellow,2,lemon\ngreen,4,apple\nred,1,cherry\n";

#[test]
fn words_become_an_input_each_and_a_target_of_words_classes_with_names() {
    let folder = tempfile::tempdir().unwrap();
    let fruit = load(folder.path(), FRUIT, &LoadOptions::default()).unwrap();
    let expected = [
        [0.0, 1.0, 0.0, 3.0],
        [0.0, 0.0, 1.0, 2.0],
        [1.0, 0.0, 0.0, 4.0],
        [0.0, 1.0, 0.0, 1.0],
    ];
    assert_eq!(numbers(&fruit), expected.concat());
    let classes = Labels::Classes {
        classes: 3,
        labels: vec![0, 2, 0, 1],
    };
    assert_eq!(fruit.labels(), &classes);
    let columns = fruit.columns().unwrap();
    assert_eq!(
        columns.input_names(),
        ["colour=green", "colour=red", "colour=yellow", "weight"]
    );
    assert_eq!(columns.class_names().unwrap(), ["apple", "cherry", "lemon"]);
}

#[test]
fn numbers_are_categories_where_that_is_asked_for_in_the_order_of_their_size() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = LoadOptions {
        categorical: vec!["month".to_owned(), "grade".to_owned()],
        ..LoadOptions::default()
    };
    let text = "id,month,grade\n7,10,3\n8,9,5\n9,10,8\n";
    options.ignore = vec!["id".to_owned()];
    let data = load(folder.path(), text, &options).unwrap();
    assert_eq!(numbers(&data), [0.0, 1.0, 1.0, 0.0, 0.0, 1.0]);
    assert_eq!(
        data.columns().unwrap().input_names(),
        ["month=9", "month=10"]
    );
    assert_eq!(
        data.columns().unwrap().class_names().unwrap(),
        ["3", "5", "8"]
    );
}

#[test]
fn columns_may_be_parted_by_semicolons_or_tabs() {
    let folder = tempfile::tempdir().unwrap();
    let comma = load(folder.path(), FRUIT, &LoadOptions::default()).unwrap();
    for delimiter in [";", "\t"] {
        let text = FRUIT.replace(',', delimiter);
        let other = load(folder.path(), &text, &LoadOptions::default()).unwrap();
        assert_eq!(other, comma, "{delimiter:?}");
    }
}

#[test]
fn a_table_of_words_alone_asks_whether_it_has_a_header() {
    let folder = tempfile::tempdir().unwrap();
    let words = "colour,kind\nred,apple\nyellow,lemon\n";
    let error = load(folder.path(), words, &LoadOptions::default()).unwrap_err();
    assert!(
        error.to_string().contains("--header yes or --header no"),
        "{error}"
    );
}

const GAPS: &str = "a,b,y\n1,x,0.5\n,y,1.5\n5,NA,2.5\n9,x,3.5\n";

#[test]
fn a_missing_cell_is_an_error_that_says_where_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let error = load(folder.path(), GAPS, &options(Missing::Error)).unwrap_err();
    let message = error.to_string();
    assert!(
        message.contains("table.csv:3:1: the cell is empty") && message.contains("--missing drop"),
        "{message}"
    );
    assert_eq!(error.exit_code(), 65);
}

#[test]
fn rows_with_missing_cells_are_left_out_where_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let data = load(folder.path(), GAPS, &options(Missing::Drop)).unwrap();
    assert_eq!(numbers(&data), [1.0, 1.0, 9.0, 1.0]);
    assert_eq!(data.labels(), &Labels::Values(vec![0.5, 3.5]));
}

#[test]
fn missing_numbers_are_filled_from_the_training_side_alone() {
    let folder = tempfile::tempdir().unwrap();
    for (missing, filled) in [(Missing::Mean, 5.0), (Missing::Median, 5.0)] {
        let train = load(folder.path(), GAPS, &options(missing)).unwrap();
        let test = train.subset(&[1, 3]);
        let loaded = Loaded {
            train,
            test: Some(test),
        };
        let prepared = Prepared::new(loaded, Scaling::None, 0.5, 0).unwrap();
        let expected = [
            1.0, 1.0, 0.0, filled, 0.0, 1.0, 5.0, 0.0, 0.0, 9.0, 1.0, 0.0,
        ];
        assert_eq!(numbers(&prepared.train), expected);
        assert_eq!(numbers(&prepared.test), [filled, 0.0, 1.0, 9.0, 1.0, 0.0]);
        let columns = prepared.train.columns().unwrap();
        assert_eq!(columns.columns[0].role, Role::Number { fill: Some(filled) });
    }
    let lone = load(
        folder.path(),
        "a,y\n1,0.5\n2,1.5\n9,2.5\n",
        &options(Missing::Mean),
    )
    .unwrap();
    let unseen = load(folder.path(), "a,y\n7,0.5\n,1.5\n", &options(Missing::Mean)).unwrap();
    let loaded = Loaded {
        train: lone,
        test: Some(unseen),
    };
    let prepared = Prepared::new(loaded, Scaling::None, 0.5, 0).unwrap();
    assert_eq!(numbers(&prepared.test), [7.0, 4.0]);
}

fn columns(folder: &Path) -> Columns {
    let fruit = load(folder, FRUIT, &LoadOptions::default()).unwrap();
    fruit.columns().unwrap().clone()
}

fn read(text: &'static str, columns: &Columns) -> Result<Dataset, DataError> {
    let options = LoadOptions::default();
    inputs_from_text(Cursor::new(text), Some(columns), columns.inputs(), &options)
}

#[test]
fn another_file_is_read_by_the_names_of_its_columns_or_by_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let columns = columns(folder.path());
    for text in [
        "weight,note,colour\n3,?,red\n",
        "colour,weight\nred,3\n",
        "colour,weight,kind\nred,3,\n",
        "red,3\n",
        "red,3,unheard of\n",
    ] {
        let data = read(text, &columns).unwrap();
        assert_eq!(numbers(&data), [0.0, 1.0, 0.0, 3.0], "{text}");
        assert_eq!(data.labels(), &Labels::Unknown(1));
    }
    for (text, says) in [
        (
            "colour,weight\nblue,3\n",
            ":2:1: 'blue' is none of the words that column 'colour' had",
        ),
        ("colour,mass\nred,3\n", "has no column 'weight'"),
        ("red\n", "has no column 'colour'"),
        ("3\n", "has 1 columns, but the run was trained on 3"),
        ("colour,weight\nred,\n", ":2:2: the cell is empty"),
        ("", "holds no line"),
    ] {
        let message = read(text, &columns).unwrap_err().to_string();
        assert!(message.contains(says), "{text:?}: {message}");
    }
}

#[test]
fn a_file_to_evaluate_may_lack_classes_but_has_no_others() {
    let folder = tempfile::tempdir().unwrap();
    let columns = columns(folder.path());
    let evaluate = |text: &str| {
        let path = folder.path().join("other.csv");
        fs::write(&path, text).unwrap();
        DataSource::Csv(path).load_as(Some(&columns), &LoadOptions::default())
    };
    let data = evaluate("kind,weight,colour\nlemon,3,red\n").unwrap();
    assert_eq!((data.classes(), data.samples()), (Some(3), 1));
    let message = evaluate("kind,weight,colour\nplum,3,red\n")
        .unwrap_err()
        .to_string();
    assert!(message.contains("'plum' is none of"), "{message}");
    let message = evaluate("weight,colour\n3,red\n").unwrap_err().to_string();
    assert!(message.contains("has no column 'kind'"), "{message}");
}
