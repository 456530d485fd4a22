//! Training that is killed at any instant, and goes on.
use crate::program::{LENGTH, Program, RUNS, State, begin, go_on, state, workplace};
use crate::report::{Outcome, Report};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::thread::sleep;
use std::time::{Duration, Instant};

const KILLS: &str = "kills";

/// Kills trainings until so many were killed, each of the runs as often, and resumes them until
/// they end: with the bits of one that was never stopped.
pub(crate) fn run(program: &Program, kills: u64, seed: u64) -> Outcome<Report> {
    let mut report = Report::new("crash");
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    for (number, run) in (1..).zip(RUNS) {
        let place = workplace()?;
        let mut harness = Harness::new(program, run, place.path().join("runs"))?;
        while report.figure(KILLS) < number * kills / RUNS.len() as u64 {
            harness.one_run(&mut report, &mut random)?;
        }
        report.count("configurations", 1);
    }
    Ok(report)
}

struct Harness<'a> {
    program: &'a Program,
    run: &'a str,
    runs: PathBuf,
    expected: State,
    /// How long the whole run takes.
    whole: Duration,
}

impl<'a> Harness<'a> {
    fn new(program: &'a Program, run: &'a str, runs: PathBuf) -> Outcome<Self> {
        let started = Instant::now();
        let status = program
            .command(&runs, &begin(run, "whole", LENGTH))
            .status()?;
        let whole = started.elapsed();
        if !status.success() {
            return Err(format!("a run that is not killed fails: {run}").into());
        }
        let expected = state(&runs.join("whole"))?.ok_or("a run has no checkpoint")?;
        Ok(Self {
            program,
            run,
            runs,
            expected,
            whole,
        })
    }

    /// A run, killed again and again until it comes to its end before it is killed.
    fn one_run(&mut self, report: &mut Report, random: &mut ChaCha8Rng) -> Outcome<()> {
        let folder = self.runs.join("killed");
        let mut reached = None;
        loop {
            let words = match reached {
                None => begin(self.run, "killed", LENGTH),
                Some(_) => go_on("killed"),
            };
            let after = self.whole.mul_f64(random.random_range(0.0..1.0));
            let status = killed(self.program.command(&self.runs, &words), after)?;
            let found = match state(&folder) {
                Ok(found) => found,
                Err(error) => {
                    report.broken(format!("{}: {error}", self.run));
                    break;
                }
            };
            let step = found.as_ref().map(|found| found.step);
            report.holds(step >= reached, || {
                format!("{}: step {reached:?} was saved, {step:?} is left", self.run)
            });
            reached = step;
            if let Some(code) = status.code() {
                report.count("runs to their end", 1);
                let same = code == 0 && found.as_ref() == Some(&self.expected);
                report.holds(same, || {
                    format!("{}: status {code}, or other bits", self.run)
                });
                break;
            }
            report.count(KILLS, 1);
            report.count("of them within the write of a checkpoint", writes(&folder));
        }
        Ok(fs::remove_dir_all(folder)?)
    }
}

/// How the process ended, which was killed after this time if it had not ended before.
fn killed(mut command: Command, after: Duration) -> Outcome<ExitStatus> {
    let mut child = command.spawn()?;
    sleep(after);
    child.kill()?;
    Ok(child.wait()?)
}

/// 1 if a file of a write that did not end is there.
fn writes(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else {
        return 0;
    };
    let mut names = entries.flatten().map(|entry| entry.file_name());
    u64::from(names.any(|name| name.to_string_lossy().ends_with(".tmp")))
}
