//! Scores by class and of rankings are scikit-learn's.
//!
//! The numbers were printed by scikit-learn 1.9.1 for the outputs and labels of the formulas below:
//! `precision_recall_fscore_support` (the macro average over the labels that occur, with
//! `zero_division=0`), `roc_auc_score` of each class (`multi_class="ovr", average="macro"` for the mean),
//! `top_k_accuracy_score`, `mean_absolute_error` and `r2_score`.
use numgrad_loss::Targets;
use numgrad_loss::metrics::{
    ConfusionMatrix, MacroScore, accuracy, auroc, auroc_by_class, mae, r_squared, rmse,
    top_k_accuracy,
};
use numgrad_loss::nalgebra::DMatrix;

const SAMPLES: usize = 40;

fn close(found: f64, expected: f64) {
    assert!((found - expected).abs() <= 2e-15, "{found} for {expected}");
}

fn all_close(found: impl IntoIterator<Item = Option<f64>>, expected: [Option<f64>; 4]) {
    let found: Vec<Option<f64>> = found.into_iter().collect();
    assert_eq!(found.len(), 4);
    for (found, expected) in found.into_iter().zip(expected) {
        match (found, expected) {
            (Some(found), Some(expected)) => close(found, expected),
            (found, expected) => assert_eq!(found, expected),
        }
    }
}

/// Outputs of four classes among which some are equal.
fn outputs() -> DMatrix<f64> {
    DMatrix::from_fn(4, SAMPLES, |k, b| {
        ((7 * b + 5 * k + b * k) % 13) as f64 / 12.0
    })
}

fn labels(of: impl Fn(usize) -> usize) -> Targets<f64> {
    Targets::Labels((0..SAMPLES).map(|b| of(b) as u32).collect())
}

#[test]
fn precision_recall_f1_and_auroc_of_each_class_are_those_of_scikit_learn() {
    let (y, t) = (outputs(), labels(|b| (b * b + 3 * b + b / 5) % 4));
    let scores = ConfusionMatrix::new(&y, &t).by_class();
    let samples: Vec<u64> = scores.iter().map(|score| score.samples).collect();
    assert_eq!(samples, [12, 12, 8, 8]);
    let precision = [0.5, 0.444_444_444_444_444_4, 0.3, 0.222_222_222_222_222_2];
    all_close(
        scores.iter().map(|score| score.precision),
        precision.map(Some),
    );
    let recall = [0.5, 0.333_333_333_333_333_3, 0.375, 0.25];
    all_close(scores.iter().map(|score| score.recall), recall.map(Some));
    let f1 = [
        0.5,
        0.380_952_380_952_380_93,
        0.333_333_333_333_333_3,
        0.235_294_117_647_058_82,
    ];
    all_close(scores.iter().map(|score| score.f1), f1.map(Some));
    let mean = MacroScore::of(&scores).unwrap();
    close(mean.precision, 0.366_666_666_666_666_7);
    close(mean.recall, 0.364_583_333_333_333_3);
    close(mean.f1, 0.362_394_957_983_193_27);
    let areas = [
        0.534_226_190_476_190_5,
        0.623_511_904_761_904_8,
        0.552_734_375,
        0.642_578_125,
    ];
    all_close(auroc_by_class(&y, &t), areas.map(Some));
    close(accuracy(&y, &t), 0.375);
}

#[test]
fn what_a_class_without_samples_leaves_undefined_is_none_and_in_no_mean() {
    let (y, t) = (outputs(), labels(|b| (b * b + b / 3) % 3));
    let scores = ConfusionMatrix::new(&y, &t).by_class();
    assert_eq!(scores[3].samples, 0);
    let recall = [Some(0.307_692_307_692_307_7), Some(0.2), Some(0.25), None];
    all_close(scores.iter().map(|score| score.recall), recall);
    assert_eq!((scores[3].precision, scores[3].f1), (Some(0.0), Some(0.0)));
    let mean = MacroScore::of(&scores).unwrap();
    close(mean.precision, 0.322_222_222_222_222_2);
    close(mean.recall, 0.252_564_102_564_102_55);
    close(mean.f1, 0.280_909_090_909_090_94);
    let areas = [
        Some(0.507_122_507_122_507_1),
        Some(0.444),
        Some(0.534_226_190_476_190_5),
        None,
    ];
    all_close(auroc_by_class(&y, &t), areas);
}

#[test]
fn a_class_that_is_never_found_has_no_precision_and_counts_as_none_found() {
    let y = DMatrix::from_column_slice(2, 3, &[0.9, 0.1, 0.8, 0.2, 0.7, 0.3]);
    let t: Targets<f64> = Targets::Labels(vec![0, 1, 0]);
    let scores = ConfusionMatrix::new(&y, &t).by_class();
    assert_eq!(
        (scores[1].precision, scores[1].recall, scores[1].f1),
        (None, Some(0.0), Some(0.0))
    );
    close(MacroScore::of(&scores).unwrap().precision, 1.0 / 3.0);
    let nothing = ConfusionMatrix::new(&DMatrix::<f64>::zeros(2, 0), &Targets::Labels(Vec::new()));
    assert_eq!(MacroScore::of(&nothing.by_class()), None);
}

