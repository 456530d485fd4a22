//! The suites of RELIABILITY.md: each breaks what can break, and counts what was promised.
#![deny(unsafe_op_in_unsafe_fn)]

mod allocator;
mod crash;
mod faults;
mod hostile;
#[cfg(unix)]
mod interrupt;
mod mutation;
#[cfg(unix)]
mod places;
#[cfg(unix)]
mod power;
mod program;
#[cfg(target_os = "linux")]
mod ranks;
mod report;
mod soak;
mod strace;

use clap::{Parser, Subcommand};
use program::Program;
use report::Outcome;
use std::path::PathBuf;
use std::process::ExitCode;

/// Puts what RELIABILITY.md promises to the test. Exit status 0 if all of it is kept, 1 if not.
#[derive(Debug, Parser)]
struct Arguments {
    #[command(subcommand)]
    suite: Suite,
    /// The seed of what is random
    #[arg(long, default_value_t = 1, global = true)]
    seed: u64,
    /// The program to test [default: the one of this workspace, built first]
    #[arg(long, value_name = "PATH", global = true)]
    program: Option<PathBuf>,
    /// One JSON object on standard output
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum Suite {
    /// Trainings killed at random moments and resumed.
    Crash {
        /// Kills, over ten configurations
        #[arg(long, default_value_t = 2000)]
        kills: u64,
    },
    /// Faults in each system call of a checkpoint.
    Faults {
        /// Only one in so many of them
        #[arg(long, default_value_t = 1)]
        every: usize,
    },
    /// Ctrl-C at random moments, and twice.
    #[cfg(unix)]
    Interrupt {
        /// How often
        #[arg(long, default_value_t = 100)]
        stops: u64,
    },
    /// Many short trainings in one process: memory, handles and threads stay.
    Soak {
        /// For how long
        #[arg(long, default_value_t = 600)]
        seconds: u64,
    },
    /// Full and read-only disks, limits, folders of others, and many writers in one folder.
    #[cfg(unix)]
    Places {
        /// How often eight trainings start in one folder
        #[arg(long, default_value_t = 100)]
        rounds: u64,
    },
    /// Power cuts while training.
    #[cfg(unix)]
    Power {
        /// Power cuts, on two kinds of disk
        #[arg(long, default_value_t = 400)]
        cuts: u64,
        /// Let no sync do anything: the suite then has to find broken promises
        #[arg(long)]
        sync_lies: bool,
    },
    /// Ranks under mpirun, one of which is killed at a random moment.
    #[cfg(target_os = "linux")]
    Ranks {
        /// Kills, over four configurations
        #[arg(long, default_value_t = 50)]
        kills: u64,
    },
    /// Checkpoints with flipped bits, cut, extended, and changed with a right checksum.
    Hostile {
        /// Changes with the checksum made right again
        #[arg(long, default_value_t = 1_000_000)]
        mutations: u64,
    },
}

fn main() -> Outcome<ExitCode> {
    let arguments = Arguments::parse();
    let seed = arguments.seed;
    let program = || Program::of(arguments.program.as_deref());
    let report = match arguments.suite {
        Suite::Crash { kills } => crash::run(&program()?, kills, seed)?,
        Suite::Faults { every } => faults::run(&program()?, every)?,
        #[cfg(unix)]
        Suite::Interrupt { stops } => interrupt::run(&program()?, stops, seed)?,
        Suite::Soak { seconds } => soak::run(seconds)?,
        #[cfg(unix)]
        Suite::Places { rounds } => places::run(&program()?, rounds)?,
        #[cfg(unix)]
        Suite::Power { cuts, sync_lies } => power::run(&program()?, cuts, sync_lies, seed)?,
        #[cfg(target_os = "linux")]
        Suite::Ranks { kills } => ranks::run(arguments.program.as_deref(), kills, seed)?,
        Suite::Hostile { mutations } => hostile::run(mutations, seed)?,
    };
    Ok(if report.print(arguments.json)? {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
