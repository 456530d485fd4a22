//! What a table's columns are, found by looking through it.
use super::columns::{Column, Columns, Role};
use super::rows::{Rows, clipped, number, place, word};
use super::{DataError, Header, LoadOptions, Missing, Task};
use std::collections::BTreeSet;
use std::io::Read;
use std::path::Path;

/// The most words of a column of categories.
const MOST_WORDS: usize = 1000;

/// What is said of a table of words alone.
pub(super) const UNKNOWN_HEADER: &str = "no column holds numbers, so that nothing tells a header from \
                                         a sample: say --header yes or --header no";

/// What was learned of a table.
pub(super) struct Learned {
    pub(super) columns: Columns,
    /// Whether its first line is a header.
    pub(super) has_header: bool,
}

/// Looks through a table until it is known what each column is. A column is what its first cell is
/// that is not missing: numbers, or words, unless the options say otherwise. A table of numbers
/// alone is known after a row or two; for words it is read to its end.
pub(super) fn learn<R: Read>(
    path: &Path,
    mut rows: Rows<'_, R>,
    options: &LoadOptions,
) -> Result<Learned, DataError> {
    if !rows.advance()? {
        return Err(DataError::in_file(path, "holds no line"));
    }
    if rows.columns() < 2 {
        return Err(DataError::in_file(
            path,
            "has one column only: it needs a target and at least one input",
        ));
    }
    let first = FirstLine::of(&rows, options.header);
    let mut cells = Cells::new(path, &rows, first.names(), options)?;
    let mut is_row = matches!(first, FirstLine::Sample);
    let mut found = false;
    loop {
        if is_row {
            found = true;
            cells.look(&rows)?;
            if cells.are_all_numbers() {
                break;
            }
        }
        if !rows.advance()? {
            break;
        }
        is_row = true;
    }
    if !found {
        return Err(DataError::in_file(path, "holds a header and no sample"));
    }
    if matches!(first, FirstLine::Likely(_)) && !cells.have_numbers() {
        return Err(DataError::in_file(path, UNKNOWN_HEADER));
    }
    let has_header = first.names().is_some();
    let columns = cells.columns(path, first.names(), options)?;
    Ok(Learned {
        columns,
        has_header,
    })
}

/// What the first line is.
pub(super) enum FirstLine {
    Sample,
    Header(Vec<String>),
    /// A header, if a column turns out to hold numbers.
    Likely(Vec<String>),
}

impl FirstLine {
    pub(super) fn of<R: Read>(row: &Rows<'_, R>, header: Header) -> Self {
        let names = || row.fields().map(word).collect();
        let is_missing = |field: &str| !field.is_empty() && Missing::is_missing(field);
        match header {
            Header::Yes => Self::Header(names()),
            Header::Auto if row.has_no_number() && !row.fields().any(is_missing) => {
                Self::Likely(names())
            }
            Header::Auto | Header::No => Self::Sample,
        }
    }

    pub(super) fn names(&self) -> Option<&[String]> {
        match self {
            Self::Sample => None,
            Self::Header(names) | Self::Likely(names) => Some(names),
        }
    }
}

/// What is known of each column so far.
struct Cells<'a> {
    path: &'a Path,
    kinds: Vec<Kind>,
    target: usize,
    drops: bool,
}

/// What a column holds.
enum Kind {
    /// Nothing yet.
    Unknown,
    /// Numbers.
    Numbers,
    /// Words; a number is one of them only where that was asked for.
    Words {
        words: BTreeSet<String>,
        takes_numbers: bool,
        /// The line and the text of the first one.
        first: (u64, String),
    },
    /// What nobody asked for.
    Ignored,
}

impl<'a> Cells<'a> {
    fn new<R: Read>(
        path: &'a Path,
        row: &Rows<'_, R>,
        names: Option<&[String]>,
        options: &LoadOptions,
    ) -> Result<Self, DataError> {
        let find = |what, column: &str| find(path, what, column, names, row.columns());
        let mut kinds: Vec<Kind> = (0..row.columns()).map(|_| Kind::Unknown).collect();
        for column in &options.categorical {
            kinds[find("", column)?] = Kind::Words {
                words: BTreeSet::new(),
                takes_numbers: true,
                first: Default::default(),
            };
        }
        for column in &options.ignore {
            kinds[find("", column)?] = Kind::Ignored;
        }
        let target = match &options.target {
            Some(target) => find("target ", target)?,
            None => row.columns() - 1,
        };
        if matches!(kinds[target], Kind::Ignored) {
            let message = "the target is to be ignored: name another one with --target";
            return Err(DataError::in_file(path, message));
        }
        Ok(Self {
            path,
            kinds,
            target,
            drops: options.missing == Missing::Drop,
        })
    }

    fn look<R: Read>(&mut self, row: &Rows<'_, R>) -> Result<(), DataError> {
        let used = |kind: &Kind| !matches!(kind, Kind::Ignored);
        let is_missing = |(kind, field)| used(kind) && Missing::is_missing(field);
        if self.drops && self.kinds.iter().zip(row.fields()).any(is_missing) {
            return Ok(());
        }
        for (column, (kind, field)) in self.kinds.iter_mut().zip(row.fields()).enumerate() {
            if !Missing::is_missing(field) {
                kind.look(self.path, row, column, field)?;
            }
        }
        Ok(())
    }

    fn are_all_numbers(&self) -> bool {
        let known = |kind: &Kind| matches!(kind, Kind::Numbers | Kind::Ignored);
        self.kinds.iter().all(known)
    }

