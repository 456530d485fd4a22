//! What a run needs to go on, kept so that no crash and no flipped bit can spoil it.
mod check;
mod codec;
mod error;
mod frame;
mod payload;
mod store;

pub use error::{CheckpointError, Fault};
pub use frame::FORMAT_VERSION;
pub use payload::{Checkpoint, EpochRecord, Header, Numbers, Payload};
pub(crate) use store::sync_folder;
pub use store::{Loaded, RunDirectory, load, read, write_once};
