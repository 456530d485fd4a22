//! `numgrad man`: the manual, a page for the program and one for each command.
mod page;

use crate::args::ManArguments;
use crate::command_line::command;
use crate::failure::{Failure, Status};
use crate::out::Out;
use clap::Command;
use page::{display_name, page};
use serde_json::json;
use std::io;
use std::path::Path;

pub(crate) fn run(arguments: &ManArguments, out: &mut Out) -> Result<(), Failure> {
    let mut program = command().disable_help_subcommand(true);
    program.build();
    let Some(folder) = &arguments.output else {
        let asked = match &arguments.command {
            None => &program,
            Some(name) => all(&program)
                .into_iter()
                .find(|command| display_name(command) == format!("numgrad-{name}"))
                .ok_or_else(|| {
                    Failure::usage(format!("'{name}' is no command: see numgrad --help"))
                })?,
        };
        return out.text(String::from_utf8_lossy(&page(asked)));
    };
    let mut written = Vec::new();
    for command in all(&program) {
        written.push(save(folder, command)?);
    }
    if arguments.json {
        return out.line(json!({"folder": folder, "pages": written}));
    }
    out.line(format_args!(
        "wrote {} pages; read one with: man {}",
        written.len(),
        folder.join(&written[0]).display()
    ))
}

/// A command, and those within it.
fn all(command: &Command) -> Vec<&Command> {
    let within = command.get_subcommands().flat_map(all);
    std::iter::once(command).chain(within).collect()
}

fn save(folder: &Path, command: &Command) -> Result<String, Failure> {
    let file = format!("{}.1", display_name(command));
    let path = folder.join(&file);
    let write = || {
        std::fs::create_dir_all(folder)?;
        std::fs::write(&path, page(command))
    };
    write().map_err(|error: io::Error| {
        let message = format!("{}: cannot be written: {error}", path.display());
        Failure::new(Status::CannotCreate, message)
    })?;
    Ok(file)
}
