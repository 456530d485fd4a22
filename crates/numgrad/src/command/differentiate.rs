//! `numgrad differentiate`: derivatives of expressions, with their errors.
mod measure;
mod table;

use crate::args::DifferentiateArguments;
use crate::expression::{Expressions, Function};
use crate::failure::{Failure, Status as Exit};
use crate::out::Out;
use crate::report::number;
use measure::Measure;
use numgrad_diff::{Estimate, Status};
use serde_json::{Map, Value, json};

pub(crate) fn run(arguments: &DifferentiateArguments, out: &mut Out) -> Result<(), Failure> {
    let expressions = Expressions::parse(&arguments.expressions, &arguments.at)?;
    let measure = Measure::of(arguments, &expressions)?;
    if let Some(range) = arguments.table {
        return table::run(arguments, range, &expressions, &measure, out);
    }
    let mut fault = None;
    for function in expressions.functions() {
        let found = measure.all(function)?;
        if arguments.json {
            out.line(object(arguments, &expressions, function, &found))?;
        } else {
            for entry in &found {
                out.line(entry.line(arguments, function))?;
            }
        }
        fault = fault.or_else(|| found.iter().find_map(|entry| fault_of(entry, function)));
        // What has no value has no slope, whatever the values beside it say.
        if !function.value(expressions.point()).is_finite() {
            let text = function.text();
            let message = format!("the expression has no finite value at this point: {text}");
            fault = fault.or(Some(Failure::data(message)));
        }
    }
    fault.map_or(Ok(()), Err)
}

/// One measured derivative.
pub(crate) struct Entry {
    /// What it is a derivative by: a variable, two of them, or a direction.
    pub(crate) by: Vec<String>,
    pub(crate) order: usize,
    pub(crate) found: Estimate<f64>,
}

impl Entry {
    fn line(&self, arguments: &DifferentiateArguments, function: &Function) -> String {
        let several = arguments.expressions.len() > 1;
        let of = if several { function.text() } else { "" };
        let Estimate {
            value,
            error,
            step,
            evaluations,
            status,
        } = self.found;
        let name = self.name(of);
        let value = number(value);
        let doubted = matches!(status, Status::KinkSuspected | Status::Unsettled);
        let status = said(status);
        if arguments.errors {
            format!(
                "{name} = {value} ± {error:.1e} (h = {step:.1e}, {evaluations} evaluations, {status})"
            )
        } else if doubted {
            format!("{name} = {value} ({status})")
        } else {
            format!("{name} = {value}")
        }
    }

    /// As d/dx, d³/dx³, d²/dxdy, or d(x·y)/dx of an expression.
    fn name(&self, of: &str) -> String {
        let power = ["", "", "²", "³", "⁴"].get(self.order).unwrap_or(&"ⁿ");
        let of = if of.is_empty() {
            String::new()
        } else {
            format!("({of})")
        };
        match &self.by[..] {
            [x, y] if x != y => format!("d²{of}/d{x}d{y}"),
            [x, ..] => format!("d{power}{of}/d{x}{power}"),
            [] => of,
        }
    }
}

/// A status in words.
pub(crate) fn said(status: Status) -> &'static str {
    match status {
        Status::Converged => "converged",
        Status::NoiseFloor => "noise floor",
        Status::Unsettled => "unsettled",
        Status::NotFinite => "not finite",
        Status::KinkSuspected => "kink suspected",
        _ => "unknown",
    }
}

fn fault_of(entry: &Entry, function: &Function) -> Option<Failure> {
    let by = entry.by.join("' and '");
    let what = match entry.found.status {
        Status::NotFinite => "has no finite difference",
        Status::KinkSuspected => "has no derivative",
        _ if entry.found.value.is_finite() => return None,
        _ => "has no finite difference",
    };
    let why = match entry.found.status {
        Status::KinkSuspected => ": its slopes to both sides disagree",
        _ => "",
    };
    let text = function.text();
    let message = format!("the expression {what} in '{by}' at this point{why}: {text}");
    Some(Failure::new(Exit::Data, message))
}

/// The object of one expression: each property by variable, or by two of them.
fn object(
    arguments: &DifferentiateArguments,
    expressions: &Expressions,
    function: &Function,
    found: &[Entry],
) -> Value {
    let by_variable = |property: &dyn Fn(&Estimate<f64>) -> Value| {
        let mut map = Map::new();
        for entry in found {
            let value = property(&entry.found);
            match &entry.by[..] {
                [x, y] => {
                    // A Hessian is symmetric; H·v has one direction.
                    let pairs = [(x, y), (y, x)];
                    let pairs = &pairs[..if arguments.along.is_some() { 1 } else { 2 }];
                    for &(x, y) in pairs {
                        let row = map.entry(x.clone()).or_insert_with(|| json!({}));
                        row[y] = value.clone();
                    }
                }
                by => {
                    map.insert(by.join(","), value);
                }
            }
        }
        Value::Object(map)
    };
    let scheme = match (&arguments.stencil, arguments.accuracy, arguments.tolerance) {
        (Some(_), _, _) => "stencil".to_owned(),
        (_, Some(accuracy), _) => format!("accuracy-{accuracy}"),
        (_, _, Some(_)) => "extrapolation".to_owned(),
        _ => arguments.scheme.to_string(),
    };
    json!({
        "expression": function.text(),
        "value": function.value(expressions.point()),
        "derivative": by_variable(&|found| json!(found.value)),
        "error": by_variable(&|found| json!(found.error)),
        "step": by_variable(&|found| json!(found.step)),
        "evaluations": by_variable(&|found| json!(found.evaluations)),
        "status": by_variable(&|found| json!(said(found.status).replace(' ', "-"))),
        "scheme": scheme,
        "order": if arguments.hessian { 2 } else { arguments.order },
    })
}
