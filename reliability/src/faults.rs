//! Faults in the system calls of a checkpoint: each call in turn, once and for ever.
use crate::program::{Program, RUNS, State, begin, go_on, state, workplace};
use crate::report::{Outcome, Report};
use crate::strace::{Call, calls_on, injected, is_here, traced};
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

/// What a call may fail with.
fn errors(call: &str) -> &'static [&'static str] {
    match call {
        "openat" | "mkdir" | "mkdirat" => &["ENOSPC", "EMFILE", "EACCES", "EROFS", "EIO", "EDQUOT"],
        "write" | "fsync" | "fdatasync" | "ftruncate" => &["ENOSPC", "EIO", "EDQUOT"],
        "flock" => &["ENOLCK", "EIO"],
        _ => &["ENOSPC", "EACCES", "EROFS", "EIO", "EDQUOT", "EPERM"],
    }
}

/// The statuses with which a training may end whose folder cannot be written.
const STATUSES: [i32; 3] = [0, 73, 74];

/// The status of a program whose libraries cannot be opened: strace counts the calls of each thread,
/// so that the main thread's call of a number fails beside the one that is meant.
const UNLOADED: i32 = 127;

/// Epochs of one step: few calls, each of them of another kind.
const HALF: &str = "--epochs 1 --batch-size 60";
const WHOLE: &str = "--epochs 2 --batch-size 60";

/// Faults in one of the runs, while it begins and while it goes on; `every` says to try only one in
/// so many of them.
pub(crate) fn run(program: &Program, every: usize) -> Outcome<Report> {
    let mut report = Report::new("faults");
    if !is_here() {
        report.count("skipped: strace cannot be run here", 1);
        return Ok(report);
    }
    let place = workplace()?;
    let runs = place.path().join("runs");
    let mut faults = Faults::new(program, RUNS[0], runs)?;
    for goes_on in [false, true] {
        faults.of_a_run(goes_on, every.max(1), &mut report)?;
    }
    Ok(report)
}

struct Faults<'a> {
    program: &'a Program,
    run: &'a str,
    runs: PathBuf,
    /// How a run ends that meets no fault.
    expected: State,
    /// Where the run stands that is gone on with.
    half: u64,
}

impl<'a> Faults<'a> {
    fn new(program: &'a Program, run: &'a str, runs: PathBuf) -> Outcome<Self> {
        for (name, length) in [("half", HALF), ("whole", WHOLE)] {
            let words = begin(run, name, length);
            if !program.command(&runs, &words).status()?.success() {
                return Err(format!("a run without a fault fails: {words}").into());
            }
        }
        let expected = state(&runs.join("whole"))?.ok_or("a run has no checkpoint")?;
        let half = state(&runs.join("half"))?
            .ok_or("a run has no checkpoint")?
            .step;
        Ok(Self {
            program,
            run,
            runs,
            expected,
            half,
        })
    }

    /// The words of the run in the folder `faulty`.
    fn words(&self, goes_on: bool) -> String {
        if goes_on {
            go_on("faulty") + " --epochs 2"
        } else {
            begin(self.run, "faulty", WHOLE)
        }
    }

    fn of_a_run(&mut self, goes_on: bool, every: usize, report: &mut Report) -> Outcome<()> {
        let trace = self.runs.join("trace");
        self.prepare(goes_on)?;
        self.output(traced(self.program.path(), &trace), goes_on)?;
        let calls = calls_on("faulty", &trace)?;
        report.count("system calls on the run's folder", calls.len() as u64);
        let cases = calls.iter().flat_map(|call| {
            let failing = errors(&call.name).iter().flat_map(move |error| {
                let how = format!("error={error}");
                [false, true].map(|for_ever| (call, how.clone(), for_ever))
            });
            failing.chain([(call, "signal=KILL".to_owned(), false)])
        });
        for (call, how, for_ever) in cases.step_by(every) {
            self.one(call, &how, for_ever, goes_on, report)?;
        }
        Ok(())
    }

    /// Lays the folder of the run out as it is before the fault.
    fn prepare(&self, goes_on: bool) -> Outcome<()> {
        let folder = self.runs.join("faulty");
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        if goes_on {
            fs::create_dir(&folder)?;
            fs::copy(self.runs.join("half/last.ckpt"), folder.join("last.ckpt"))?;
        }
        Ok(())
    }

    fn output(&self, mut command: Command, goes_on: bool) -> Outcome<Output> {
        let words = self.words(goes_on);
        command
            .args(words.split_whitespace())
            .current_dir(&self.runs);
        Ok(command.output()?)
    }

    fn one(
        &self,
        call: &Call,
        how: &str,
        for_ever: bool,
        goes_on: bool,
        report: &mut Report,
    ) -> Outcome<()> {
        self.prepare(goes_on)?;
        let output = self.output(injected(self.program.path(), call, how, for_ever), goes_on)?;
        let what = format!(
            "{} {}{} of {}: {how}",
            call.name,
            call.number,
            if for_ever { " and later" } else { "" },
            if goes_on {
                "a run that goes on"
            } else {
                "a new run"
            }
        );
        if how.starts_with("error") {
            report.count("faults", 1);
            is_reported(call, &output, &what, report);
        } else {
            report.count("kills at a system call", 1);
        }
        self.is_whole(&what, goes_on, output.status.success(), report)
    }

    /// What was saved before is there, and the run comes to its end with the same bits.
    fn is_whole(&self, what: &str, goes_on: bool, done: bool, report: &mut Report) -> Outcome<()> {
        let folder = self.runs.join("faulty");
        let left = match state(&folder) {
            Ok(left) => left,
            Err(error) => {
                report.broken(format!("{what}: {error}"));
                return Ok(());
            }
        };
        let step = left.as_ref().map(|left| left.step);
        let kept = !goes_on || step >= Some(self.half);
        report.holds(kept, || format!("{what}: what was saved before is lost"));
        if done {
            report.holds(left.as_ref() == Some(&self.expected), || {
                format!("{what}: other bits")
            });
            return Ok(());
        }
        let words = self.words(left.is_some());
        let ended = self.program.command(&self.runs, &words).status()?.success();
        let same = ended && state(&folder)?.as_ref() == Some(&self.expected);
        report.holds(same, || format!("{what}: other bits after the run went on"));
        Ok(())
    }
}

/// One line on standard error, and a documented status.
fn is_reported(call: &Call, output: &Output, what: &str, report: &mut Report) {
    let (code, error) = (
        output.status.code(),
        String::from_utf8_lossy(&output.stderr),
    );
    if code == Some(UNLOADED) {
        report.count("of them that kept the program from being loaded", 1);
        return;
    }
    let documented = code.is_some_and(|code| STATUSES.contains(&code));
    report.holds(documented, || format!("{what}: status {code:?}: {error}"));
    let lines = error.lines().count();
    // Where writes fail, that of the message does, too.
    let is_one = lines == usize::from(code != Some(0)) || (lines == 0 && call.name == "write");
    let is_clear = is_one && !error.contains("panicked");
    report.holds(is_clear, || {
        format!("{what}: status {code:?} says '{error}'")
    });
    if code == Some(0) {
        report.count("of them that the run could do without", 1);
    }
}
