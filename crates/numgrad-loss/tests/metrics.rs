//! Metrics, against examples done by hand.
use numgrad_loss::Targets;
use numgrad_loss::metrics::{ConfusionMatrix, accuracy, class_of, r_squared, rmse};
use numgrad_loss::nalgebra::DMatrix;

#[test]
fn accuracy_and_confusion_count_the_largest_output() {
    let y = DMatrix::from_column_slice(
        3,
        4,
        &[0.8, 0.1, 0.1, 0.2, 0.2, 0.6, 0.4, 0.4, 0.2, 0.1, 0.7, 0.2],
    );
    let targets = Targets::Labels(vec![0, 1, 1, 1]);
    assert_eq!(accuracy(&y, &targets), 0.5);
    let confusion = ConfusionMatrix::new(&y, &targets);
    let counts: Vec<u64> = (0..9).map(|k| confusion.count(k / 3, k % 3)).collect();
    // The third sample's equal outputs stand for the first of them.
    assert_eq!(counts, [1, 0, 0, 1, 1, 1, 0, 0, 0]);
    let table = confusion.to_string();
    assert_eq!(table.lines().count(), 4);
    assert_eq!(table.lines().nth(2), Some("         1 1 1 1"));
}

#[test]
fn a_single_output_tells_two_classes_apart_at_one_half() {
    assert_eq!([class_of(&[0.5]), class_of(&[0.51])], [0, 1]);
    let y = DMatrix::from_column_slice(1, 3, &[0.9, 0.2, 0.6]);
    let targets = Targets::Values(DMatrix::from_column_slice(1, 3, &[1.0, 0.0, 0.0]));
    assert_eq!(accuracy(&y, &targets), 2.0 / 3.0);
}

#[test]
fn rmse_and_r_squared_are_what_their_formulas_say() {
    let y = DMatrix::from_column_slice(1, 4, &[1.0, 2.0, 3.0, 5.0]);
    let targets = Targets::Values(DMatrix::from_column_slice(1, 4, &[1.0, 2.0, 3.0, 4.0]));
    assert_eq!(rmse(&y, &targets), 0.5);
    assert_eq!(r_squared(&y, &targets), 1.0 - 1.0 / 5.0);
    let flat = Targets::Values(DMatrix::from_element(1, 4, 2.0));
    assert!(r_squared(&y, &flat).is_nan());
}
