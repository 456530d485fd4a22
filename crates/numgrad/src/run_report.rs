//! The page about a run: how it went, what its network says, and how well its gradient was measured.
mod curves;
mod facts;
mod landscape;
mod model;
mod predictions;
mod step_error;
mod steps;
mod weights;

pub(crate) use curves::{over_epochs, scale_of, thinned};
pub(crate) use facts::differing;

use crate::failure::Failure;
use crate::html::Page;
use model::Model;
use numgrad_core::{Precision, Real};
use numgrad_train::checkpoint::Checkpoint;
use numgrad_train::dataset::Dataset;
use std::path::Path;

/// The page's name in a run's folder.
pub(crate) const FILE: &str = "report.html";

/// What a page tells about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    pub(crate) name: &'a str,
    pub(crate) checkpoint: &'a Checkpoint,
    /// The training and the test data, where they can still be read.
    pub(crate) data: Option<(&'a Dataset, &'a Dataset)>,
}

/// Writes the page, on the current rayon pool.
///
/// # Errors
/// If a loss is not finite any more, or the file cannot be written.
pub(crate) fn write(subject: Subject<'_>, path: &Path) -> Result<(), Failure> {
    match subject.checkpoint.header.configuration.precision {
        Precision::F32 => page::<f32>(subject)?.save(path),
        Precision::F64 => page::<f64>(subject)?.save(path),
    }
}

fn page<T: Real>(subject: Subject<'_>) -> Result<Page, Failure> {
    let Subject {
        name,
        checkpoint,
        data,
    } = subject;
    let mut page = Page::new(&format!("numgrad run {name}"));
    facts::lead(&mut page, checkpoint);
    curves::add(&mut page, checkpoint);
    let model = Model::<T>::of(checkpoint)?;
    if let Some((train, test)) = data {
        predictions::add(&mut page, &model, test)?;
        weights::add(&mut page, &model);
        landscape::add(&mut page, &model, train)?;
        page.section("The gradient");
        step_error::add(&mut page, &model, train)?;
    } else {
        page.section("What is missing");
        page.paragraph(
            "The run's data could not be read again, so its predictions, its loss landscape and \
             its gradient's error are left out.",
        );
        weights::add(&mut page, &model);
        page.section("The gradient");
    }
    curves::add_audits(&mut page, checkpoint);
    facts::add(&mut page, checkpoint);
    Ok(page)
}
