//! Which entries of a matrix may be nonzero, and which of its columns can be measured together.
use crate::PatternError;

/// Where a matrix may be nonzero, column by column (compressed sparse columns).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SparsityPattern {
    rows: usize,
    /// Column j has the entries starts\[j\]..starts\[j + 1\].
    starts: Vec<usize>,
    /// The row of each entry, increasing within a column.
    indices: Vec<usize>,
}

impl SparsityPattern {
    /// The pattern with these (row, column) entries, in any order; repeated ones count once.
    ///
    /// # Errors
    /// [`PatternError::Outside`] for an entry outside of the matrix.
    pub fn new(
        rows: usize,
        columns: usize,
        entries: impl IntoIterator<Item = (usize, usize)>,
    ) -> Result<Self, PatternError> {
        let mut sorted = Vec::new();
        for (row, column) in entries {
            if row >= rows || column >= columns {
                return Err(PatternError::Outside {
                    row,
                    column,
                    rows,
                    columns,
                });
            }
            sorted.push((column, row));
        }
        sorted.sort_unstable();
        sorted.dedup();
        let mut starts = vec![0; columns + 1];
        for &(column, _) in &sorted {
            starts[column + 1] += 1;
        }
        for j in 0..columns {
            starts[j + 1] += starts[j];
        }
        let indices = sorted.into_iter().map(|entry| entry.1).collect();
        Ok(Self {
            rows,
            starts,
            indices,
        })
    }

    /// A square band matrix of order n: `below` diagonals below the main one, `above` above it.
    pub fn banded(n: usize, below: usize, above: usize) -> Self {
        let (mut starts, mut indices) = (vec![0], Vec::new());
        for j in 0..n {
            indices.extend(j.saturating_sub(above)..n.min(j + below + 1));
            starts.push(indices.len());
        }
        Self {
            rows: n,
            starts,
            indices,
        }
    }

    /// The number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The number of columns.
    pub fn columns(&self) -> usize {
        self.starts.len() - 1
    }

    /// The number of entries that may be nonzero.
    pub fn entries(&self) -> usize {
        self.indices.len()
    }

    /// The rows of column j, increasing; its values stand at [`range`](Self::range).
    pub fn column(&self, j: usize) -> &[usize] {
        &self.indices[self.range(j)]
    }

    /// Where the values of column j stand among those of all entries.
    pub fn range(&self, j: usize) -> std::ops::Range<usize> {
        self.starts[j]..self.starts[j + 1]
    }

    /// Columns that share no row get one colour: the first that is free, column by column.
    ///
    /// All columns of a colour are perturbed at once, as each row sees only one of them. At least
    /// as many colours are needed as the fullest row has entries; a band matrix gets exactly its
    /// bandwidth. Source: Curtis, Powell and Reid, "On the estimation of sparse Jacobian
    /// matrices", IMA Journal of Applied Mathematics 13 (1974). Cost: the sum of the squares of
    /// the rows' entries.
    pub fn color_columns(&self) -> Coloring {
        let mut by_row = vec![Vec::new(); self.rows];
        for j in 0..self.columns() {
            for &row in self.column(j) {
                by_row[row].push(j);
            }
        }
        let mut colors = vec![usize::MAX; self.columns()];
        // taken[c] = j: a neighbour of column j has colour c.
        let mut taken = Vec::new();
        for j in 0..self.columns() {
            for &row in self.column(j) {
                for &neighbour in &by_row[row] {
                    if let Some(mark) = taken.get_mut(colors[neighbour]) {
                        *mark = j;
                    }
                }
            }
            let free = taken.iter().position(|&mark| mark != j);
            colors[j] = free.unwrap_or(taken.len());
            if free.is_none() {
                taken.push(usize::MAX);
            }
        }
        Coloring {
            colors,
            count: taken.len(),
        }
    }

    /// Refuses a colouring in which two columns of one colour meet in a row.
    pub(crate) fn check_coloring(&self, coloring: &Coloring) -> Result<(), PatternError> {
        // The last column of each (row, colour) that was seen.
        let mut seen = vec![usize::MAX; self.rows * coloring.count];
        for second in 0..self.columns() {
            for &row in self.column(second) {
                let slot = &mut seen[row * coloring.count + coloring.colors[second]];
                if *slot != usize::MAX {
                    let first = *slot;
                    return Err(PatternError::Meeting { first, second, row });
                }
                *slot = second;
            }
        }
        Ok(())
    }

    /// The position of each entry's mirror image.
    pub(crate) fn mirrors(&self) -> Result<Vec<usize>, PatternError> {
        let mut mirrors = Vec::with_capacity(self.entries());
        for column in 0..self.columns() {
            for &row in self.column(column) {
                let mirrored = row < self.columns() && column < self.rows;
                let found = mirrored.then(|| self.position(column, row)).flatten();
                mirrors.push(found.ok_or(PatternError::Asymmetric { row, column })?);
            }
        }
        Ok(mirrors)
    }

    /// Where the value of (row, column) stands, if it may be nonzero.
    pub fn position(&self, row: usize, column: usize) -> Option<usize> {
        let range = self.range(column);
        let found = self.indices[range.clone()].binary_search(&row).ok()?;
        Some(range.start + found)
    }
}

/// A colour for each column of a [`SparsityPattern`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coloring {
    colors: Vec<usize>,
    count: usize,
}

impl Coloring {
    /// These colours, numbered from 0. That they fit a pattern is checked where they are used.
    pub fn new(colors: Vec<usize>) -> Self {
        let count = colors.iter().max().map_or(0, |most| most + 1);
        Self { colors, count }
    }

    /// The number of colours.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The colour of each column.
    pub fn colors(&self) -> &[usize] {
        &self.colors
    }
}
