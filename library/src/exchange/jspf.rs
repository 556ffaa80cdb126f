//! JSPF: XSPF as JSON. Of its fields those are read and written that a mixtape has.
//! Unknown fields are nothing wrong.

use std::fmt;

use model::{Millis, PlaylistEntry};
use serde::de::{IgnoredAny, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::locations::{from_uri, to_uri};
use super::playlist::{bad, tidy};
use super::{Playlist, bounded};
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
    #[serde(deserialize_with = "bounded::tracks")]
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

/// A list of locations, of which the first is the preferred one.
#[derive(Serialize, Default)]
struct Locations([String; 1]);

impl Locations {
    fn is_empty(&self) -> bool {
        self.0[0].is_empty()
    }
}

impl<'de> Deserialize<'de> for Locations {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(FirstLocation)
    }
}

/// Reads the first location; the others are passed over, as there may be very many.
struct FirstLocation;

impl<'de> Visitor<'de> for FirstLocation {
    type Value = Locations;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of locations")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Locations, A::Error> {
        let first = list.next_element::<String>()?.unwrap_or_default();
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Locations([first]))
    }

    // Some programs leave the list away around a single one.
    fn visit_str<E: serde::de::Error>(self, location: &str) -> Result<Locations, E> {
        Ok(Locations([location.to_owned()]))
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Locations, E> {
        Ok(Locations::default())
    }
}

/// The time as both formats write it.
pub(super) fn date_of(playlist: &Playlist) -> Option<String> {
    OffsetDateTime::from_unix_timestamp(playlist.date?.0).ok()?.format(&Rfc3339).ok()
}

pub(super) fn write(playlist: &Playlist) -> Result<String, Error> {
    let text = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    let entry = |entry: &PlaylistEntry| Entry {
        location: Locations([to_uri(&entry.location)]),
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
    let entry = |Entry { location: Locations([location]), title, creator, album, duration }: Entry| PlaylistEntry {
        location: from_uri(&location),
        title: title.unwrap_or_default(),
        artist: creator.unwrap_or_default(),
        album: album.unwrap_or_default(),
        duration: duration.map(|length| Millis::from_seconds(length / 1000.0)).filter(|length| length.0 > 0),
    };
    let mut playlist = Playlist {
        title: playlist.title.unwrap_or_default(),
        creator_name: playlist.creator.unwrap_or_default(),
        notes: playlist.annotation.unwrap_or_default(),
        date: None,
        entries: playlist.track.into_iter().map(entry).collect(),
    };
    playlist.entries.iter_mut().for_each(tidy);
    Ok(playlist)
}
