//! A run's settings: each flag of `numgrad train` is a key of its configuration file.
//!
//! Both directions follow clap's definitions, so that a new flag is a new key.
mod file;
mod text;

pub(crate) use file::words;
pub(crate) use text::{Settings, with_epochs};

use clap::{Arg, ArgAction};
use std::any::TypeId;

/// The flags that are no settings.
const NO_SETTINGS: [&str; 4] = ["resume", "repeat", "print-config", "help"];

/// What a key's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Flag,
    Whole,
    Number,
    Text,
}

impl Kind {
    pub(crate) fn of(arg: &Arg) -> Self {
        let is = |types: &[TypeId]| {
            let parsed = arg.get_value_parser().type_id();
            types.iter().any(|&id| parsed == id)
        };
        if matches!(arg.get_action(), ArgAction::SetTrue | ArgAction::SetFalse) {
            Self::Flag
        } else if is(&[
            TypeId::of::<u64>(),
            TypeId::of::<usize>(),
            TypeId::of::<u32>(),
        ]) {
            Self::Whole
        } else if is(&[TypeId::of::<f64>(), TypeId::of::<f32>()]) {
            Self::Number
        } else {
            Self::Text
        }
    }

    fn described(self, is_list: bool) -> &'static str {
        match (self, is_list) {
            (Self::Flag, _) => "true or false",
            (Self::Whole, false) => "a whole number",
            (Self::Whole, true) => "a list of whole numbers, as [64, 32, 10]",
            (Self::Number, false) => "a number",
            (Self::Number, true) => "a list of numbers, as [0.1, 0.2]",
            (Self::Text, false) => "text in quotes",
            (Self::Text, true) => "a list of texts, as [\"one\", \"two\"]",
        }
    }
}

/// The keys of a command with their arguments.
fn keys(command: &clap::Command) -> impl Iterator<Item = (&str, &Arg)> {
    let all = command.get_arguments();
    all.filter_map(|arg| Some((arg.get_long()?, arg)))
        .filter(|(key, _)| !NO_SETTINGS.contains(key))
}
