//! Any text as a run's configuration file, on the way that `numgrad train FILE` takes.
#![no_main]
#![allow(dead_code, unused_imports, reason = "the program's other commands")]

// The program's own modules, in a module of their own so that each finds its files.
#[path = "../../crates/numgrad/src"]
mod program {
    pub(crate) mod args;
    pub(crate) mod command_line;
    pub(crate) mod failure;
    pub(crate) mod out;
    pub(crate) mod settings;
}
use program::{args, command_line, failure, out, settings};

use libfuzzer_sys::fuzz_target;
use numgrad_fuzz::file;
use std::ffi::OsString;

fuzz_target!(|text: &[u8]| {
    let Some(settings) = read(text) else { return };
    // A run's folder keeps what it was asked as a file: it asks for the same.
    let printed = settings.to_string();
    let again = read(printed.as_bytes()).map(|again| again.to_string());
    assert_eq!(again.as_ref(), Some(&printed));
});

/// What a file asks for, if it asks for anything that can be.
fn read(text: &[u8]) -> Option<settings::Settings> {
    let path = OsString::from(file("run.toml", text));
    let line = vec!["numgrad".into(), "train".into(), path];
    match command_line::parse(line).ok()?.ok()?.command {
        args::Command::Train(asked) => Some(asked.settings),
        other => panic!("a training became {other:?}"),
    }
}
