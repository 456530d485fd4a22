//! The weights that enter each neuron of the first layer, as images.
use super::model::Model;
use crate::html::{Image, Page};
use numgrad_core::Real;

/// Neurons that are shown, the largest weights first.
const SHOWN: usize = 40;

pub(super) fn add<T: Real>(page: &mut Page, model: &Model<'_, T>) {
    let Some(side) = model.side() else {
        return;
    };
    let weights = model.network.weights(&model.theta, 0);
    let mut neurons: Vec<(usize, f64)> = weights
        .row_iter()
        .enumerate()
        .map(|(neuron, row)| (neuron, row.iter().map(|w| w.as_f64().powi(2)).sum::<f64>()))
        .collect();
    neurons.sort_by(|a, b| b.1.total_cmp(&a.1));
    let all = neurons.len();
    neurons.truncate(SHOWN);
    let images: Vec<(Image, String)> = neurons
        .iter()
        .map(|&(neuron, _)| {
            let row: Vec<f64> = weights.row(neuron).iter().map(|w| w.as_f64()).collect();
            let largest = row.iter().fold(0.0, |most: f64, w| most.max(w.abs()));
            let part = |w: &f64| if largest > 0.0 { w / largest } else { 0.0 };
            let parts: Vec<f64> = row.iter().map(part).collect();
            let caption = format!("{neuron}: ±{largest:.2}");
            (Image::signed(side as u32, &parts), caption)
        })
        .collect();
    page.section("First layer");
    let shown = images.len();
    page.gallery(
        "Weights by pixel",
        &format!(
            "The weights that enter {shown} of {all} neurons, those with the longest weight vector \
             first: orange is positive, blue negative, white 0, each on a scale of its own whose \
             end is written below it.",
        ),
        &images,
    );
}
