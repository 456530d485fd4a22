//! `numgrad data describe`: what data hold, as a table that fits a narrow terminal.
use crate::args::DescribeArguments;
use crate::failure::Failure;
use crate::out::Out;
use crate::report::grouped;
use crate::setup::header_of;
use numgrad_train::dataset::{CellKind, ColumnSummary, DataSource, LoadOptions, PartSummary};
use serde_json::json;

/// The longest line.
const WIDTH: usize = 60;

/// The longest name of a column.
const NAME: usize = 14;

/// Columns that are shown first, and last.
const SHOWN: (usize, usize) = (30, 10);

/// Values that are shown of a column.
const VALUES: usize = 20;

pub(crate) fn run(arguments: &DescribeArguments, out: &mut Out) -> Result<(), Failure> {
    let source = &arguments.source;
    let is_table = matches!(source, DataSource::Csv(_));
    let has_columns = is_table || matches!(source, DataSource::Npy(_));
    for (flag, is_said, is_read, kind) in [
        (
            "target",
            arguments.target.is_some(),
            has_columns,
            "a CSV or an NPY file",
        ),
        ("header", arguments.header.is_some(), is_table, "a CSV file"),
    ] {
        if is_said && !is_read {
            return Err(Failure::usage(format!("--{flag} is for {kind}")));
        }
    }
    let summary = source.describe(&LoadOptions {
        target: arguments.target.clone(),
        header: header_of(arguments.header),
        max_bytes: arguments.max_data_bytes.0,
        ..LoadOptions::default()
    })?;
    if arguments.json {
        return out.line(json!({"source": source, "parts": summary.parts}));
    }
    for (k, part) in summary.parts.iter().enumerate() {
        if k > 0 {
            out.line("")?;
        }
        print(source, part, is_table, out)?;
    }
    Ok(())
}

fn print(
    source: &DataSource,
    part: &PartSummary,
    is_table: bool,
    out: &mut Out,
) -> Result<(), Failure> {
    let name = match part.name.as_str() {
        "" => source.to_string(),
        name => name.to_owned(),
    };
    // A name may be as long as it likes, so that it has a line of its own.
    out.line(shown(&name, usize::MAX))?;
    let shape = match part.shape.len() {
        0 | 1 => String::new(),
        _ => format!(", shape {:?}", part.shape),
    };
    let rows = if is_table { "rows" } else { "samples" };
    let (count, width) = (grouped(part.rows), grouped(part.width as u64));
    out.line(format_args!("{count} {rows}, {width} columns{shape}"))?;
    out.line(format_args!(
        "{:<NAME$} {:<6} {:>7} {:>9} {:>9} {:>9}",
        "column", "type", "missing", "least", "mean", "greatest"
    ))?;
    let (first, last) = SHOWN;
    let all = part.columns.len();
    for (k, column) in part.columns.iter().enumerate() {
        if all <= first + last || k < first || k >= all - last {
            row(column, out)?;
        } else if k == first {
            out.line(format_args!("… {} more columns …", all - first - last))?;
        }
    }
    let listed = part
        .columns
        .iter()
        .filter(|column| !column.values.is_empty());
    for column in listed.take(first) {
        values(column, out)?;
    }
    Ok(())
}

fn row(column: &ColumnSummary, out: &mut Out) -> Result<(), Failure> {
    let mark = if column.target { "*" } else { "" };
    let name = shown(&column.name, NAME - mark.len());
    let kind = match column.kind {
        CellKind::Whole => "whole",
        CellKind::Number => "number",
        CellKind::Words => "words",
        CellKind::Mixed => "mixed",
        CellKind::Empty => "empty",
    };
    let range = column.range;
    let cell = |x: Option<f64>| x.map_or_else(String::new, short);
    let line = format!(
        "{:<NAME$} {kind:<6} {:>7} {:>9} {:>9} {:>9}",
        format!("{name}{mark}"),
        column.missing,
        cell(range.map(|range| range.least)),
        cell(range.map(|range| range.mean)),
        cell(range.map(|range| range.greatest)),
    );
    out.line(line.trim_end())
}

/// The values of a column, each with its count, the lines broken before they are too long.
fn values(column: &ColumnSummary, out: &mut Out) -> Result<(), Failure> {
    let what = match column.kind {
        _ if is_of_classes(column) => "classes",
        CellKind::Words => "words",
        _ => "values",
    };
    let more = if column.more_values { "more than " } else { "" };
    let name = shown(&column.name, NAME);
    let mut line = format!("{name}: {more}{} {what}:", column.values.len());
    let hidden = column.values.len().saturating_sub(VALUES);
    let counts = column.values.iter().take(VALUES);
    let counts = counts.map(|one| format!("{} {}", shown(&one.value, 30), grouped(one.count)));
    let last = (hidden > 0).then(|| format!("and {hidden} more"));
    let texts: Vec<String> = counts.chain(last).collect();
    for (k, text) in texts.iter().enumerate() {
        let comma = if k + 1 < texts.len() { "," } else { "" };
        if line.chars().count() + text.chars().count() + 2 > WIDTH {
            out.line(&line)?;
            line = String::from(" ");
        }
        line.extend([" ", text, comma]);
    }
    out.line(line)
}

/// Whether a training takes the column for classes, if nothing else was said: words, or the whole
/// numbers from 0 on.
fn is_of_classes(column: &ColumnSummary) -> bool {
    let is_counted = |number: usize| {
        let number = number.to_string();
        column.values.iter().any(|one| one.value == number)
    };
    match column.kind {
        _ if !column.target || column.more_values => false,
        CellKind::Words => true,
        CellKind::Whole => (0..column.values.len()).all(is_counted),
        _ => false,
    }
}

/// A text without control characters, cut to a length.
fn shown(text: &str, most: usize) -> String {
    let plain: String = text.chars().flat_map(char::escape_debug).collect();
    if plain.chars().count() <= most {
        return plain;
    }
    let mut cut: String = plain.chars().take(most - 1).collect();
    cut.push('…');
    cut
}

/// A number in at most nine characters.
fn short(x: f64) -> String {
    let size = x.abs();
    if x.fract() == 0.0 && size < 1e7 {
        return format!("{x}");
    }
    if (1e-3..1e6).contains(&size) {
        let whole = size.log10().floor().max(0.0) as usize;
        return format!("{x:.*}", 4_usize.saturating_sub(whole));
    }
    let digits = format!("{x:.2e}");
    if digits.len() <= 9 {
        return digits;
    }
    format!("{x:.1e}")
}

#[cfg(test)]
mod tests {
    use super::{short, shown};

    #[test]
    fn numbers_take_nine_characters_at_most() {
        for x in [
            0.0,
            -1.0,
            1234.5678,
            -123_456.7,
            -9_999_999.0,
            1e-7,
            -1.234e-300,
            0.001_234,
            f64::INFINITY,
        ] {
            assert!(short(x).chars().count() <= 9, "{}", short(x));
        }
        assert_eq!(short(12.5), "12.500");
        assert_eq!(short(150.0), "150");
    }

    #[test]
    fn a_long_name_is_cut_and_a_control_character_is_shown() {
        assert_eq!(shown("a rather long name", 9), "a rather…");
        assert_eq!(shown("a\u{1b}b", 20), "a\\u{1b}b");
    }
}
