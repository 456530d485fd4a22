//! Folders that cannot be written, or no more, or that somebody else writes to.
use crate::program::{LENGTH, Program, RUNS, State, begin, go_on, state, workplace};
use crate::report::{Outcome, Report};
use numgrad_train::checkpoint::load;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Kilobytes of a small disk, on which some checkpoints find place and later ones do not.
const SIZES: [u32; 10] = [4, 8, 12, 16, 20, 24, 28, 32, 40, 48];

/// Trainings that start in one folder at the same time.
const WRITERS: usize = 8;

/// How long all but one of them may take to see that it is taken, on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn run(program: &Program, rounds: u64) -> Outcome<Report> {
    let mut report = Report::new("places");
    let place = workplace()?;
    let runs = place.path().join("runs");
    let whole = program
        .command(&runs, &begin(RUNS[0], "whole", LENGTH))
        .status()?;
    let expected = state(&runs.join("whole"))?.filter(|_| whole.success());
    let places = Places {
        program,
        expected: expected.ok_or("a run that nothing hinders fails")?,
        runs,
    };
    places.full_disks(&mut report)?;
    places.read_only(&mut report)?;
    places.limited_files(&mut report)?;
    places.of_others(&mut report)?;
    places.no_folders(&mut report)?;
    for _ in 0..rounds {
        places.writers(&mut report)?;
    }
    Ok(report)
}

struct Places<'a> {
    program: &'a Program,
    expected: State,
    runs: PathBuf,
}

