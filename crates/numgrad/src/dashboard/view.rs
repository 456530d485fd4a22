//! What the dashboard shows, and how it is laid out.
use super::curves::{self, Curve};
use crate::log;
use crate::progress::{Size, Step, with_prefix};
use numgrad_train::checkpoint::EpochRecord;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Text};
use ratatui::widgets::{Block, Gauge, Paragraph};
use std::time::{Duration, Instant};

/// Columns from which charts stand beside each other, and lines from which the log has a place.
const WIDE: u16 = 80;
const HIGH: u16 = 20;

/// Lines of the log, with its frame.
const LOG: u16 = 7;

/// The state of a run, as it is shown.
#[derive(Debug, Clone)]
pub(super) struct View {
    size: Size,
    /// Steps and seconds of training of which this session knows nothing.
    before: (u64, f64),
    opened: Instant,
    step: Option<Step>,
    last: Option<EpochRecord>,
    losses: [Curve; 4],
    accuracies: [Curve; 3],
    rates: Curve,
    log: Vec<String>,
    is_stopping: bool,
    is_coloured: bool,
}

impl View {
    pub(super) fn new(size: Size, before: (u64, f64), history: &[EpochRecord]) -> Self {
        let curve = Curve::named;
        let mut view = Self {
            size,
            before,
            opened: Instant::now(),
            step: None,
            last: None,
            losses: ["training", "validation", "test", "batch"].map(curve),
            accuracies: ["training", "validation", "test"].map(curve),
            rates: curve("η"),
            log: Vec::new(),
            is_stopping: false,
            is_coloured: log::colours_are_welcome(),
        };
        for record in history {
            view.epoch(record);
        }
        view
    }

    pub(super) fn step(&mut self, step: Step) {
        let x = step.epoch as f64 + step.batch as f64 / self.size.batches.max(1) as f64;
        self.losses[3].push(x, step.loss);
        self.step = Some(step);
    }

    pub(super) fn epoch(&mut self, record: &EpochRecord) {
        let x = record.epoch as f64;
        let losses = [
            Some(record.train_loss),
            record.validation_loss,
            Some(record.test_loss),
        ];
        let accuracies = [
            record.train_accuracy,
            record.validation_accuracy,
            record.test_accuracy,
        ];
        for (curve, loss) in self.losses.iter_mut().zip(losses) {
            curve.push(x, loss.unwrap_or(f64::NAN));
        }
        for (curve, accuracy) in self.accuracies.iter_mut().zip(accuracies) {
            curve.push(x, accuracy.unwrap_or(f64::NAN));
        }
        self.rates.push(x, record.learning_rate);
        self.last = Some(record.clone());
    }

    /// Looks at what changes beside the run.
    pub(super) fn look(&mut self, is_stopping: bool) {
        self.is_stopping = is_stopping;
        self.log = log::held(usize::from(LOG));
    }

    pub(super) fn draw(&self, frame: &mut Frame<'_>) {
        let area = frame.area();
        let log = if area.height >= HIGH { LOG } else { 0 };
        let rows = Layout::vertical([
            Constraint::Length(1),
            Constraint::Min(0),
            Constraint::Length(log),
            Constraint::Length(1),
        ]);
        let [top, middle, bottom, foot] = rows.areas(area);
        self.draw_gauge(frame, top);
        self.draw_middle(frame, middle);
        if log > 0 {
            self.draw_log(frame, bottom);
        }
        frame.render_widget(self.footer(), foot);
    }

    fn draw_gauge(&self, frame: &mut Frame<'_>, area: Rect) {
        let steps = self.size.epochs.saturating_mul(self.size.batches).max(1);
        let part = (self.done() as f64 / steps as f64).min(1.0);
        let epoch = (self.done() / self.size.batches.max(1) + 1).min(self.size.epochs);
        let label = format!(
            "epoch {epoch}/{}, {:.0} %{}",
            self.size.epochs,
            100.0 * part,
            self.left()
        );
        frame.render_widget(Gauge::default().ratio(part).label(label), area);
    }

