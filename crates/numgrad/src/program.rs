//! An external program as a function: parameters in, one number out, and nothing it does can hang
//! or break the run.
use crate::interrupt::Interrupt;
use std::fmt;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::thread;
use std::time::{Duration, Instant};

/// What stands for the name of the parameters' file.
const FILE: &str = "{}";

/// The most that is kept of what a program prints; the rest is read and dropped.
const KEPT: u64 = 64 << 10;

/// How long a program's output may stay open after its end, held by what it left running.
const GRACE: Duration = Duration::from_secs(1);

/// A command, split into words.
#[derive(Debug)]
pub(crate) struct Program {
    words: Vec<String>,
    time_limit: Option<Duration>,
    interrupt: Interrupt,
}

/// Why there is no number.
#[derive(Debug)]
pub(crate) enum Fault {
    /// The user asked to stop.
    Interrupted,
    /// The program cannot be started at all.
    Start(io::Error),
    /// The parameters' file cannot be written.
    File(io::Error),
    /// This time it went wrong.
    Failed(String),
}

impl Program {
    /// Splits a command as a shell does, but expands nothing. `None` if a quote is not closed, or
    /// there is no word.
    pub(crate) fn parse(
        command: &str,
        time_limit: Option<Duration>,
        interrupt: Interrupt,
    ) -> Option<Self> {
        let words = shlex::split(command).filter(|words| !words.is_empty())?;
        Some(Self {
            words,
            time_limit,
            interrupt,
        })
    }

    /// The value at a point. `file` is where the parameters go if the command names a file.
    pub(crate) fn value(&self, point: &[f64], file: &Path) -> Result<f64, Fault> {
        let mut lines: Vec<String> = point.iter().map(f64::to_string).collect();
        lines.push(String::new());
        let input = lines.join("\n");
        if !self.words.iter().any(|word| word.contains(FILE)) {
            return self.run(&self.words, Some(input));
        }
        std::fs::write(file, input).map_err(Fault::File)?;
        let name = file.to_string_lossy();
        let words = self.words.iter().map(|word| word.replace(FILE, &name));
        let value = self.run(&words.collect::<Vec<_>>(), None);
        // Nobody reads it again.
        let _ = std::fs::remove_file(file);
        value
    }

    fn run(&self, words: &[String], input: Option<String>) -> Result<f64, Fault> {
        let started = Instant::now();
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]);
        command.stdin(match input {
            Some(_) => Stdio::piped(),
            None => Stdio::null(),
        });
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        in_a_group(&mut command);
        let mut child = command.spawn().map_err(Fault::Start)?;
        if let (Some(mut stdin), Some(input)) = (child.stdin.take(), input) {
            // A program may end without having read its input, which is then no fault.
            thread::spawn(move || {
                let _ = stdin.write_all(input.as_bytes());
            });
        }
        let output = child.stdout.take().map(kept);
        let errors = child.stderr.take().map(kept);
        let ended = self.wait(&mut child, started);
        let mut take = |stream: Option<Receiver<Vec<u8>>>| {
            let Some(stream) = stream else {
                return Vec::new();
            };
            match stream.recv_timeout(GRACE) {
                Err(RecvTimeoutError::Timeout) => {
                    kill(&mut child);
                    stream.recv_timeout(GRACE).unwrap_or_default()
                }
                found => found.unwrap_or_default(),
            }
        };
        let (output, errors) = (take(output), take(errors));
        let status = ended?;
        if !status.success() {
            return Err(Fault::Failed(ending(status, &errors)));
        }
        number(&output)
    }

    /// Waits for the end, or brings it about.
    fn wait(&self, child: &mut Child, started: Instant) -> Result<ExitStatus, Fault> {
        let mut pause = Duration::from_micros(200);
        loop {
            let waited = child.try_wait();
            if let Some(status) = waited.map_err(|error| Fault::Failed(error.to_string()))? {
                return Ok(status);
            }
            let late = self.time_limit.filter(|limit| started.elapsed() >= *limit);
            if late.is_some() || self.interrupt.is_asked() {
                kill(child);
                let _ = child.wait();
                return Err(late.map_or(Fault::Interrupted, |limit| {
                    let limit = humantime::format_duration(limit);
                    Fault::Failed(format!("ran longer than {limit}"))
                }));
            }
            thread::sleep(pause);
            pause = (2 * pause).min(Duration::from_millis(10));
        }
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words.join(" "))
    }
}

/// Reads a stream to its end, and hands over its start.
fn kept(mut stream: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    thread::spawn(move || {
        let mut start = Vec::new();
        let _ = (&mut stream).take(KEPT).read_to_end(&mut start);
        let _ = io::copy(&mut stream, &mut io::sink());
        // Nobody may be waiting any more.
        let _ = sender.send(start);
    });
    receiver
}

/// The one number that a program printed.
fn number(output: &[u8]) -> Result<f64, Fault> {
    let text = String::from_utf8_lossy(output);
    let text = text.trim();
    match text.parse() {
        Ok(value) if f64::is_finite(value) => Ok(value),
        _ if text.is_empty() => Err(Fault::Failed("printed nothing".to_owned())),
        _ => Err(Fault::Failed(format!(
            "printed '{}', which is not one finite number",
            shortened(text)
        ))),
    }
}

/// How a program ended that did not succeed, with the last line of what it complained of.
fn ending(status: ExitStatus, errors: &[u8]) -> String {
    let errors = String::from_utf8_lossy(errors);
    let last = errors.lines().map(str::trim).rfind(|line| !line.is_empty());
    let complaint = last.map_or(String::new(), |line| format!(": {}", shortened(line)));
    format!("ended with {status}{complaint}")
}

fn shortened(text: &str) -> String {
    const LONGEST: usize = 80;
    let start: String = text.chars().take(LONGEST).collect();
    if start.len() < text.len() {
        start + "…"
    } else {
        start
    }
}

/// In a group of its own, so that what it starts can be ended with it, and a Ctrl-C at the
/// terminal reaches numgrad alone.
#[cfg(unix)]
fn in_a_group(command: &mut Command) {
    std::os::unix::process::CommandExt::process_group(command, 0);
}

#[cfg(not(unix))]
fn in_a_group(_command: &mut Command) {}

/// Ends a program and what it started.
fn kill(child: &mut Child) {
    #[cfg(unix)]
    {
        let group = rustix::process::Pid::from_child(child);
        // It may have ended by itself.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.kill();
}
