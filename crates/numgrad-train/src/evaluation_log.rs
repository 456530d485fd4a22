//! Every evaluation of a function that is dear, written down before it is used.
//!
//! A line of JSON for each, appended and synced: whatever ends the process, no evaluation that was
//! written is lost. A run whose path follows from its values alone is resumed by walking it again
//! with the values of the log: the log is the checkpoint.
use crate::checkpoint::sync_folder;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use thiserror::Error;

/// The evaluations of a run, those of its file and those that are added.
#[derive(Debug)]
pub struct EvaluationLog {
    path: PathBuf,
    file: Mutex<File>,
    found: HashMap<u64, Line>,
}

/// What an evaluation came to.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// A number.
    Value(f64),
    /// Nothing, and why; with the number that stands for it, if one does.
    Failed(String, Option<f64>),
}

/// A line of the file.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Line {
    evaluation: u64,
    /// The first half of BLAKE3 of the point, in hexadecimal.
    point: String,
    value: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    failure: Option<String>,
}

/// A log that cannot be read, written or used.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum LogError {
    /// Reading or writing failed.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A line, before the last one, that is no evaluation.
    #[error("{}:{line}: {reason}", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// The log has another point for an evaluation than the run.
    #[error("{}: evaluation {evaluation} was of another point: the log is of another run", path.display())]
    OtherPoint {
        /// The file.
        path: PathBuf,
        /// The evaluation, from 0.
        evaluation: u64,
    },
}

impl EvaluationLog {
    /// Opens a log, or begins one. A last line without its end, which a crash left, is cut off.
    ///
    /// # Errors
    /// If the file cannot be read or written, or holds what is no evaluation.
    pub fn open(path: &Path) -> Result<Self, LogError> {
        let failed = |source| LogError::Io {
            path: path.to_owned(),
            source,
        };
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .read(true)
            .write(true)
            .open(path)
            .map_err(failed)?;
        let mut found = HashMap::new();
        let (mut whole, mut number) = (0, 0);
        let mut reader = BufReader::new(&file);
        let mut text = Vec::new();
        loop {
            text.clear();
            let length = reader.read_until(b'\n', &mut text).map_err(failed)?;
            if length == 0 || text.last() != Some(&b'\n') {
                break;
            }
            number += 1;
            let line: Line = serde_json::from_slice(&text).map_err(|error| LogError::Line {
                path: path.to_owned(),
                line: number,
                reason: error.to_string(),
            })?;
            found.insert(line.evaluation, line);
            whole += length as u64;
        }
        drop(reader);
        let mut file = file;
        file.set_len(whole).map_err(failed)?;
        file.seek(SeekFrom::Start(whole)).map_err(failed)?;
        file.sync_all().map_err(failed)?;
        if let Some(folder) = path.parent() {
            sync_folder(folder).map_err(failed)?;
        }
        Ok(Self {
            path: path.to_owned(),
            file: Mutex::new(file),
            found,
        })
    }

    /// The evaluations that the file held when it was opened.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether the file held none.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// What an evaluation of this point came to, if it is in the log.
    ///
    /// # Errors
    /// [`LogError::OtherPoint`] if the log has another point for it.
    pub fn get(&self, evaluation: u64, point: &[f64]) -> Result<Option<Outcome>, LogError> {
        let Some(line) = self.found.get(&evaluation) else {
            return Ok(None);
        };
        if line.point != fingerprint(point) {
            return Err(LogError::OtherPoint {
                path: self.path.clone(),
                evaluation,
            });
        }
        Ok(Some(match (&line.failure, line.value) {
            (None, Some(value)) => Outcome::Value(value),
            (failure, value) => Outcome::Failed(failure.clone().unwrap_or_default(), value),
        }))
    }

    /// Writes down what an evaluation came to, and returns once it is on the disk.
    ///
    /// # Errors
    /// [`LogError::Io`] if it cannot be written; what was written before is still there.
    pub fn append(
        &self,
        evaluation: u64,
        point: &[f64],
        outcome: &Outcome,
    ) -> Result<(), LogError> {
        let (value, failure) = match outcome {
            Outcome::Value(value) => (Some(*value), None),
            Outcome::Failed(why, value) => (*value, Some(why.clone())),
        };
        let line = Line {
            evaluation,
            point: fingerprint(point),
            value,
            failure,
        };
        let failed = |source| LogError::Io {
            path: self.path.clone(),
            source,
        };
        let mut text = serde_json::to_vec(&line).map_err(|error| failed(error.into()))?;
        text.push(b'\n');
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        file.write_all(&text).map_err(failed)?;
        file.sync_data().map_err(failed)
    }
}

fn fingerprint(point: &[f64]) -> String {
    let mut hasher = blake3::Hasher::new();
    for entry in point {
        hasher.update(&entry.to_le_bytes());
    }
    hasher.finalize().to_hex()[..32].to_owned()
}
