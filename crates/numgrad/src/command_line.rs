//! From the words of the command line, and of a configuration file, to what is asked.
use crate::args::{Arguments, Command};
use crate::failure::Failure;
use crate::settings::{Kind, Settings, words};
use clap::error::{ContextKind, ContextValue};
use clap::parser::ValueSource;
use clap::{ArgMatches, CommandFactory, FromArgMatches};
use std::error::Error;
use std::ffi::OsString;
use std::path::PathBuf;

/// Less alike than this is no mistyping: two of five letters may be others, or change places.
const ALIKE: f64 = 0.6;

/// What the words ask for: help, or a mistake, is clap's error.
pub(crate) fn parse(mut line: Vec<OsString>) -> Result<Result<Arguments, clap::Error>, Failure> {
    let command = command();
    let matches = match command.clone().try_get_matches_from(&line) {
        Ok(matches) => matches,
        Err(error) => return Ok(Err(error)),
    };
    if let (Some(check), Some(given)) = (
        command.find_subcommand("check"),
        matches.subcommand_matches("check"),
    ) {
        keep_run(check, given)?;
    }
    let (Some(train), Some(given)) = (
        command.find_subcommand("train"),
        matches.subcommand_matches("train"),
    ) else {
        return Ok(Arguments::from_arg_matches(&matches));
    };
    let matches = match given.get_one::<PathBuf>("config") {
        None => matches,
        Some(path) => {
            let words = words(train, path, given)?;
            // Behind the name of the command, before which only -v may stand.
            let name = line.iter().position(|word| word == "train").unwrap_or(1);
            line.splice((name + 1)..=name, words.into_iter().map(OsString::from));
            match command.clone().try_get_matches_from(&line) {
                Ok(matches) => matches,
                Err(error) => return Ok(Err(error)),
            }
        }
    };
    let given = matches.subcommand_matches("train").unwrap_or(&matches);
    keep_fixed(train, given)?;
    let arguments = Arguments::from_arg_matches(&matches).map(|mut arguments| {
        if let Command::Train(asked) = &mut arguments.command {
            asked.settings = Settings::of(train, given);
        }
        arguments
    });
    Ok(arguments)
}

/// The program's commands. Where a number is expected, -1 is one and not a flag.
pub(crate) fn command() -> clap::Command {
    let with_numbers = |arg: clap::Arg| match Kind::of(&arg) {
        Kind::Number | Kind::Whole => arg.allow_negative_numbers(true),
        Kind::Flag | Kind::Text => arg,
    };
    Arguments::command().mut_subcommands(|command| command.mut_args(with_numbers))
}

/// The check of a trained run is of its own network and data, by another scheme or step at most.
fn keep_run(check: &clap::Command, given: &ArgMatches) -> Result<(), Failure> {
    if given.get_one::<PathBuf>("run").is_none() {
        return Ok(());
    }
    let own = ["Data", "Network", "Gradient"];
    let other = check.get_arguments().find(|arg| {
        let id = arg.get_id().as_str();
        let is_own = arg
            .get_help_heading()
            .is_some_and(|name| own.contains(&name));
        is_own && !["scheme", "step"].contains(&id) && is_given(given, id)
    });
    other.map_or(Ok(()), |arg| {
        let flag = arg.get_long().unwrap_or_default();
        Err(Failure::usage(format!(
            "--{flag} cannot be used with a run: it is checked as it was trained"
        )))
    })
}

fn is_given(matches: &ArgMatches, id: &str) -> bool {
    matches.value_source(id) == Some(ValueSource::CommandLine)
}

/// A run that goes on, or is repeated, has its settings: what may be given with it says where the
/// run is kept and how it is shown, and how far it goes on.
fn keep_fixed(train: &clap::Command, given: &ArgMatches) -> Result<(), Failure> {
    let is_given = |id: &str| is_given(given, id);
    let Some(mode) = ["resume", "repeat"].into_iter().find(|id| is_given(id)) else {
        return Ok(());
    };
    for arg in train.get_arguments() {
        let id = arg.get_id().as_str();
        let may_be = match id {
            "config" => false,
            "epochs" => mode == "resume",
            "run" => mode == "repeat",
            _ => arg.get_help_heading() == Some("Run"),
        };
        if is_given(id) && !may_be {
            let name = arg
                .get_long()
                .map_or(id.to_owned(), |long| format!("--{long}"));
            return Err(Failure::usage(format!(
                "{name} cannot be used with --{mode}: the run keeps its own"
            )));
        }
    }
    Ok(())
}

/// clap's message, its hint and its usage as one line, with a suggestion for a mistyped value.
pub(crate) fn one_line(error: &clap::Error) -> String {
    let text = error.to_string();
    let message = text.strip_prefix("error: ").unwrap_or(&text).trim_end();
    let lines: Vec<&str> = message
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("For more information"))
        // No value begins with two dashes.
        .filter(|line| !line.starts_with("tip: to pass '--"))
        .collect();
    let mut line = lines.join("; ").replace(":; ", ": ");
    for (of_rust, of_people) in [
        (
            "invalid digit found in string",
            "it is no whole number of at least 0",
        ),
        (
            "cannot parse integer from empty string",
            "a whole number is missing",
        ),
        ("invalid float literal", "it is no number"),
    ] {
        line = line.replace(of_rust, of_people);
    }
    if let Some(similar) = similar_value(error) {
        line.extend(["; did you mean '", &similar, "'?"]);
    }
    line
}

/// The name that a mistyped value may have meant, of those that the value's own error lists.
fn similar_value(error: &clap::Error) -> Option<String> {
    let Some(ContextValue::String(value)) = error.get(ContextKind::InvalidValue) else {
        return None;
    };
    let listed = error.source()?.to_string();
    let parts = |text| {
        str::split(text, |letter: char| {
            !letter.is_alphanumeric() && letter != '-'
        })
    };
    let given: Vec<&str> = parts(value).filter(|part| part.len() > 1).collect();
    let names: Vec<&str> = parts(&listed).filter(|name| name.len() > 1).collect();
    // The message quotes the value: its own words are no names.
    let others = || names.iter().filter(|name| !given.contains(name)).copied();
    let found = given.iter().find_map(|part| closest(part, others()));
    found.map(str::to_owned)
}

/// The name most like this one, if any is like it.
pub(crate) fn closest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase();
    let alike = known.map(|known| {
        let other = known.to_lowercase();
        (strsim::normalized_damerau_levenshtein(&name, &other), known)
    });
    let alike = alike.filter(|(alike, _)| *alike >= ALIKE);
    alike
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, known)| known)
}
