//! JSPF: XSPF as JSON. Of its fields those are read and written that a mixtape has.
//! Unknown fields are nothing wrong.

use model::{Millis, PlaylistEntry};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Playlist;
use super::locations::{from_uri, to_uri};
use super::playlist::bad;
use crate::Error;

#[derive(Serialize, Deserialize)]
struct Document {
    playlist: Body,
}

#[derive(Serialize, Deserialize)]
#[serde(default)]
#[derive(Default)]
struct Body {
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    creator: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    annotation: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    date: Option<String>,
    track: Vec<Entry>,
}

#[derive(Serialize, Deserialize, Default)]
#[serde(default)]
struct Entry {
    #[serde(skip_serializing_if = "Locations::is_empty")]
    location: Locations,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    creator: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    album: Option<String>,
    /// Milliseconds; some programs write halves of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<f64>,
}

/// A list, which some programs leave away around a single one.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Locations {
    Several(Vec<String>),
    One(String),
    None(()),
}

impl Default for Locations {
    fn default() -> Self {
        Self::Several(Vec::new())
    }
}

impl Locations {
    fn is_empty(&self) -> bool {
        !matches!(self, Self::Several(list) if !list.is_empty())
    }

    fn into_first(self) -> String {
        match self {
            Self::Several(list) => list.into_iter().next().unwrap_or_default(),
            Self::One(location) => location,
            Self::None(()) => String::new(),
        }
    }
}

/// The time as both formats write it.
pub(super) fn date_of(playlist: &Playlist) -> Option<String> {
    OffsetDateTime::from_unix_timestamp(playlist.date?.0).ok()?.format(&Rfc3339).ok()
}

pub(super) fn write(playlist: &Playlist) -> Result<String, Error> {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let entry = |entry: &PlaylistEntry| Entry {
        location: Locations::Several(vec![to_uri(&entry.location)]),
        title: text(&entry.title),
        creator: text(&entry.artist),
        album: text(&entry.album),
        duration: entry.duration.map(|length| length.0 as f64),
    };
    let body = Body {
        title: text(&playlist.title),
        creator: text(&playlist.creator_name),
        annotation: text(&playlist.notes),
        date: date_of(playlist),
        track: playlist.entries.iter().map(entry).collect(),
    };
    serde_json::to_string_pretty(&Document { playlist: body }).map_err(|error| bad(error.to_string()))
}

pub(super) fn read(text: &str) -> Result<Playlist, Error> {
    let Document { playlist } = serde_json::from_str(text).map_err(|error| bad(error.to_string()))?;
    let entry = |entry: Entry| PlaylistEntry {
        location: from_uri(&entry.location.into_first()),
        title: entry.title.unwrap_or_default(),
        artist: entry.creator.unwrap_or_default(),
        album: entry.album.unwrap_or_default(),
        duration: entry.duration.map(|length| Millis::from_seconds(length / 1000.0)).filter(|length| length.0 > 0),
    };
    Ok(Playlist {
        title: playlist.title.unwrap_or_default(),
        creator_name: playlist.creator.unwrap_or_default(),
        notes: playlist.annotation.unwrap_or_default(),
        date: None,
        entries: playlist.track.into_iter().map(entry).collect(),
    })
}
