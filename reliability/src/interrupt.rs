//! Ctrl-C at any time: the run is saved and goes on; a second one ends the program at once.
use crate::program::{LENGTH, Program, RUNS, begin, go_on, state, workplace};
use crate::report::{Outcome, Report};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The status of a run that was stopped and saved.
const STOPPED: i32 = 130;

/// How soon a second Ctrl-C has to end the program, on a machine that is busy.
const AT_ONCE: Duration = Duration::from_secs(2);

/// Stops trainings at so many random moments, and goes on with them.
pub(crate) fn run(program: &Program, stops: u64, seed: u64) -> Outcome<Report> {
    let mut report = Report::new("interrupt");
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let place = workplace()?;
    let runs = place.path().join("runs");
    for count in 0..stops {
        let run = RUNS[count as usize % RUNS.len()];
        let started = Instant::now();
        let whole = program
            .command(&runs, &begin(run, "whole", LENGTH))
            .status()?;
        let lasts = started.elapsed();
        let expected = state(&runs.join("whole"))?;
        report.holds(whole.success(), || format!("{run} fails"));
        let mut child = program.command(&runs, &begin(run, "run", LENGTH)).spawn()?;
        sleep(lasts.mul_f64(random.random_range(0.1..0.7)));
        interrupt(&child)?;
        let code = child.wait()?.code();
        report.count("stops", 1);
        // A signal before the program listens ends it as it does any other: nothing was begun.
        let found = state(&runs.join("run"))?;
        match (code, &found) {
            (Some(STOPPED), Some(_)) => report.count("of them saved and ended with 130", 1),
            (Some(0), Some(_)) => report.count("of them after the end", 1),
            (None, None) => report.count("of them before the program listened", 1),
            _ => report.broken(format!("{run}: status {code:?}")),
        }
        let words = found.map_or_else(|| begin(run, "run", LENGTH), |_| go_on("run"));
        let ended = program.command(&runs, &words).status()?.success();
        let same = ended && state(&runs.join("run"))? == expected;
        report.holds(same, || format!("{run}: other bits at the end"));
        fs::remove_dir_all(runs.join("run"))?;
        fs::remove_dir_all(runs.join("whole"))?;
    }
    twice(program, &runs, &mut report)?;
    Ok(report)
}

/// A step that takes minutes cannot be waited for.
fn twice(program: &Program, runs: &std::path::Path, report: &mut Report) -> Outcome<()> {
    let run = "train --layers 64,400,400,10 --perturb weight-naive --batch-size 1400 --run long";
    let mut command: Command = program.command(runs, run);
    let mut child = command.spawn()?;
    while !runs.join("long/last.ckpt").exists() {
        if let Some(status) = child.try_wait()? {
            return Err(format!("a long run ends with {status}").into());
        }
        sleep(Duration::from_millis(10));
    }
    interrupt(&child)?;
    sleep(Duration::from_millis(200));
    interrupt(&child)?;
    let asked = Instant::now();
    let code = child.wait()?.code();
    let waited = asked.elapsed();
    report.count(
        "milliseconds until a second Ctrl-C ended the program",
        waited.as_millis() as u64,
    );
    report.holds(code == Some(STOPPED) && waited < AT_ONCE, || {
        format!("a second Ctrl-C: status {code:?} after {waited:?}")
    });
    Ok(())
}

fn interrupt(child: &Child) -> Outcome<()> {
    let process = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    // It may have ended by itself.
    let _ = kill_process(process.ok_or("a process has a number")?, Signal::INT);
    Ok(())
}