impl Places<'_> {
    /// The status of these words and what they say, which has to be one line if it fails.
    fn says(&self, mut command: Command, what: &str, report: &mut Report) -> Outcome<Option<i32>> {
        command.current_dir(&self.runs).stdin(Stdio::null());
        let output = command.output()?;
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        let lines = usize::from(!output.status.success() && output.status.code().is_some());
        let is_clear = error.lines().count() == lines && !error.contains("panicked");
        report.holds(is_clear, || format!("{what}: '{error}'"));
        Ok(output.status.code())
    }

    fn numgrad(&self, words: &str, what: &str, report: &mut Report) -> Outcome<Option<i32>> {
        let mut command = Command::new(self.program.path());
        command.args(words.split_whitespace());
        self.says(command, what, report)
    }

    /// The run that was hindered comes to its end with the bits of one that was not.
    fn ends(&self, what: &str, report: &mut Report) -> Outcome<()> {
        let folder = self.runs.join("run");
        let left = match state(&folder) {
            Ok(left) => left,
            Err(error) => {
                report.broken(format!("{what}: {error}"));
                return Ok(());
            }
        };
        let words = left.map_or_else(|| begin(RUNS[0], "run", LENGTH), |_| go_on("run"));
        let ended = self.program.command(&self.runs, &words).status()?.success();
        let same = ended && state(&folder)?.as_ref() == Some(&self.expected);
        report.holds(same, || format!("{what}: other bits after the run went on"));
        Ok(())
    }

    /// A small disk that fills while a run is saved, and then grows.
    fn full_disks(&self, report: &mut Report) -> Outcome<()> {
        for size in SIZES {
            let what = format!("a disk of {size} kB");
            let Some(disk) = Mounted::tmpfs(&self.runs.join("run"), size)? else {
                report.count("skipped: no disk can be mounted here", 1);
                return Ok(());
            };
            let code = self.numgrad(&begin(RUNS[0], "run", LENGTH), &what, report)?;
            let documented = matches!(code, Some(0 | 73 | 74));
            report.holds(documented, || format!("{what}: status {code:?}"));
            report.count("disks of a size", 1);
            report.count("of them full", u64::from(code != Some(0)));
            disk.remount("size=4m")?;
            self.ends(&what, report)?;
        }
        Ok(())
    }

    fn read_only(&self, report: &mut Report) -> Outcome<()> {
        let Some(disk) = Mounted::tmpfs(&self.runs.join("run"), 4096)? else {
            return Ok(());
        };
        disk.remount("ro")?;
        let code = self.numgrad(&begin(RUNS[0], "run", LENGTH), "read-only", report)?;
        report.holds(code == Some(73), || {
            format!("a new run on read-only: status {code:?}")
        });
        disk.remount("rw")?;
        let half = begin(RUNS[0], "run", "--epochs 3 --batch-size 16");
        self.numgrad(&half, "writable", report)?;
        disk.remount("ro")?;
        let on = go_on("run") + " --epochs 6";
        let code = self.numgrad(&on, "read-only", report)?;
        report.holds(code == Some(73), || {
            format!("going on on read-only: status {code:?}")
        });
        disk.remount("rw")?;
        self.numgrad(&on, "writable again", report)?;
        report.count("folders that become read-only", 2);
        self.ends("read-only", report)
    }

    /// A limit on the size of a file ends the process; what was saved before is whole.
    fn limited_files(&self, report: &mut Report) -> Outcome<()> {
        for blocks in [0, 1, 2, 4, 8, 16, 32] {
            let mut shell = Command::new("sh");
            let words = begin(RUNS[0], "run", LENGTH);
            let program = self.program.path().display();
            shell.args([
                "-c",
                &format!("ulimit -f {blocks}; exec '{program}' {words}"),
            ]);
            let what = format!("files of at most {blocks} blocks");
            self.says(shell, &what, report)?;
            self.ends(&what, report)?;
            fs::remove_dir_all(self.runs.join("run"))?;
            report.count("limits on a file's size", 1);
        }
        Ok(())
    }

    /// A folder of somebody else: root may write anywhere, so that root becomes nobody.
    fn of_others(&self, report: &mut Report) -> Outcome<()> {
        let mut nobody = Command::new("setpriv");
        nobody.args(["--reuid=65534", "--regid=65534", "--clear-groups"]);
        nobody
            .arg(self.program.path())
            .args(begin(RUNS[0], "run", LENGTH).split_whitespace());
        let mut trial = Command::new("setpriv");
        trial.args(["--reuid=65534", "--regid=65534", "--clear-groups", "true"]);
        if !trial.status().is_ok_and(|status| status.success()) {
            report.count("skipped: setpriv cannot be run here", 1);
            return Ok(());
        }
        for folder in self.runs.ancestors().take(2) {
            fs::set_permissions(folder, PermissionsExt::from_mode(0o755))?;
        }
        let code = self.says(nobody, "a folder of somebody else", report)?;
        report.holds(code == Some(73), || {
            format!("a folder of somebody else: status {code:?}")
        });
        report.count("folders of somebody else", 1);
        Ok(())
    }

    /// What is in the folder's place is no folder.
    fn no_folders(&self, report: &mut Report) -> Outcome<()> {
        fs::write(self.runs.join("file"), "a file")?;
        symlink("nowhere", self.runs.join("link"))?;
        for name in ["file", "link", "file/within", "/proc/run", "/dev/null"] {
            let code = self.numgrad(&begin(RUNS[0], name, LENGTH), name, report)?;
            report.holds(code == Some(73), || {
                format!("--run {name}: status {code:?}")
            });
            report.count("folders that cannot be made", 1);
        }
        Ok(())
    }

    /// One of those who start in one folder trains; the others say that it is taken. When it is
    /// killed, the next one goes on.
    fn writers(&self, report: &mut Report) -> Outcome<()> {
        let words = begin(RUNS[0], "run", "--epochs 1000000 --batch-size 60");
        let start = |_| self.program.command(&self.runs, &words).spawn();
        let mut all: Vec<Child> = (0..WRITERS).map(start).collect::<Result<_, _>>()?;
        report.count("starts in a folder that others want", WRITERS as u64);
        let started = Instant::now();
        let saved = self.runs.join("run/last.ckpt");
        while (all.len() > 1 || !saved.exists()) && started.elapsed() < PATIENCE {
            sleep(Duration::from_millis(1));
            let mut left = Vec::new();
            for mut child in all {
                match child.try_wait()? {
                    Some(status) => report.holds(status.code() == Some(75), || {
                        format!("a second writer ends with {status}")
                    }),
                    None => left.push(child),
                }
            }
            all = left;
        }
        report.holds(all.len() == 1, || {
            format!("{} train in one folder", all.len())
        });
        for child in &mut all {
            child.kill()?;
            child.wait()?;
        }
        // One epoch more than it had, so that it ends.
        let done = load(&self.runs.join("run"))?.checkpoint.header.epoch;
        let on = format!("{} --epochs {}", go_on("run"), done + 1);
        let goes_on = self.program.command(&self.runs, &on).status()?.success();
        report.holds(goes_on, || {
            "a killed process leaves a folder that is taken".to_owned()
        });
        Ok(fs::remove_dir_all(self.runs.join("run"))?)
    }
}

/// A file system in memory.
struct Mounted {
    folder: PathBuf,
}

impl Mounted {
    /// None where the system does not let this process mount.
    fn tmpfs(folder: &Path, kilobytes: u32) -> Outcome<Option<Self>> {
        fs::create_dir_all(folder)?;
        let mut mount = Command::new("mount");
        mount
            .args(["-t", "tmpfs", "-o", &format!("size={kilobytes}k"), "tmpfs"])
            .arg(folder);
        let mounted = mount
            .stderr(Stdio::null())
            .status()
            .is_ok_and(|status| status.success());
        Ok(mounted.then(|| Self {
            folder: folder.to_owned(),
        }))
    }

    fn remount(&self, options: &str) -> Outcome<()> {
        let mut mount = Command::new("mount");
        mount
            .arg("-o")
            .arg(format!("remount,{options}"))
            .arg(&self.folder);
        if mount.status()?.success() {
            Ok(())
        } else {
            Err("a file system in memory cannot be changed".into())
        }
    }
}

impl Drop for Mounted {
    fn drop(&mut self) {
        // Nothing is left to be done about a folder that stays mounted.
        let _ = Command::new("umount").arg(&self.folder).status();
        let _ = fs::remove_dir_all(&self.folder);
    }
}