#[test]
fn top_k_and_the_mean_auroc_are_those_of_scikit_learn() {
    let z = DMatrix::from_fn(4, SAMPLES, |k, b| {
        ((11 * b + 29 * k + 3 * b * k) % 101) as f64 / 100.0 + k as f64 * 1e-4
    });
    let t = labels(|b| (b * b + 3 * b + b / 5) % 4);
    for (k, expected) in [(1, 0.225), (2, 0.325), (3, 0.675), (4, 1.0)] {
        close(top_k_accuracy(&z, &t, k), expected);
    }
    close(top_k_accuracy(&z, &t, 1), accuracy(&z, &t));
    let mut p = z.map(f64::exp);
    for mut column in p.column_iter_mut() {
        column /= column.sum();
    }
    let areas: Vec<f64> = auroc_by_class(&p, &t).into_iter().flatten().collect();
    close(areas.iter().sum::<f64>() / 4.0, 0.376_534_598_214_285_7);
}

#[test]
fn of_equal_outputs_the_first_comes_first_in_the_top_k_as_in_the_accuracy() {
    let y = DMatrix::from_column_slice(3, 1, &[0.5, 0.5, 0.5]);
    for (label, from) in [(0, 1), (1, 2), (2, 3)] {
        for k in 1..=3 {
            let found = top_k_accuracy(&y, &Targets::Labels(vec![label]), k);
            assert_eq!(found, f64::from(u8::from(k >= from)), "{label} {k}");
        }
    }
}

#[test]
fn the_area_under_a_binary_curve_takes_equal_scores_by_their_mean_rank() {
    let samples: Vec<(f64, bool)> = (0..SAMPLES)
        .map(|b| (((7 * b) % 10) as f64 / 9.0, (3 * b + b / 7) % 2 == 1))
        .collect();
    close(auroc(&samples).unwrap(), 0.464_194_373_401_534_6);
    assert_eq!(auroc(&[(0.0, true), (-0.0, false)]), Some(0.5));
    assert_eq!(auroc(&[(1.0, true), (0.0, false)]), Some(1.0));
    for undefined in [
        &[][..],
        &[(1.0, true)],
        &[(1.0, false)],
        &[(f64::NAN, true), (0.0, false)],
    ] {
        assert_eq!(auroc(undefined), None);
    }
    // Two outputs are one question: both classes have the same area.
    let scores: Vec<f64> = samples.iter().flat_map(|s| [1.0 - s.0, s.0]).collect();
    let y = DMatrix::from_vec(2, SAMPLES, scores);
    let t: Targets<f64> = Targets::Labels(samples.iter().map(|s| s.1.into()).collect());
    let areas = auroc_by_class(&y, &t);
    assert_eq!(areas[0], areas[1]);
    close(areas[1].unwrap(), 0.464_194_373_401_534_6);
    // What both outputs share says nothing.
    let scores = samples.iter().zip(0..).flat_map(|(s, b)| {
        let both = f64::from(b % 7);
        let score = (9.0 * s.0).round(); // so that equal ones stay equal
        [both - score, both + score]
    });
    let y = DMatrix::from_iterator(2, SAMPLES, scores);
    assert_eq!(auroc_by_class(&y, &t)[0], auroc_by_class(&y, &t)[1]);
    close(auroc_by_class(&y, &t)[1].unwrap(), 0.464_194_373_401_534_6);
    // So is a single output.
    let y = DMatrix::from_iterator(1, SAMPLES, samples.iter().map(|s| s.0));
    let areas = auroc_by_class(&y, &t);
    assert_eq!(areas.len(), 2);
    for area in areas {
        close(area.unwrap(), 0.464_194_373_401_534_6);
    }
}

#[test]
fn errors_of_values_are_those_of_scikit_learn() {
    let row = |of: fn(usize) -> f64| DMatrix::from_fn(1, SAMPLES, |_, b| of(b));
    let y = row(|b| ((7 * b) % 13) as f64 / 4.0);
    let t = Targets::Values(row(|b| ((5 * b + 2) % 11) as f64 / 3.0));
    close(mae(&y, &t), 1.3375);
    close(r_squared(&y, &t), -1.415_466_308_593_75);
    close(rmse(&y, &t), 1.657_788_855_339_813_5);
}

#[test]
fn a_matrix_with_names_keeps_its_columns_apart() {
    let y = DMatrix::from_column_slice(2, 2, &[0.9, 0.1, 0.2, 0.8]);
    let matrix = ConfusionMatrix::new(&y, &Targets::<f64>::Labels(vec![0, 0]));
    let table = matrix.table(&["no".to_owned(), "versicolour".to_owned()]);
    let expected = "true\\found           no versicolour\n         no           1           1\n\
                    versicolour           0           0";
    assert_eq!(table, expected);
}
