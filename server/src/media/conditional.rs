//! Conditional requests: whether to answer at all, and whether a range still fits (RFC 9110 section 13).
//! Pure; which status a verdict becomes is decided in `respond`.

use std::time::SystemTime;

use http::header::{IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE};
use http::{HeaderMap, HeaderName};

use super::date;

/// What tells one state of a representation from another.
#[derive(Debug, Clone)]
pub struct Validators {
    /// A strong entity tag with its quotes.
    pub etag: String,
    /// Last modification, in whole seconds since 1970 as HTTP dates have them.
    modified: i64,
    /// When it was asked for, likewise.
    now: i64,
}

impl Validators {
    /// Cuts the times to whole seconds, so that they compare equal to what a client sends back.
    #[must_use]
    pub fn new(etag: String, modified: SystemTime, now: SystemTime) -> Self {
        Self { etag, modified: date::seconds(modified), now: date::seconds(now) }
    }

    /// What to say in `Last-Modified`, in seconds since 1970: a time in the future becomes the present
    /// (RFC 9110 8.8.2.1).
    #[must_use]
    pub fn last_modified(&self) -> i64 {
        self.modified.min(self.now)
    }

    /// Whether `Last-Modified` tells this state from others.
    fn is_dated(&self) -> bool {
        self.modified <= self.now
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
    } else if date(headers, &IF_UNMODIFIED_SINCE, now).is_some_and(|since| now.last_modified() > since) {
        return Verdict::PreconditionFailed;
    }
    if headers.contains_key(IF_NONE_MATCH) {
        if Tags::of(headers, &IF_NONE_MATCH).any(|tag| tag.matches_weakly(&now.etag)) {
            return Verdict::NotModified;
        }
    } else if date(headers, &IF_MODIFIED_SINCE, now).is_some_and(|since| now.last_modified() <= since) {
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
            let is_date = || now.is_dated() && date(headers, &IF_RANGE, now) == Some(now.last_modified());
            trim(value.as_bytes()) == now.etag.as_bytes() || is_date()
        }
        (Some(_), Some(_)) => false,
    }
}

/// A date header that occurs once and is a valid HTTP date, in seconds since 1970.
fn date(headers: &HeaderMap, name: &HeaderName, now: &Validators) -> Option<i64> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => date::parse(value.to_str().ok()?, now.now),
        _ => None,
    }
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
