//! The quality levels a listener can ask for, and their bitrates.
//! How a level is produced is the business of `audio`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A quality level of `/play/<path>?quality=…` (seed 003, "Quality levels").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Quality {
    /// The file as it lies on disk.
    Original,
    /// 256 kbit/s MP3.
    High,
    /// 192 kbit/s MP3.
    Medium,
    /// 128 kbit/s MP3.
    Low,
}

impl Quality {
    /// All levels, best first.
    pub const ALL: [Self; 4] = [Self::Original, Self::High, Self::Medium, Self::Low];

    /// The name used in addresses and configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
        }
    }

    /// The constant bitrate in kbit/s; `None` for the original.
    #[must_use]
    pub const fn bitrate(self) -> Option<u32> {
        match self {
            Self::Original => None,
            Self::High => Some(256),
            Self::Medium => Some(192),
            Self::Low => Some(128),
        }
    }
}

impl fmt::Display for Quality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The word is not the name of a quality level.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownQuality(pub String);

impl fmt::Display for UnknownQuality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = Quality::ALL.map(Quality::name).join(", ");
        write!(f, "unknown quality “{}”; choose one of {names}", self.0)
    }
}

impl std::error::Error for UnknownQuality {}

impl FromStr for Quality {
    type Err = UnknownQuality;

    fn from_str(word: &str) -> Result<Self, UnknownQuality> {
        Self::ALL.into_iter().find(|quality| quality.name() == word).ok_or_else(|| UnknownQuality(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_parse_back_and_nothing_else_does() {
        for quality in Quality::ALL {
            assert_eq!(quality.name().parse(), Ok(quality));
        }
        for word in ["", "HIGH", "best", "192"] {
            assert_eq!(word.parse::<Quality>(), Err(UnknownQuality(word.to_owned())));
        }
    }
}
