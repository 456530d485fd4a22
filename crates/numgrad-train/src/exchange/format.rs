//! The formats by name.
use super::ExchangeError;
use std::fmt;
use std::path::Path;
use std::str::FromStr;

/// A file format for networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Format {
    /// Named tensors, as Hugging Face and PyTorch users exchange them.
    Safetensors,
    /// Named arrays in a zip archive, as `numpy.savez` writes them.
    Npz,
    /// A graph that ONNX runtimes execute: opset 13.
    Onnx,
    /// Numbers as text, for everything else.
    Json,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Safetensors, Self::Npz, Self::Onnx, Self::Json];

    /// The name, which is the extension of its files as well.
    pub fn name(self) -> &'static str {
        match self {
            Self::Safetensors => "safetensors",
            Self::Npz => "npz",
            Self::Onnx => "onnx",
            Self::Json => "json",
        }
    }

    /// The format that a file's extension names.
    ///
    /// # Errors
    /// [`ExchangeError::UnknownFormat`], with the file's name.
    pub fn of_path(path: &Path) -> Result<Self, ExchangeError> {
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        extension
            .to_ascii_lowercase()
            .parse()
            .map_err(|_| ExchangeError::UnknownFormat(path.display().to_string()))
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Format {
    type Err = ExchangeError;

    fn from_str(name: &str) -> Result<Self, ExchangeError> {
        let found = Self::ALL.into_iter().find(|format| format.name() == name);
        found.ok_or_else(|| ExchangeError::UnknownFormat(name.to_owned()))
    }
}
