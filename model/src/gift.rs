//! What is written on a gift: for whom it is, from whom, and a few words. It travels in the link and is kept nowhere.
//! How a tape is given away is in `mixtape`, how a gift looks in `app`.

use serde::{Deserialize, Serialize};

use crate::mixtape::one_line;
use crate::track::encode_segment;
use crate::{GiftSettings, Slug, UnwrapStyle};

/// The words on a gift, tidied; each may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct GiftWords {
    /// For whom it is; at most [`GiftWords::NAME_MAX`] characters on one line.
    pub to: String,
    /// Who gives it, likewise.
    pub from: String,
    /// At most [`GiftWords::NOTE_MAX`] characters on [`GiftWords::NOTE_LINES`] lines.
    pub note: String,
}

impl GiftWords {
    /// The longest name, in characters.
    pub const NAME_MAX: usize = 60;
    /// The longest note, in characters.
    pub const NOTE_MAX: usize = 500;
    /// The most lines of a note, empty ones between paragraphs included.
    pub const NOTE_LINES: usize = 12;

    /// Takes the words as somebody has put them into a link: what is too long ends in an ellipsis.
    #[must_use]
    pub fn tidied(to: &str, from: &str, note: &str) -> Self {
        let name = |text: &str| shortened(&one_line(text), Self::NAME_MAX);
        let mut lines: Vec<String> = Vec::new();
        for line in note.lines().map(one_line) {
            // One empty line parts two paragraphs as well as three.
            if !line.is_empty() || lines.last().is_some_and(|last| !last.is_empty()) {
                lines.push(line);
            }
        }
        let has_more = lines.len() > Self::NOTE_LINES;
        lines.truncate(Self::NOTE_LINES);
        let mut note = shortened(lines.join("\n").trim_end(), Self::NOTE_MAX);
        if has_more && !note.ends_with('…') {
            note.push('…');
        }
        Self { to: name(to), from: name(from), note }
    }

    /// The words as the query of a link, with the question mark; empty when there are none.
    #[must_use]
    pub fn query(&self) -> String {
        let words = [("to", &self.to), ("from", &self.from), ("note", &self.note)];
        let written = words.into_iter().filter(|(_, text)| !text.is_empty());
        let pairs: Vec<String> = written.map(|(name, text)| format!("{name}={}", encode_segment(text))).collect();
        if pairs.is_empty() { String::new() } else { format!("?{}", pairs.join("&")) }
    }
}

impl GiftSettings {
    /// Whether the names of the tracks stay a secret until the tape was heard to its end. A tape that is no gift has
    /// none.
    #[must_use]
    pub const fn keeps_a_secret(&self) -> bool {
        self.flow_enabled && !self.show_tracklist
    }
}

impl Slug {
    /// The address of this tape as a gift below the site's root, percent-encoded.
    #[must_use]
    pub fn gift_path(&self, style: UnwrapStyle) -> String {
        format!("/gift-{}/{}", style.name(), encode_segment(self.as_str()))
    }
}

/// As many characters of a text, the last one an ellipsis if there were more.
fn shortened(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    let kept: String = text.chars().take(max - 1).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_line_and_notes_keep_their_paragraphs() {
        let words = GiftWords::tidied("  Ben\n& Co\u{7} ", "", "\n\nOne\r\n\r\n\r\n two  words \n");
        assert_eq!((words.to.as_str(), words.from.as_str()), ("Ben & Co", ""));
        assert_eq!(words.note, "One\n\ntwo words");
    }

    #[test]
    fn what_is_too_long_ends_in_an_ellipsis() {
        let words = GiftWords::tidied(&"ä".repeat(61), &"b".repeat(60), &"c ".repeat(400));
        assert_eq!((words.to.chars().count(), words.to.ends_with("ä…")), (60, true));
        assert_eq!(words.from, "b".repeat(60));
        assert!(words.note.chars().count() <= 500 && words.note.ends_with("c…"));
        let lines = GiftWords::tidied("", "", &"line\n".repeat(13)).note;
        assert_eq!((lines.lines().count(), lines.ends_with("line…")), (12, true));
        assert!(!GiftWords::tidied("", "", &"line\n".repeat(12)).note.ends_with('…'));
    }

    #[test]
    fn words_and_tape_make_an_address() {
        let slug: Slug = "für immer".parse().unwrap();
        assert_eq!(slug.gift_path(UnwrapStyle::Elegant), "/gift-elegant/f%C3%BCr%20immer");
        assert_eq!(GiftWords::default().query(), "");
        let words = GiftWords::tidied("Ben & Co", "", "a\n#1?");
        assert_eq!(words.query(), "?to=Ben%20%26%20Co&note=a%0A%231%3F");
    }

    #[test]
    fn only_gifts_have_secrets() {
        let gift =
            |flow_enabled, show_tracklist| GiftSettings { flow_enabled, show_tracklist, ..GiftSettings::default() };
        assert!(gift(true, false).keeps_a_secret());
        assert!(!gift(false, false).keeps_a_secret() && !gift(true, true).keeps_a_secret());
    }
}
