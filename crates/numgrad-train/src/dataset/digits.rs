//! The handwritten digits that come with the crate: 1,797 images of 8 × 8 pixels.
use super::{DataError, Dataset, Features, LoadOptions, csv};
use flate2::read::GzDecoder;
use std::path::Path;

const FILE: &[u8] = include_bytes!("../../data/digits.csv.gz");

/// The digits with their pixels of 0…16 divided by 16.
pub(super) fn load() -> Result<Dataset, DataError> {
    let path = Path::new("the embedded digits");
    let mut digits = csv::parse(path, || Ok(GzDecoder::new(FILE)), &LoadOptions::default())?;
    if let Features::Numbers(pixels) = digits.features_mut() {
        for pixel in pixels {
            *pixel /= 16.0;
        }
    }
    digits.columns = None;
    Ok(digits)
}
