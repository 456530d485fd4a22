//! The system calls of a program, and faults in them, by strace.
use crate::report::Outcome;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

/// The calls by which files are made, written, synced and named.
const CALLS: &str = "openat,write,fsync,fdatasync,rename,renameat,renameat2,link,linkat,unlink,\
                     unlinkat,mkdir,mkdirat,flock,ftruncate";

/// A system call of a run: the `number`th, from 1, that its thread makes of this name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) name: String,
    pub(crate) number: u64,
}

/// Whether strace can be run here.
pub(crate) fn is_here() -> bool {
    let mut strace = Command::new("strace");
    strace.args(["-qq", "-o", "/dev/null", "true"]);
    strace.stdout(Stdio::null()).stderr(Stdio::null());
    strace.status().is_ok_and(|status| status.success())
}

/// A command under strace, that writes which of the [`CALLS`] it makes to this file.
pub(crate) fn traced(program: &Path, trace: &Path) -> Command {
    let mut strace = Command::new("strace");
    strace.args(["-f", "-y", "-qq", "-s", "0", "-e"]);
    strace
        .arg(format!("trace={CALLS}"))
        .arg("-o")
        .arg(trace)
        .arg(program);
    strace
}

/// A command under strace, in which the call fails, or the process ends, as `how` says; with
/// `for_ever`, so do all later ones of its name.
pub(crate) fn injected(program: &Path, call: &Call, how: &str, for_ever: bool) -> Command {
    let Call { name, number } = call;
    let later = if for_ever { "+" } else { "" };
    let mut strace = Command::new("strace");
    strace.args(["-f", "-qq", "-o", "/dev/null", "-e"]);
    strace.arg(format!("trace={name}"));
    strace
        .arg("-e")
        .arg(format!("inject={name}:{how}:when={number}{later}"));
    strace.arg(program);
    strace
}

/// The calls of a trace that name this folder or what is in it.
pub(crate) fn calls_on(folder: &str, trace: &Path) -> Outcome<Vec<Call>> {
    let trace = fs::read_to_string(trace)?;
    let mut made: Vec<(String, u64)> = Vec::new();
    let mut found = Vec::new();
    for line in trace.lines() {
        // "1234  write(5</run/last.ckpt>, …) = 10": a call that is resumed was counted before.
        let Some((thread, call)) = line.trim_start().split_once(' ') else {
            continue;
        };
        let call = call.trim_start();
        let Some((name, arguments)) = call.split_once('(') else {
            continue;
        };
        let number = count(&mut made, format!("{thread} {name}"));
        if arguments.contains(folder) {
            let name = name.to_owned();
            found.push(Call { name, number });
        }
    }
    Ok(found)
}

/// How often this was counted, this time included.
fn count(counted: &mut Vec<(String, u64)>, what: String) -> u64 {
    if let Some((_, number)) = counted.iter_mut().find(|(known, _)| *known == what) {
        *number += 1;
        return *number;
    }
    counted.push((what, 1));
    1
}
