//! Playlists of other programs: their formats, and what of one was found in the library.
//! Reading, writing and finding is done in `library`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{CoverChoice, Draft, Millis, Slug, Track};

/// A format that playlists are written and read in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PlaylistFormat {
    /// One address a line, in UTF-8, with lengths and names in comments.
    M3u8,
    /// XML, <https://xspf.org>.
    Xspf,
    /// The same as JSON.
    Jspf,
}

impl PlaylistFormat {
    /// All of them, the most widely understood first.
    pub const ALL: [Self; 3] = [Self::M3u8, Self::Xspf, Self::Jspf];

    /// The ending of file names, and the name in addresses.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::M3u8 => "m3u8",
            Self::Xspf => "xspf",
            Self::Jspf => "jspf",
        }
    }

    /// The MIME type.
    #[must_use]
    pub const fn mime_type(self) -> &'static str {
        match self {
            Self::M3u8 => "audio/x-mpegurl; charset=utf-8",
            Self::Xspf => "application/xspf+xml",
            Self::Jspf => "application/jspf+json",
        }
    }
}

/// The word is not the name of a playlist format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownPlaylistFormat(pub String);

impl fmt::Display for UnknownPlaylistFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown playlist format “{}”; choose m3u8, xspf or jspf", self.0)
    }
}

impl std::error::Error for UnknownPlaylistFormat {}

impl FromStr for PlaylistFormat {
    type Err = UnknownPlaylistFormat;

    fn from_str(word: &str) -> Result<Self, UnknownPlaylistFormat> {
        Self::ALL.into_iter().find(|format| format.name() == word).ok_or_else(|| UnknownPlaylistFormat(word.to_owned()))
    }
}

/// What a playlist says of one of its tracks.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PlaylistEntry {
    /// A path of any system or an address; may be empty.
    pub location: String,
    /// Title, or empty.
    pub title: String,
    /// Artist, or empty.
    pub artist: String,
    /// Album, or empty.
    pub album: String,
    /// Length, where it is told.
    pub duration: Option<Millis>,
}

/// What an entry was recognised by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MatchedBy {
    /// The path in the music folder.
    Path,
    /// The last part of the path.
    PathSuffix,
    /// The file's name alone.
    FileName,
    /// Title, artist and length.
    Names,
}

/// An entry and the track of the library that it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaylistMatch {
    /// What the playlist says.
    pub entry: PlaylistEntry,
    /// What it is, and what that was recognised by; none if nothing in the library fits, or too much.
    pub found: Option<(Track, MatchedBy)>,
}

/// A playlist beside the library.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlaylistReport {
    /// Its title, or empty.
    pub title: String,
    /// Who made it, or empty.
    pub creator_name: String,
    /// What it says of itself, or empty.
    pub notes: String,
    /// Its entries, in order.
    pub entries: Vec<PlaylistMatch>,
}

/// A playlist that was taken in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenIn {
    /// The mixtape that was made of it; none if nothing of it is in the library.
    pub slug: Option<Slug>,
    /// The playlist's title.
    pub title: String,
    /// How many entries it has.
    pub count: u64,
    /// Those that are not in the library.
    pub not_found: Vec<PlaylistEntry>,
}

impl PlaylistReport {
    /// How many entries were found.
    #[must_use]
    pub fn found_count(&self) -> u64 {
        self.entries.iter().filter(|entry| entry.found.is_some()).count() as u64
    }

    /// The entries that were not found.
    pub fn not_found(&self) -> impl Iterator<Item = &PlaylistEntry> {
        self.entries.iter().filter(|entry| entry.found.is_none()).map(|entry| &entry.entry)
    }

    /// A new mixtape of what was found. Without tracks it cannot be saved, as its check says.
    #[must_use]
    pub fn draft(self, client_id: Option<String>, preferences: &crate::Preferences) -> Draft {
        let creator_name =
            if self.creator_name.is_empty() { preferences.creator_name.clone() } else { self.creator_name };
        Draft {
            client_id,
            title: self.title,
            creator_name,
            liner_notes: self.notes,
            cover: CoverChoice::Keep,
            gift: preferences.gift,
            tracks: self.entries.into_iter().filter_map(|entry| Some(entry.found?.0)).collect(),
        }
    }
}
