//! The `Range` header: from text to the bytes to send (RFC 9110 section 14). Pure; status codes and bodies
//! are made elsewhere.

use std::ops::Range;

/// More ranges than this in one request are not worth answering one by one (RFC 9110 14.2 allows to ignore
/// "many small ranges"). Players ask for one; PDF readers, the heaviest users, for a few dozen.
pub const MAX_RANGES: usize = 64;

/// How many ranges may overlap another one before the request looks like an attack (RFC 9110 14.2: "more
/// than two overlapping ranges").
const MAX_OVERLAPPING: usize = 2;

/// Which part of a representation to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// Everything, with 200.
    Whole(WholeBecause),
    /// One or several parts in the order asked for, none empty, with 206.
    Parts(Vec<Range<u64>>),
    /// The request is valid but nothing of it exists: 416.
    Unsatisfiable,
}

/// Why everything is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WholeBecause {
    /// No range in a unit that we know was asked for.
    NotAsked,
    /// The header cannot be parsed, and is ignored.
    Malformed,
    /// Too many or too much overlapping ranges, and they are ignored.
    Excessive,
}

/// One element of the header, before the length is known. Numbers beyond `u64` are as good as its maximum:
/// no representation is that long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Spec {
    /// `first-` or `first-last`.
    From { first: u64, last: Option<u64> },
    /// `-length`: the last bytes.
    Suffix(u64),
}

/// Decides what to send for a `Range` header and a representation of `len` bytes.
#[must_use]
pub fn select(header: Option<&[u8]>, len: u64) -> Selection {
    let Some((unit, set)) = header.and_then(|header| split_once(header, b'=')) else {
        return Selection::Whole(if header.is_some() { WholeBecause::Malformed } else { WholeBecause::NotAsked });
    };
    // Range units are case-insensitive, and an unknown one is ignored (RFC 9110 14.1, 14.2).
    if !unit.eq_ignore_ascii_case(b"bytes") {
        return Selection::Whole(WholeBecause::NotAsked);
    }
    let Some(specs) = parse_set(set) else { return Selection::Whole(WholeBecause::Malformed) };
    if specs.len() > MAX_RANGES {
        return Selection::Whole(WholeBecause::Excessive);
    }
    if len == 0 && specs.iter().any(|spec| matches!(spec, Spec::Suffix(1..))) {
        // The last bytes of nothing are all of it, and Content-Range has no way to say so.
        return Selection::Whole(WholeBecause::NotAsked);
    }
    let parts: Vec<_> = specs.into_iter().filter_map(|spec| resolve(spec, len)).collect();
    if parts.is_empty() {
        Selection::Unsatisfiable
    } else if is_excessive(&parts, len) {
        Selection::Whole(WholeBecause::Excessive)
    } else {
        Selection::Parts(parts)
    }
}

/// The elements between commas; empty ones are skipped (RFC 9110 5.6.1.2). Spaces inside an element are
/// tolerated, as Apache httpd, nginx and Go do.
fn parse_set(set: &[u8]) -> Option<Vec<Spec>> {
    let mut specs = Vec::new();
    for element in set.split(|byte| *byte == b',').map(trim).filter(|element| !element.is_empty()) {
        let (first, last) = split_once(element, b'-')?;
        let (first, last) = (trim(first), trim(last));
        specs.push(match (first.is_empty(), last.is_empty()) {
            (true, true) => return None,
            (true, false) => Spec::Suffix(number(last)?),
            (false, true) => Spec::From { first: number(first)?, last: None },
            (false, false) => {
                let (first, last) = (Digits::new(first)?, Digits::new(last)?);
                if last < first {
                    return None;
                }
                Spec::From { first: first.saturating(), last: Some(last.saturating()) }
            }
        });
    }
    (!specs.is_empty()).then_some(specs)
}

/// The bytes that a spec means for this length; `None` when there are none.
fn resolve(spec: Spec, len: u64) -> Option<Range<u64>> {
    let range = match spec {
        Spec::From { first, last } => first..last.map_or(len, |last| last.saturating_add(1).min(len)),
        Spec::Suffix(count) => len.saturating_sub(count)..len,
    };
    (range.start < range.end).then_some(range)
}

/// Whether answering would send more than the whole, or overlaps again and again.
fn is_excessive(parts: &[Range<u64>], len: u64) -> bool {
    let total = parts.iter().try_fold(0_u64, |total, part| total.checked_add(part.end - part.start));
    if parts.len() > 1 && total.is_none_or(|total| total > len) {
        return true;
    }
    let mut sorted: Vec<_> = parts.iter().collect();
    sorted.sort_by_key(|part| part.start);
    let (mut reached, mut overlapping) = (0, 0);
    for part in sorted {
        if part.start < reached {
            overlapping += 1;
        }
        reached = reached.max(part.end);
    }
    overlapping > MAX_OVERLAPPING
}

