//! `numgrad differentiate`: the derivative of an expression.
use crate::args::DifferentiateArguments;
use crate::expression::Expression;
use crate::failure::{Failure, Status};
use crate::out::Out;
use numgrad_diff::{Step, gradient};
use serde_json::json;

pub(crate) fn run(arguments: &DifferentiateArguments, out: &mut Out) -> Result<(), Failure> {
    let expression = Expression::parse(&arguments.expression, &arguments.at)?;
    let step = arguments.step.map_or(Step::Auto, Step::Absolute);
    let f = |point: &[f64]| expression.value(point);
    let slopes = gradient(f, expression.point(), arguments.scheme, step).map_err(Failure::usage)?;
    let value = f(expression.point());
    if arguments.json {
        let slopes: serde_json::Map<_, _> = (expression.names().iter().cloned())
            .zip(slopes.iter().map(|&slope| json!(slope)))
            .collect();
        out.line(json!({
            "value": value, "derivative": slopes, "scheme": arguments.scheme.to_string(),
        }))?;
    } else {
        for (name, slope) in expression.names().iter().zip(&slopes) {
            out.line(format_args!("d/d{name} = {slope}"))?;
        }
    }
    match slopes.iter().position(|slope| !slope.is_finite()) {
        None => Ok(()),
        Some(k) => Err(Failure::new(
            Status::Data,
            format!(
                "the expression has no finite difference in '{}' at this point",
                expression.names()[k]
            ),
        )),
    }
}
