//! Liner notes: Markdown as the owner wrote it, turned into HTML that is safe to show to anybody.
//! Editing and storing them happens elsewhere.

use std::sync::LazyLock;

use pulldown_cmark::{Options, Parser, html};

static SANITISER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut builder = ammonia::Builder::default();
    // Pictures from elsewhere would tell their server who listens; headings below the page's own.
    builder
        .rm_tags(["img", "map", "area"])
        .link_rel(Some("noopener noreferrer nofollow"))
        .url_schemes(["http", "https", "mailto"].into());
    builder
});

/// Renders liner notes. Scripts, styles, pictures, frames and unknown link schemes are dropped; headings
/// begin at the third level, below the page's own.
#[must_use]
pub fn to_html(markdown: &str) -> String {
    let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_SMART_PUNCTUATION;
    let events = Parser::new_ext(markdown, options).map(lower_headings);
    let mut unsafe_html = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut unsafe_html, events);
    SANITISER.clean(&unsafe_html).to_string()
}

/// The first words of the notes without markup, for link previews; at most `max` characters.
#[must_use]
pub fn to_plain(markdown: &str, max: usize) -> String {
    use pulldown_cmark::{Event, TagEnd};
    let mut text = String::new();
    for event in Parser::new(markdown) {
        match event {
            Event::Text(words) | Event::Code(words) => text.push_str(&words),
            Event::SoftBreak | Event::HardBreak | Event::End(TagEnd::Paragraph | TagEnd::Heading(_) | TagEnd::Item) => {
                text.push(' ');
            }
            _ => {}
        }
    }
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= max {
        return text;
    }
    let cut: String = text.chars().take(max.saturating_sub(1)).collect();
    let whole_words = cut.rsplit_once(' ').map_or(cut.as_str(), |(before, _)| before);
    format!("{whole_words}…")
}

fn lower_headings(event: pulldown_cmark::Event<'_>) -> pulldown_cmark::Event<'_> {
    use pulldown_cmark::{Event, HeadingLevel, Tag, TagEnd};
    let lower = |level: HeadingLevel| match level {
        HeadingLevel::H1 => HeadingLevel::H3,
        HeadingLevel::H2 => HeadingLevel::H4,
        HeadingLevel::H3 => HeadingLevel::H5,
        _ => HeadingLevel::H6,
    };
    match event {
        Event::Start(Tag::Heading { level, id, classes, attrs }) => {
            Event::Start(Tag::Heading { level: lower(level), id, classes, attrs })
        }
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(lower(level))),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_html_below_the_page_headings() {
        assert_eq!(
            to_html("# Side A\n\n*slow* and **loud**\n\n- one\n- two"),
            "<h3>Side A</h3>\n<p><em>slow</em> and <strong>loud</strong></p>\n<ul>\n<li>one</li>\n<li>two</li>\n</ul>\n"
        );
    }

    #[test]
    fn nothing_that_runs_or_reports_survives() {
        for attack in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[x](javascript:alert(1))",
            "<a href=\"data:text/html,<script>1</script>\">x</a>",
            "<iframe src=//evil></iframe>",
            "<p style=\"position:fixed\" onclick=\"x()\">hi</p>",
            "![p](https://evil/pixel.gif)",
            "<svg><script>1</script></svg>",
            "<form action=//evil><input></form>",
        ] {
            let html = to_html(attack).to_lowercase();
            for trace in
                ["script", "onerror", "onclick", "style=", "<iframe", "data:", "<img", "<form", "<svg", "pixel"]
            {
                assert!(!html.contains(trace), "{attack} left {trace} in {html}");
            }
        }
        assert!(to_html("[x](https://example.org)").contains("rel=\"noopener noreferrer nofollow\""));
    }

    #[test]
    fn plain_words_are_cut_between_words() {
        assert_eq!(to_plain("# For *you*\n\nall of it", 100), "For you all of it");
        assert_eq!(to_plain("one two three", 9), "one two…");
    }
}