/// A run of decimal digits of any length, without leading zeros; ordered by value.
#[derive(PartialEq, Eq)]
struct Digits<'a>(&'a [u8]);

impl<'a> Digits<'a> {
    fn new(text: &'a [u8]) -> Option<Self> {
        let digits = !text.is_empty() && text.iter().all(u8::is_ascii_digit);
        let zeros = text.iter().take_while(|byte| **byte == b'0').count();
        digits.then(|| Self(&text[zeros..]))
    }

    fn saturating(&self) -> u64 {
        self.0.iter().fold(0, |value: u64, digit| value.saturating_mul(10).saturating_add(u64::from(digit - b'0')))
    }
}

impl PartialOrd for Digits<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.0.len().cmp(&other.0.len()).then_with(|| self.0.cmp(other.0)))
    }
}

fn number(text: &[u8]) -> Option<u64> {
    Digits::new(text).map(|digits| digits.saturating())
}

fn split_once(text: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let position = text.iter().position(|byte| *byte == at)?;
    Some((&text[..position], &text[position + 1..]))
}

/// Without the spaces and tabs around (OWS, RFC 9110 5.6.3).
fn trim(text: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| matches!(byte, b' ' | b'\t');
    let Some(start) = text.iter().position(|byte| !is_space(byte)) else { return &[] };
    let end = text.iter().rposition(|byte| !is_space(byte)).map_or(start, |last| last + 1);
    &text[start..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(header: &str, len: u64) -> Vec<(u64, u64)> {
        match select(Some(header.as_bytes()), len) {
            Selection::Parts(parts) => parts.into_iter().map(|part| (part.start, part.end)).collect(),
            other => panic!("{header}: {other:?}"),
        }
    }

    fn whole(header: &str, len: u64) -> WholeBecause {
        match select(Some(header.as_bytes()), len) {
            Selection::Whole(because) => because,
            other => panic!("{header}: {other:?}"),
        }
    }

    #[test]
    fn numbers_beyond_every_integer_type_are_compared_and_clamped() {
        let huge = "9".repeat(400);
        assert_eq!(parts(&format!("bytes=5-{huge}"), 10), [(5, 10)]);
        assert_eq!(parts("bytes=5-18446744073709551615", 10), [(5, 10)]);
        assert_eq!(parts("bytes=5-18446744073709551616", 10), [(5, 10)]);
        assert_eq!(parts(&format!("bytes=-{huge}"), 10), [(0, 10)]);
        assert_eq!(select(Some(format!("bytes={huge}-").as_bytes()), 10), Selection::Unsatisfiable);
        assert_eq!(whole(&format!("bytes=1{huge}-{huge}"), 10), WholeBecause::Malformed);
        assert_eq!(select(Some(format!("bytes={huge}-1{huge}").as_bytes()), 10), Selection::Unsatisfiable);
        assert_eq!(parts("bytes=000000000000000000000001-0000000000000000000000002", 10), [(1, 3)]);
    }

    #[test]
    fn lists_keep_their_order_and_drop_what_does_not_exist() {
        assert_eq!(parts("bytes=7-,0-1", 10), [(7, 10), (0, 2)]);
        assert_eq!(parts("bytes=15-,0-5", 10), [(0, 6)]);
        assert_eq!(parts("bytes=   1 -2   ,  4- 5, 7 - 8 , ,,", 11), [(1, 3), (4, 6), (7, 9)]);
    }

    #[test]
    fn attacks_get_the_whole() {
        assert_eq!(whole("bytes=0-,1-,2-,3-,4-", 10), WholeBecause::Excessive);
        assert_eq!(whole("bytes=0-10,5-15,12-20,18-25", 1000), WholeBecause::Excessive);
        let many = vec!["0-0"; MAX_RANGES + 1].join(",");
        assert_eq!(whole(&format!("bytes={many}"), 1000), WholeBecause::Excessive);
        let fits = (0..MAX_RANGES).map(|n| format!("{0}-{0}", n * 2)).collect::<Vec<_>>().join(",");
        assert_eq!(parts(&format!("bytes={fits}"), 1000).len(), MAX_RANGES);
    }

    #[test]
    fn nothing_has_no_ranges_but_a_tail() {
        assert_eq!(select(Some(b"bytes=0-0"), 0), Selection::Unsatisfiable);
        assert_eq!(select(Some(b"bytes=0-"), 0), Selection::Unsatisfiable);
        assert_eq!(select(Some(b"bytes=-0"), 0), Selection::Unsatisfiable);
        assert_eq!(whole("bytes=-5", 0), WholeBecause::NotAsked);
    }
}