    fn draw_middle(&self, frame: &mut Frame<'_>, area: Rect) {
        let is_classified = self.accuracies.iter().any(|curve| !curve.points.is_empty());
        if area.width < WIDE {
            let rows = Layout::vertical([Constraint::Fill(1), Constraint::Length(8)]);
            let [curves, figures] = rows.areas(area);
            self.draw_losses(frame, curves);
            self.draw_figures(frame, figures);
            return;
        }
        let rows = Layout::vertical([Constraint::Fill(3), Constraint::Max(9)]);
        let [upper, lower] = rows.areas(area);
        let halves = Layout::horizontal([Constraint::Fill(1), Constraint::Fill(1)]);
        let [left, right] = halves.areas(upper);
        if is_classified {
            self.draw_losses(frame, left);
            self.draw_curves(frame, right, "Accuracy", &self.accuracies);
        } else {
            self.draw_losses(frame, upper);
        }
        let [left, right] = halves.areas(lower);
        let rates = std::slice::from_ref(&self.rates);
        self.draw_curves(frame, left, "Learning rate", rates);
        self.draw_figures(frame, right);
    }

    fn draw_losses(&self, frame: &mut Frame<'_>, area: Rect) {
        self.draw_curves(frame, area, "Loss", &self.losses);
    }

    fn draw_curves(&self, frame: &mut Frame<'_>, area: Rect, title: &str, all: &[Curve]) {
        let some: Vec<&Curve> = all
            .iter()
            .filter(|curve| !curve.points.is_empty())
            .collect();
        let epochs = self.size.epochs as f64;
        curves::draw(frame, area, title, (&some, epochs), self.is_coloured);
    }

    fn draw_figures(&self, frame: &mut Frame<'_>, area: Rect) {
        let mut lines = Vec::new();
        if let Some(step) = self.step {
            let accuracy = step
                .accuracy
                .map_or_else(String::new, |a| format!(", accuracy {a:.4}"));
            lines.push(format!(
                "batch {}/{}: loss {:.4}{accuracy}",
                step.batch, self.size.batches, step.loss
            ));
        }
        if let Some(record) = &self.last {
            let accuracy =
                |a: Option<f64>| a.map_or_else(String::new, |a| format!(", accuracy {a:.4}"));
            let of = |name: &str, loss: f64, a| format!("{name} loss {loss:.5}{}", accuracy(a));
            lines.push(of("training", record.train_loss, record.train_accuracy));
            if let Some(loss) = record.validation_loss {
                lines.push(of("validation", loss, record.validation_accuracy));
            }
            lines.push(of("test", record.test_loss, record.test_accuracy));
            lines.push(format!("learning rate {}", record.learning_rate));
        }
        lines.push(format!("{} weights/s", with_prefix(self.rate())));
        let text: Text<'_> = lines.into_iter().map(Line::from).collect();
        let block = Block::bordered().title("Now");
        frame.render_widget(Paragraph::new(text).block(block), area);
    }

