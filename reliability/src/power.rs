//! Power cuts: what is on a disk of a training under way is looked at as after a cut.
//!
//! A file stands for the disk. What the file system did not sync yet is not in it, so that a copy of
//! it, made while the training stands still between two system calls, is what a cut would leave.
//! Mounting the copy replays its journal.
use crate::program::{Program, RUNS, begin, data, temporary_folder};
use crate::report::{Outcome, Report};
use numgrad_train::checkpoint::load;
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rustix::process::{Pid, Signal, kill_process};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::{sleep, spawn};
use std::time::Duration;

/// How the disk is mounted: as usual, and so that only a sync orders anything.
const MOUNTS: [(&str, &str); 2] = [
    ("cuts on ext4, data=ordered", "data=ordered"),
    (
        "cuts on ext4, data=writeback,noauto_da_alloc",
        "data=writeback,noauto_da_alloc",
    ),
];

/// The size of the disk, in bytes.
const SIZE: u64 = 16 << 20;

/// `cuts` power cuts, half of them on each kind of disk. With `sync_lies`, a sync does nothing:
/// cuts then have to lose what was saved, or this suite would notice nothing.
pub(crate) fn run(program: &Program, cuts: u64, sync_lies: bool, seed: u64) -> Outcome<Report> {
    let mut report = Report::new("power");
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    for (name, options) in MOUNTS {
        let Some(disk) = Disk::mounted(options)? else {
            report.count("skipped: no disk can be mounted here", 1);
            return Ok(report);
        };
        let mut training = Training::begin(program, &disk.folder, sync_lies)?;
        for _ in 0..cuts / MOUNTS.len() as u64 {
            sleep(Duration::from_millis(random.random_range(0..60)));
            report.count(name, 1);
            cut(&disk, &mut training, &mut report)?;
        }
    }
    Ok(report)
}

/// Cuts the power: what was acknowledged before is on the disk.
fn cut(disk: &Disk, training: &mut Training, report: &mut Report) -> Outcome<()> {
    training.stop()?;
    let saved = training.acknowledged();
    let left = disk.copy();
    training.signal(Signal::CONT)?;
    let left = left?;
    match load(&left.folder.join("runs/run")) {
        Ok(loaded) => {
            let epoch = loaded.checkpoint.header.epoch;
            report.holds(epoch >= saved, || {
                format!("epoch {saved} was saved, {epoch} is left")
            });
            let whole = loaded.warning.is_none();
            report.count("of them with the last checkpoint whole", u64::from(whole));
        }
        Err(error) => report.broken(format!("epoch {saved} was saved: {error}")),
    }
    report.most("epochs at the last cut", saved);
    Ok(())
}

/// A training on the disk, which says when an epoch is saved.
struct Training {
    child: Child,
    lines: Arc<AtomicU64>,
}

impl Training {
    fn begin(program: &Program, disk: &Path, sync_lies: bool) -> Outcome<Self> {
        let runs = disk.join("runs");
        fs::create_dir(&runs)?;
        fs::write(disk.join("data.csv"), data())?;
        let mut command = if sync_lies {
            let mut strace = Command::new("strace");
            strace.args([
                "-f",
                "-qq",
                "-o",
                "/dev/null",
                "-e",
                "trace=fsync,fdatasync",
            ]);
            strace.args(["-e", "inject=fsync,fdatasync:retval=0"]);
            strace.arg(program.path());
            strace
        } else {
            Command::new(program.path())
        };
        let words = begin(RUNS[0], "run", "--epochs 100000000 --batch-size 60 --json");
        command.args(words.split_whitespace()).current_dir(runs);
        command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut child = command.spawn()?;
        let output = child.stdout.take().ok_or("a training has no output")?;
        let lines = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&lines);
        spawn(move || count(output, &counter));
        while lines.load(Ordering::SeqCst) < 2 {
            if let Some(status) = child.try_wait()? {
                return Err(format!("the training ends with {status}").into());
            }
            sleep(Duration::from_millis(1));
        }
        Ok(Self { child, lines })
    }

    /// Epochs that are saved for certain: the line of an epoch is printed before it is saved, and
    /// after all before are.
    fn acknowledged(&self) -> u64 {
        self.lines.load(Ordering::SeqCst) - 1
    }

    /// Stops the process, and waits until it stands still: within a system call it goes on to the
    /// call's end, and a copy of a disk that is written to is none of any instant.
    fn stop(&self) -> Outcome<()> {
        self.signal(Signal::STOP)?;
        let threads = format!("/proc/{}/task", self.child.id());
        for thread in fs::read_dir(threads)? {
            let status = thread?.path().join("stat");
            // "1234 (name) T …"
            while !fs::read_to_string(&status)?.contains(") T") {
                sleep(Duration::from_micros(200));
            }
        }
        Ok(())
    }

    fn signal(&self, signal: Signal) -> Outcome<()> {
        let process = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw);
        Ok(kill_process(
            process.ok_or("a process has a number")?,
            signal,
        )?)
    }
}

impl Drop for Training {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn count(output: ChildStdout, lines: &AtomicU64) {
    for line in BufReader::new(output).lines() {
        if line.is_err() {
            break;
        }
        lines.fetch_add(1, Ordering::SeqCst);
    }
}

/// A file with a file system, mounted.
struct Disk {
    options: &'static str,
    image: PathBuf,
    folder: PathBuf,
    _place: tempfile::TempDir,
}

impl Disk {
    /// A new disk, or none where the system does not let this process mount one.
    fn mounted(options: &'static str) -> Outcome<Option<Self>> {
        let place = temporary_folder()?;
        let image = place.path().join("disk");
        fs::File::create(&image)?.set_len(SIZE)?;
        let mut format = Command::new("mkfs.ext4");
        format.args(["-q", "-F", "-E", "lazy_itable_init=0,lazy_journal_init=0"]);
        let formatted = quiet(format.arg(&image));
        Ok(if formatted {
            Self::mount(options, image, place)?
        } else {
            None
        })
    }

    fn mount(
        options: &'static str,
        image: PathBuf,
        place: tempfile::TempDir,
    ) -> Outcome<Option<Self>> {
        let folder = place.path().join("mounted");
        fs::create_dir(&folder)?;
        let mut mount = Command::new("mount");
        mount
            .args(["-o", &format!("loop,{options}")])
            .arg(&image)
            .arg(&folder);
        Ok(quiet(&mut mount).then_some(Self {
            options,
            image,
            folder,
            _place: place,
        }))
    }

    /// A copy of the disk as it is now, mounted.
    fn copy(&self) -> Outcome<Self> {
        let place = temporary_folder()?;
        let image = place.path().join("disk");
        fs::copy(&self.image, &image)?;
        let copy = Self::mount(self.options, image, place)?;
        Ok(copy.ok_or("what the cut left cannot be mounted")?)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        quiet(Command::new("umount").arg(&self.folder));
    }
}

/// Whether a command succeeds, which says nothing.
fn quiet(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
