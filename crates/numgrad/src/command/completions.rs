//! `numgrad completions`: the words of the command line, for a shell that completes them.
use crate::args::CompletionsArguments;
use crate::command_line::command;
use crate::failure::Failure;
use crate::out::Out;
use clap::{Arg, Command, ValueHint};

pub(crate) fn run(arguments: &CompletionsArguments, out: &mut Out) -> Result<(), Failure> {
    let mut command = hinted(command());
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "numgrad", &mut script);
    out.text(String::from_utf8_lossy(&script))
}

/// The command with files and folders offered where a value is one.
fn hinted(command: Command) -> Command {
    command
        .mut_args(|arg| match hint(&arg) {
            Some(hint) => arg.value_hint(hint),
            None => arg,
        })
        .mut_subcommands(hinted)
}

fn hint(arg: &Arg) -> Option<ValueHint> {
    let name = arg.get_value_names()?.first()?;
    match name.as_str() {
        "RUN" | "SOURCE" => Some(ValueHint::AnyPath),
        "DIR" => Some(ValueHint::DirPath),
        name if name.starts_with("FILE") => Some(ValueHint::FilePath),
        _ => None,
    }
}