    fn draw_log(&self, frame: &mut Frame<'_>, area: Rect) {
        let text: Text<'_> = if self.log.is_empty() {
            Text::from("nothing is logged; -v says more")
        } else {
            let room = usize::from(LOG) - 2;
            let last = &self.log[self.log.len().saturating_sub(room)..];
            last.iter().map(|line| Line::from(line.as_str())).collect()
        };
        let block = Block::bordered().title("Log");
        frame.render_widget(Paragraph::new(text).block(block), area);
    }

    fn footer(&self) -> Line<'static> {
        Line::from(if self.is_stopping {
            "stopping after this step, and saving; q again ends the program at once"
        } else {
            "q stops and saves; the run can be resumed"
        })
    }

    /// Steps that are done.
    fn done(&self) -> u64 {
        let of_step = self
            .step
            .map_or(0, |step| step.epoch * self.size.batches + step.batch);
        let of_epochs = self
            .last
            .as_ref()
            .map_or(0, |record| record.epoch * self.size.batches);
        of_step.max(of_epochs).max(self.before.0)
    }

    /// Weights that this session has measured in a second of training.
    fn rate(&self) -> f64 {
        let seconds = self.step.map_or(self.before.1, |step| step.seconds) - self.before.1;
        let steps = self.done() - self.before.0;
        steps as f64 * self.size.weights as f64 / seconds.max(1e-9)
    }

    /// About how long the rest takes, as long as a step took in this session.
    fn left(&self) -> String {
        let (done, steps) = (
            self.done(),
            self.size.epochs.saturating_mul(self.size.batches),
        );
        if done <= self.before.0 || steps <= done {
            return String::new();
        }
        let a_step = self.opened.elapsed().as_secs_f64() / (done - self.before.0) as f64;
        let left = Duration::try_from_secs_f64(a_step * (steps - done) as f64);
        left.map_or_else(
            |_| String::new(),
            |left| format!(", {:#} left", indicatif::HumanDuration(left)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use numgrad_train::Spent;
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;
    use ratatui::style::Color;

    fn record(epoch: u64) -> EpochRecord {
        let loss = 2.0 / epoch as f64;
        EpochRecord {
            epoch,
            train_loss: loss,
            validation_loss: Some(1.2 * loss),
            test_loss: 1.1 * loss,
            train_accuracy: Some(1.0 - 0.1 * loss),
            validation_accuracy: Some(0.9 - 0.1 * loss),
            test_accuracy: Some(0.95 - 0.1 * loss),
            learning_rate: 0.01,
            loss_evaluations: 0,
            seconds: epoch as f64,
            spent: Spent::default(),
            layers: Vec::new(),
        }
    }

    fn view() -> View {
        let size = Size {
            epochs: 10,
            batches: 15,
            weights: 2410,
        };
        let mut view = View::new(size, (15, 1.0), &[record(1)]);
        for epoch in 2..=4 {
            view.epoch(&record(epoch));
        }
        view.step(Step {
            epoch: 4,
            batch: 3,
            loss: 0.4321,
            accuracy: Some(0.875),
            seconds: 4.25,
        });
        view
    }

    fn drawn(view: &View, (width, height): (u16, u16)) -> Terminal<TestBackend> {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| view.draw(frame)).unwrap();
        terminal
    }

    #[test]
    fn curves_figures_and_the_log_are_on_one_screen() {
        let mut view = view();
        view.log = vec!["INFO checkpoint written".to_owned()];
        let text = drawn(&view, (120, 40)).backend().to_string();
        for part in [
            "epoch 5/10, 42 %",
            "left",
            "Loss",
            "Accuracy",
            "Learning rate",
            "validation",
            "batch 3/15: loss 0.4321, accuracy 0.8750",
            "test loss 0.55000",
            "weights/s",
            "INFO checkpoint written",
            "q stops and saves",
        ] {
            assert!(text.contains(part), "{part}:\n{text}");
        }
        let is_braille = |letter: char| ('\u{2801}'..='\u{28ff}').contains(&letter);
        assert!(
            text.chars().filter(|&letter| is_braille(letter)).count() > 40,
            "{text}"
        );
        view.is_stopping = true;
        let text = drawn(&view, (120, 40)).backend().to_string();
        assert!(text.contains("stopping after this step"), "{text}");
    }

    #[test]
    fn a_regression_has_no_accuracy_and_a_beginning_nothing_at_all() {
        let size = view().size;
        let mut view = View::new(size, (0, 0.0), &[]);
        let text = drawn(&view, (100, 30)).backend().to_string();
        assert!(text.contains("epoch 1/10, 0 %"), "{text}");
        view.epoch(&EpochRecord {
            train_accuracy: None,
            validation_accuracy: None,
            test_accuracy: None,
            ..record(1)
        });
        let text = drawn(&view, (100, 30)).backend().to_string();
        assert!(text.contains("Loss") && !text.contains("ccuracy"), "{text}");
    }

    #[test]
    fn no_size_of_a_terminal_is_too_small() {
        let view = view();
        for size in [
            (0, 0),
            (1, 1),
            (3, 2),
            (20, 8),
            (79, 19),
            (80, 20),
            (300, 5),
        ] {
            drawn(&view, size);
        }
        let text = drawn(&view, (60, 24)).backend().to_string();
        assert!(
            text.contains("Loss") && text.contains("weights/s"),
            "{text}"
        );
    }

    #[test]
    fn no_colour_is_used_where_none_is_welcome() {
        let mut view = view();
        for is_coloured in [true, false] {
            view.is_coloured = is_coloured;
            let terminal = drawn(&view, (120, 40));
            let cells = terminal.backend().buffer().content();
            let coloured = cells.iter().any(|cell| cell.fg != Color::Reset);
            assert_eq!(coloured, is_coloured);
        }
    }
}