    fn have_numbers(&self) -> bool {
        let holds_number = |kind: &Kind| match kind {
            Kind::Numbers => true,
            Kind::Words { words, .. } => words.iter().any(|word| number(word).is_some()),
            Kind::Unknown | Kind::Ignored => false,
        };
        self.kinds.iter().any(holds_number)
    }

    fn columns(
        self,
        path: &Path,
        names: Option<&[String]>,
        options: &LoadOptions,
    ) -> Result<Columns, DataError> {
        let mut columns = Vec::with_capacity(self.kinds.len());
        for (place, kind) in self.kinds.into_iter().enumerate() {
            let name = names.and_then(|names| names.get(place)).cloned();
            let is_target = place == self.target;
            let role = match kind {
                Kind::Unknown => return Err(nothing_in(path, place)),
                Kind::Words { words, .. } if words.is_empty() => {
                    return Err(nothing_in(path, place));
                }
                Kind::Ignored => Role::Ignored,
                Kind::Numbers if is_target => Role::Value,
                Kind::Numbers => Role::Number { fill: None },
                Kind::Words { words, .. } if is_target => {
                    classes(path, sorted(words), options.task)?
                }
                Kind::Words { words, .. } => Role::Category {
                    words: sorted(words),
                },
            };
            columns.push(Column { name, role });
        }
        Ok(Columns {
            columns,
            missing: options.missing,
        })
    }
}

impl Kind {
    fn look<R: Read>(
        &mut self,
        path: &Path,
        row: &Rows<'_, R>,
        column: usize,
        field: &str,
    ) -> Result<(), DataError> {
        match self {
            Self::Unknown if number(field).is_some() => *self = Self::Numbers,
            Self::Unknown => {
                *self = Self::Words {
                    words: BTreeSet::from([word(field)]),
                    takes_numbers: false,
                    first: (row.line(), word(field)),
                }
            }
            Self::Words {
                words,
                takes_numbers,
                first: (line, first),
            } => {
                if !*takes_numbers && number(field).is_some() {
                    let message = format!(
                        "'{}' is not a number, though line {} holds '{}'; if the cells of this \
                         column are categories, say --categorical {column}",
                        clipped(first),
                        row.line(),
                        clipped(field)
                    );
                    return Err(DataError::bad(place(path, *line, column), message));
                }
                // Most words are known ones, and need no memory.
                if !words.contains(field) {
                    words.insert(word(field));
                }
                if words.len() > MOST_WORDS {
                    let message = format!(
                        "'{}' is one word too many: a column of categories has up to {MOST_WORDS}; \
                         leave it out with --ignore {column}",
                        clipped(field)
                    );
                    return Err(row.bad_at(column, message));
                }
            }
            Self::Numbers | Self::Ignored => {}
        }
        Ok(())
    }
}

fn nothing_in(path: &Path, column: usize) -> DataError {
    let message = format!(
        "column {} holds no value: leave it out with --ignore {column}",
        column + 1
    );
    DataError::in_file(path, message)
}

fn classes(path: &Path, classes: Vec<String>, task: Option<Task>) -> Result<Role, DataError> {
    let wrong = |message: String| Err(DataError::in_file(path, message));
    match &classes[..] {
        _ if task == Some(Task::Regression) => {
            wrong("the target holds words: --task regression needs numbers".to_owned())
        }
        [only] => wrong(format!(
            "the target holds nothing but '{}': there is nothing to tell apart",
            clipped(only)
        )),
        _ => Ok(Role::Named { classes }),
    }
}

/// Words in their order: as numbers, if all of them are, else as text.
pub(super) fn sorted(words: BTreeSet<String>) -> Vec<String> {
    let mut words: Vec<String> = words.into_iter().collect();
    if words.iter().all(|word| number(word).is_some()) {
        words.sort_by(|a, b| {
            let (a, b) = (number(a).unwrap_or(0.0), number(b).unwrap_or(0.0));
            a.total_cmp(&b)
        });
    }
    words
}

/// A column by name, or by index from 0. A name that several columns have is none of theirs.
pub(super) fn find(
    path: &Path,
    what: &str,
    column: &str,
    names: Option<&[String]>,
    columns: usize,
) -> Result<usize, DataError> {
    let named: Vec<usize> = (names.iter().flat_map(|names| names.iter().enumerate()))
        .filter_map(|(place, name)| (name == column).then_some(place))
        .collect();
    if let [first, second, ..] = named[..] {
        let (count, column) = (named.len(), clipped(column));
        let message = format!(
            "has {count} columns '{column}': say which by its index from 0, as {first} or {second}"
        );
        return Err(DataError::in_file(path, message));
    }
    let named = named.first().copied();
    let indexed = column.parse().ok().filter(|&index: &usize| index < columns);
    named.or(indexed).ok_or_else(|| {
        let known = names.map_or_else(
            || format!("it has no header; indices go from 0 to {}", columns - 1),
            |names| format!("its columns are {}", clipped_list(names)),
        );
        let column = clipped(column);
        DataError::in_file(path, format!("has no {what}column '{column}': {known}"))
    })
}

/// The first names of a list that may be long.
pub(super) fn clipped_list(names: &[String]) -> String {
    let mut shown: Vec<String> = names.iter().take(20).map(|name| clipped(name)).collect();
    if names.len() > 20 {
        shown.push(format!("… ({} in all)", names.len()));
    }
    shown.join(", ")
}
