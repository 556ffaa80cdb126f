//! The slug: the part of a mixtape's address that people read.
//! Whether it is free is known to the mixtape store.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A mixtape's slug: 1 to 200 letters and digits of any script, hyphens, underscores and inner spaces
/// (spaces only because tapes made with the original application may have them).
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Slug(String);

/// The text cannot be a slug.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidSlug;

impl fmt::Display for InvalidSlug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a slug is made of 1 to 200 letters, digits, hyphens and underscores")
    }
}

impl std::error::Error for InvalidSlug {}

impl Slug {
    /// The longest slug, in characters.
    const MAX: usize = 200;

    /// The longest slug that is made from a title, in characters.
    pub const MADE_MAX: usize = 80;

    /// Makes a slug from a title: its letters and digits in lower case, hyphens and underscores as they are, one
    /// hyphen for whatever stands between. "mixtape" if nothing of it can be in an address.
    #[must_use]
    pub fn from_title(title: &str) -> Self {
        let mut slug = String::new();
        let mut length = 0;
        for sign in title.chars().flat_map(char::to_lowercase) {
            let is_gap = sign == '-' || sign.is_whitespace() || matches!(sign, '/' | '–' | '—' | '+' | '&' | ':');
            let sign = if is_gap { '-' } else { sign };
            let is_doubled = sign == '-' && (slug.is_empty() || slug.ends_with('-'));
            if is_doubled || !(sign.is_alphanumeric() || matches!(sign, '-' | '_')) {
                continue;
            }
            if length == Self::MADE_MAX {
                break;
            }
            slug.push(sign);
            length += 1;
        }
        let slug = slug.trim_end_matches('-');
        Self(if slug.is_empty() { "mixtape".to_owned() } else { slug.to_owned() })
    }

    /// This slug with something behind it, which must be of letters and digits.
    #[must_use]
    pub fn with_suffix(&self, suffix: &str) -> Self {
        let own = Self::MAX - 1 - suffix.chars().count().min(Self::MAX - 2);
        let own: String = self.0.chars().take(own).collect();
        Self(format!("{own}-{suffix}"))
    }

    /// The slug as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address of the editor with this tape below the site's root, percent-encoded.
    #[must_use]
    pub fn editor_path(&self) -> String {
        format!("/editor/{}", crate::track::encode_segment(&self.0))
    }

    /// The address of the player for frames below the site's root, percent-encoded.
    #[must_use]
    pub fn embed_path(&self) -> String {
        format!("/embed/{}", crate::track::encode_segment(&self.0))
    }

    /// The address of the share page below the site's root, percent-encoded.
    #[must_use]
    pub fn share_path(&self) -> String {
        format!("/share/{}", crate::track::encode_segment(&self.0))
    }

    /// The address that answers the names of the tracks to a listener who has played them all.
    #[must_use]
    pub fn names_path(&self) -> String {
        self.file_path("names")
    }

    /// The address of a file that is made of the mixtape, as in `audio.zip`.
    #[must_use]
    pub fn file_path(&self, file: &str) -> String {
        format!("{}/{file}", self.share_path())
    }
}

impl FromStr for Slug {
    type Err = InvalidSlug;

    fn from_str(text: &str) -> Result<Self, InvalidSlug> {
        let fits = (1..=Self::MAX).contains(&text.chars().count());
        let clean = text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ' '));
        if fits && clean && text.trim() == text { Ok(Self(text.to_owned())) } else { Err(InvalidSlug) }
    }
}

impl TryFrom<String> for Slug {
    type Error = InvalidSlug;

    fn try_from(text: String) -> Result<Self, InvalidSlug> {
        text.parse()
    }
}

impl From<Slug> for String {
    fn from(slug: Slug) -> Self {
        slug.0
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slugs_are_letters_digits_hyphens_and_underscores_of_any_script() {
        for good in ["summer-vibes", "für_immer", "夏の歌", "a b", "1"] {
            assert_eq!(good.parse::<Slug>().map(String::from), Ok(good.to_owned()));
        }
        for bad in ["", " a", "a/b", "../x", "a.json", "a\0", "a\nb", &"x".repeat(201)] {
            assert_eq!(bad.parse::<Slug>(), Err(InvalidSlug), "{bad:?}");
        }
    }

    #[test]
    fn titles_become_addresses_that_people_can_read() {
        for (title, slug) in [
            ("First Warm Evening", "first-warm-evening"),
            ("  Für   Mäxchen!  ", "für-mäxchen"),
            ("夏の歌 2024", "夏の歌-2024"),
            ("AC/DC – the *best* of", "ac-dc-the-best-of"),
            ("don't_stop", "dont_stop"),
            ("--- a --- b ---", "a-b"),
            ("İstanbul", "istanbul"),
            ("🌻🌻", "mixtape"),
            ("../../etc", "etc"),
            ("", "mixtape"),
        ] {
            let made = Slug::from_title(title);
            assert_eq!(made.as_str(), slug, "{title}");
            assert_eq!(made.as_str().parse(), Ok(made.clone()), "{title} makes a sound slug");
        }
        assert_eq!(Slug::from_title(&"ä ".repeat(200)).as_str(), format!("{}ä", "ä-".repeat(39)));
        assert_eq!(Slug::from_title("a").with_suffix("2").as_str(), "a-2");
        let longest: Slug = "x".repeat(200).parse().unwrap();
        assert_eq!(longest.with_suffix("12").as_str().chars().count(), 200);
    }

    #[test]
    fn the_share_path_is_percent_encoded() {
        let slug: Slug = "für immer".parse().unwrap();
        assert_eq!(slug.share_path(), "/share/f%C3%BCr%20immer");
    }
}
