//! What a suite counted, and what it found broken.
use std::error::Error;
use std::io::{self, Write};
use std::time::Instant;

/// The result of work that may fail for any reason that has nothing to do with a promise.
pub(crate) type Outcome<T> = Result<T, Box<dyn Error>>;

/// Broken promises that are printed; of more of them only the number is.
const PRINTED: usize = 20;

/// The figures of one suite.
#[derive(Debug)]
pub(crate) struct Report {
    suite: &'static str,
    started: Instant,
    figures: Vec<(&'static str, u64)>,
    broken: Vec<String>,
}

impl Report {
    pub(crate) fn new(suite: &'static str) -> Self {
        Self {
            suite,
            started: Instant::now(),
            figures: Vec::new(),
            broken: Vec::new(),
        }
    }

    /// Adds to a figure.
    pub(crate) fn count(&mut self, what: &'static str, more: u64) {
        match self.figures.iter_mut().find(|(name, _)| *name == what) {
            Some((_, figure)) => *figure += more,
            None => self.figures.push((what, more)),
        }
    }

    /// Raises a figure to this, if it is less.
    pub(crate) fn most(&mut self, what: &'static str, found: u64) {
        match self.figures.iter_mut().find(|(name, _)| *name == what) {
            Some((_, figure)) => *figure = found.max(*figure),
            None => self.figures.push((what, found)),
        }
    }

    /// A figure.
    pub(crate) fn figure(&self, what: &str) -> u64 {
        let found = self.figures.iter().find(|(name, _)| *name == what);
        found.map_or(0, |(_, figure)| *figure)
    }

    /// Notes a broken promise.
    pub(crate) fn broken(&mut self, message: String) {
        self.broken.push(message);
    }

    /// Notes a broken promise unless it is kept.
    pub(crate) fn holds(&mut self, kept: bool, message: impl FnOnce() -> String) {
        if !kept {
            self.broken(message());
        }
    }

    /// Prints the figures, and returns whether every promise was kept.
    pub(crate) fn print(&self, json: bool) -> Outcome<bool> {
        let mut out = io::stdout().lock();
        if json {
            writeln!(out, "{}", self.json())?;
        } else {
            let (seconds, broken) = (self.started.elapsed().as_secs_f64(), self.broken.len());
            writeln!(
                out,
                "{}: {broken} broken promises, {seconds:.1} s",
                self.suite
            )?;
            for (what, figure) in &self.figures {
                writeln!(out, "  {figure:>10}  {what}")?;
            }
            for message in self.broken.iter().take(PRINTED) {
                writeln!(out, "  BROKEN: {message}")?;
            }
        }
        Ok(self.broken.is_empty())
    }

    fn json(&self) -> serde_json::Value {
        let figures = self.figures.iter();
        let figures: serde_json::Map<_, _> = figures
            .map(|&(what, figure)| (what.to_owned(), figure.into()))
            .collect();
        serde_json::json!({
            "suite": self.suite,
            "broken": self.broken,
            "figures": figures,
            "seconds": self.started.elapsed().as_secs_f64(),
        })
    }
}
