//! `numgrad minimize`: the parameters at which an external program's number is least.
use crate::args::minimize::{MinimizeArguments, Moved};
use crate::external::External;
use crate::failure::{Failure, Status};
use crate::interrupt::Interrupt;
use crate::out::{Out, say};
use crate::program::Program;
use crate::report::{default_folder, grouped, number};
use crate::setup::estimator;
use numgrad_diff::Directions;
use numgrad_gradient::EstimatorKind;
use numgrad_train::checkpoint::{RunDirectory, write_once};
use numgrad_train::{EvaluationLog, Minimization, MinimizeError, Minimizer, StepRecord};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::Path;

/// The files of a run: what it was asked, and what it evaluated.
const RUN: &str = "minimize.json";
const LOG: &str = "evaluations.jsonl";

/// Steps where none are given.
const STEPS: u64 = 100;

/// What a run was asked; with the values of its evaluations, all that its path depends on.
#[derive(Debug, Serialize, Deserialize)]
struct Asked {
    command: String,
    start: Vec<f64>,
    settings: Minimization,
}

pub(crate) fn run(arguments: &MinimizeArguments, out: &mut Out) -> Result<(), Failure> {
    let interrupt = Interrupt::listen()?;
    let (held, mut asked) = match &arguments.resume {
        Some(path) => resumed(path).map(|(folder, asked)| (Some(folder), asked))?,
        None => (None, fresh(arguments)?),
    };
    if let Some(steps) = arguments.descent.steps {
        asked.settings.steps = steps;
    }
    let program = Program::parse(&asked.command, arguments.running.time_limit, interrupt);
    let program = program.ok_or_else(|| {
        Failure::usage(format!(
            "--command '{}' has no word, or a quote that is not closed",
            asked.command
        ))
    })?;
    let (settings, start) = (asked.settings.clone(), asked.start.clone());
    let minimizer = Minimizer::new(settings, start).map_err(|error| match error {
        MinimizeError::Function(never) => match never {},
        error => Failure::usage(error),
    })?;
    let folder = match held {
        Some(folder) => folder,
        None => begin(arguments, &asked)?,
    };
    let log = EvaluationLog::open(&folder.path().join(LOG))?;
    let known = log.len() as u64;
    if known > 0 && !arguments.quiet && !arguments.json {
        say(format_args!("{known} evaluations are known"));
    }
    let external = External::new(program, log, folder.path(), &arguments.running);
    walk(minimizer, &external, (folder.path(), known), arguments, out)
}

fn fresh(arguments: &MinimizeArguments) -> Result<Asked, Failure> {
    let (Some(command), Some(parameters)) = (&arguments.command, &arguments.parameters) else {
        return Err(Failure::usage("--command and --parameters are needed"));
    };
    let gradient = &arguments.gradient;
    let kind = match gradient.perturb {
        Moved::Coordinates => EstimatorKind::default(),
        Moved::Directions => EstimatorKind::Directions(Directions::default()),
    };
    let directions = match estimator(kind, &gradient.random)? {
        EstimatorKind::Directions(directions) => Some(directions),
        _ => None,
    };
    let optimizer = arguments.descent.optimizer;
    Ok(Asked {
        command: command.clone(),
        start: read_parameters(parameters)?,
        settings: Minimization {
            directions,
            scheme: gradient.scheme,
            step: gradient.step,
            optimizer,
            learning_rate: arguments
                .descent
                .learning_rate
                .unwrap_or(optimizer.default_learning_rate()),
            steps: STEPS,
            seed: gradient.seed,
        },
    })
}

/// Makes the run's folder, and writes down what was asked.
fn begin(arguments: &MinimizeArguments, asked: &Asked) -> Result<RunDirectory, Failure> {
    let path = arguments.run.clone();
    let path = path.unwrap_or_else(|| default_folder(asked.settings.seed));
    RunDirectory::is_free(&path)?;
    let folder = RunDirectory::create(&path)?;
    let text =
        serde_json::to_vec_pretty(asked).map_err(|error| Failure::new(Status::Internal, error))?;
    write_once(&path.join(RUN), &text)?;
    Ok(folder)
}

