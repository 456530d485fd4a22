//! `numgrad report`: a page about a run.
use crate::args::ReportArguments;
use crate::failure::Failure;
use crate::out::{Out, say};
use crate::report::warn;
use crate::run_report::{self, FILE, Subject};
use crate::setup::on_pool;
use numgrad_train::Prepared;
use numgrad_train::checkpoint::load;
use serde_json::json;
use std::path::{Path, PathBuf};

pub(crate) fn run(arguments: &ReportArguments, out: &mut Out) -> Result<(), Failure> {
    let loaded = load(&arguments.run)?;
    warn(loaded.warning.as_ref());
    let folder = loaded.path.parent().unwrap_or(Path::new(""));
    let path = arguments.output.clone();
    let path = path.unwrap_or_else(|| folder.join(FILE));
    let data = match Prepared::load(&loaded.checkpoint.header.configuration) {
        Ok(data) => Some(data),
        Err(error) => {
            say(format_args!(
                "numgrad: warning: {error}; the page is drawn without the data"
            ));
            None
        }
    };
    let subject = Subject {
        name: &name_of(&arguments.run),
        checkpoint: &loaded.checkpoint,
        data: data.as_ref().map(|data| (&data.train, &data.test)),
    };
    on_pool(arguments.threads, || run_report::write(subject, &path))??;
    if arguments.json {
        return out.line(json!({ "report": path }));
    }
    out.line(format_args!("report in {}", path.display()))
}

/// A run by the last part of its path, or by where `.` and `..` lead.
pub(crate) fn name_of(run: &Path) -> String {
    let full = || run.canonicalize().unwrap_or_else(|_| PathBuf::from(run));
    let name = run.file_name().map(ToOwned::to_owned);
    let name = name.or_else(|| full().file_name().map(ToOwned::to_owned));
    name.unwrap_or_default().to_string_lossy().into_owned()
}
