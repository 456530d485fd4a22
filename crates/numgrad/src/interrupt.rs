//! Ctrl-C and a request to terminate: the first one is noticed between two steps, the second ends
//! the program at once.
use crate::failure::{Failure, Status};
use crate::out::say;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

/// What is said at the first request, before the run is saved.
static ADVICE: OnceLock<Box<dyn Fn() + Send + Sync>> = OnceLock::new();

/// The command that goes on with what is stopped.
static GO_ON: OnceLock<String> = OnceLock::new();

/// How long the program may take to stop before it says what it waits for.
const PATIENCE: Duration = Duration::from_secs(1);

/// Whether the run is over, so that nothing is to be said any more.
static IS_OVER: AtomicBool = AtomicBool::new(false);

/// Whether somebody asked the program to stop.
#[derive(Debug, Clone)]
pub(crate) struct Interrupt {
    asked: Arc<AtomicBool>,
}

impl Interrupt {
    /// Listens from now on.
    pub(crate) fn listen() -> Result<Self, Failure> {
        let asked = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&asked);
        ctrlc::set_handler(move || {
            if flag.swap(true, Ordering::SeqCst) {
                #[cfg(feature = "tui")]
                crate::dashboard::restore();
                if let Some(command) = GO_ON.get() {
                    say(format_args!(
                        "numgrad: ended at once; go on with: {command}"
                    ));
                }
                exit();
            }
            if let (false, Some(advise)) = (Self::is_over(), ADVICE.get()) {
                advise();
            }
            // Without a thread for it, nothing is said.
            let _ = thread::Builder::new().spawn(explain);
        })
        .map_err(|error| {
            Failure::new(
                Status::Internal,
                format!("signals cannot be listened to: {error}"),
            )
        })?;
        Ok(Self { asked })
    }

    /// Has something said at the first request: the launcher of a rank may leave it no time to
    /// end by itself. The first call counts.
    pub(crate) fn advise(advice: impl Fn() + Send + Sync + 'static) {
        // Who comes second has nothing else to say.
        let _ = ADVICE.set(Box::new(advice));
    }

    /// Has a second request end with the command that goes on. The first call counts.
    pub(crate) fn go_on_with(command: String) {
        // Who comes second goes on with the same.
        let _ = GO_ON.set(command);
    }

    /// Says no advice any more: the run has ended by itself.
    pub(crate) fn end() {
        IS_OVER.store(true, Ordering::SeqCst);
    }

    /// Whether the run has ended by itself.
    pub(crate) fn is_over() -> bool {
        IS_OVER.load(Ordering::SeqCst)
    }

    pub(crate) fn is_asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst)
    }

    /// Asks the program to stop, as a signal does. Whether it was asked before.
    #[cfg(feature = "tui")]
    pub(crate) fn ask(&self) -> bool {
        self.asked.swap(true, Ordering::SeqCst)
    }
}

/// Says that the program has heard, if it is not done soon.
fn explain() {
    thread::sleep(PATIENCE);
    if !Interrupt::is_over() {
        say("numgrad: stopping when the step under way is done; Ctrl-C again ends at once");
    }
}

/// Ends the program at once.
pub(crate) fn exit() -> ! {
    std::process::exit(i32::from(Status::Interrupted as u8))
}
