//! `numgrad train --tui`: a dashboard that has the terminal while a run trains.
//!
//! A thread draws and listens to keys, so that neither waits for a step. The training only says what
//! it has come to.
mod curves;
mod screen;
mod view;

pub(crate) use screen::restore;

use crate::interrupt::{Interrupt, exit};
use crate::log;
use crate::progress::{Size, Step};
use numgrad_train::checkpoint::EpochRecord;
use ratatui::crossterm::event::{self, Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;
use view::View;

/// Time between two pictures.
const BETWEEN: Duration = Duration::from_millis(100);

/// A dashboard. It leaves the terminal as it was, however the run ends.
#[derive(Debug)]
pub(crate) struct Dashboard {
    shared: Arc<Shared>,
    drawing: Mutex<Option<JoinHandle<()>>>,
}

#[derive(Debug)]
struct Shared {
    view: Mutex<View>,
    is_over: AtomicBool,
}

impl Shared {
    fn view(&self) -> MutexGuard<'_, View> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Dashboard {
    /// Takes the terminal. `done` is the number of steps, and the seconds of training, that a resumed
    /// run has behind it, and `history` what they came to.
    pub(crate) fn open(
        size: Size,
        done: (u64, f64),
        history: &[EpochRecord],
        interrupt: Interrupt,
    ) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            view: Mutex::new(View::new(size, done, history)),
            is_over: AtomicBool::new(false),
        });
        let terminal = screen::take()?;
        log::hold(true);
        let drawn = Arc::clone(&shared);
        let drawing = thread::spawn(move || {
            // Where the terminal is gone, the training goes on without a picture.
            let _ = draw(terminal, &drawn, &interrupt);
        });
        Ok(Self {
            shared,
            drawing: Mutex::new(Some(drawing)),
        })
    }

    pub(crate) fn step(&self, step: Step) {
        self.shared.view().step(step);
    }

    pub(crate) fn epoch(&self, record: &EpochRecord) {
        self.shared.view().epoch(record);
    }

    /// Gives the terminal back. What was logged meanwhile is written then.
    pub(crate) fn close(&self) {
        self.shared.is_over.store(true, Ordering::SeqCst);
        let mut drawing = self.drawing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(drawing) = drawing.take() {
            // A thread that panicked has restored the terminal.
            let _ = drawing.join();
        }
        screen::restore();
        log::hold(false);
    }
}

impl Drop for Dashboard {
    fn drop(&mut self) {
        self.close();
    }
}

/// Draws, and listens to keys, until the run is over.
fn draw(mut terminal: screen::Screen, shared: &Shared, interrupt: &Interrupt) -> io::Result<()> {
    while !shared.is_over.load(Ordering::SeqCst) {
        let mut view = shared.view().clone();
        view.look(interrupt.is_asked());
        terminal.draw(|frame| view.draw(frame))?;
        if event::poll(BETWEEN)? && is_stop(&event::read()?) && interrupt.ask() {
            // Whoever asks twice does not want to wait for the step.
            screen::restore();
            exit();
        }
    }
    Ok(())
}

/// Whether a key asks the run to stop: q, or Ctrl-C, which is no signal in this mode.
fn is_stop(event: &Event) -> bool {
    let Event::Key(KeyEvent {
        code,
        modifiers,
        kind,
        ..
    }) = event
    else {
        return false;
    };
    let is_control = modifiers.contains(KeyModifiers::CONTROL);
    *kind == KeyEventKind::Press
        && match code {
            KeyCode::Char('q' | 'Q') => !is_control,
            KeyCode::Char('c') => is_control,
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn q_and_ctrl_c_stop_and_other_keys_do_not() {
        let key = |letter, modifiers| Event::Key(KeyEvent::new(KeyCode::Char(letter), modifiers));
        assert!(is_stop(&key('q', KeyModifiers::NONE)));
        assert!(is_stop(&key('c', KeyModifiers::CONTROL)));
        for event in [
            key('c', KeyModifiers::NONE),
            key('x', KeyModifiers::CONTROL),
            Event::Resize(80, 24),
        ] {
            assert!(!is_stop(&event), "{event:?}");
        }
    }
}
