//! From settings to the text of a configuration file.
use super::{Kind, keys};
use clap::ArgMatches;
use numgrad_train::Configuration;
use std::fmt::{self, Display};
use std::ops::Range;
use toml::Value;
use toml::de::DeTable;

/// The heading of the flags that say where a run is kept and how it is shown.
const RUN: &str = "Run";

/// Each key of a command, with its value where it has one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings(Vec<Setting>);

#[derive(Debug, Clone)]
struct Setting {
    heading: String,
    key: String,
    /// As TOML.
    value: Option<String>,
    /// What a value is called, where there is none.
    name: String,
    help: String,
}

impl Settings {
    /// What was given and what is so by default.
    pub(crate) fn of(command: &clap::Command, matches: &ArgMatches) -> Self {
        let setting = |(key, arg): (&str, &clap::Arg)| {
            let kind = Kind::of(arg);
            let raw = matches.get_raw(arg.get_id().as_str());
            let raw = raw.map(|all| all.map(|text| value(kind, &text.to_string_lossy())));
            let value = raw.and_then(|mut values| match arg.get_value_delimiter() {
                Some(_) => Some(list(values)),
                None => values.next(),
            });
            Setting {
                heading: arg.get_help_heading().unwrap_or_default().to_owned(),
                key: key.to_owned(),
                value,
                name: name(arg),
                help: arg.get_help().map(ToString::to_string).unwrap_or_default(),
            }
        };
        Self(keys(command).map(setting).collect())
    }

    /// Puts what the data and other settings decide in the place of what was not given.
    pub(crate) fn resolve(&mut self, run: &Configuration) {
        let network = &run.architecture;
        let widths = network.widths.iter().map(ToString::to_string);
        self.set("layers", list(widths));
        if let Some(activation) = network.hidden.first() {
            self.set("activation", text(activation));
        }
        for (key, value) in [
            ("data", text(&run.data)),
            ("output", text(network.output)),
            ("loss", text(run.loss)),
            ("init", text(run.initializer)),
            ("scaling", text(run.scaling)),
            ("target-scaling", text(run.target_scaling)),
            ("step", number(run.step)),
            ("test-fraction", number(run.test_fraction)),
            ("learning-rate", number(run.learning_rate)),
            ("epochs", run.epochs.to_string()),
        ] {
            self.set(key, value);
        }
    }

    fn set(&mut self, key: &str, value: String) {
        if let Some(setting) = self.0.iter_mut().find(|setting| setting.key == key) {
            setting.value = Some(value);
        }
    }

    /// The text without what says where the run is kept and how it is shown.
    pub(crate) fn of_the_numbers(&self) -> Self {
        let settings = self.0.iter().filter(|setting| setting.heading != RUN);
        Self(settings.cloned().collect())
    }
}

impl Display for Settings {
    /// TOML. A key that has no value is a comment, with the name of the value that it would have.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let version = env!("CARGO_PKG_VERSION");
        writeln!(
            f,
            "# The settings of a run by numgrad {version}, for: numgrad train FILE"
        )?;
        let mut heading = "";
        for setting in &self.0 {
            if setting.heading != heading {
                heading = &setting.heading;
                writeln!(f, "\n# {heading}")?;
            }
            if let Some(value) = &setting.value {
                writeln!(f, "{} = {value}", setting.key)?;
            } else {
                let help = on_one_line(&setting.help);
                writeln!(f, "# {} = {}  # {help}", setting.key, setting.name)?;
            }
        }
        Ok(())
    }
}

/// The text of a file with another number of epochs; the same text if it has none.
pub(crate) fn with_epochs(file: &str, epochs: u64) -> String {
    let place = DeTable::parse(file).ok().and_then(|table| {
        let value = table.get_ref().get("epochs")?;
        Some(value.span())
    });
    let mut text = file.to_owned();
    if let Some(Range { start, end }) = place {
        text.replace_range(start..end, &epochs.to_string());
    }
    text
}

fn value(kind: Kind, raw: &str) -> String {
    let parsed = match kind {
        Kind::Flag => raw.parse().ok().map(|is_set: bool| is_set.to_string()),
        // Up to 2^64 − 1, which is no number to `Value`.
        Kind::Whole => raw.parse().ok().map(|whole: u64| whole.to_string()),
        Kind::Number => raw.parse().ok().map(number),
        Kind::Text => None,
    };
    parsed.unwrap_or_else(|| text(raw))
}

fn number(value: f64) -> String {
    Value::Float(value).to_string()
}

fn text(value: impl Display) -> String {
    Value::String(value.to_string()).to_string()
}

fn list(values: impl Iterator<Item = String>) -> String {
    format!("[{}]", values.collect::<Vec<_>>().join(", "))
}

/// What the value of a flag is called, in the quotes that it needs.
fn name(arg: &clap::Arg) -> String {
    let names = arg.get_value_names().unwrap_or_default();
    let name = names.first().map(ToString::to_string).unwrap_or_default();
    match (Kind::of(arg), arg.get_value_delimiter()) {
        (Kind::Text, None) => format!("\"{name}\""),
        (Kind::Text, Some(_)) => format!("[\"{name}\"]"),
        (_, None) => name,
        (_, Some(_)) => format!("[{name}]"),
    }
}

fn on_one_line(help: &str) -> String {
    help.split_whitespace().collect::<Vec<_>>().join(" ")
}
