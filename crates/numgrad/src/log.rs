//! What `-v` adds on standard error: what is read, built, changed and saved, a line each.
//!
//! Nothing is formatted, and next to nothing done, where nobody asked for it.
use std::collections::VecDeque;
use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};
use tracing::Level;
use tracing::level_filters::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::time::uptime;

/// Lines that are kept where something else is drawn on the terminal.
const KEPT: usize = 200;

/// Listens to what is logged: with 1 to what happens once or once an epoch, with more to each step.
pub(crate) fn listen(verbosity: u8) {
    let level = match verbosity {
        0 => return,
        1 => Level::INFO,
        _ => Level::DEBUG,
    };
    tracing_subscriber::fmt()
        .with_max_level(level)
        .with_timer(uptime())
        .with_target(false)
        .with_ansi(colours_are_welcome())
        .with_writer(Sink)
        .init();
}

/// Whether anybody listens: what is drawn in place would be torn by what is said.
pub(crate) fn is_listening() -> bool {
    LevelFilter::current() != LevelFilter::OFF
}

/// Whether colours are welcome on standard error: <https://no-color.org>.
pub(crate) fn colours_are_welcome() -> bool {
    let is_asked_off = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    !is_asked_off && !is_dumb && io::stderr().is_terminal()
}

/// The last lines, while a dashboard has the terminal.
static LINES: Mutex<Option<VecDeque<String>>> = Mutex::new(None);

/// Keeps what is logged from now on, instead of writing it, or writes what was kept and goes on so.
#[cfg_attr(
    not(feature = "tui"),
    expect(dead_code, reason = "a dashboard holds lines back")
)]
pub(crate) fn hold(is_held: bool) {
    let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    if is_held {
        lines.get_or_insert_default();
    } else if let Some(kept) = lines.take() {
        for line in kept {
            crate::out::say(line);
        }
    }
}

/// The last lines that are held back.
#[cfg_attr(
    not(feature = "tui"),
    expect(dead_code, reason = "a dashboard shows them")
)]
pub(crate) fn held(count: usize) -> Vec<String> {
    let lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
    let lines = lines.iter().flatten();
    lines
        .clone()
        .skip(lines.count().saturating_sub(count))
        .cloned()
        .collect()
}

/// Where lines go.
struct Sink;

impl<'a> MakeWriter<'a> for Sink {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        Self
    }
}

impl Write for Sink {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut lines = LINES.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *lines {
            Some(kept) => {
                kept.push_back(String::from_utf8_lossy(line).trim_end().to_owned());
                if kept.len() > KEPT {
                    kept.pop_front();
                }
            }
            // Where standard error cannot be written, nobody can be told.
            None => drop(io::stderr().lock().write_all(line)),
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
