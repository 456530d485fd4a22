//! Pictures of a page: charts, images and bars, each with its title and what it says in words.
use super::{Image, escaped};
use crate::plot::{Chart, Scale, Series, Style, opacity};
use plotters::style::RGBColor;

/// A chart's SVG with its title, its legend, and its course in words.
pub(super) fn of_chart(
    chart: &Chart,
    inside: &str,
    (width, height): (u32, u32),
    number: usize,
) -> String {
    let title = escaped(&chart.title);
    let mut legend = String::new();
    for (series, color) in chart
        .colored()
        .filter(|(series, _)| !series.name.is_empty())
    {
        let name = escaped(&series.name);
        legend.extend(["<li>", &key(series.style, color), &name, "</li>"]);
    }
    let legend = if legend.is_empty() {
        legend
    } else {
        format!("<ul class=\"legend\" aria-hidden=\"true\">{legend}</ul>\n")
    };
    let said = escaped(&in_words(chart));
    format!(
        "<figure>\n<figcaption>{title}</figcaption>\n\
         <svg viewBox=\"0 0 {width} {height}\" role=\"img\" \
         aria-labelledby=\"t{number} d{number}\"><title id=\"t{number}\">{title}</title>\
         <desc id=\"d{number}\">{said}</desc>{inside}</svg>\n{legend}</figure>\n"
    )
}

/// Images side by side, as one picture with one description; their captions are text.
pub(super) fn of_images(title: &str, said: &str, images: &[(Image, String)]) -> String {
    let tile = |(image, caption): &(Image, String)| {
        let source = image.data_uri();
        let caption = if caption.is_empty() {
            String::new()
        } else {
            format!("<span>{}</span>", escaped(caption))
        };
        format!("<li><img src=\"{source}\" alt=\"\">{caption}</li>")
    };
    let tiles: String = images.iter().map(tile).collect();
    format!(
        "<figure class=\"wide\">\n<figcaption>{}</figcaption>\n<p>{}</p>\n\
         <ul class=\"tiles\">{tiles}</ul>\n</figure>\n",
        escaped(title),
        escaped(said)
    )
}

/// A bar of 100 units in parts, and its legend with the values.
pub(super) fn of_parts(title: &str, parts: &[(&str, f64, String)], number: usize) -> String {
    let total: f64 = parts.iter().map(|part| part.1).sum();
    let mut at = 0.0;
    let rects = parts.iter().enumerate().map(|(index, (_, size, _))| {
        let width = if total > 0.0 {
            100.0 * size / total
        } else {
            0.0
        };
        at += width;
        let x = at - width;
        format!("<rect class=\"c{index}\" x=\"{x:.2}\" width=\"{width:.2}\" height=\"6\"/>")
    });
    let bar: String = rects.collect();
    let keys = parts.iter().enumerate().map(|(index, (name, _, value))| {
        let said = escaped(&format!("{name} {value}"));
        format!(
            "<li><svg class=\"key\" viewBox=\"0 0 24 10\"><rect class=\"c{index}\" width=\"24\" \
             height=\"10\" rx=\"2\"/></svg>{said}</li>"
        )
    });
    let legend: String = keys.collect();
    let words = parts
        .iter()
        .map(|(name, _, value)| format!("{name} {value}"));
    let words: Vec<String> = words.collect();
    let (title, words) = (escaped(title), escaped(&words.join(", ")));
    format!(
        "<figure class=\"wide\">\n<figcaption>{title}</figcaption>\n\
         <svg class=\"bar\" viewBox=\"0 0 100 6\" preserveAspectRatio=\"none\" role=\"img\" \
         aria-labelledby=\"t{number} d{number}\"><title id=\"t{number}\">{title}</title>\
         <desc id=\"d{number}\">{words}</desc>{bar}</svg>\n\
         <ul class=\"legend\" aria-hidden=\"true\">{legend}</ul>\n</figure>\n"
    )
}

/// A piece of a series' line, as the legend shows it.
fn key(style: Style, RGBColor(r, g, b): RGBColor) -> String {
    let color = format!("#{r:02X}{g:02X}{b:02X}");
    let line = match style {
        Style::Points => String::new(),
        Style::Dashed => {
            format!("<path d=\"M0 5H8M14 5H22\" stroke=\"{color}\" stroke-width=\"2\"/>")
        }
        // As it is drawn in the page: the text's colour, fainter or darker.
        Style::Background(dark) => format!(
            "<path d=\"M0 5H24\" stroke=\"#000000\" opacity=\"{:.2}\"/>",
            opacity(dark)
        ),
        _ => format!("<path d=\"M0 5H24\" stroke=\"{color}\" stroke-width=\"2\"/>"),
    };
    let dot = if style.has_dots() {
        format!("<circle cx=\"12\" cy=\"5\" r=\"3\" fill=\"{color}\"/>")
    } else {
        String::new()
    };
    format!("<svg class=\"key\" viewBox=\"0 0 24 10\">{line}{dot}</svg>")
}

/// What who cannot see a chart should know: its axes, and where each series begins and ends.
fn in_words(chart: &Chart) -> String {
    let axis = |label: &str, scale| match scale {
        Scale::Logarithmic => format!("{label}, logarithmic"),
        Scale::Linear | Scale::Whole => label.to_owned(),
    };
    let mut words = vec![format!(
        "{} against {}.",
        axis(&chart.y.label, chart.y.scale),
        axis(&chart.x.label, chart.x.scale)
    )];
    // A line of equal height has no course.
    let is_course =
        |series: &&Series| !series.name.is_empty() && !matches!(series.style, Style::Background(_));
    let named = chart.series.iter().filter(is_course);
    words.extend(named.filter_map(course));
    words.join(" ")
}

fn course(series: &Series) -> Option<String> {
    let finite = series.points.iter().filter(|point| point.1.is_finite());
    let finite: Vec<_> = finite.collect();
    let (first, last) = (finite.first()?, finite.last()?);
    let least = finite.iter().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let most = finite.iter().max_by(|a, b| a.1.total_cmp(&b.1))?;
    Some(format!(
        "{}: {:.4e} at {:.4}, {:.4e} at {:.4}; from {:.4e} to {:.4e}.",
        series.name, first.1, first.0, last.1, last.0, least.1, most.1
    ))
}
