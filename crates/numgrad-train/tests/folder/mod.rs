//! What is in a folder.
#![expect(
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop there"
)]
use std::fs;
use std::path::Path;

/// The names of what is in a folder, in order.
pub(crate) fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
