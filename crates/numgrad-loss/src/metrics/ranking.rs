//! Metrics of how outputs are ordered: top-k accuracy, and the area under the ROC curve.
use super::classification::truth;
use crate::Targets;
use nalgebra::DMatrix;
use numgrad_scalar::Real;

/// The part of the samples whose class is among the k largest outputs, the first of equals before the
/// others: with k = 1 the accuracy of several outputs. NaN without samples.
///
/// # Panics
/// If there are fewer targets than samples, or a label is out of range.
pub fn top_k_accuracy<T: Real>(outputs: &DMatrix<T>, targets: &Targets<T>, k: usize) -> f64 {
    let columns = outputs.as_slice().chunks_exact(outputs.nrows());
    let right = columns.enumerate().filter(|&(b, y)| {
        let class = truth(targets, b);
        let before = |&j: &usize| y[j] > y[class] || (y[j] == y[class] && j < class);
        (0..y.len()).filter(before).count() < k
    });
    right.count() as f64 / outputs.ncols() as f64
}

/// The area under the ROC curve: how probable it is that a sample that is one has a larger score than
/// one that is not, equal scores being worth ½. `None` where all samples are of one kind, or a score
/// is NaN.
///
/// By the mean ranks r of equal scores: (Σ r − n₁·(n₁ + 1)/2) / (n₁·n₀) over the n₁ that are one.
/// Hanley and McNeil, "The meaning and use of the area under a receiver operating characteristic (ROC)
/// curve", Radiology 143, 1982. Cost: a sort.
pub fn auroc(samples: &[(f64, bool)]) -> Option<f64> {
    let mut sorted = samples.to_vec();
    sorted.sort_by(|a, b| a.0.total_cmp(&b.0));
    let ones = sorted.iter().filter(|(_, is_one)| *is_one).count() as f64;
    let others = sorted.len() as f64 - ones;
    let is_known = sorted.iter().all(|(score, _)| !score.is_nan());
    if ones == 0.0 || others == 0.0 || !is_known {
        return None;
    }
    let (mut sum, mut before) = (0.0, 0.0);
    // −0 and 0 are neighbours of one score.
    for equal in sorted.chunk_by(|a, b| a.0 == b.0) {
        let count = equal.len() as f64;
        let mean_rank = before + f64::midpoint(1.0, count);
        sum += mean_rank * equal.iter().filter(|(_, is_one)| *is_one).count() as f64;
        before += count;
    }
    Some((sum - ones * (ones + 1.0) / 2.0) / (ones * others))
}

/// [`auroc`] of each class against all others, by that class's output. Of two classes both are by the
/// output of class 1 less that of class 0 (of a single output, by itself), and so equal.
///
/// # Panics
/// If there are fewer targets than samples.
pub fn auroc_by_class<T: Real>(outputs: &DMatrix<T>, targets: &Targets<T>) -> Vec<Option<f64>> {
    let truths: Vec<usize> = (0..outputs.ncols()).map(|b| truth(targets, b)).collect();
    let classes = outputs.nrows();
    let by = |class: usize, score: &dyn Fn(usize) -> f64| {
        let samples = 0..outputs.ncols();
        auroc(
            &samples
                .map(|b| (score(b), truths[b] == class))
                .collect::<Vec<_>>(),
        )
    };
    let output = |k: usize, b: usize| outputs[(k, b)].as_f64();
    match classes {
        1 => vec![by(1, &|b| output(0, b)); 2],
        2 => vec![by(1, &|b| output(1, b) - output(0, b)); 2],
        _ => (0..classes)
            .map(|class| by(class, &|b| output(class, b)))
            .collect(),
    }
}
