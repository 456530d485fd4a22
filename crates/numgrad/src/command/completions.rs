//! `numgrad completions`: the words of the command line, for a shell that completes them.
use crate::args::CompletionsArguments;
use crate::command_line::command;
use crate::failure::Failure;
use crate::out::Out;
use clap::builder::PossibleValuesParser;
use clap::{Arg, Command, ValueHint};
use numgrad_core::{ActivationKind, Initializer, OutputKind, Precision};
use numgrad_diff::{Distribution, Rank, Scheme};
use numgrad_gradient::{EstimatorKind, Perturb, Split};
use numgrad_loss::LossKind;
use numgrad_train::Watch;
use numgrad_train::dataset::{Missing, Scaling};
use numgrad_train::exchange::Format;
use numgrad_train::optimizer::OptimizerKind;
use std::any::TypeId;
use std::fmt::Display;

pub(crate) fn run(arguments: &CompletionsArguments, out: &mut Out) -> Result<(), Failure> {
    let mut command = hinted(command());
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "numgrad", &mut script);
    out.text(String::from_utf8_lossy(&script))
}

/// The command with files and folders offered where a value is one, and names where it is one of a few.
fn hinted(command: Command) -> Command {
    command
        .mut_args(|arg| match (hint(&arg), names(&arg)) {
            (Some(hint), _) => arg.value_hint(hint),
            (None, Some(names)) => arg.value_parser(PossibleValuesParser::new(names)),
            (None, None) => arg,
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

/// The names that a value may be, by what it is read as. Those with a number of their own, as
/// huber:2 and random:10%, are not offered.
fn names(arg: &Arg) -> Option<Vec<&'static str>> {
    let parsed = arg.get_value_parser().type_id();
    let found = closed_sets().into_iter().find(|(kind, _)| parsed == *kind);
    found.map(|(_, names)| names)
}

fn closed_sets() -> [(TypeId, Vec<&'static str>); 15] {
    let activations = ActivationKind::ALL.map(lasting);
    let perturbed = Perturb::ALL.map(lasting);
    let of = |names: &[&'static str]| names.to_vec();
    [
        (
            TypeId::of::<EstimatorKind>(),
            [&perturbed[..], &["directions"]].concat(),
        ),
        (
            TypeId::of::<OutputKind>(),
            [&["softmax"], &activations[..]].concat(),
        ),
        (TypeId::of::<ActivationKind>(), of(&activations)),
        (TypeId::of::<LossKind>(), of(&LOSSES)),
        (TypeId::of::<Initializer>(), of(&INITIALIZERS)),
        (TypeId::of::<Precision>(), of(&["f32", "f64"])),
        (TypeId::of::<Scheme>(), of(&Scheme::ALL.map(lasting))),
        (
            TypeId::of::<Distribution>(),
            of(&Distribution::ALL.map(lasting)),
        ),
        (TypeId::of::<Rank>(), of(&["none", "centred"])),
        (TypeId::of::<Split>(), of(&Split::ALL.map(lasting))),
        (
            TypeId::of::<OptimizerKind>(),
            of(&OptimizerKind::ALL.map(lasting)),
        ),
        (TypeId::of::<Scaling>(), of(&Scaling::ALL.map(lasting))),
        (TypeId::of::<Missing>(), of(&Missing::ALL.map(lasting))),
        (TypeId::of::<Watch>(), of(&Watch::ALL.map(lasting))),
        (TypeId::of::<Format>(), of(&Format::ALL.map(Format::name))),
    ]
}

/// A name for as long as the program runs, which prints a script and ends.
fn lasting(named: impl Display) -> &'static str {
    named.to_string().leak()
}

const LOSSES: [&str; 8] = [
    "cross-entropy",
    "sum-of-squared-errors",
    "mean-squared-error",
    "mean-absolute-error",
    "huber",
    "binary-cross-entropy",
    "hinge",
    "zero-one",
];

const INITIALIZERS: [&str; 5] = ["zeros", "xavier", "xavier-normal", "he", "he-normal"];
