//! From a configuration file to the words of a command line.
use super::{Kind, keys};
use crate::command_line::{closest, one_line};
use crate::failure::{Failure, Status};
use clap::{Arg, ArgMatches};
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use toml::de::{DeTable, DeValue};

/// The longest file that is read.
const LIMIT: u64 = 1 << 20;

/// The words that say what the file does, but for keys that the command line gives itself.
pub(crate) fn words(
    command: &clap::Command,
    path: &Path,
    given: &ArgMatches,
) -> Result<Vec<String>, Failure> {
    let text = read(path)?;
    let at = |offset: usize, message: &str| {
        let line = 1 + text[..offset].matches('\n').count();
        Failure::usage(format!("{}:{line}: {message}", path.display()))
    };
    let table = DeTable::parse(&text).map_err(|error| {
        let start = error.span().map_or(0, |span| span.start);
        let is_named_so = path.extension().is_some_and(|is| is == "toml");
        let advice = if is_named_so {
            String::new()
        } else {
            format!("; a file of data is given with --data {}", path.display())
        };
        at(start, &format!("{}{advice}", error.message()))
    })?;
    let mut words = Vec::new();
    let mut entries: Vec<_> = table.get_ref().iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    for (key, value) in entries {
        let wrong = |message: String| at(key.span().start, &message);
        let name = key.get_ref().as_ref();
        let found = keys(command).find(|(known, _)| *known == name);
        let (_, arg) = found.ok_or_else(|| wrong(unknown(command, name)))?;
        let Some(word) = word(name, arg, value.get_ref()).map_err(wrong)? else {
            continue;
        };
        // Alone, so that what is wrong with it is known to be of this line.
        let alone = command.clone().try_get_matches_from(["train", &word]);
        alone.map_err(|error| wrong(one_line(&error)))?;
        let source = given.value_source(arg.get_id().as_str());
        if source != Some(clap::parser::ValueSource::CommandLine) {
            words.push(word);
        }
    }
    Ok(words)
}

fn read(path: &Path) -> Result<String, Failure> {
    let failed = |error: &io::Error| {
        let status = match error.kind() {
            io::ErrorKind::NotFound => Status::NoInput,
            io::ErrorKind::InvalidData => Status::Usage,
            _ => Status::Io,
        };
        Failure::new(status, format!("{}: {error}", path.display()))
    };
    let mut text = String::new();
    let file = File::open(path).map_err(|error| failed(&error))?;
    let read = file.take(LIMIT + 1).read_to_string(&mut text);
    read.map_err(|error| failed(&error))?;
    if text.len() as u64 > LIMIT {
        return Err(Failure::usage(format!(
            "{}: more than {LIMIT} bytes are no configuration",
            path.display()
        )));
    }
    Ok(text)
}

fn unknown(command: &clap::Command, name: &str) -> String {
    let known: Vec<&str> = keys(command).map(|(key, _)| key).collect();
    let name_of_one = closest(name, known.iter().copied());
    let advice = match name_of_one {
        Some(similar) => format!("did you mean '{similar}'?"),
        None => "numgrad train --print-config shows every key".to_owned(),
    };
    format!("unknown key '{}': {advice}", name.escape_debug())
}

/// The word for a key and its value; none for a flag that is not set.
fn word(name: &str, arg: &Arg, value: &DeValue<'_>) -> Result<Option<String>, String> {
    let kind = Kind::of(arg);
    if let (Kind::Flag, DeValue::Boolean(is_set)) = (kind, value) {
        return Ok(is_set.then(|| format!("--{name}")));
    }
    let delimiter = arg.get_value_delimiter();
    let expected = kind.described(delimiter.is_some());
    let wrong = |found: &str| format!("'{name}' must be {expected}, not {found}");
    let text = match (value, delimiter) {
        (DeValue::Array(values), Some(delimiter)) => {
            let one = |value: &DeValue<'_>| {
                let found = || wrong(&format!("a list with {}", described(value)));
                let text = text(kind, value).ok_or_else(found)?;
                if text.contains(delimiter) {
                    return Err(format!(
                        "'{name}' parts its values at '{delimiter}': {text:?}"
                    ));
                }
                Ok(text)
            };
            let values = values.iter().map(|value| one(value.get_ref()));
            values
                .collect::<Result<Vec<_>, _>>()?
                .join(&delimiter.to_string())
        }
        (value, _) => text(kind, value).ok_or_else(|| wrong(described(value)))?,
    };
    Ok(Some(format!("--{name}={text}")))
}

/// A value as it stands on a command line, if it is of the kind.
fn text(kind: Kind, value: &DeValue<'_>) -> Option<String> {
    match (kind, value) {
        (Kind::Text, DeValue::String(text)) => Some(text.to_string()),
        (Kind::Whole | Kind::Number | Kind::Text, DeValue::Integer(number)) => {
            // Written in any base; a command line has one. What is larger than any number that is asked
            // for is refused with its digits.
            let value = i128::from_str_radix(number.as_str(), number.radix());
            Some(value.map_or(number.to_string(), |value| value.to_string()))
        }
        (Kind::Number | Kind::Text, DeValue::Float(number)) => Some(number.as_str().to_owned()),
        _ => None,
    }
}

fn described(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number with a fraction",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}
