//! Threads: no more than the machine lets the program have, unless it is told to, and the same
//! numbers with any number of them.
use crate::command::{Ran, numgrad, program, succeeds};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A measurement of a small network, which says how many threads there were.
const BENCH: &str = "bench --layers 64,8,10 --perturb neuron --seconds 0.01 --json";

fn threads(ran: &Ran) -> u64 {
    assert_eq!(ran.status, 0, "{}", ran.stderr);
    ran.json()[0]["threads"].as_u64().unwrap()
}

/// The same with the words of another program before it.
fn within(words: &[&str], folder: &Path) -> std::io::Result<Ran> {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).arg(program());
    command.args(BENCH.split_whitespace()).current_dir(folder);
    Ok(Ran::from(command.output()?))
}

#[cfg(target_os = "linux")]
#[test]
fn a_program_on_one_cpu_of_several_starts_one_thread() {
    let folder = tempfile::tempdir().unwrap();
    match within(&["taskset", "-c", "0"], folder.path()) {
        Ok(ran) if ran.status == 0 => assert_eq!(threads(&ran), 1),
        _ => eprintln!("skipped: CPU 0 cannot be chosen by taskset"),
    }
}

/// A group of processes that may use one CPU's time, made where there is leave to.
struct Group(PathBuf);

impl Group {
    fn of_one_cpu() -> Option<Self> {
        let name = format!("numgrad-test-{}", std::process::id());
        let limits = [
            ("/sys/fs/cgroup/cpu", "cpu.cfs_quota_us", "100000"),
            ("/sys/fs/cgroup", "cpu.max", "100000 100000"),
        ];
        limits.into_iter().find_map(|(root, file, limit)| {
            let group = Self(Path::new(root).join(&name));
            fs::create_dir(&group.0).ok()?;
            // Without the file the folder is of no hierarchy of CPUs, and is removed again.
            let has_limits = group.0.join(file).exists();
            (has_limits && fs::write(group.0.join(file), limit).is_ok()).then_some(group)
        })
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // Its processes have ended; where they have not, it stays.
        let _ = fs::remove_dir(&self.0);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_containers_limit_on_cpu_time_is_a_limit_on_threads() {
    let folder = tempfile::tempdir().unwrap();
    let Some(group) = Group::of_one_cpu() else {
        eprintln!("skipped: no control group can be made here");
        return;
    };
    let enter = format!(
        "echo $$ > {}/cgroup.procs && exec \"$@\"",
        group.0.display()
    );
    let ran = within(&["sh", "-c", &enter, "sh"], folder.path()).unwrap();
    assert_eq!(threads(&ran), 1);
    let words = format!("{BENCH} --threads 2");
    let asked = threads(&numgrad(folder.path(), &words));
    assert_eq!(asked, 2, "who asks for two has two");
}

#[test]
fn more_threads_than_cores_train_the_same_network_as_a_pool_of_one() {
    let folder = tempfile::tempdir().unwrap();
    let hash = |threads: usize| {
        let words = format!("train --layers 64,6,10 --epochs 2 --threads {threads} --json");
        let ran = succeeds(folder.path(), &format!("{words} --run run{threads}"));
        ran.json().last().unwrap()["theta_blake3"].clone()
    };
    let one = hash(1);
    assert!(one.is_string(), "{one}");
    assert_eq!(hash(48), one);
}
