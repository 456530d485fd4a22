//! Everything that is printed goes through here, so that no closed pipe is ever a panic.
use crate::failure::{Failure, Status};
use std::fmt;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether this process is one of several that share a run, and not the one that speaks.
static SILENT: AtomicBool = AtomicBool::new(false);

/// Standard output. After its reader has gone, what is printed is dropped and the work goes on;
/// any other failure to write ends the program with status 74.
#[derive(Debug, Default)]
pub(crate) struct Out {
    closed: bool,
}

impl Out {
    /// Prints a line.
    pub(crate) fn line(&mut self, line: impl fmt::Display) -> Result<(), Failure> {
        self.text(format_args!("{line}\n"))
    }

    /// Prints text as it is, and flushes it.
    pub(crate) fn text(&mut self, text: impl fmt::Display) -> Result<(), Failure> {
        if self.closed || SILENT.load(Ordering::Relaxed) {
            return Ok(());
        }
        let mut stdout = io::stdout().lock();
        match write!(stdout, "{text}").and_then(|()| stdout.flush()) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(())
            }
            Err(error) => Err(Failure::new(
                Status::Io,
                format!("standard output cannot be written: {error}"),
            )),
        }
    }
}

/// Leaves speaking to another rank.
pub(crate) fn silence() {
    SILENT.store(true, Ordering::Relaxed);
}

/// Says something on standard error, unless another rank does.
pub(crate) fn say(line: impl fmt::Display) {
    if !SILENT.load(Ordering::Relaxed) {
        shout(line);
    }
}

/// Says on standard error what this rank alone knows. Where that cannot be written, nobody can be
/// told. Written at once: a launcher may mix the pieces of one rank with those of another.
pub(crate) fn shout(line: impl fmt::Display) {
    let _ = io::stderr().write_all(format!("{line}\n").as_bytes());
}
