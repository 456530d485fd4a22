//! Expressions in any variables, as functions of one point.
use crate::failure::Failure;
use crate::grammar::in_parentheses;
use exmex::{Express, FlatEx};

/// Functions given on the command line, at a point.
#[derive(Debug)]
pub(crate) struct Expressions {
    names: Vec<String>,
    point: Vec<f64>,
    functions: Vec<Function>,
}

/// One expression, as a function of all variables.
#[derive(Debug)]
pub(crate) struct Function {
    text: String,
    parsed: FlatEx<f64>,
    /// Which of all variables it has, in its own order.
    variables: Vec<usize>,
}

impl Expressions {
    /// Parses expressions and their point, as "x=1,y=-3".
    pub(crate) fn parse(texts: &[String], point: &str) -> Result<Self, Failure> {
        let parsed = texts.iter().map(|text| {
            let wrong =
                |error: String| Failure::usage(format!("'{text}' is no expression: {error}"));
            let grouped = in_parentheses(text).map_err(wrong)?;
            let parsed: FlatEx<f64> =
                exmex::parse(&grouped).map_err(|error| wrong(error.to_string()))?;
            Ok((text.clone(), parsed))
        });
        let parsed: Vec<_> = parsed.collect::<Result<_, Failure>>()?;
        let mut names: Vec<String> = (parsed.iter())
            .flat_map(|(_, parsed)| parsed.var_names().to_vec())
            .collect();
        names.sort();
        names.dedup();
        let values = assignments(point, &names)?;
        if let Some(missing) = values.iter().position(Option::is_none) {
            return Err(Failure::usage(format!(
                "the point has no value for '{}'",
                names[missing]
            )));
        }
        let functions = parsed.into_iter().map(|(text, parsed)| {
            let own = parsed.var_names().iter();
            let places = own.filter_map(|own| names.iter().position(|name| name == own));
            let variables = places.collect();
            Function {
                text,
                parsed,
                variables,
            }
        });
        Ok(Self {
            functions: functions.collect(),
            point: values.into_iter().flatten().collect(),
            names,
        })
    }

    /// The variables, in alphabetical order.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// The point, a value for each variable.
    pub(crate) fn point(&self) -> &[f64] {
        &self.point
    }

    pub(crate) fn functions(&self) -> &[Function] {
        &self.functions
    }

    /// A direction, as "x=1,y=-1": variables that it does not name stay where they are.
    pub(crate) fn direction(&self, text: &str) -> Result<Vec<f64>, Failure> {
        let parts = assignments(text, &self.names)?;
        Ok(parts.into_iter().map(Option::unwrap_or_default).collect())
    }
}

impl Function {
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// The value at a point; NaN where the expression has none.
    pub(crate) fn value(&self, point: &[f64]) -> f64 {
        let own: Vec<f64> = self.variables.iter().map(|&k| point[k]).collect();
        self.parsed.eval(&own).unwrap_or(f64::NAN)
    }
}

/// The value of each variable that a list as "x=1,y=-3" names.
fn assignments(text: &str, names: &[String]) -> Result<Vec<Option<f64>>, Failure> {
    let mut values = vec![None; names.len()];
    for part in text.split(',').filter(|part| !part.trim().is_empty()) {
        let (name, value) = part
            .split_once('=')
            .ok_or_else(|| Failure::usage(format!("'{part}' is not NAME=VALUE")))?;
        let value: f64 = value.trim().parse().map_err(|_| {
            Failure::usage(format!("'{}' in '{part}' is not a number", value.trim()))
        })?;
        let name = name.trim();
        let at = names.iter().position(|known| known == name);
        let at = at.ok_or_else(|| {
            Failure::usage(format!(
                "the expression has no variable '{name}': it has {}",
                listed(names)
            ))
        })?;
        if values[at].replace(value).is_some() {
            return Err(Failure::usage(format!(
                "'{name}' has two values in '{text}'"
            )));
        }
    }
    Ok(values)
}

fn listed(names: &[String]) -> String {
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}
