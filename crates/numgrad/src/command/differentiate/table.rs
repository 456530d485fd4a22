//! A derivative at many steps: its error falls with h, until rounding lets it rise again.
use super::measure::Measure;
use super::said;
use crate::args::{DifferentiateArguments, Range};
use crate::expression::Expressions;
use crate::failure::Failure;
use crate::out::Out;
use crate::plot::{Axis, Chart, Scale, Series, Style};
use crate::report::number;
use numgrad_diff::{Estimate, Status, Step, extrapolate, nth_derivative};
use serde_json::json;

/// Steps a decade in a plot.
const PLOTTED: u32 = 8;

pub(crate) fn run(
    arguments: &DifferentiateArguments,
    range: Range,
    expressions: &Expressions,
    measure: &Measure<'_>,
    out: &mut Out,
) -> Result<(), Failure> {
    let [function] = expressions.functions() else {
        return Err(Failure::usage("--table takes one expression"));
    };
    let Some((name, x, f)) = measure.line(function) else {
        return Err(Failure::usage(
            "--table takes one variable, or a direction by --along",
        ));
    };
    let best = best(&f, x, arguments.order)?;
    let at = |h: f64| {
        measure
            .one(&f, x, Step::Absolute(h))
            .map_err(Failure::usage)
    };
    if !arguments.json {
        let (value, error) = (best.map(|b| b.value), best.map(|b| b.error));
        match (value, error) {
            (Some(value), Some(error)) => out.line(format_args!(
                "error: the distance from {} ± {error:.0e}, the best extrapolation",
                number(value)
            ))?,
            _ => out.line("error: not known, as no extrapolation settles here")?,
        }
        out.line(format_args!(
            "{:>7}  {:>22}  {:>8}  {:>8}",
            "h",
            format!("derivative in {name}"),
            "estimate",
            "error"
        ))?;
    }
    for h in range.steps(1) {
        let found = at(h)?;
        let error = best.map(|best| (found.value - best.value).abs());
        if arguments.json {
            out.line(json!({
                "h": h, "value": found.value, "estimate": found.error, "error": error,
                "error_of_best": best.map(|best| best.error),
                "status": said(found.status).replace(' ', "-"),
            }))?;
        } else {
            let error = match (best, error) {
                // It cannot be told from the error of the best.
                (Some(best), Some(error)) if error < best.error => format!("<{:.0e}", best.error),
                (_, Some(error)) => format!("{error:.1e}"),
                _ => "-".to_owned(),
            };
            out.line(format_args!(
                "{h:>7.0e}  {:>22}  {:>8.1e}  {error:>8}",
                number(found.value),
                found.error
            ))?;
        }
    }
    let Some(path) = &arguments.plot else {
        return Ok(());
    };
    let found = range.steps(PLOTTED).into_iter().map(|h| Ok((h, at(h)?)));
    let found: Vec<_> = found.collect::<Result<_, Failure>>()?;
    let title = title(arguments, function.text(), &name, x);
    chart(title, &found, best).save(path)
}

/// The derivative as well as it can be known, or none.
fn best(f: impl Fn(f64) -> f64, x: f64, order: usize) -> Result<Option<Estimate<f64>>, Failure> {
    let found = if order == 1 {
        extrapolate(f, x, Step::Auto, 0.0)
    } else {
        nth_derivative(f, x, order, 8, Step::Auto)
    };
    let found = found.map_err(Failure::usage)?;
    let settled = matches!(found.status, Status::Converged | Status::NoiseFloor);
    Ok(settled.then_some(found))
}

/// What a chart is about: the order, the expression, the point, and the direction if there is one.
fn title(arguments: &DifferentiateArguments, text: &str, name: &str, x: f64) -> String {
    let order = match arguments.order {
        2 => "second derivative",
        3 => "third derivative",
        4 => "fourth derivative",
        _ => "derivative",
    };
    let place = match &arguments.along {
        Some(direction) => format!("{}, along {direction}", arguments.at),
        None => format!("{name} = {}", number(x)),
    };
    format!("Error of the {order} of {text} at {place}")
}

fn chart(title: String, found: &[(f64, Estimate<f64>)], best: Option<Estimate<f64>>) -> Chart {
    let series = |name: &str, style, error: &dyn Fn(&Estimate<f64>) -> f64| Series {
        name: name.to_owned(),
        points: found.iter().map(|(h, found)| (*h, error(found))).collect(),
        style,
    };
    let mut all = Vec::new();
    if let Some(best) = best {
        let error = |found: &Estimate<f64>| (found.value - best.value).abs();
        all.push(series("error", Style::Dotted, &error));
    }
    all.push(series("estimate", Style::Line, &|found| found.error));
    if let Some(best) = best {
        let error = |_: &Estimate<f64>| best.error;
        all.push(series("error of the best", Style::Dashed, &error));
    }
    let axis = |label: &str| Axis {
        label: label.to_owned(),
        scale: Scale::Logarithmic,
    };
    Chart {
        title,
        x: axis("step h"),
        y: axis("error (absolute)"),
        series: all,
    }
}
