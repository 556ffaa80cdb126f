//! The sizes in which covers are handed out, and the addresses under which they are asked for.
//! Making the pictures is the business of `library`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::track::encode_segment;

/// The side of a square cover, in pixels; written `96x96` in addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CoverSize(u16);

impl CoverSize {
    /// All sizes there are (original-data.md, `/api/covers/<release_dir>`), the smallest first.
    pub const ALL: [Self; 6] = [Self(96), Self(128), Self(192), Self(256), Self(384), Self(512)];

    /// The side in pixels.
    #[must_use]
    pub const fn pixels(self) -> u16 {
        self.0
    }
}

impl fmt::Display for CoverSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{0}x{0}", self.0)
    }
}

impl From<CoverSize> for String {
    fn from(size: CoverSize) -> Self {
        size.to_string()
    }
}

/// The text is not one of the sizes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownCoverSize(pub String);

impl fmt::Display for UnknownCoverSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sizes = CoverSize::ALL.map(|size| size.to_string()).join(", ");
        write!(f, "unknown size “{}”; choose one of {sizes}", self.0)
    }
}

impl std::error::Error for UnknownCoverSize {}

impl FromStr for CoverSize {
    type Err = UnknownCoverSize;

    fn from_str(text: &str) -> Result<Self, UnknownCoverSize> {
        Self::ALL.into_iter().find(|size| size.to_string() == text).ok_or_else(|| UnknownCoverSize(text.to_owned()))
    }
}

impl TryFrom<String> for CoverSize {
    type Error = UnknownCoverSize;

    fn try_from(text: String) -> Result<Self, UnknownCoverSize> {
        text.parse()
    }
}

/// The address of the cover of a release below the site's root. A release is a folder, given from the music folder on.
/// Without a size it is the whole cover, at most 800 pixels wide and high.
#[must_use]
pub fn release_cover_url(folder: &str, size: Option<CoverSize>) -> String {
    let path = folder.split('/').map(encode_segment).collect::<Vec<_>>().join("/");
    match size {
        Some(size) => format!("/api/covers/{path}?size={size}"),
        None => format!("/api/covers/{path}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_parse_back_and_nothing_else_does() {
        for size in CoverSize::ALL {
            assert_eq!(size.to_string().parse(), Ok(size));
            assert_eq!(serde_json::to_string(&size).unwrap(), format!("\"{size}\""));
        }
        for text in ["", "96", "96x128", "100x100", "96X96", "096x096", "96x96 "] {
            assert_eq!(text.parse::<CoverSize>(), Err(UnknownCoverSize(text.to_owned())));
        }
    }

    #[test]
    fn folders_stay_folders_in_addresses() {
        let size = "96x96".parse().ok();
        assert_eq!(release_cover_url("Köln & Co/CD 1", size), "/api/covers/K%C3%B6ln%20%26%20Co/CD%201?size=96x96");
        assert_eq!(release_cover_url("", None), "/api/covers/");
    }
}
