//! The terminal: taken as a whole, and given back whatever happens.
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::crossterm::cursor::Show;
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use std::io::{self, Stderr};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

/// A terminal that is drawn on by way of standard error: results go to standard output.
pub(super) type Screen = Terminal<CrosstermBackend<Stderr>>;

/// Whether the terminal is taken.
static IS_TAKEN: AtomicBool = AtomicBool::new(false);

/// Takes the terminal: another screen, and each key as it is pressed.
pub(super) fn take() -> io::Result<Screen> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let report = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            // What a panic says would go away with the other screen.
            restore();
            report(panic);
        }));
    });
    IS_TAKEN.store(true, Ordering::SeqCst);
    let take = || {
        enable_raw_mode()?;
        execute!(io::stderr(), EnterAlternateScreen)?;
        Terminal::new(CrosstermBackend::new(io::stderr()))
    };
    take().inspect_err(|_| restore())
}

/// Gives the terminal back, if it is taken.
pub(crate) fn restore() {
    if IS_TAKEN.swap(false, Ordering::SeqCst) {
        // A terminal that is gone needs nothing.
        let _ = disable_raw_mode();
        let _ = execute!(io::stderr(), LeaveAlternateScreen, Show);
    }
}
