//! Checkpoints that stay: those of the last epochs, and the best one.
use super::error::CheckpointError;
use super::payload::Checkpoint;
use super::store::{RunDirectory, put, sync_folder};
use std::fs;
use std::io;
use std::path::PathBuf;

const BEST: &str = "best.ckpt";

impl RunDirectory {
    /// Keeps an epoch's checkpoint beside the last one, as `epoch-000007.ckpt`, and with `is_best`
    /// as `best.ckpt`. Of the epochs' checkpoints the `count` newest stay.
    ///
    /// # Errors
    /// As [`save`](Self::save).
    pub fn keep(
        &mut self,
        checkpoint: &Checkpoint,
        count: u64,
        is_best: bool,
    ) -> Result<(), CheckpointError> {
        let name = format!("epoch-{:06}.ckpt", checkpoint.payload.progress.epoch);
        let path = self.path().join(&name);
        let bytes = checkpoint
            .to_bytes()
            .map_err(|fault| CheckpointError::Bad {
                path: path.clone(),
                fault,
            })?;
        let keep = || -> io::Result<()> {
            put(self.path(), &name, &bytes)?;
            if is_best {
                put(self.path(), BEST, &bytes)?;
            }
            for (_, old) in self.epochs()?.iter().rev().skip(count as usize) {
                fs::remove_file(old)?;
            }
            sync_folder(self.path())
        };
        keep().map_err(|source| CheckpointError::Write { path, source })
    }

    /// The epochs whose checkpoints are kept, in their order.
    fn epochs(&self) -> io::Result<Vec<(u64, PathBuf)>> {
        let mut epochs = Vec::new();
        for entry in fs::read_dir(self.path())? {
            let entry = entry?;
            let name = entry.file_name();
            let number = (name.to_str())
                .and_then(|name| name.strip_prefix("epoch-")?.strip_suffix(".ckpt"))
                .and_then(|number| number.parse().ok());
            epochs.extend(number.map(|number| (number, entry.path())));
        }
        epochs.sort();
        Ok(epochs)
    }
}
