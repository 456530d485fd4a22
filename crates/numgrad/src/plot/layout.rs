//! How a chart is laid out: as a file of its own, or as a figure on a page.
use super::{Style, opacity};
use plotters::prelude::*;

/// How large a chart and its letters are, in pixels, and whether it stands alone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layout {
    /// Width and height without the legend.
    pub(super) size: (u32, u32),
    pub(super) title: u32,
    pub(super) label: u32,
    pub(super) margin: u32,
    /// Room to the right, for half of the last label of the x axis.
    pub(super) right: u32,
    /// Room for the labels of the x and the y axis.
    pub(super) areas: (u32, u32),
    /// Whether title, legend and background are drawn: a page has its own.
    pub(super) alone: bool,
}

impl Layout {
    /// On a page, which may be light or dark, a line in the background is more or less of the
    /// text's colour.
    pub(super) fn line(self, style: Style, color: RGBColor) -> ShapeStyle {
        match style {
            Style::Background(dark) if !self.alone => BLACK.mix(opacity(dark)).stroke_width(1),
            style => color.stroke_width(style.width()),
        }
    }
}

pub(super) const FILE: Layout = Layout {
    size: (880, 600),
    title: 25,
    label: 19,
    margin: 16,
    right: 30,
    areas: (60, 100),
    alone: true,
};

/// Small, so that its letters can still be read where a telephone makes it smaller.
pub(super) const FIGURE: Layout = Layout {
    size: (480, 320),
    title: 0,
    label: 19,
    margin: 8,
    right: 30,
    areas: (52, 88),
    alone: false,
};
