//! The slug: the part of a mixtape's address that people read.
//! Making one from a title is the business of the mixtape store.

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
    /// The slug as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address of the share page below the site's root, percent-encoded.
    #[must_use]
    pub fn share_path(&self) -> String {
        format!("/share/{}", crate::track::encode_segment(&self.0))
    }
}

impl FromStr for Slug {
    type Err = InvalidSlug;

    fn from_str(text: &str) -> Result<Self, InvalidSlug> {
        let fits = (1..=200).contains(&text.chars().count());
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
    fn the_share_path_is_percent_encoded() {
        let slug: Slug = "für immer".parse().unwrap();
        assert_eq!(slug.share_path(), "/share/f%C3%BCr%20immer");
    }
}
