//! `numgrad data fetch`: a known dataset from a mirror, into a folder that `train` reads.
use crate::args::data::{FetchArguments, Known};
use crate::failure::{Failure, Status};
use crate::out::{Out, say};
use crate::report::grouped;
use indicatif::{ProgressBar, ProgressStyle};
use numgrad_train::dataset::DataSource;
use numgrad_train::fetch::{FASHION_MNIST, FetchError, Fetched, MNIST, RemoteDataset};
use serde_json::json;
use std::path::PathBuf;

pub(crate) fn run(arguments: &FetchArguments, out: &mut Out) -> Result<(), Failure> {
    let dataset = match arguments.dataset {
        Known::Mnist => MNIST,
        Known::FashionMnist => FASHION_MNIST,
    };
    let cache = || cache().map(|cache| cache.join("numgrad").join(dataset.name));
    let folder = arguments.to.clone().or_else(cache).ok_or_else(|| {
        Failure::usage("there is no folder for caches here: name a folder with --to")
    })?;
    let own = arguments.mirror.as_deref();
    let own = own.as_slice();
    let mirrors = if own.is_empty() { dataset.mirrors } else { own };
    let mut files = Vec::new();
    for file in dataset.files {
        let bar = bar(file.bytes, file.name);
        let fetched = file.fetch(mirrors, &folder, &mut |bytes| bar.set_position(bytes));
        bar.finish_and_clear();
        let fetched = fetched.map_err(|error| failure(&error, &dataset))?;
        let how = match fetched {
            Fetched::WasThere => "is there".to_owned(),
            Fetched::Whole => format!("fetched, {} bytes", grouped(file.bytes)),
            Fetched::From(at) => format!("fetched from byte {} on", grouped(at)),
        };
        say(format_args!("{}: {how}", file.name));
        files.push(json!({"name": file.name, "bytes": file.bytes, "sha256": file.sha256}));
    }
    let source = DataSource::Mnist(folder.clone()).to_string();
    if arguments.json {
        return out.line(json!({"folder": folder, "files": files, "data": source}));
    }
    let word = shlex::try_quote(&source).map_or_else(|_| source.clone(), Into::into);
    out.line(format_args!("{} is in {}", dataset.name, folder.display()))?;
    out.line(format_args!("to train on it: numgrad train --data {word}"))
}

/// What could not be fetched, with what else can be done.
fn failure(error: &FetchError, dataset: &RemoteDataset<'_>) -> Failure {
    let advice = match error {
        FetchError::Unreachable { .. } => format!(
            "; is there a network? The same command goes on later, --mirror URL asks elsewhere, and files \
             of {} that you have are read with --data mnist:FOLDER",
            dataset.name
        ),
        FetchError::Damaged { .. } => "; --mirror URL asks elsewhere".to_owned(),
        _ => String::new(),
    };
    Failure::new(
        Status::of_code(error.exit_code()),
        format!("{error}{advice}"),
    )
}

/// A bar on a terminal, and nothing elsewhere.
fn bar(bytes: u64, name: &'static str) -> ProgressBar {
    let bar = ProgressBar::new(bytes);
    let style = "{msg} {bytes} of {total_bytes}, {bytes_per_sec}, {eta} left";
    if let Ok(style) = ProgressStyle::with_template(style) {
        bar.set_style(style);
    }
    bar.with_message(name)
}

/// The user's folder for what can be fetched again.
fn cache() -> Option<PathBuf> {
    let folder = |name| {
        let value = std::env::var_os(name).map(PathBuf::from);
        value.filter(|path| path.is_absolute())
    };
    if cfg!(windows) {
        folder("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        folder("HOME").map(|home| home.join("Library/Caches"))
    } else {
        folder("XDG_CACHE_HOME").or_else(|| folder("HOME").map(|home| home.join(".cache")))
    }
}
