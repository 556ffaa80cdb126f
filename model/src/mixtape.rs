//! A mixtape: what the owner made and the listener receives.
//! Storing it is the business of `library`, showing it that of `app`.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Millis, Slug, Timestamp, Track, TrackPath};

/// A mixtape with its tracks in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mixtape {
    /// The part of its address that people read.
    pub slug: Slug,
    /// Given by the editor when it first saves; saving again with the same id never makes a second tape.
    pub client_id: Option<String>,
    /// Which of its saved states this is.
    #[serde(default)]
    pub revision: Revision,
    /// At most [`Mixtape::TITLE_MAX`] characters, never empty.
    pub title: String,
    /// Who made it; at most [`Mixtape::CREATOR_MAX`] characters, may be empty.
    pub creator_name: String,
    /// Markdown as the owner wrote it.
    pub liner_notes: String,
    /// The cover's file name below `/covers/`.
    pub cover: Option<String>,
    /// How it is given away.
    pub gift: GiftSettings,
    /// When it was first saved.
    pub created_at: Timestamp,
    /// When it was last saved.
    pub updated_at: Timestamp,
    /// The tracks, in order.
    pub tracks: Vec<Track>,
}

impl Mixtape {
    /// The longest title, in characters.
    pub const TITLE_MAX: usize = 200;
    /// The longest creator's name, in characters.
    pub const CREATOR_MAX: usize = 100;
    /// The title of a tape that was saved without one.
    pub const UNNAMED: &str = "Unnamed Mixtape";

    /// The sum of the known track lengths.
    #[must_use]
    pub fn total(&self) -> Millis {
        self.tracks.iter().filter_map(|track| track.duration).sum()
    }

    /// What is on it, as in "10 tracks · 14:45".
    #[must_use]
    pub fn contents(&self) -> String {
        let count = self.tracks.len();
        format!("{count} {} · {}", if count == 1 { "track" } else { "tracks" }, self.total())
    }

    /// The address of the cover below the site's root.
    #[must_use]
    pub fn cover_url(&self) -> Option<String> {
        self.cover.as_deref().map(|file| format!("/covers/{}", crate::track::encode_segment(file)))
    }
}

/// The number of a saved state, one more with every save that changes something; a new tape has the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Revision(pub u64);

impl Default for Revision {
    fn default() -> Self {
        Self(1)
    }
}

/// A mixtape beside what is known of its files at the moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MixtapeView {
    /// The tape; tracks whose files have gone are still on it.
    pub mixtape: Mixtape,
    /// Where files have gone.
    pub missing: BTreeSet<TrackPath>,
}

impl MixtapeView {
    /// Whether this track's file has gone.
    #[must_use]
    pub fn is_missing(&self, track: &Track) -> bool {
        self.missing.contains(&track.path)
    }
}

/// The text on one line: no control characters, one space between two words.
pub(crate) fn one_line(text: &str) -> String {
    let words = text.split(|sign: char| sign.is_whitespace() || sign.is_control());
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// How a mixtape is given away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GiftSettings {
    /// The shared link leads to the gift page first.
    pub flow_enabled: bool,
    /// The look of the gift page.
    pub unwrap_style: UnwrapStyle,
    /// Whether the names of the tracks are there from the start; else they appear once the tape was heard to its end.
    pub show_tracklist: bool,
}

impl Default for GiftSettings {
    fn default() -> Self {
        Self { flow_enabled: false, unwrap_style: UnwrapStyle::Playful, show_tracklist: true }
    }
}

/// The look of the gift page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UnwrapStyle {
    /// Colourful, with a ribbon.
    Playful,
    /// Quiet, with an envelope.
    Elegant,
}

impl UnwrapStyle {
    /// The name used in files and in the database.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Playful => "playful",
            Self::Elegant => "elegant",
        }
    }
}

/// The word is not the name of an unwrap style.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownUnwrapStyle(pub String);

impl fmt::Display for UnknownUnwrapStyle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown unwrap style “{}”; choose playful or elegant", self.0)
    }
}

impl std::error::Error for UnknownUnwrapStyle {}

impl FromStr for UnwrapStyle {
    type Err = UnknownUnwrapStyle;

    fn from_str(word: &str) -> Result<Self, UnknownUnwrapStyle> {
        match word {
            "playful" => Ok(Self::Playful),
            "elegant" => Ok(Self::Elegant),
            other => Err(UnknownUnwrapStyle(other.to_owned())),
        }
    }
}
