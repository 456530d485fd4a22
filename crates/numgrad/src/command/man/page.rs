//! A page of the manual, in roff: what clap knows of a command, with its examples, the statuses that
//! it ends with and the environment under headings of their own.
use crate::args::EXIT_STATUSES;
use clap::{Arg, ArgAction, Command};
use clap_mangen::Man;
use std::fmt::Write;
use std::io;

/// What stands before a command's examples in its help.
const EXAMPLES: &str = "Examples:\n";

pub(super) fn page(command: &Command) -> Vec<u8> {
    let mut page = Vec::new();
    // Writing to memory does not fail.
    let _ = write(command, &mut page);
    page
}

/// As numgrad-train.
pub(super) fn display_name(command: &Command) -> String {
    let name = command.get_display_name().unwrap_or(command.get_name());
    name.to_owned()
}

fn write(command: &Command, page: &mut Vec<u8>) -> io::Result<()> {
    let man = Man::new(command.clone())
        .title(display_name(command))
        .source(concat!("numgrad ", env!("CARGO_PKG_VERSION")));
    man.render_title(page)?;
    man.render_name_section(page)?;
    page.extend(synopsis(command).bytes());
    man.render_description_section(page)?;
    man.render_options_section(page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(page)?;
    }
    page.extend(examples(command).bytes());
    page.extend(statuses().bytes());
    if display_name(command) != "numgrad" {
        page.extend(b".SH \"SEE ALSO\"\n\\fBnumgrad\\fR(1)\n");
    }
    Ok(())
}

/// Each option with what its value is called, then what is given without a name.
fn synopsis(command: &Command) -> String {
    let name = command.get_bin_name().unwrap_or(command.get_name());
    let mut text = format!(".SH SYNOPSIS\n\\fB{}\\fR", escaped(name));
    let shown = || command.get_arguments().filter(|arg| !arg.is_hide_set());
    let (places, options): (Vec<&Arg>, Vec<&Arg>) = shown().partition(|arg| arg.is_positional());
    for arg in options.into_iter().chain(places) {
        let words = words(arg);
        if arg.is_required_set() {
            text.extend([" ", &words]);
        } else {
            text.extend([" [", &words, "]"]);
        }
        if matches!(arg.get_action(), ArgAction::Count) || takes_many(arg) {
            text.push_str("...");
        }
    }
    if command.has_subcommands() {
        text.push_str(" \\fICOMMAND\\fR");
    }
    text.push('\n');
    text
}

fn takes_many(arg: &Arg) -> bool {
    let is_open = |range: clap::builder::ValueRange| range.max_values() > 1;
    arg.is_positional() && arg.get_num_args().is_some_and(is_open)
}

fn words(arg: &Arg) -> String {
    let value = || {
        let names = arg.get_value_names().unwrap_or_default();
        let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
        let name = if names.is_empty() {
            arg.get_id().as_str().to_uppercase()
        } else {
            names.join(" ")
        };
        format!("\\fI{}\\fR", escaped(&name))
    };
    if arg.is_positional() {
        return value();
    }
    let short = arg.get_short().map(|short| format!("-{short}"));
    let long = arg.get_long().map(|long| format!("--{long}"));
    let names: Vec<String> = short.into_iter().chain(long).collect();
    let name = format!("\\fB{}\\fR", escaped(&names.join("|")));
    if arg.get_action().takes_values() {
        format!("{name} {}", value())
    } else {
        name
    }
}

/// What a command's help says after its options: examples, and notes below them.
fn examples(command: &Command) -> String {
    let said = command.get_after_help().map(ToString::to_string);
    let Some(rest) = said.as_deref().and_then(|text| text.strip_prefix(EXAMPLES)) else {
        return String::new();
    };
    let (examples, notes) = rest.split_once("\n\n").unwrap_or((rest, ""));
    let mut text = ".SH EXAMPLES\n.nf\n".to_owned();
    for line in examples.lines() {
        let _ = writeln!(text, "{}", escaped(line.trim_start()));
    }
    text.push_str(".fi\n");
    if !notes.is_empty() {
        text.push_str(".SH NOTES\n");
        for line in notes.lines() {
            let line = if line.is_empty() {
                ".PP".to_owned()
            } else {
                escaped(line)
            };
            let _ = writeln!(text, "{line}");
        }
    }
    text
}

/// What every command ends with, and the environment that it reads.
fn statuses() -> String {
    let mut text = String::new();
    for paragraph in EXIT_STATUSES.split("\n\n") {
        let Some((title, said)) = paragraph.split_once(": ") else {
            continue;
        };
        if title == "Exit statuses" {
            text.push_str(".SH \"EXIT STATUS\"\n");
            for status in said.trim_end_matches('.').split("; ") {
                let (number, meaning) = status.split_once(' ').unwrap_or((status, ""));
                let _ = write!(text, ".TP\n\\fB{number}\\fR\n{}\n", escaped(meaning));
            }
        } else {
            let _ = write!(text, ".SH {}\n{}\n", title.to_uppercase(), escaped(said));
        }
    }
    text
}

/// Text as roff shows it: nothing in it is a request.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) {
        format!("\\&{text}")
    } else {
        text
    }
}
