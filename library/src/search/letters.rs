//! How single signs are folded for the search: the same for queries and for names in the index.
//! Whole names, as the index tells them apart, are folded in `fold`.

use std::ops::RangeInclusive;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::fold::fold;

/// Between two words of one name, where somebody may or may not type something.
pub(crate) const SEPARATOR: char = '-';

/// Where signs are that do not stand for themselves. Between these lie the Han characters and what is for private use.
const FOLDED: [RangeInclusive<char>; 5] = [
    '\0'..='\u{33ff}',
    '\u{a000}'..='\u{d7ff}',
    '\u{f900}'..='\u{ffff}',
    '\u{10400}'..='\u{1ecff}',
    '\u{1f000}'..='\u{1faff}',
];

/// The plain lower-case letters of a sign, nothing for an accent, a space, or [`SEPARATOR`] for punctuation.
pub(crate) fn plain(sign: char) -> String {
    if sign.is_ascii_alphanumeric() {
        return sign.to_ascii_lowercase().into();
    }
    if !FOLDED.iter().any(|range| range.contains(&sign)) {
        return sign.into();
    }
    if is_combining_mark(sign) {
        return String::new();
    }
    if sign.is_alphanumeric() {
        // Into parts once more, so that a name reads alike whether or not its signs were written as parts.
        return fold(sign.encode_utf8(&mut [0; 4])).nfkd().filter(|part| !is_combining_mark(*part)).collect();
    }
    if sign.is_whitespace() { ' '.into() } else { SEPARATOR.into() }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn signs_fold_alike_however_they_are_composed() {
        let folded = |text: &str| text.chars().map(plain).collect::<String>();
        for text in ["Björk", "ガラス", "한국", "Й", "ầ"] {
            use unicode_normalization::UnicodeNormalization;
            assert_eq!(folded(text), folded(&text.nfd().collect::<String>()), "{text}");
        }
        assert_eq!(folded("AC/DC – Straße №1"), "ac-dc - strasse -1");
        assert_eq!(folded("ΣΊΣΥΦΟΣ Ｆｕｌｌ"), "σισυφοσ full");
        assert_eq!(folded("宇多田 ♥"), "宇多田 -");
    }
}
