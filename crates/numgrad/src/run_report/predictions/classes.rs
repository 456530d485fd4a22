//! Classes: which was taken for which, and the samples that are most wrong.
use super::super::model::{Model, batch};
use super::Predictions;
use crate::failure::Failure;
use crate::html::{Image, Page};
use crate::report::class_names;
use nalgebra::DMatrix;
use numgrad_core::Real;
use numgrad_loss::Targets;
use numgrad_loss::metrics::{ClassScore, ConfusionMatrix, auroc_by_class, class_of};
use numgrad_train::dataset::{DataSource, Dataset};
use std::path::Path;

/// Classes of a matrix that can still be read, and pairs that take its place.
const MATRIX: usize = 20;
const PAIRS: usize = 20;

/// Samples that are shown.
const WORST: usize = 24;

/// A sample: what it is, what it was taken for, and by how much.
struct Case {
    sample: usize,
    truth: usize,
    found: usize,
    /// The output of the class found, and of the true one.
    said: (f64, f64),
}

pub(super) fn add<T: Real>(
    page: &mut Page,
    model: &Model<'_, T>,
    data: &Dataset,
    predictions: &Predictions,
    truth: &[usize],
) -> Result<(), Failure> {
    let classes = predictions.outputs.nrows().max(2);
    let names = class_names(data.columns(), classes);
    let cases = cases(predictions, truth);
    let mut counts = vec![vec![0_u64; classes]; classes];
    for case in &cases {
        counts[case.truth][case.found] += 1;
    }
    if classes <= MATRIX {
        page.confusion("Confusion matrix", &names, &counts);
    } else {
        page.table(
            "Classes that were most often taken for another",
            &["true", "found", "samples"],
            &pairs(&counts, &names),
        );
    }
    page.table(
        "Scores of the classes",
        &["class", "precision", "recall", "F1", "AUROC", "samples"],
        &scores(&predictions.outputs, truth, &names),
    );
    let mut worst: Vec<&Case> = cases.iter().collect();
    worst.sort_by(|a, b| (b.said.0 - b.said.1).total_cmp(&(a.said.0 - a.said.1)));
    worst.retain(|case| case.found != case.truth);
    worst.truncate(WORST);
    if worst.is_empty() {
        page.paragraph("Every sample was classified rightly.");
        return Ok(());
    }
    let counted = counted(&model.run.data);
    let said = format!(
        "The wrong answers that the network was surest of: {counted}, the true class, the one it said, \
         and its output for each."
    );
    if let Some(side) = model.side() {
        let images = images::<T>(side, data, &worst, &names)?;
        page.gallery("Worst-classified samples", &said, &images);
        return Ok(());
    }
    page.table(
        "Worst-classified samples",
        &[
            &counted,
            "true",
            "found",
            "output of the true",
            "of the found",
        ],
        &worst
            .iter()
            .map(|case| row(case, data, &names))
            .collect::<Vec<_>>(),
    );
    page.paragraph(said);
    Ok(())
}

fn cases(predictions: &Predictions, truth: &[usize]) -> Vec<Case> {
    let columns = predictions.outputs.column_iter();
    let samples = predictions.indices.iter().zip(columns.zip(truth));
    samples
        .map(|(&sample, (column, &truth))| {
            let y: Vec<f64> = column.iter().copied().collect();
            let found = class_of(&y);
            // A single output is that of class 1.
            let of = |class: usize| match y[..] {
                [y] if class == 0 => 1.0 - y,
                [y] => y,
                _ => y[class],
            };
            Case {
                sample,
                truth,
                found,
                said: (of(found), of(truth)),
            }
        })
        .collect()
}

fn images<T: Real>(
    side: usize,
    data: &Dataset,
    worst: &[&Case],
    names: &[String],
) -> Result<Vec<(Image, String)>, Failure> {
    let indices: Vec<usize> = worst.iter().map(|case| case.sample).collect();
    let (x, _) = batch::<T>(data, &indices)?;
    let samples = x.chunks_exact(side * side).zip(worst);
    let pictures = samples
        .map(|(pixels, case)| {
            let levels: Vec<f64> = pixels.iter().map(|x| x.as_f64()).collect();
            let low = levels.iter().copied().fold(f64::INFINITY, f64::min);
            let high = levels.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let level = |x: &f64| {
                if high > low {
                    (x - low) / (high - low)
                } else {
                    0.5
                }
            };
            let levels: Vec<f64> = levels.iter().map(level).collect();
            let caption = format!(
                "{}: is {} ({:.2}), said {} ({:.2})",
                data.row(case.sample),
                names[case.truth],
                case.said.1,
                names[case.found],
                case.said.0
            );
            (Image::grey(side as u32, &levels), caption)
        })
        .collect();
    Ok(pictures)
}

/// What a sample's number counts.
fn counted(source: &DataSource) -> String {
    let name = |path: &Path| {
        let name = path.file_name().unwrap_or(path.as_os_str());
        name.to_string_lossy().into_owned()
    };
    let is_parquet = |path: &Path| {
        let extension = path.extension().unwrap_or_default();
        extension.eq_ignore_ascii_case("parquet")
    };
    match source {
        DataSource::Csv(path) if !is_parquet(path) => format!("line of {}", name(path)),
        DataSource::Csv(path) | DataSource::Npy(path) => format!("row of {}, from 0", name(path)),
        DataSource::Digits => "sample of digits, from 0".to_owned(),
        // Those with test data of their own count these; images are in the order of their names.
        _ => "sample of the data that it is from, from 0".to_owned(),
    }
}

fn row(case: &Case, data: &Dataset, names: &[String]) -> Vec<String> {
    vec![
        data.row(case.sample).to_string(),
        names[case.truth].clone(),
        names[case.found].clone(),
        format!("{:.4}", case.said.1),
        format!("{:.4}", case.said.0),
    ]
}

/// Precision, recall, F1 and AUROC of each class, with a dash for what is undefined.
fn scores(outputs: &DMatrix<f64>, truth: &[usize], names: &[String]) -> Vec<Vec<String>> {
    let truth: Targets<f64> = Targets::Labels(truth.iter().map(|&t| t as u32).collect());
    let scores = ConfusionMatrix::new(outputs, &truth).by_class();
    let areas = auroc_by_class(outputs, &truth);
    let part = |part: Option<f64>| part.map_or("–".to_owned(), |part| format!("{part:.4}"));
    let row = |(name, (score, area)): (&String, (&ClassScore, &Option<f64>))| {
        let parts = [score.precision, score.recall, score.f1, *area].map(part);
        let samples = score.samples.to_string();
        [std::slice::from_ref(name), &parts[..], &[samples]].concat()
    };
    names
        .iter()
        .zip(scores.iter().zip(&areas))
        .map(row)
        .collect()
}

fn pairs(counts: &[Vec<u64>], names: &[String]) -> Vec<Vec<String>> {
    let mut pairs: Vec<(usize, usize, u64)> = Vec::new();
    for (truth, row) in counts.iter().enumerate() {
        let wrong = row.iter().enumerate();
        let wrong = wrong.filter(|&(found, &count)| found != truth && count > 0);
        pairs.extend(wrong.map(|(found, &count)| (truth, found, count)));
    }
    pairs.sort_by_key(|pair| std::cmp::Reverse(pair.2));
    let shown = pairs.into_iter().take(PAIRS);
    shown
        .map(|(truth, found, count)| {
            let (truth, found) = (&names[truth], &names[found]);
            vec![truth.clone(), found.clone(), count.to_string()]
        })
        .collect()
}
