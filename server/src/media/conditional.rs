//! Conditional requests: whether to answer at all, and whether a range still fits (RFC 9110 section 13).
//! Pure; which status a verdict becomes is decided in `respond`.

use std::time::{Duration, SystemTime};

use http::header::{IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE};
use http::{HeaderMap, HeaderName};

/// What tells one state of a representation from another.
#[derive(Debug, Clone)]
pub struct Validators {
    /// A strong entity tag with its quotes.
    pub etag: String,
    /// Last modification, in whole seconds as HTTP dates have them.
    pub last_modified: SystemTime,
}

impl Validators {
    /// Cuts the time to whole seconds, so that it compares equal to what a client sends back.
    #[must_use]
    pub fn new(etag: String, modified: SystemTime) -> Self {
        let seconds = modified.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
        Self { etag, last_modified: SystemTime::UNIX_EPOCH + Duration::from_secs(seconds) }
    }
}

/// What the conditions say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Answer as if there were no conditions.
    Proceed,
    /// The client has this state already: 304.
    NotModified,
    /// The client wanted another state: 412.
    PreconditionFailed,
}

/// Evaluates the conditions in the order of RFC 9110 13.2.2: tags win over dates, and dates that are not
/// valid HTTP dates are ignored.
#[must_use]
pub fn evaluate(headers: &HeaderMap, now: &Validators) -> Verdict {
    if headers.contains_key(IF_MATCH) {
        if !Tags::of(headers, &IF_MATCH).any(|tag| tag.matches_strongly(&now.etag)) {
            return Verdict::PreconditionFailed;
        }
    } else if date(headers, &IF_UNMODIFIED_SINCE).is_some_and(|since| now.last_modified > since) {
        return Verdict::PreconditionFailed;
    }
    if headers.contains_key(IF_NONE_MATCH) {
        if Tags::of(headers, &IF_NONE_MATCH).any(|tag| tag.matches_weakly(&now.etag)) {
            return Verdict::NotModified;
        }
    } else if date(headers, &IF_MODIFIED_SINCE).is_some_and(|since| now.last_modified <= since) {
        return Verdict::NotModified;
    }
    Verdict::Proceed
}

/// Whether a `Range` header may be followed: there is no `If-Range`, or it names exactly this state. A weak
/// tag never does (RFC 9110 13.1.5).
#[must_use]
pub fn range_applies(headers: &HeaderMap, now: &Validators) -> bool {
    let mut values = headers.get_all(IF_RANGE).iter();
    match (values.next(), values.next()) {
        (None, _) => true,
        (Some(value), None) => {
            let text = trim(value.as_bytes());
            if text.ends_with(b"\"") {
                matches!(Tags(text).next(), Some(tag) if tag.matches_strongly(&now.etag))
            } else {
                date(headers, &IF_RANGE) == Some(now.last_modified)
            }
        }
        (Some(_), Some(_)) => false,
    }
}

/// A date header that occurs once and is a valid HTTP date.
fn date(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?;
    if values.next().is_some() {
        return None;
    }
    httpdate::parse_http_date(value.to_str().ok()?).ok()
}

/// One member of an entity-tag list.
#[derive(Debug, PartialEq, Eq)]
enum Tag<'a> {
    /// `*`: any state.
    Any,
    /// `"…"` or `W/"…"`, with the quotes.
    Entity { weak: bool, quoted: &'a [u8] },
}

impl Tag<'_> {
    fn matches_strongly(&self, etag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Entity { weak, quoted } => !weak && *quoted == etag.as_bytes(),
        }
    }

    fn matches_weakly(&self, etag: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Entity { quoted, .. } => *quoted == etag.as_bytes(),
        }
    }
}

/// Reads a list of entity tags; stops at the first thing that is none. Tags may hold commas.
struct Tags<'a>(&'a [u8]);

impl<'a> Tags<'a> {
    /// All tags of a header, over all its lines. `*` counts only when it stands alone.
    fn of(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = Tag<'a>> {
        let alone = headers.get_all(name).iter().count() == 1;
        headers.get_all(name).iter().flat_map(move |value| {
            let text = trim(value.as_bytes());
            let any = (alone && text == b"*").then_some(Tag::Any);
            any.into_iter().chain(Tags(text))
        })
    }
}

impl<'a> Iterator for Tags<'a> {
    type Item = Tag<'a>;

    fn next(&mut self) -> Option<Tag<'a>> {
        let separator = |byte: &u8| matches!(byte, b' ' | b'\t' | b',');
        let start = self.0.iter().position(|byte| !separator(byte))?;
        let text = &self.0[start..];
        let (weak, opaque) = match text.strip_prefix(b"W/") {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let inner = opaque.strip_prefix(b"\"")?;
        let end = inner.iter().position(|byte| *byte == b'"')?;
        let (quoted, rest) = opaque.split_at(end + 2);
        self.0 = rest;
        Some(Tag::Entity { weak, quoted })
    }
}

fn trim(text: &[u8]) -> &[u8] {
    text.trim_ascii()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tag_lists_read_commas_weak_tags_and_stop_at_garbage() {
        let read = |text: &'static str| Tags(text.as_bytes()).collect::<Vec<_>>();
        let strong = |quoted: &'static str| Tag::Entity { weak: false, quoted: quoted.as_bytes() };
        assert_eq!(
            read(r#""a", W/"b","c,d""#),
            [strong(r#""a""#), Tag::Entity { weak: true, quoted: br#""b""# }, strong(r#""c,d""#)]
        );
        assert_eq!(read(r#" , "" "#), [strong(r#""""#)]);
        assert_eq!(read(r#""a", b, "c""#), [strong(r#""a""#)]);
        assert_eq!(read("\"open"), []);
        assert_eq!(read("w/\"a\""), [], "W is case-sensitive (RFC 9110 8.8.3)");
    }
}
