//! Ranks of MPI, one of which is killed: the job ends soon and says from where to go on, and the run
//! ends with the bits of one process, on any number of ranks.
use crate::program::{LENGTH_OF_RANKS, Program, State, begin, go_on, silent, state, workplace};
use crate::report::{Outcome, Report};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use rustix::process::{Pid, Signal, kill_process};
use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How soon a job has to end after one of its ranks has died.
const SOON: Duration = Duration::from_secs(10);

/// How long it is waited for at all.
const AT_LAST: Duration = Duration::from_secs(60);

/// The most ranks of a job.
const MOST: usize = 4;

/// How ranks are launched where the environment does not say it by `MPIRUN`: more of them than
/// cores, if need be.
const LAUNCHER: &str = "mpirun --allow-run-as-root --oversubscribe --mca mpi_yield_when_idle 1";

/// What launchers tell a process of its number.
const NUMBERS: [&str; 3] = ["OMPI_COMM_WORLD_RANK=", "PMI_RANK=", "PMIX_RANK="];

/// What ranks share, one run after the other.
const RUNS: [&str; 4] = [
    "--layers 4,6,3 --perturb weight --distribute samples",
    "--layers 4,6,3 --perturb weight --distribute coordinates --optimizer momentum",
    "--layers 4,5,4,3 --perturb neuron --precision f32 --activation tanh",
    "--layers 4,6,3 --perturb directions --directions 6",
];

const KILLS: &str = "kills of a rank";

/// Kills a rank of so many jobs, and lets each run come to its end.
pub(crate) fn run(path: Option<&Path>, kills: u64, seed: u64) -> Outcome<Report> {
    let mut report = Report::new("ranks");
    let of_tests = env::var_os("NUMGRAD_TEST_MPI").map(|folder| Path::new(&folder).join("numgrad"));
    let Some(path) = path.map(Path::to_owned).or(of_tests) else {
        report.count(
            "skipped: neither --program nor NUMGRAD_TEST_MPI names a numgrad that knows MPI",
            1,
        );
        return Ok(report);
    };
    let program = Program::of(Some(&path))?;
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    for (number, run) in (0..).zip(RUNS) {
        let place = workplace()?;
        let job = Job::new(&program, run, place.path())?;
        while report.figure(KILLS) < (number + 1) * kills / RUNS.len() as u64 {
            job.one_kill(&mut report, &mut random)?;
        }
    }
    Ok(report)
}

/// A run whose ranks are killed.
struct Job<'a> {
    program: &'a Program,
    run: &'a str,
    runs: PathBuf,
    /// What the job said on standard error.
    said: PathBuf,
    expected: State,
    /// How long all of it takes on two ranks.
    whole: Duration,
}

impl<'a> Job<'a> {
    fn new(program: &'a Program, run: &'a str, place: &Path) -> Outcome<Self> {
        // As the system names it, so that processes are known by their folder.
        let runs = place.join("runs").canonicalize()?;
        let words = begin(run, "whole", LENGTH_OF_RANKS);
        if !program.command(&runs, &words).status()?.success() {
            return Err(format!("a run of one process fails: {run}").into());
        }
        let mut job = Self {
            program,
            run,
            said: place.join("said"),
            expected: state(&runs.join("whole"))?.ok_or("a run has no checkpoint")?,
            whole: Duration::ZERO,
            runs,
        };
        let started = Instant::now();
        let words = begin(run, "timed", LENGTH_OF_RANKS);
        if !job.launch(2, &words)?.wait()?.success() {
            return Err(format!("two ranks fail that nobody kills: {run}: {}", job.said()).into());
        }
        job.whole = started.elapsed();
        Ok(job)
    }

