//! An expression in any variables, as a function.
use crate::failure::Failure;
use exmex::{Express, FlatEx};

/// A function given on the command line, at a point.
#[derive(Debug)]
pub(crate) struct Expression {
    parsed: FlatEx<f64>,
    names: Vec<String>,
    point: Vec<f64>,
}

impl Expression {
    /// Parses an expression and its point, as "x=1,y=-3".
    pub(crate) fn parse(text: &str, point: &str) -> Result<Self, Failure> {
        let parsed: FlatEx<f64> = exmex::parse(text)
            .map_err(|error| Failure::usage(format!("'{text}' is no expression: {error}")))?;
        let names = parsed.var_names().to_vec();
        let mut values = vec![None; names.len()];
        for part in point.split(',').filter(|part| !part.trim().is_empty()) {
            let (name, value) = part
                .split_once('=')
                .ok_or_else(|| Failure::usage(format!("'{part}' is not NAME=VALUE")))?;
            let value: f64 = value.trim().parse().map_err(|_| {
                Failure::usage(format!("'{}' in '{part}' is not a number", value.trim()))
            })?;
            let name = name.trim();
            let at = names
                .iter()
                .position(|known| known == name)
                .ok_or_else(|| {
                    Failure::usage(format!(
                        "the expression has no variable '{name}': it has {}",
                        listed(&names)
                    ))
                })?;
            values[at] = Some(value);
        }
        let missing = values.iter().position(Option::is_none);
        if let Some(missing) = missing {
            return Err(Failure::usage(format!(
                "the point has no value for '{}'",
                names[missing]
            )));
        }
        Ok(Self {
            parsed,
            names,
            point: values.into_iter().flatten().collect(),
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

    /// The value at a point; NaN where the expression has none.
    pub(crate) fn value(&self, point: &[f64]) -> f64 {
        self.parsed.eval(point).unwrap_or(f64::NAN)
    }
}

fn listed(names: &[String]) -> String {
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}
