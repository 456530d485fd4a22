//! A folder of PNG images: in a folder for each class, or, to be predicted, without.
use super::columns::{Column, Columns, Role};
use super::image::{Extent, read};
use super::learn::{clipped_list, sorted};
use super::rows::{clipped, word};
use super::{DataError, Dataset, Features, Labels, LoadOptions, Missing};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The images of a folder in their order: class by class, each by the names of its files.
struct Listing {
    classes: Vec<String>,
    files: Vec<(PathBuf, u32)>,
}

/// A dataset of images with their classes: of these names, if a run knows them, else those of the
/// folders within.
pub(super) fn load(
    folder: &Path,
    columns: Option<&Columns>,
    options: &LoadOptions,
) -> Result<Dataset, DataError> {
    let wrong = |message: &str| Err(DataError::in_file(folder, message));
    let is_mnist = |end| {
        folder
            .join(format!("train-images-idx3-ubyte{end}"))
            .exists()
    };
    if ["", ".gz"].into_iter().any(is_mnist) {
        return wrong("holds the files of MNIST: say mnist: before its name");
    }
    let mut listing = Listing::of(folder)?;
    if listing.classes.is_empty() {
        return wrong(
            "holds no folder: put the images of each class into a folder with the name of the class",
        );
    }
    match columns.and_then(Columns::class_names) {
        Some(known) => listing.take_classes(folder, known)?,
        None if listing.classes.len() == 1 => {
            return wrong("holds one folder alone: there are no classes to tell apart");
        }
        None => {}
    }
    let labels = Labels::Classes {
        classes: listing.classes.len(),
        labels: listing.files.iter().map(|&(_, class)| class).collect(),
    };
    dataset(folder, listing, columns, labels, options)
}

/// The images of a folder without their classes, whether it has folders of them or not.
pub(super) fn inputs(
    folder: &Path,
    columns: Option<&Columns>,
    options: &LoadOptions,
) -> Result<Dataset, DataError> {
    let mut listing = Listing::of(folder)?;
    if let Some(known) = columns.and_then(Columns::class_names) {
        listing.classes = known.to_vec();
    }
    let labels = Labels::Unknown(listing.files.len());
    dataset(folder, listing, columns, labels, options)
}

/// The names of the images in their order, without the folder's.
pub(super) fn names(folder: &Path) -> Result<Vec<String>, DataError> {
    let name = |(path, _): &(PathBuf, u32)| {
        let inner = path.strip_prefix(folder).unwrap_or(path);
        word(&inner.to_string_lossy())
    };
    Ok(Listing::of(folder)?.files.iter().map(name).collect())
}

/// Whether a folder has folders within.
pub(super) fn has_classes(folder: &Path) -> Result<bool, DataError> {
    Ok(!Listing::of(folder)?.classes.is_empty())
}

fn dataset(
    folder: &Path,
    listing: Listing,
    columns: Option<&Columns>,
    labels: Labels,
    options: &LoadOptions,
) -> Result<Dataset, DataError> {
    let known = columns.and_then(Columns::extent);
    let mut expected = known.map(|extent| (extent, "the run was trained on images of".to_owned()));
    let mut pixels = Vec::new();
    let most = options.max_bytes / (listing.files.len() as u64).max(1);
    for (path, _) in &listing.files {
        let extent = expected.as_ref().map(|(extent, of)| (*extent, of.as_str()));
        let found = read(path, extent, most, &mut pixels)?;
        expected.get_or_insert_with(|| (found, format!("{} is", path.display())));
    }
    let Some((extent, _)) = expected.filter(|_| !listing.files.is_empty()) else {
        return Err(DataError::in_file(folder, "holds no PNG image"));
    };
    let data = Dataset::new(extent.values(), Features::Bytes(pixels), labels);
    let mut data = data.map_err(|message| DataError::in_file(folder, message))?;
    data.set_columns(of_images(extent, listing.classes));
    Ok(data)
}

/// What is kept with a run: the extent of its images, and the names of its classes.
fn of_images(extent: Extent, classes: Vec<String>) -> Columns {
    let column = |name: &str, role| Column {
        name: Some(name.to_owned()),
        role,
    };
    let pixels = Role::Pixels {
        height: extent.height,
        width: extent.width,
        channels: extent.channels,
    };
    Columns {
        columns: vec![
            column("pixels", pixels),
            column("class", Role::Named { classes }),
        ],
        missing: Missing::Error,
    }
}

impl Listing {
    fn of(folder: &Path) -> Result<Self, DataError> {
        let (folders, files) = entries(folder)?;
        let names = folders.iter().map(|(name, _)| name.clone());
        let classes = sorted(names.collect::<BTreeSet<String>>());
        if let (Some((name, _)), false) = (files.first(), classes.is_empty()) {
            let message = format!(
                "holds '{}' beside the folders of its classes: move it into one of them",
                clipped(name)
            );
            return Err(DataError::in_file(folder, message));
        }
        let mut listed: Vec<(PathBuf, u32)> =
            files.into_iter().map(|(_, path)| (path, 0)).collect();
        for (class, name) in (0..).zip(&classes) {
            let within = folders.iter().filter(|(other, _)| other == name);
            for (_, path) in within {
                let (deeper, files) = entries(path)?;
                if let Some((name, _)) = deeper.first() {
                    let message = format!(
                        "holds the folder '{}', where images are expected: give the folder whose \
                         folders are the classes",
                        clipped(name)
                    );
                    return Err(DataError::in_file(path, message));
                }
                if files.is_empty() {
                    return Err(DataError::in_file(path, "holds no PNG image"));
                }
                listed.extend(files.into_iter().map(|(_, path)| (path, class)));
            }
        }
        Ok(Self {
            classes,
            files: listed,
        })
    }

    /// Puts the names that a run knows in the place of the folders'.
    fn take_classes(&mut self, folder: &Path, known: &[String]) -> Result<(), DataError> {
        let mut numbers = Vec::with_capacity(self.classes.len());
        for class in &self.classes {
            let number = known.iter().position(|name| name == class);
            numbers.push(number.ok_or_else(|| {
                let message = format!(
                    "'{}' is none of the classes that the run was trained on: {}",
                    clipped(class),
                    clipped_list(known)
                );
                DataError::in_file(folder, message)
            })?);
        }
        for (_, class) in &mut self.files {
            *class = numbers[*class as usize] as u32;
        }
        self.classes = known.to_vec();
        Ok(())
    }
}

type Entries = Vec<(String, PathBuf)>;

/// The folders and the PNG images in a folder, each with its name and sorted by it. What is hidden is
/// left out; any other file is an error, so that no image is overlooked.
fn entries(folder: &Path) -> Result<(Entries, Entries), DataError> {
    let failed = |source| DataError::reading(folder, source);
    let (mut folders, mut files) = (Vec::new(), Vec::new());
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = word(&name);
        if name.starts_with('.') {
            continue;
        }
        let extension = path.extension().unwrap_or_default();
        if path.is_dir() {
            folders.push((name, path));
        } else if extension.eq_ignore_ascii_case("png") {
            files.push((name, path));
        } else {
            let message = "is no PNG image: convert it to one, or move it out of the folder";
            return Err(DataError::in_file(&path, message));
        }
    }
    folders.sort();
    files.sort();
    Ok((folders, files))
}
