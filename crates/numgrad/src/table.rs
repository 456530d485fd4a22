//! What is printed fits the terminal: a table leaves out the columns that matter least, and a sentence
//! is broken between its words. Where the width is not known, all is printed as it is.
use crate::failure::Failure;
use crate::out::Out;
use std::io;

/// No terminal is narrower: what is left of a table needs as much.
const NARROWEST: usize = 20;
/// The blanks between two columns.
const GAP: usize = 2;

/// Rows of text below titles.
#[derive(Debug, Default)]
pub(crate) struct Table {
    columns: Vec<Column>,
}

/// A column, and how early it is left out: those of 0 never are.
#[derive(Debug)]
struct Column {
    title: String,
    spare: u8,
    is_text: bool,
    cells: Vec<String>,
}

impl Column {
    fn width(&self) -> usize {
        let texts = self.cells.iter().chain([&self.title]);
        texts.map(|text| length(text)).max().unwrap_or(0)
    }

    fn shown(&self, text: &str, width: usize) -> String {
        let text = cut(text, width);
        if self.is_text {
            format!("{text:<width$}")
        } else {
            format!("{text:>width$}")
        }
    }
}

impl Table {
    /// With a column of numbers, which stand at its right. The larger `spare`, the sooner the column is
    /// left out; one of 0 stays.
    pub(crate) fn numbers(self, title: &str, spare: u8) -> Self {
        self.with(title, spare, false)
    }

    /// With a column of words, which stand at its left, and stay.
    pub(crate) fn words(self, title: &str) -> Self {
        self.with(title, 0, true)
    }

    fn with(mut self, title: &str, spare: u8, is_text: bool) -> Self {
        self.columns.push(Column {
            title: title.to_owned(),
            spare,
            is_text,
            cells: Vec::new(),
        });
        self
    }

    /// Adds a row, a cell for each column; what is missing is empty.
    pub(crate) fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        let mut cells = cells.into_iter();
        for column in &mut self.columns {
            column.cells.push(cells.next().unwrap_or_default());
        }
    }

    /// Prints it, as wide as the terminal is.
    pub(crate) fn print(self, out: &mut Out) -> Result<(), Failure> {
        let lines = self.lines(width());
        lines.iter().try_for_each(|line| out.line(line))
    }

    fn lines(mut self, width: Option<usize>) -> Vec<String> {
        if let Some(width) = width {
            self.fit(width);
        }
        let mut widths: Vec<usize> = self.columns.iter().map(Column::width).collect();
        let all = total(&widths);
        if let (Some(first), Some(width)) = (widths.first_mut(), width) {
            // What is still too wide is a name.
            *first = first.saturating_sub(all.saturating_sub(width)).max(4);
        }
        let rows = self.columns.first().map_or(0, |column| column.cells.len());
        let line = |text: &dyn Fn(&Column) -> String| {
            let parts = self.columns.iter().zip(&widths);
            let parts: Vec<String> = parts
                .map(|(column, &width)| column.shown(&text(column), width))
                .collect();
            parts.join(&" ".repeat(GAP)).trim_end().to_owned()
        };
        let head = line(&|column| column.title.clone());
        let rows = (0..rows).map(|k| line(&|column| column.cells[k].clone()));
        std::iter::once(head).chain(rows).collect()
    }

    /// Leaves columns out until the others have room.
    fn fit(&mut self, width: usize) {
        loop {
            let widths: Vec<usize> = self.columns.iter().map(Column::width).collect();
            let spared = (0..self.columns.len()).max_by_key(|&k| self.columns[k].spare);
            match spared {
                Some(k) if total(&widths) > width && self.columns[k].spare > 0 => {
                    self.columns.remove(k);
                }
                _ => return,
            }
        }
    }
}

/// The width of a table with columns of these widths.
fn total(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + GAP * widths.len().saturating_sub(1)
}

/// The columns of the terminal that standard output is, or those that the environment's COLUMNS says.
pub(crate) fn width() -> Option<usize> {
    let said = || std::env::var("COLUMNS").ok()?.parse().ok();
    let terminal = terminal_size::terminal_size_of(io::stdout());
    let width = terminal.map_or_else(said, |(width, _)| Some(usize::from(width.0)));
    width.map(|width| width.max(NARROWEST))
}

/// The columns of the terminal that standard error is.
pub(crate) fn error_width() -> Option<usize> {
    let terminal = terminal_size::terminal_size_of(io::stderr());
    terminal.map(|(width, _)| usize::from(width.0))
}

/// A sentence in as many lines as the terminal needs, the further ones after two blanks.
pub(crate) fn broken(sentence: &str) -> String {
    match width() {
        Some(width) => broken_at(sentence, width),
        None => sentence.to_owned(),
    }
}

/// The same in lines of at most so many columns, but for longer words.
pub(crate) fn broken_at(sentence: &str, width: usize) -> String {
    let mut text = String::new();
    let mut column = 0;
    for word in sentence.split(' ') {
        if column > 0 && column + 1 + length(word) > width {
            text.push_str("\n  ");
            column = GAP;
        } else if column > 0 {
            text.push(' ');
            column += 1;
        }
        text.push_str(word);
        column += length(word);
    }
    text
}

fn cut(text: &str, most: usize) -> String {
    if length(text) <= most {
        return text.to_owned();
    }
    let kept = text.chars().take(most.saturating_sub(1));
    kept.chain(['…']).collect()
}

fn length(text: &str) -> usize {
    text.chars().count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::default()
            .words("name")
            .numbers("loss", 0)
            .numbers("seconds", 2)
            .numbers("steps", 1);
        table.row(["a long name", "0.5", "1.25", "7"].map(str::to_owned));
        table
    }

    #[test]
    fn the_columns_that_matter_least_go_first_and_a_name_is_cut_at_last() {
        let all = [
            "name         loss  seconds  steps",
            "a long name   0.5     1.25      7",
        ];
        assert_eq!(table().lines(None), all);
        assert_eq!(table().lines(Some(33)), all);
        assert_eq!(table().lines(Some(32))[0], "name         loss  steps");
        let least = ["name      loss", "a long …   0.5"];
        assert_eq!(table().lines(Some(14)), least);
    }

    #[test]
    fn a_sentence_is_broken_between_words() {
        assert_eq!(broken_at("one two three", 13), "one two three");
        assert_eq!(broken_at("one two three", 8), "one two\n  three");
        assert_eq!(broken_at("a verylongword b", 6), "a\n  verylongword\n  b");
    }
}