fn resumed(path: &Path) -> Result<(RunDirectory, Asked), Failure> {
    let folder = RunDirectory::open(path)?;
    let file = path.join(RUN);
    let text = std::fs::read(&file).map_err(|error| {
        let status = match error.kind() {
            std::io::ErrorKind::NotFound => Status::NoInput,
            _ => Status::Io,
        };
        let message = match status {
            Status::NoInput => format!("{} is no run of numgrad minimize", path.display()),
            _ => format!("{}: {error}", file.display()),
        };
        Failure::new(status, message)
    })?;
    let asked = serde_json::from_slice(&text)
        .map_err(|error| Failure::data(format!("{}: {error}", file.display())))?;
    Ok((folder, asked))
}

/// A number a line. Empty lines and what follows a # are passed over.
fn read_parameters(path: &Path) -> Result<Vec<f64>, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let status = match error.kind() {
            std::io::ErrorKind::NotFound => Status::NoInput,
            std::io::ErrorKind::InvalidData => Status::Data,
            _ => Status::Io,
        };
        Failure::new(status, format!("{}: {error}", path.display()))
    })?;
    let mut parameters = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let entry = line.split('#').next().unwrap_or_default().trim();
        if entry.is_empty() {
            continue;
        }
        match entry.parse() {
            Ok(value) if f64::is_finite(value) => parameters.push(value),
            _ => {
                let path = path.display();
                return Err(Failure::data(format!(
                    "{path}:{number}: '{entry}' is not a finite number"
                )));
            }
        }
    }
    if parameters.is_empty() {
        return Err(Failure::data(format!("{}: no number", path.display())));
    }
    Ok(parameters)
}

/// Goes down, a line for each step that is not known from before.
fn walk(
    mut minimizer: Minimizer<f64>,
    external: &External,
    (run, known): (&Path, u64),
    arguments: &MinimizeArguments,
    out: &mut Out,
) -> Result<(), Failure> {
    let explained = |error: MinimizeError<Failure>| {
        let failure = match error {
            MinimizeError::Function(failure) => failure,
            error @ MinimizeError::NotFinite { .. } => Failure::new(Status::Diverged, error),
            error => Failure::usage(error),
        };
        let on = format!("numgrad minimize --resume {}", run.display());
        let instead = match failure.status {
            Status::Program => ", with --retries, or with --on-failure skip to do without it",
            _ => "",
        };
        Failure::new(
            failure.status,
            format!("{failure}; go on with: {on}{instead}"),
        )
    };
    while !minimizer.is_finished() {
        let record = minimizer.step(external).map_err(explained)?;
        if record.loss_evaluations <= known {
            continue;
        }
        if arguments.json {
            out.line(json_of(record))?;
        } else if !arguments.quiet {
            say(format_args!(
                "step {}: value {}, gradient {:.3e}, {} evaluations",
                record.step,
                number(record.value),
                record.gradient_norm,
                record.loss_evaluations
            ));
        }
        if record.step == 0 && record.gradient_norm == 0.0 && !arguments.quiet {
            say(
                "numgrad: warning: no perturbation changes the value: the program prints too few \
                 digits, or does not read its input; a larger --step, such as 0.01, may help",
            );
        }
    }
    let (value, theta) = minimizer.end(external).map_err(explained)?;
    let theta = theta.to_vec();
    let (evaluations, left_out) = (minimizer.loss_evaluations(), minimizer.left_out());
    if arguments.json {
        return out.line(json!({
            "event": "finished", "value": value, "theta": theta,
            "loss_evaluations": evaluations, "left_out": left_out, "run": run,
        }));
    }
    if let Some(why) = external.last_failure() {
        say(format_args!(
            "numgrad: warning: {left_out} evaluations had no value; the last failure: {why}"
        ));
    }
    out.line(format_args!("value       {}", number(value)))?;
    for (k, parameter) in theta.iter().enumerate() {
        out.line(format_args!("θ[{k}]  {}", number(*parameter)))?;
    }
    out.line(format_args!(
        "{} loss evaluations; saved in {}",
        grouped(evaluations),
        run.display()
    ))
}

fn json_of(record: &StepRecord) -> serde_json::Value {
    json!({
        "event": "step", "step": record.step, "value": record.value,
        "gradient_norm": record.gradient_norm, "loss_evaluations": record.loss_evaluations,
        "left_out": record.left_out,
    })
}
