//! What the columns of a table are, and how each becomes inputs: learned from the training file,
//! kept with the run, and applied to every other file.
use super::image::Extent;
use super::{Dataset, Features, Missing};
use serde::{Deserialize, Serialize};

/// How a table's rows become samples.
///
/// The inputs are the columns from left to right: a number is one input, and a category has an
/// input for each of its words, which is 1 where the cell holds the word and else 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Columns {
    /// The columns, in the order of the training file.
    pub columns: Vec<Column>,
    /// What becomes of missing cells.
    pub missing: Missing,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Column {
    /// Its name, of a table with a header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// What it is for.
    pub role: Role,
}

/// What a column is for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// An input, and what stands in for a missing one.
    Number {
        /// The mean or the median of the training samples, if that is asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        fill: Option<f64>,
    },
    /// An input for each word, in sorted order.
    Category {
        /// The words.
        words: Vec<String>,
    },
    /// An input for each value of an image, row by row.
    Pixels {
        /// Its rows.
        height: usize,
        /// The pixels of a row.
        width: usize,
        /// The values of a pixel: 1 of grey, 3 of red, green and blue.
        channels: usize,
    },
    /// The target: a value.
    Value,
    /// The target: a class from 0 to below this number.
    Class {
        /// How many classes there are.
        classes: usize,
    },
    /// The target: a class with a name, in sorted order.
    Named {
        /// The names.
        classes: Vec<String>,
    },
    /// Nothing.
    Ignored,
}

impl Role {
    /// How many inputs it makes.
    pub fn inputs(&self) -> usize {
        match self {
            Self::Number { .. } => 1,
            Self::Category { words } => words.len(),
            &Self::Pixels {
                height,
                width,
                channels,
            } => height.saturating_mul(width).saturating_mul(channels),
            _ => 0,
        }
    }

    /// Whether it is the target.
    pub fn is_target(&self) -> bool {
        matches!(self, Self::Value | Self::Class { .. } | Self::Named { .. })
    }
}

impl Columns {
    /// So many inputs that are numbers, and a target behind them.
    pub(super) fn of_numbers(inputs: usize) -> Self {
        let numbers = std::iter::repeat_n(Role::Number { fill: None }, inputs);
        let columns = numbers.chain([Role::Value]);
        let columns = columns.map(|role| Column { name: None, role });
        Self {
            columns: columns.collect(),
            missing: Missing::Error,
        }
    }

    /// How many inputs they make.
    pub fn inputs(&self) -> usize {
        let inputs = self.columns.iter().map(|column| column.role.inputs());
        inputs.fold(0, usize::saturating_add)
    }

    /// A name for each input: the column's, with the word of a category behind it.
    pub fn input_names(&self) -> Vec<String> {
        let mut names = Vec::with_capacity(self.inputs());
        for (place, column) in self.columns.iter().enumerate() {
            let name = || column.label(place);
            match &column.role {
                Role::Number { .. } => names.push(name()),
                Role::Category { words } => {
                    names.extend(words.iter().map(|word| format!("{}={word}", name())));
                }
                role @ Role::Pixels { .. } => {
                    names.extend((0..role.inputs()).map(|k| format!("{} {k}", name())));
                }
                _ => {}
            }
        }
        names
    }

    /// Whether they are those of images, and not of a table.
    pub fn are_images(&self) -> bool {
        self.image().is_some()
    }

    /// Height, width and channels of the images that they are of.
    pub fn image(&self) -> Option<(usize, usize, usize)> {
        self.columns.iter().find_map(|column| match column.role {
            Role::Pixels {
                height,
                width,
                channels,
            } => Some((height, width, channels)),
            _ => None,
        })
    }

    pub(super) fn extent(&self) -> Option<Extent> {
        let (height, width, channels) = self.image()?;
        Some(Extent {
            height,
            width,
            channels,
        })
    }

    /// The names of the classes, where they have some.
    pub fn class_names(&self) -> Option<&[String]> {
        self.columns.iter().find_map(|column| match &column.role {
            Role::Named { classes } => Some(&classes[..]),
            _ => None,
        })
    }

    /// The same with numbers to fill in, if the policy is to fill, found in these samples. Cost: a
    /// pass over the samples, and a copy of one column at a time.
    pub(super) fn filled_from(&self, train: &Dataset) -> Option<Self> {
        let (true, Features::Numbers(values)) = (self.missing.fills(), train.features()) else {
            return None;
        };
        let mut filled = self.clone();
        let mut first = 0;
        for column in &mut filled.columns {
            if let Role::Number { fill } = &mut column.role {
                let cells = values.iter().skip(first).step_by(train.inputs());
                let known = cells.copied().filter(|x| !x.is_nan()).collect();
                *fill = Some(self.missing.middle(known));
            }
            first += column.role.inputs();
        }
        Some(filled)
    }

    /// What stands in for each missing input.
    pub(super) fn fills(&self) -> Vec<f64> {
        let fills = self.columns.iter().flat_map(|column| {
            let fill = match column.role {
                Role::Number { fill } => fill.unwrap_or(0.0),
                _ => 0.0,
            };
            std::iter::repeat_n(fill, column.role.inputs())
        });
        fills.collect()
    }

    /// Whether they make so many inputs, their numbers are finite, and no name would do anything to
    /// a terminal.
    pub(crate) fn fit(&self, inputs: usize) -> bool {
        let is_plain = |text: &String| !text.chars().any(char::is_control);
        let fits = |column: &Column| {
            column.name.iter().all(is_plain)
                && match &column.role {
                    Role::Number { fill } => fill.is_none_or(f64::is_finite),
                    Role::Category { words } => words.iter().all(is_plain),
                    Role::Named { classes } => classes.iter().all(is_plain),
                    _ => true,
                }
        };
        self.inputs() == inputs && self.columns.iter().all(fits)
    }
}

impl Column {
    /// Its name, or its number from 0.
    pub fn label(&self, place: usize) -> String {
        self.name.clone().unwrap_or_else(|| place.to_string())
    }
}
