//! Pages of HTML: one file without scripts that asks nothing of any network, readable on a
//! telephone, in the dark and aloud.
mod figure;
mod image;
mod text;

pub(crate) use image::Image;
pub(crate) use text::escaped;

use crate::failure::{Failure, Status};
use crate::plot::Chart;
use std::fmt::{Display, Write};
use std::fs;
use std::path::Path;

/// Colours, sizes and the dark mode. Charts keep plotters' attributes, which this overrules.
const STYLE: &str = include_str!("html/style.css");

/// Forbids the browser whatever the page does not need, should anything ever slip in.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:";

/// A page that grows from its top.
#[derive(Debug)]
pub(crate) struct Page {
    title: String,
    body: String,
    figures: usize,
    in_section: bool,
    in_grid: bool,
}

impl Page {
    pub(crate) fn new(title: &str) -> Self {
        let mut page = Self {
            title: title.to_owned(),
            body: String::new(),
            figures: 0,
            in_section: false,
            in_grid: false,
        };
        page.push(format_args!("<h1>{}</h1>\n", escaped(title)));
        page
    }

    /// Begins a section.
    pub(crate) fn section(&mut self, heading: &str) {
        self.end_section();
        self.in_section = true;
        let heading = escaped(heading);
        self.push(format_args!("<section>\n<h2>{heading}</h2>\n"));
    }

    pub(crate) fn paragraph(&mut self, text: impl Display) {
        self.end_grid();
        let text = text.to_string();
        self.push(format_args!("<p>{}</p>\n", escaped(&text)));
    }

    /// A few figures that matter most, each with what it is.
    pub(crate) fn key_figures(&mut self, figures: &[(&str, String)]) {
        self.end_grid();
        self.push("<dl class=\"facts\">\n");
        for (name, value) in figures {
            let (name, value) = (escaped(name), escaped(value));
            self.push(format_args!("<div><dt>{name}</dt><dd>{value}</dd></div>\n"));
        }
        self.push("</dl>\n");
    }

    /// A chart, if any of its points has a place. Neighbours share a row where there is room.
    pub(crate) fn chart(&mut self, chart: &Chart) {
        if let Some((inside, size)) = chart.figure() {
            self.begin_grid();
            self.figures += 1;
            let figure = figure::of_chart(chart, &inside, size, self.figures);
            self.push(figure);
        }
    }

    /// Images with a caption for each, under one heading that also says aloud what they are.
    pub(crate) fn gallery(&mut self, title: &str, said: &str, images: &[(Image, String)]) {
        self.end_grid();
        self.push(figure::of_images(title, said, images));
    }

    /// A table; the first entry of a row is the row's heading.
    pub(crate) fn table(&mut self, caption: &str, head: &[&str], rows: &[Vec<String>]) {
        self.end_grid();
        self.push(text::table(caption, head, rows));
    }

    /// A table that is unfolded by who wants to read it.
    pub(crate) fn folded_table(&mut self, caption: &str, head: &[&str], rows: &[Vec<String>]) {
        self.end_grid();
        let table = text::table(caption, head, rows);
        let summary = escaped(caption);
        self.push(format_args!(
            "<details><summary>{summary}</summary>\n{table}</details>\n"
        ));
    }

    /// How often each row's class was taken for each column's, the darker the more often.
    pub(crate) fn confusion(&mut self, caption: &str, names: &[String], counts: &[Vec<u64>]) {
        self.end_grid();
        self.push(text::confusion(caption, names, counts));
    }

    /// One bar in parts, each with its name, and its value in words.
    pub(crate) fn parts(&mut self, title: &str, parts: &[(&str, f64, String)]) {
        self.end_grid();
        self.figures += 1;
        let figure = figure::of_parts(title, parts, self.figures);
        self.push(figure);
    }

    /// Writes the page, whole or not at all.
    ///
    /// # Errors
    /// [`Status::CannotCreate`] for the file.
    pub(crate) fn save(self, path: &Path) -> Result<(), Failure> {
        let failed = |error| {
            let message = format!("{} cannot be written: {error}", path.display());
            Failure::new(Status::CannotCreate, message)
        };
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.tmp", std::process::id()));
        let fresh = path.with_file_name(name);
        let written = fs::write(&fresh, self.finished()).and_then(|()| fs::rename(&fresh, path));
        written.map_err(|error| {
            // What is left of it is of no use, and its removal may fail as well.
            let _ = fs::remove_file(&fresh);
            failed(error)
        })
    }

    fn finished(mut self) -> String {
        self.end_section();
        let (title, body) = (escaped(&self.title), &self.body);
        let version = env!("CARGO_PKG_VERSION");
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <link rel=\"icon\" href=\"data:,\">\n<title>{title}</title>\n\
             <style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n\
             <footer>Written by numgrad {version}.</footer>\n</body>\n</html>\n"
        )
    }

    fn begin_grid(&mut self) {
        if !self.in_grid {
            self.in_grid = true;
            self.push("<div class=\"grid\">\n");
        }
    }

    fn end_grid(&mut self) {
        if self.in_grid {
            self.in_grid = false;
            self.push("</div>\n");
        }
    }

    fn end_section(&mut self) {
        self.end_grid();
        if self.in_section {
            self.in_section = false;
            self.push("</section>\n");
        }
    }

    fn push(&mut self, text: impl Display) {
        write!(self.body, "{text}").expect("a string takes all that is written");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_name_says_becomes_markup() {
        let evil = "<script>alert(\"1\")</script>&'\u{1b}[31m\u{202e}";
        let mut page = Page::new(evil);
        page.section(evil);
        page.paragraph(evil);
        page.key_figures(&[("name", evil.to_owned())]);
        page.table(evil, &["a"], &[vec![evil.to_owned()]]);
        page.confusion(evil, &[evil.to_owned()], &[vec![1]]);
        page.parts(evil, &[("a", 1.0, evil.to_owned())]);
        page.gallery(evil, evil, &[(Image::grey(1, &[0.5]), evil.to_owned())]);
        let html = page.finished();
        assert!(html.contains("&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&amp;&#39;"));
        for banned in ["<script", "\u{1b}", "\u{202e}"] {
            assert!(!html.contains(banned), "{banned:?} in {html}");
        }
    }

    #[test]
    fn a_page_that_cannot_be_written_leaves_nothing_behind() {
        let failure = Page::new("page").save(Path::new("no such folder/page.html"));
        let failure = failure.expect_err("no folder");
        assert_eq!(failure.status, Status::CannotCreate);
        assert!(failure.to_string().contains("no such folder/page.html"));
    }
}
