//! HTML inside of liner notes: which tags are kept, and the text of blocks of it.
//! What comes out is still looked at by the sanitiser.

/// Tags inside of lines that are kept, without their attributes.
const KEPT: [&str; 14] =
    ["b", "strong", "i", "em", "u", "s", "del", "ins", "mark", "small", "sub", "sup", "kbd", "code"];

/// Tags that are never closed.
const VOID: [&str; 2] = ["br", "wbr"];

/// Elements whose content is no text for people.
const HIDDEN: [&str; 2] = ["script", "style"];

/// A tag that is kept.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Inline {
    Start(&'static str),
    End(&'static str),
    Void(&'static str),
}

/// A single tag that is kept; none for all others, and for comments.
pub(super) fn inline(tag: &str) -> Option<Inline> {
    let inside = tag.strip_prefix('<')?.strip_suffix('>')?;
    let (name, is_end) = inside.strip_prefix('/').map_or((inside, false), |name| (name, true));
    let length = name.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let named = |known: &&&str| known.eq_ignore_ascii_case(&name[..length]);
    match (KEPT.iter().find(named), VOID.iter().find(named)) {
        (Some(name), _) if is_end => Some(Inline::End(name)),
        (Some(name), _) => Some(Inline::Start(name)),
        (_, Some(name)) if !is_end => Some(Inline::Void(name)),
        _ => None,
    }
}

/// The text of a block of HTML, as HTML without any tag. Each byte is looked at a fixed number of times.
pub(super) fn text(block: &str) -> String {
    let mut text = String::with_capacity(block.len());
    let mut rest = block;
    while let Some(at) = rest.find('<') {
        text.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = after(comment, "-->");
        } else if let Some(name) = HIDDEN.iter().find(|name| is_tag(rest, name)) {
            let end = format!("</{name}");
            let place = (0..rest.len()).find(|&at| {
                rest.as_bytes()[at..].get(..end.len()).is_some_and(|part| part.eq_ignore_ascii_case(end.as_bytes()))
            });
            rest = place.map_or("", |at| after(&rest[at..], ">"));
        } else if rest[1..].starts_with(|sign: char| sign.is_ascii_alphabetic() || matches!(sign, '/' | '!' | '?')) {
            rest = after(rest, ">");
        } else {
            text.push_str("&lt;");
            rest = &rest[1..];
        }
    }
    text.push_str(rest);
    text.replace('>', "&gt;")
}

fn is_tag(rest: &str, name: &str) -> bool {
    let rest = &rest.as_bytes()[1..];
    rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name.as_bytes()))
        && !rest.get(name.len()).is_some_and(u8::is_ascii_alphanumeric)
}

/// What comes behind this end; nothing where there is none.
fn after<'a>(text: &'a str, end: &str) -> &'a str {
    text.find(end).map_or("", |at| &text[at + end.len()..])
}
