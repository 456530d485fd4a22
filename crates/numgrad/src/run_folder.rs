//! What a run's folder holds beside its checkpoints: the settings, and the history as text.
use crate::failure::{Failure, Status};
use crate::settings::with_epochs;
use numgrad_train::Audit;
use numgrad_train::checkpoint::{Checkpoint, CheckpointError, EpochRecord, write_once};
use serde_json::{Map, Value, json};
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// The settings, as `numgrad train` reads them.
pub(crate) const SETTINGS: &str = "config.toml";
/// The checkpoint that a run with parameters from elsewhere began with.
const START: &str = "start.ckpt";
const TABLE: &str = "history.csv";
const LINES: &str = "history.jsonl";

/// Saves what a run begins with that no seed gives.
pub(crate) fn save_start(folder: &Path, checkpoint: &Checkpoint) -> Result<(), Failure> {
    let path = folder.join(START);
    let bytes = checkpoint
        .to_bytes()
        .map_err(|fault| CheckpointError::Bad {
            path: path.clone(),
            fault,
        })?;
    Ok(write_once(&path, &bytes)?)
}

/// What a run began with, if no seed gives it.
pub(crate) fn read_start(folder: &Path) -> Result<Option<Checkpoint>, Failure> {
    let path = folder.join(START);
    if !path.exists() {
        return Ok(None);
    }
    Ok(Some(numgrad_train::checkpoint::read(&path)?))
}

/// An epoch as an object: every field of its record, and its audit if there is one.
pub(crate) fn object_of(record: &EpochRecord, audit: Option<&Audit>) -> Map<String, Value> {
    let mut object = match json!(record) {
        Value::Object(object) => object,
        _ => Map::new(),
    };
    if let Some(audit) = audit {
        object.insert("audit".to_owned(), json!(audit));
    }
    object
}

/// The history's files. They follow the checkpoint, and are written anew when a run goes on.
#[derive(Debug)]
pub(crate) struct HistoryFiles {
    folder: PathBuf,
    columns: Vec<String>,
    written: usize,
}

impl HistoryFiles {
    pub(crate) fn create(folder: &Path) -> Result<Self, Failure> {
        for name in [TABLE, LINES] {
            let path = folder.join(name);
            File::create(&path).map_err(|error| failed(&path, &error))?;
        }
        Ok(Self {
            folder: folder.to_owned(),
            columns: Vec::new(),
            written: 0,
        })
    }

    /// Adds the epochs that are not there yet.
    pub(crate) fn follow(
        &mut self,
        history: &[EpochRecord],
        audits: &[Audit],
    ) -> Result<(), Failure> {
        let object = |k: usize| object_of(&history[k], audits.get(k));
        let fresh: Vec<_> = (self.written..history.len()).map(object).collect();
        self.append(LINES, |file| {
            for object in &fresh {
                writeln!(file, "{}", json!(object))?;
            }
            Ok(())
        })?;
        let mut rows: Vec<_> = fresh.iter().map(cells).collect();
        let before = self.columns.len();
        for (column, _) in rows.iter().flatten() {
            if !self.columns.contains(column) {
                self.columns.push(column.clone());
            }
        }
        if self.columns.len() > before {
            // A column more is a column of every line.
            rows = (0..history.len()).map(|k| cells(&object(k))).collect();
            let path = self.folder.join(TABLE);
            File::create(&path).map_err(|error| failed(&path, &error))?;
        }
        let header = (self.columns.len() > before).then_some(&self.columns);
        self.append(TABLE, |file| {
            let mut table = csv::Writer::from_writer(file);
            if let Some(header) = header {
                table.write_record(header)?;
            }
            for row in &rows {
                let cell = |column: &String| row.iter().find(|(name, _)| name == column);
                let cells = self.columns.iter().map(cell);
                table.write_record(cells.map(|cell| cell.map_or("", |(_, text)| text)))?;
            }
            table.flush()
        })?;
        self.written = history.len();
        Ok(())
    }

    fn append(
        &self,
        name: &str,
        write: impl FnOnce(&mut BufWriter<File>) -> io::Result<()>,
    ) -> Result<(), Failure> {
        let path = self.folder.join(name);
        let open = OpenOptions::new().append(true).open(&path);
        open.map(BufWriter::new)
            .and_then(|mut file| write(&mut file).and_then(|()| file.flush()))
            .map_err(|error| failed(&path, &error))
    }
}

/// The cells of an object: those of what is nested are named as audit.cosine.
fn cells(object: &Map<String, Value>) -> Vec<(String, String)> {
    fn add(name: &str, value: &Value, cells: &mut Vec<(String, String)>) {
        match value {
            Value::Object(inner) => {
                for (key, value) in inner {
                    add(&format!("{name}.{key}"), value, cells);
                }
            }
            Value::Array(inner) => {
                for (k, value) in inner.iter().enumerate() {
                    add(&format!("{name}.{k}"), value, cells);
                }
            }
            Value::Null => cells.push((name.to_owned(), String::new())),
            Value::String(text) => cells.push((name.to_owned(), text.clone())),
            value => cells.push((name.to_owned(), value.to_string())),
        }
    }
    let mut cells = Vec::new();
    for (key, value) in object {
        add(key, value, &mut cells);
    }
    cells
}

/// Writes the settings of a new run.
pub(crate) fn save_settings(folder: &Path, settings: &str) -> Result<(), Failure> {
    let path = folder.join(SETTINGS);
    fs::write(&path, settings).map_err(|error| failed(&path, &error))
}

/// The settings of a run, with the epochs that it now has; none of a run from before there were any.
pub(crate) fn settings_of(folder: &Path, epochs: u64) -> Option<String> {
    let text = fs::read_to_string(folder.join(SETTINGS)).ok()?;
    Some(with_epochs(&text, epochs))
}

fn failed(path: &Path, error: &io::Error) -> Failure {
    let message = format!("{}: cannot be written: {error}", path.display());
    Failure::new(Status::Io, message)
}
