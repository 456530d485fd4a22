//! Everything that is printed goes through here, so that no closed pipe is ever a panic.
use crate::failure::{Failure, Status};
use std::fmt;
use std::io::{self, Write};

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
        if self.closed {
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

/// Says something on standard error. Where that cannot be written, nobody can be told.
pub(crate) fn say(line: impl fmt::Display) {
    let _ = writeln!(io::stderr().lock(), "{line}");
}
