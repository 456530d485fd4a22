//! What a run needs to go on, kept so that no crash and no flipped bit can spoil it.
mod check;
mod codec;
mod error;
mod format_1;
mod frame;
mod keep;
mod payload;
mod sequence;
mod store;

pub use crate::history::EpochRecord;
pub use error::{CheckpointError, Fault};
pub use frame::FORMAT_VERSION;
pub use payload::{Checkpoint, Header, Kept, Numbers, Payload};
pub use store::{Loaded, RunDirectory, load, read, write_once};
pub(crate) use store::{sync_folder, write_file};
