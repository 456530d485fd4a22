//! Where the columns that a run knows stand in another file than its training file.
use super::columns::{Column, Columns, Role};
use super::learn::clipped_list;
use super::rows::{Rows, clipped, word};
use super::samples::Use;
use super::{DataError, Header};
use std::io::Read;
use std::path::Path;

/// The place of each column in another file, if it is needed there, and whether the file's first
/// line is a header.
pub(super) fn places<R: Read>(
    path: &Path,
    row: &Rows<'_, R>,
    columns: &Columns,
    header: Header,
    purpose: Use,
) -> Result<(Vec<Option<usize>>, bool), DataError> {
    let known = &columns.columns;
    let found: Vec<String> = row.fields().map(word).collect();
    let is_needed = |role: &Role| match role {
        Role::Ignored => false,
        role => !role.is_target() || purpose != Use::Prediction,
    };
    let needed = || known.iter().filter(|column| is_needed(&column.role));
    let are_named = known.iter().all(|column| column.name.is_some());
    let has_all = needed().all(|column| column.name.as_ref().is_some_and(|n| found.contains(n)));
    let numbers = needed().any(|column| matches!(column.role, Role::Number { .. } | Role::Value));
    let has_header = match header {
        Header::Yes => true,
        Header::No => false,
        Header::Auto => are_named && has_all || numbers && row.has_no_number(),
    };
    let is_same = known
        .iter()
        .map(|column| column.name.as_ref())
        .eq(found.iter().map(Some));
    if has_header && are_named && !is_same {
        let place = |column: &Column| {
            if !is_needed(&column.role) {
                return Ok(None);
            }
            let is_of = |name: &String| Some(name) == column.name.as_ref();
            let place = found.iter().position(is_of);
            let known = needed().filter(|other| other.name == column.name).count();
            if place.is_some() && found.iter().filter(|name| is_of(name)).count().max(known) > 1 {
                let name = column.name.as_deref().map_or_else(String::new, clipped);
                let message = format!(
                    "several columns are named '{name}', here or where the run was trained: give \
                     the columns of the training file, in their order"
                );
                return Err(DataError::in_file(path, message));
            }
            place.map(Some).ok_or_else(|| {
                let name = column.name.as_deref().map_or_else(String::new, clipped);
                let found = clipped_list(&found);
                let message =
                    format!("has no column '{name}', which the run needs: its columns are {found}");
                DataError::in_file(path, message)
            })
        };
        return Ok((known.iter().map(place).collect::<Result<_, _>>()?, true));
    }
    if found.len() == known.len() {
        return Ok(((0..known.len()).map(Some).collect(), has_header));
    }
    if purpose == Use::Prediction && found.len() + 1 == known.len() {
        let mut next = 0..found.len();
        let place = |column: &Column| (!column.role.is_target()).then(|| next.next())?;
        return Ok((known.iter().map(place).collect(), has_header));
    }
    let message = format!(
        "has {} columns, but the run was trained on {}, its target among them",
        found.len(),
        known.len()
    );
    Err(DataError::in_file(path, message))
}
