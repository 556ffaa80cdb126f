//! Liner notes: Markdown as the owner wrote it, turned into HTML that is safe to show to anybody, in time that grows no
//! faster than the text. Editing and storing them happens elsewhere.

use std::sync::LazyLock;

use pulldown_cmark::{Options, Parser, html};

mod nesting;
mod raw_html;
mod rendered;

pub use rendered::{Rendered, render};

static SANITISER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut builder = ammonia::Builder::default();
    // Pictures from elsewhere would tell their server who listens; headings below the page's own.
    builder
        .rm_tags(["img", "map", "area"])
        .link_rel(Some("noopener noreferrer nofollow"))
        .url_schemes(["http", "https", "mailto"].into());
    builder
});

/// Renders liner notes. Scripts, styles, pictures, frames and unknown link schemes are dropped; of HTML only the text
/// and simple tags inside of lines stay; headings begin at the third level, below the page's own. What nests deeper
/// than [`model::limits::notes::DEPTH`] is shown flat. Slow notes take some ten milliseconds: see [`render`].
#[must_use]
pub fn to_html(markdown: &str) -> String {
    let markdown = nesting::flat(markdown);
    let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_SMART_PUNCTUATION;
    let events = Parser::new_ext(&markdown, options).map(lower_headings);
    let mut unsafe_html = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut unsafe_html, nesting::bounded(events).into_iter());
    SANITISER.clean(&unsafe_html).to_string()
}

/// The first words of the notes without markup, for link previews; at most `max` characters.
#[must_use]
pub fn to_plain(markdown: &str, max: usize) -> String {
    use pulldown_cmark::{Event, TagEnd};
    let mut text = String::new();
    let markdown = nesting::flat(markdown);
    for event in Parser::new(&markdown) {
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
            "<b onclick=x()>hi</b>",
            "<div>a<script>alert(1)</script></div>",
            "<!-- --><script>alert(1)</script>-->",
            "<STYLE>x</STYLE>",
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

    #[test]
    fn of_html_the_text_and_simple_tags_stay() {
        assert_eq!(to_html("a <b>bold <i>x</b> y <u>z"), "<p>a <b>bold <i>x y <u>z</u></i></b></p>\n");
        assert_eq!(to_html("one<br>two<br/>*three*"), "<p>one<br>two<br><em>three</em></p>\n");
        assert_eq!(to_html("*a <b>b* c</b>"), "<p><em>a <b>b</b></em> c</p>\n");
        assert_eq!(
            to_html("<div align=center>For <b>Anna</b> &amp; <!-- > -->1 < 2</div>\n\nx"),
            "<p>For Anna &amp; 1 &lt; 2</p>\n<p>x</p>\n"
        );
        assert_eq!(to_html("<style>p { color: red }</style>"), "");
        assert_eq!(to_html("<a href='x'>link</a>"), "<p>link</p>\n");
    }

    /// How deep elements nest in well-formed HTML, and the text of it.
    fn depth(html: &str) -> usize {
        let (mut depth, mut deepest) = (0_usize, 0);
        for tag in html.split('<').skip(1) {
            match tag {
                _ if tag.starts_with("br>") || tag.starts_with("hr>") => {}
                _ if tag.starts_with('/') => depth -= 1,
                _ => depth += 1,
            }
            deepest = deepest.max(depth);
        }
        assert_eq!(depth, 0, "every element is closed");
        deepest
    }

    /// Notes of the largest size that are made to take long: one line of a sign, many lines, and mixtures.
    #[allow(clippy::too_many_lines)] // a list
    fn hostile() -> Vec<String> {
        let units = [
            ">",
            "> ",
            ">\n",
            "> a\n",
            "- ",
            "* ",
            "1. ",
            "-\n",
            "- a\n\n",
            "+ - * ",
            "> - ",
            "[",
            "]",
            "![",
            "[]",
            "[a](",
            "[a][",
            "[a]: b\n",
            "[a]: <",
            "*",
            "_",
            "**",
            "*_",
            "*a_ ",
            "~~",
            "`",
            "``a`",
            "```\n",
            "~~~\n",
            "<",
            "<a ",
            "<dl>",
            "<dl>\n\n",
            "<div>",
            "<div>\n\n",
            "</div>",
            "<b>",
            "a<b>",
            "a<i>\n\n",
            "<b>\n\n",
            "a<b></i>",
            "<p>",
            "<p>x</p>",
            "<table><tr>",
            "a<!--",
            "<!--",
            "<?",
            "a<?",
            "<!A",
            "<![CDATA[",
            "a<![CDATA[",
            "<script>",
            "&",
            "&#",
            "&amp;",
            "\\",
            "\"",
            "'",
            "# ",
            "#\n",
            "=\n",
            "a\n=\n",
            "|a",
            "|-|-|\n",
            "\t",
            "    a\n",
            "a  \n",
            "\n",
            "http://",
            "<http://a>",
            "<a@b.c>",
            "\u{0}",
            "ä",
            "\u{feff}",
            "a\u{301}",
        ];
        let mut all: Vec<String> = units.iter().map(|unit| filled("", unit)).collect();
        for (start, unit) in [
            ("- ", "\n"),
            ("- ", "a\n"),
            ("> ", "a\n"),
            ("> ", "\n"),
            ("* ", "\na"),
            ("[", "]"),
            ("*a ", "a* "),
            ("*", "a*"),
            ("`", "\n"),
            ("<b>", "\n\na"),
            ("a<b>", "</b>"),
            ("[a]: b\n", "[a]"),
        ] {
            all.push(filled(&start.repeat(50_000 / start.len()), unit));
        }
        // Links to one long address, lists that nest by one with each line, and quotes that do.
        all.push(filled(&format!("[a]: /{}\n\n", "x".repeat(50_000)), "[a] "));
        all.push(lines(440, &|depth| "  ".repeat(depth) + "- a"));
        all.push(lines(440, &|depth| "> ".repeat(depth / 2) + "a") + &"\n".repeat(9_999));
        let wide = lines(40, &|depth| "  ".repeat(depth * 32) + &"- ".repeat(32));
        all.push(wide.clone() + &"\n".repeat(45_000));
        all.push(wide);
        all
    }

    fn lines(count: usize, line: &dyn Fn(usize) -> String) -> String {
        (0..count).map(line).collect::<Vec<_>>().join("\n") + "\n"
    }

    fn filled(start: &str, unit: &str) -> String {
        let mut notes = start.to_owned();
        while notes.len() + unit.len() <= model::Draft::NOTES_MAX {
            notes.push_str(unit);
        }
        notes
    }

    #[test]
    fn notes_made_to_take_long_are_shown_flat_and_soon() {
        for notes in hostile() {
            let start: String = notes.chars().take(20).collect();
            let begun = std::time::Instant::now();
            let html = to_html(&notes);
            let plain = to_plain(&notes, 200);
            // A tenth of a second on most machines; without the bounds, minutes.
            assert!(begun.elapsed() < std::time::Duration::from_secs(10), "{start:?} took {:?}", begun.elapsed());
            println!("{:>8} us {:>8} bytes {start:?}", begun.elapsed().as_micros(), html.len());
            // Each mark-up of Markdown can nest in each, and raw tags inside of that.
            assert!(depth(&html) <= 2 * model::limits::notes::DEPTH, "{start:?} nests {}", depth(&html));
            assert!(html.len() <= 20 * notes.len() && plain.chars().count() <= 200, "{start:?} became {}", html.len());
        }
    }
}
