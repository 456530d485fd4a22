//! `numgrad descend`: gradient descent on an expression.
mod drawing;

use crate::args::DescendArguments;
use crate::expression::Expressions;
use crate::failure::{Failure, Status};
use crate::out::Out;
use numgrad_diff::{Stop, descend};
use serde_json::json;

/// Between two columns.
const GAP: &str = "  ";

pub(crate) fn run(arguments: &DescendArguments, out: &mut Out) -> Result<(), Failure> {
    let texts = [arguments.expression.clone()];
    let expressions = Expressions::parse(&texts, &arguments.from)?;
    let f = |point: &[f64]| expressions.functions()[0].value(point);
    let path =
        descend(f, expressions.point(), arguments.rate, arguments.steps).map_err(Failure::usage)?;
    if !path.values[0].is_finite() {
        return Err(Failure::data(format!(
            "the expression has no finite value at {}: start elsewhere",
            arguments.from
        )));
    }
    let names = expressions.names();
    if !arguments.json {
        let columns: String = names
            .iter()
            .flat_map(|name| [GAP.to_owned(), format!("{name:>14}")])
            .collect();
        out.line(format_args!("{:>5}{columns}  {:>14}", "step", "f"))?;
    }
    for (step, (point, value)) in path.points.iter().zip(&path.values).enumerate() {
        if arguments.json {
            let point: serde_json::Map<_, _> = names
                .iter()
                .cloned()
                .zip(point.iter().map(|&x| json!(x)))
                .collect();
            out.line(json!({"step": step, "point": point, "value": value}))?;
        } else {
            let columns = point.iter().chain(std::iter::once(value));
            let columns: String = columns.flat_map(|&x| [GAP.to_owned(), column(x)]).collect();
            out.line(format_args!("{step:>5}{columns}"))?;
        }
    }
    if let Some(file) = &arguments.plot {
        drawing::chart(&arguments.expression, names, f, &path).save(file)?;
    }
    match path.stop {
        Stop::Steps | Stop::Flat => Ok(()),
        Stop::NotFinite => Err(Failure::new(
            Status::Diverged,
            "the gradient is not finite: the expression ends near the last point",
        )),
        _ => Err(Failure::new(
            Status::Diverged,
            "the value is not finite any more: try a smaller --rate",
        )),
    }
}

/// A number as wide as its column.
fn column(x: f64) -> String {
    if x == 0.0 || (1e-6..1e6).contains(&x.abs()) {
        format!("{x:>14.8}")
    } else {
        format!("{x:>14.6e}")
    }
}
