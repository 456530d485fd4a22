//! The program `numgrad`.
#![forbid(unsafe_code)]

mod args;
mod command;
mod command_line;
#[cfg(feature = "tui")]
mod dashboard;
mod expression;
mod external;
mod failure;
mod grammar;
mod html;
mod interrupt;
mod log;
mod out;
mod plot;
mod program;
mod progress;
mod ranks;
mod report;
mod run_folder;
mod run_report;
mod settings;
mod setup;
mod table;
mod tensorboard;

use args::Command;
use clap::error::ErrorKind;
use command_line::{one_line, parse};
use failure::Failure;
use numgrad_core::{Instructions, use_instructions};
use numgrad_mpi::World;
use out::{Out, say};
use ranks::Ranks;
use std::process::ExitCode;

/// The environment variable that names the vector instructions to use.
const INSTRUCTIONS: &str = "NUMGRAD_INSTRUCTIONS";

fn main() -> ExitCode {
    let ended = match World::join() {
        Ok(world) => {
            let ended = run(&Ranks::of(world.as_ref()));
            // Before the world is left: the launcher ends all at the first that exits with a status.
            ended.inspect_err(Failure::say)
        }
        Err(error) => Err(Failure::usage(error)).inspect_err(Failure::say),
    };
    ended.map_or_else(
        |failure| ExitCode::from(failure.status as u8),
        |()| ExitCode::SUCCESS,
    )
}

fn run(ranks: &Ranks) -> Result<(), Failure> {
    let arguments = match parse(std::env::args_os().collect())? {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    choose_instructions()?;
    ranks.can(&arguments.command)?;
    if ranks.is_first() {
        log::listen(arguments.verbose);
    }
    let mut out = Out::default();
    match arguments.command {
        Command::Train(arguments) => command::train::run(&arguments, ranks, &mut out),
        Command::Evaluate(arguments) => command::evaluate::run(&arguments, &mut out),
        Command::Predict(arguments) => command::predict::run(&arguments, &mut out),
        Command::Check(arguments) => command::check::run(&arguments, &mut out),
        Command::Bench(arguments) => command::bench::run(&arguments, ranks, &mut out),
        Command::Scale(arguments) => command::scale::run(&arguments, &mut out),
        Command::Compare(arguments) if arguments.runs.is_empty() => {
            command::compare::run(&arguments, &mut out)
        }
        Command::Compare(arguments) => command::compare_runs::run(&arguments, &mut out),
        Command::Report(arguments) => command::report::run(&arguments, &mut out),
        Command::Inspect(arguments) => command::inspect::run(&arguments, &mut out),
        Command::Data(arguments) => command::data::run(&arguments, &mut out),
        Command::Export(arguments) => command::export::run(&arguments, &mut out),
        Command::Import(arguments) => command::import::run(&arguments, &mut out),
        Command::Minimize(arguments) => command::minimize::run(&arguments, &mut out),
        Command::Differentiate(arguments) => command::differentiate::run(&arguments, &mut out),
        Command::Descend(arguments) => command::descend::run(&arguments, &mut out),
        Command::Completions(arguments) => command::completions::run(&arguments, &mut out),
        Command::Man(arguments) => command::man::run(&arguments, &mut out),
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

/// Help goes to standard output; a wrong command line to standard error, with status 2, and so
/// does the help that nobody asked for.
fn usage(error: &clap::Error) -> Result<(), Failure> {
    if !error.use_stderr() {
        return Out::default().text(error.render());
    }
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        say(error.render().to_string().trim_end());
        return Err(Failure::usage(
            "a command is missing, such as: numgrad train",
        ));
    }
    Err(Failure::usage(one_line(error)))
}
