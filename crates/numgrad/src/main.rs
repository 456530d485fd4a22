//! The program `numgrad`.
#![forbid(unsafe_code)]

mod args;
mod command;
mod expression;
mod external;
mod failure;
mod grammar;
mod interrupt;
mod out;
mod plot;
mod program;
mod progress;
mod report;
mod setup;

use args::{Arguments, Command};
use clap::Parser;
use failure::Failure;
use numgrad_core::{Instructions, use_instructions};
use out::{Out, say};
use std::process::ExitCode;

/// The environment variable that names the vector instructions to use.
const INSTRUCTIONS: &str = "NUMGRAD_INSTRUCTIONS";

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say(format_args!("numgrad: {failure}"));
            ExitCode::from(failure.status as u8)
        }
    }
}

fn run() -> Result<(), Failure> {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    choose_instructions()?;
    let mut out = Out::default();
    match arguments.command {
        Command::Train(arguments) => command::train::run(&arguments, &mut out),
        Command::Evaluate(arguments) => command::evaluate::run(&arguments, &mut out),
        Command::Check(arguments) => command::check::run(&arguments, &mut out),
        Command::Bench(arguments) => command::bench::run(&arguments, &mut out),
        Command::Compare(arguments) => command::compare::run(&arguments, &mut out),
        Command::Inspect(arguments) => command::inspect::run(&arguments, &mut out),
        Command::Minimize(arguments) => command::minimize::run(&arguments, &mut out),
        Command::Differentiate(arguments) => command::differentiate::run(&arguments, &mut out),
        Command::Descend(arguments) => command::descend::run(&arguments, &mut out),
    }
}

/// The environment may ask for other vector instructions than the widest, to measure or to compare.
fn choose_instructions() -> Result<(), Failure> {
    let Ok(name) = std::env::var(INSTRUCTIONS) else {
        return Ok(());
    };
    let instructions: Instructions = name
        .parse()
        .map_err(|error| Failure::usage(format!("{INSTRUCTIONS}: {error}")))?;
    if use_instructions(instructions) {
        Ok(())
    } else {
        let message = format!("{INSTRUCTIONS}: this CPU has no {instructions}");
        Err(Failure::usage(message))
    }
}

/// Help goes to standard output; a wrong command line to standard error, with status 2.
fn usage(error: &clap::Error) -> Result<(), Failure> {
    if !error.use_stderr() {
        return Out::default().text(error.render());
    }
    let text = error.to_string();
    let message = text.strip_prefix("error: ").unwrap_or(&text).trim_end();
    // clap's message, its hint and its usage as one line.
    let lines: Vec<&str> = message
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    Err(Failure::usage(lines.join("; ")))
}
