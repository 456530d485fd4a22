//! Bytes in memory, or in a file that is larger: then they are read where and when they are needed.
use std::fs::File;
use std::io;
use std::sync::Arc;

/// Bytes that may be read from any place, by several threads at once.
#[derive(Debug, Clone)]
pub(super) enum Bytes {
    /// In memory.
    Held(Arc<Vec<u8>>),
    /// In a file, from this place on. What was read lately the operating system still holds.
    InFile(Arc<File>, u64),
}

impl PartialEq for Bytes {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Held(a), Self::Held(b)) => a == b,
            (Self::InFile(a, at), Self::InFile(b, bt)) => Arc::ptr_eq(a, b) && at == bt,
            _ => false,
        }
    }
}

impl Bytes {
    /// The bytes from `at` on; of a file they are read into `room`.
    pub(super) fn get<'a>(
        &'a self,
        at: u64,
        length: usize,
        room: &'a mut Vec<u8>,
    ) -> io::Result<&'a [u8]> {
        match self {
            Self::Held(bytes) => {
                let at = usize::try_from(at).unwrap_or(usize::MAX);
                let end = at.saturating_add(length);
                bytes
                    .get(at..end)
                    .ok_or(io::ErrorKind::UnexpectedEof.into())
            }
            Self::InFile(file, start) => {
                room.resize(length, 0);
                read_at(file, room, start.saturating_add(at))?;
                Ok(room)
            }
        }
    }
}

#[cfg(unix)]
fn read_at(file: &File, room: &mut [u8], at: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, room, at)
}

#[cfg(windows)]
fn read_at(file: &File, mut room: &mut [u8], mut at: u64) -> io::Result<()> {
    while !room.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, room, at)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                room = &mut room[read..];
                at += read as u64;
            }
        }
    }
    Ok(())
}
