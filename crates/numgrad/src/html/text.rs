//! Text and tables of a page, escaped.
use std::fmt::Write;

/// Text as HTML shows it: markup, control characters and what turns the direction of writing are
/// no more than text.
pub(crate) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' | '\t' => safe.push(' '),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => safe.push('\u{fffd}'),
            letter if letter.is_control() => safe.push('\u{fffd}'),
            letter => safe.push(letter),
        }
    }
    safe
}

/// A table in a box that scrolls by itself where it is too wide.
pub(super) fn table(caption: &str, head: &[&str], rows: &[Vec<String>]) -> String {
    // Numbers stand on the right, below each other; what holds words reads from the left.
    let is_number = |entry: &String| entry == "-" || entry.parse::<f64>().is_ok();
    let entries = || rows.iter().flat_map(|row| row.iter().skip(1));
    let words = entries().filter(|entry| !is_number(entry)).count();
    let class = if 4 * words > entries().count() {
        " class=\"words\""
    } else {
        ""
    };
    let mut html = opened(caption, class);
    html.push_str("<thead><tr>");
    for name in head {
        push(
            &mut html,
            format_args!("<th scope=\"col\">{}</th>", escaped(name)),
        );
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for row in rows {
        html.push_str("<tr>");
        for (column, entry) in row.iter().enumerate() {
            let entry = escaped(entry);
            if column == 0 {
                push(&mut html, format_args!("<th scope=\"row\">{entry}</th>"));
            } else {
                push(&mut html, format_args!("<td>{entry}</td>"));
            }
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody></table></div>\n");
    html
}

/// Counts on a background that is the darker, the larger the part of its row.
pub(super) fn confusion(caption: &str, names: &[String], counts: &[Vec<u64>]) -> String {
    let mut html = opened(caption, " class=\"confusion\"");
    html.push_str("<thead><tr><th scope=\"col\">true ╲ found</th>");
    for name in names {
        push(
            &mut html,
            format_args!("<th scope=\"col\">{}</th>", escaped(name)),
        );
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for (truth, (name, row)) in names.iter().zip(counts).enumerate() {
        push(
            &mut html,
            format_args!("<tr><th scope=\"row\">{}</th>", escaped(name)),
        );
        let sum = row.iter().sum::<u64>().max(1) as f64;
        for (found, &count) in row.iter().enumerate() {
            let class = if truth == found { "right" } else { "wrong" };
            // The root shows single mistakes beside hundreds of right answers.
            let percent = (100.0 * (count as f64 / sum).sqrt()).round();
            push(
                &mut html,
                format_args!("<td class=\"{class}\" style=\"--p:{percent}%\">{count}</td>"),
            );
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody></table></div>\n");
    html
}

/// A keyboard reaches what scrolls.
fn opened(caption: &str, attributes: &str) -> String {
    let caption = escaped(caption);
    format!(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{caption}\">\
         <table{attributes}><caption>{caption}</caption>\n"
    )
}

fn push(html: &mut String, text: std::fmt::Arguments<'_>) {
    html.write_fmt(text)
        .expect("a string takes all that is written");
}
