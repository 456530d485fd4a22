//! How the derivatives that were asked for are measured.
use super::Entry;
use crate::args::DifferentiateArguments;
use crate::expression::{Expressions, Function};
use crate::failure::Failure;
use numgrad_diff::{
    DiffError, Differences, Estimate, Estimates, Scheme, Step, extrapolate, nth_derivative,
    stencil_derivative,
};

/// What is to be measured of each expression.
pub(crate) struct Measure<'a> {
    arguments: &'a DifferentiateArguments,
    expressions: &'a Expressions,
    along: Option<Vec<f64>>,
}

impl<'a> Measure<'a> {
    pub(crate) fn of(
        arguments: &'a DifferentiateArguments,
        expressions: &'a Expressions,
    ) -> Result<Self, Failure> {
        let along = arguments.along.as_ref();
        let along = along.map(|text| expressions.direction(text)).transpose()?;
        Ok(Self {
            arguments,
            expressions,
            along,
        })
    }

    /// Every derivative of an expression that was asked for.
    pub(crate) fn all(&self, function: &Function) -> Result<Vec<Entry>, Failure> {
        let entries = match (&self.along, self.arguments.hessian) {
            (None, true) => self.hessian(function),
            (Some(v), true) => self.hessian_vector(function, v),
            (None, false) => self.by_variable(function),
            (Some(v), false) => self.slope(function, v),
        };
        entries.map_err(Failure::usage)
    }

    /// The one variable or direction that a table is about: its name and the function along it.
    pub(crate) fn line(
        &self,
        function: &'a Function,
    ) -> Option<(String, f64, impl Fn(f64) -> f64 + use<'a>)> {
        let x = self.expressions.point();
        let (name, start, v) = match &self.along {
            Some(v) => ("v".to_owned(), 0.0, v.clone()),
            None if x.len() == 1 => (self.expressions.names()[0].clone(), x[0], vec![1.0]),
            None => return None,
        };
        // From the start along v: one variable starts at its own value, which nothing is added to.
        let from: Vec<f64> = (x.iter().zip(&v)).map(|(&x, &v)| x - start * v).collect();
        Some((name, start, move |t| moved(function, &from, &v, t)))
    }

    /// The derivative along a line by the scheme, the stencil or the tolerance.
    pub(crate) fn one(
        &self,
        f: impl Fn(f64) -> f64,
        x: f64,
        step: Step<f64>,
    ) -> Result<Estimate<f64>, DiffError> {
        let arguments = self.arguments;
        let order = arguments.order;
        if let Some(offsets) = &arguments.stencil {
            return stencil_derivative(f, x, offsets, order, step);
        }
        if let Some(tolerance) = arguments.tolerance {
            return extrapolate(f, x, step, tolerance);
        }
        if let Some(accuracy) = arguments.accuracy {
            return nth_derivative(f, x, order, accuracy, step);
        }
        let one_sided = |sign: f64| -> Vec<f64> { (0..=order).map(|k| sign * k as f64).collect() };
        match arguments.scheme {
            scheme if order == 1 => Differences::new(scheme).step(step).estimate(f, x),
            // Refuses the orders that are not offered.
            _ if order == 0 || order > 4 => nth_derivative(f, x, order, 2, step),
            Scheme::Forward => stencil_derivative(f, x, &one_sided(1.0), order, step),
            Scheme::Backward => stencil_derivative(f, x, &one_sided(-1.0), order, step),
            Scheme::Central => nth_derivative(f, x, order, 2, step),
            Scheme::FivePoint => nth_derivative(f, x, order, 4, step),
        }
    }

    fn step(&self) -> Step<f64> {
        self.arguments.step.map_or(Step::Auto, Step::Absolute)
    }

    fn differences(&self) -> Differences<'static, f64> {
        Differences::new(self.arguments.scheme).step(self.step())
    }

    fn by_variable(&self, function: &Function) -> Result<Vec<Entry>, DiffError> {
        let (x, names) = (self.expressions.point(), self.expressions.names());
        let each = names.iter().enumerate().map(|(k, name)| {
            let along = |moved: f64| {
                let mut point = x.to_vec();
                point[k] = moved;
                function.value(&point)
            };
            Ok(Entry {
                by: vec![name.clone()],
                order: self.arguments.order,
                found: self.one(along, x[k], self.step())?,
            })
        });
        each.collect()
    }

    fn slope(&self, function: &Function, v: &[f64]) -> Result<Vec<Entry>, DiffError> {
        let x = self.expressions.point();
        let plain = self.arguments.stencil.is_none()
            && self.arguments.tolerance.is_none()
            && self.arguments.accuracy.is_none()
            && self.arguments.order == 1;
        let found = if plain {
            let f = |point: &[f64]| function.value(point);
            self.differences().directional_estimate(f, x, v)?
        } else {
            self.one(|t| moved(function, x, v, t), 0.0, self.step())?
        };
        Ok(vec![Entry {
            by: vec!["v".to_owned()],
            order: self.arguments.order,
            found,
        }])
    }

    fn hessian(&self, function: &Function) -> Result<Vec<Entry>, DiffError> {
        let (x, names) = (self.expressions.point(), self.expressions.names());
        let n = x.len();
        let f = |point: &[f64]| function.value(point);
        let found = self.differences().hessian_estimates(f, x)?;
        let upper = (0..n).flat_map(|i| (i..n).map(move |j| (i, j)));
        let entry = |(i, j): (usize, usize)| Entry {
            by: vec![names[i].clone(), names[j].clone()],
            order: 2,
            found: at(&found, i * n + j, j),
        };
        Ok(upper.map(entry).collect())
    }

    fn hessian_vector(&self, function: &Function, v: &[f64]) -> Result<Vec<Entry>, DiffError> {
        let f = |point: &[f64]| function.value(point);
        let x = self.expressions.point();
        let found = self.differences().hessian_vector_estimates(f, x, v)?;
        let entry = |(k, name): (usize, &String)| Entry {
            by: vec![name.clone(), "v".to_owned()],
            order: 2,
            found: at(&found, k, k),
        };
        Ok(self
            .expressions
            .names()
            .iter()
            .enumerate()
            .map(entry)
            .collect())
    }
}

/// f at from + t·v.
fn moved(function: &Function, from: &[f64], v: &[f64], t: f64) -> f64 {
    let point: Vec<f64> = from.iter().zip(v).map(|(&x, &v)| x + t * v).collect();
    function.value(&point)
}

/// An entry of several, with the step of a coordinate and the evaluations of all.
fn at(found: &Estimates<f64>, entry: usize, coordinate: usize) -> Estimate<f64> {
    Estimate {
        value: found.values[entry],
        error: found.errors[entry],
        step: found.steps.get(coordinate).copied().unwrap_or_default(),
        evaluations: found.evaluations,
        status: found.statuses[entry],
    }
}