    /// Kills a rank at a random moment, and goes on with another number of ranks.
    fn one_kill(&self, report: &mut Report, random: &mut ChaCha8Rng) -> Outcome<()> {
        let folder = self.runs.join("killed");
        let size = random.random_range(2..=MOST);
        let victim = random.random_range(0..size);
        let mut job = self.launch(size, &begin(self.run, "killed", LENGTH_OF_RANKS))?;
        sleep(self.whole.mul_f64(random.random_range(0.0..1.0)));
        let is_under_way = has_an_epoch(&folder);
        let Some(process) = self.process_of(victim)? else {
            // Not there yet, or not any more.
            job.wait()?;
            return Ok(fs::remove_dir_all(folder)?);
        };
        // It may have ended by itself.
        let _ = kill_process(process, Signal::KILL);
        let waited = self.ended(&mut job, report)?;
        report.count(KILLS, 1);
        report.most(
            "milliseconds until the job ended, at most",
            waited.as_millis() as u64,
        );
        report.holds(waited < SOON, || {
            format!("{}: a job of {size} ends after {waited:?}", self.run)
        });
        let found = state(&folder)?;
        let is_done = found.as_ref() == Some(&self.expected);
        if is_done {
            report.count("of them behind the last step", 1);
        } else if is_under_way {
            report.count("of them while it trained", 1);
            self.advised(victim, report);
        } else {
            report.count("of them before the first epoch's end", 1);
        }
        let others = (1..=MOST).filter(|&others| others != size);
        let others: Vec<usize> = others.collect();
        let others = others[random.random_range(0..others.len())];
        let words = match found {
            Some(_) => go_on("killed"),
            None => begin(self.run, "killed", LENGTH_OF_RANKS),
        };
        let went = self.launch(others, &words)?.wait()?.success();
        report.holds(
            went && state(&folder)?.as_ref() == Some(&self.expected),
            || {
                let said = self.said();
                format!("{}: {others} ranks end with other bits: {said}", self.run)
            },
        );
        Ok(fs::remove_dir_all(folder)?)
    }

    /// Whether the job said who died, and once from where to go on.
    fn advised(&self, victim: usize, report: &mut Report) {
        let said = self.said();
        let names = said.contains(&format!("rank {victim}"));
        let advice = said.matches("numgrad train --resume killed").count();
        report.holds(names && advice == 1, || {
            format!("{}: rank {victim} dies, and it is said: {said}", self.run)
        });
    }

    /// A job of so many ranks.
    fn launch(&self, ranks: usize, words: &str) -> Outcome<Child> {
        let launcher = env::var("MPIRUN").unwrap_or_else(|_| LAUNCHER.to_owned());
        let mut launcher = launcher.split_whitespace();
        let mut command = Command::new(launcher.next().ok_or("MPIRUN is empty")?);
        silent(&mut command, &self.runs).stderr(File::create(&self.said)?);
        command.args(launcher).args(["-n", &ranks.to_string()]);
        command.arg(self.program.path());
        command.args(words.split_whitespace());
        Ok(command.spawn()?)
    }

    /// How long a job goes on, which is ended if it never would.
    fn ended(&self, job: &mut Child, report: &mut Report) -> Outcome<Duration> {
        let started = Instant::now();
        while job.try_wait()?.is_none() {
            let waited = started.elapsed();
            if waited > SOON / 2 && !self.has_ranks()? {
                report.count("of their launchers hung when all ranks had ended", 1);
                job.kill()?;
            } else if waited > AT_LAST {
                job.kill()?;
            }
            sleep(Duration::from_millis(5));
        }
        Ok(started.elapsed())
    }

    fn has_ranks(&self) -> Outcome<bool> {
        for rank in 0..MOST {
            if self.process_of(rank)?.is_some() {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn said(&self) -> String {
        fs::read_to_string(&self.said).unwrap_or_default()
    }

    /// The process of a rank, by the folder that it works in and what its launcher told it.
    fn process_of(&self, rank: usize) -> Outcome<Option<Pid>> {
        let has_number = |environment: &[u8]| {
            let mut set = environment.split(|&byte| byte == 0);
            let numbers = NUMBERS.map(|name| format!("{name}{rank}"));
            set.any(|set| numbers.iter().any(|number| number.as_bytes() == set))
        };
        for entry in fs::read_dir("/proc")? {
            let folder = entry?.path();
            let is_here = fs::read_link(folder.join("cwd")).is_ok_and(|cwd| cwd == self.runs);
            if is_here && fs::read(folder.join("environ")).is_ok_and(|set| has_number(&set)) {
                let number = folder
                    .file_name()
                    .and_then(|name| name.to_str()?.parse().ok());
                return Ok(number.and_then(Pid::from_raw));
            }
        }
        Ok(None)
    }
}

/// Whether an epoch of the run is over, so that every rank knows where the run is kept.
fn has_an_epoch(run: &Path) -> bool {
    let history = fs::read_to_string(run.join("history.csv"));
    history.is_ok_and(|text| text.lines().count() > 1)
}
