//! Bounds how deep liner notes nest: the parsers of Markdown and of HTML both look at everything around a place for
//! each place, so that what nests without a limit costs the square of its length. What is shown flat keeps its text.

use std::borrow::Cow;

use model::limits::{mixtapes, notes};
use pulldown_cmark::{CowStr, Event, Tag, TagEnd};

use super::raw_html::{self, Inline};

/// The notes without the marks of quotes and lists that nest deeper on one line than is shown, and without what is
/// beyond the longest notes.
pub(super) fn flat(markdown: &str) -> Cow<'_, str> {
    let markdown = &markdown[..markdown.floor_char_boundary(mixtapes::NOTES_BYTES)];
    if markdown.split('\n').all(|line| beyond(line).is_none()) {
        return markdown.into();
    }
    let mut flat = String::with_capacity(markdown.len());
    for line in markdown.split_inclusive('\n') {
        match beyond(line) {
            Some((kept, text)) => {
                flat.push_str(&line[..kept]);
                flat.push_str(&line[text..]);
            }
            None => flat.push_str(line),
        }
    }
    flat.into()
}

/// Where the marks of a line begin that are too many, and where its text does.
fn beyond(line: &str) -> Option<(usize, usize)> {
    let bytes = line.as_bytes();
    let (mut at, mut marks, mut kept) = (0, 0, 0);
    loop {
        let blanks = bytes[at..].iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let Some(length) = mark(&bytes[at + blanks..]) else { break };
        at += blanks + length;
        marks += 1;
        if marks <= notes::DEPTH {
            kept = at;
        }
    }
    (marks > notes::DEPTH).then_some((kept, at))
}

/// The length of a mark that opens a quote or an item of a list.
fn mark(rest: &[u8]) -> Option<usize> {
    let length = match rest.first()? {
        b'>' => return Some(1),
        b'-' | b'*' | b'+' => 1,
        b'0'..=b'9' => {
            let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            matches!(rest.get(digits), Some(b'.' | b')')).then_some(digits + 1)?
        }
        _ => return None,
    };
    rest.get(length).is_none_or(u8::is_ascii_whitespace).then_some(length)
}

/// What is open around a place.
enum Open {
    /// An element of Markdown, and whether it is shown.
    Markdown { is_shown: bool },
    /// A tag of HTML that the notes have.
    Raw(&'static str),
}

/// The events with what nests too deep left out but for its text. Tags of HTML end where the Markdown around them does:
/// those left open would begin again in every paragraph that follows.
pub(super) fn bounded<'a>(events: impl Iterator<Item = Event<'a>>) -> Vec<Event<'a>> {
    let mut bounded = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut shown = 0;
    let mut block: Option<String> = None;
    for event in events {
        match event {
            Event::Start(Tag::HtmlBlock) => block = Some(String::new()),
            Event::End(TagEnd::HtmlBlock) => {
                let text = raw_html::text(&block.take().unwrap_or_default());
                if !text.trim().is_empty() {
                    bounded.push(Event::Start(Tag::Paragraph));
                    bounded.push(Event::Html(text.trim().to_owned().into()));
                    bounded.push(Event::End(TagEnd::Paragraph));
                }
            }
            Event::Html(line) => {
                if let Some(block) = &mut block {
                    block.push_str(&line);
                }
            }
            Event::InlineHtml(tag) => match raw_html::inline(&tag) {
                Some(Inline::Void(name)) => bounded.push(tag_of(&format!("<{name}>"))),
                Some(Inline::Start(name)) if shown < notes::DEPTH => {
                    shown += 1;
                    open.push(Open::Raw(name));
                    bounded.push(tag_of(&format!("<{name}>")));
                }
                Some(Inline::End(name)) if matches!(open.last(), Some(Open::Raw(last)) if *last == name) => {
                    shown -= 1;
                    open.pop();
                    bounded.push(tag_of(&format!("</{name}>")));
                }
                _ => {}
            },
            Event::Start(tag) => {
                let is_shown = shown < notes::DEPTH;
                open.push(Open::Markdown { is_shown });
                if is_shown {
                    shown += 1;
                    bounded.push(Event::Start(tag));
                }
            }
            Event::End(tag) => {
                while let Some(last) = open.pop() {
                    match last {
                        Open::Raw(name) => {
                            shown -= 1;
                            bounded.push(tag_of(&format!("</{name}>")));
                        }
                        Open::Markdown { is_shown } => {
                            if is_shown {
                                shown -= 1;
                                bounded.push(Event::End(tag));
                            }
                            break;
                        }
                    }
                }
            }
            other => bounded.push(other),
        }
    }
    bounded
}

fn tag_of(tag: &str) -> Event<'static> {
    Event::InlineHtml(CowStr::from(tag.to_owned()))
}
