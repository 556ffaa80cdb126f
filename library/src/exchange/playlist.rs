//! A playlist as such: what all formats have in common. What its entries are in the library is found out in `matching`.

use std::borrow::Cow;

use model::limits::playlists as limits;
use model::{MediaAddress, Mixtape, PlaylistEntry, PlaylistFormat, Quality, Timestamp, Track};

use super::{jspf, m3u, xspf};
use crate::Error;

/// A playlist of any format.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Playlist {
    /// Its title, or empty.
    pub title: String,
    /// Who made it, or empty.
    pub creator_name: String,
    /// What it says of itself, or empty.
    pub notes: String,
    /// When it was made, where that is told.
    pub date: Option<Timestamp>,
    /// Its entries, in order.
    pub entries: Vec<PlaylistEntry>,
}

/// Where the entries of a playlist that is written say that their files are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Locations<'a> {
    /// In the music folder: paths relative to it, for a player that has the folder, too.
    Relative,
    /// On this server, in this quality: for a player anywhere. The origin has no slash at its end.
    Web {
        /// Scheme and host.
        origin: &'a str,
        /// Which quality is played.
        quality: Quality,
        /// Where the audio of each track is.
        addresses: &'a [MediaAddress],
    },
}

impl Locations<'_> {
    /// Where the track at this place is, counted from 0.
    fn of(self, place: usize, track: &Track) -> String {
        match self {
            Self::Relative => track.path.0.clone(),
            Self::Web { origin, quality, addresses } => {
                addresses.get(place).map(|media| format!("{origin}{}", media.in_quality(quality))).unwrap_or_default()
            }
        }
    }
}

impl Playlist {
    /// The playlist of a mixtape.
    #[must_use]
    pub fn of(mixtape: &Mixtape, locations: Locations<'_>) -> Self {
        let entry = |(place, track): (usize, &Track)| PlaylistEntry {
            location: locations.of(place, track),
            title: track.title.clone(),
            artist: track.artist.clone(),
            album: track.album.clone(),
            duration: track.duration,
        };
        Self {
            title: mixtape.title.clone(),
            creator_name: mixtape.creator_name.clone(),
            notes: mixtape.liner_notes.clone(),
            date: Some(mixtape.updated_at),
            entries: mixtape.tracks.iter().enumerate().map(entry).collect(),
        }
    }

    /// Writes it in a format.
    ///
    /// # Errors
    /// [`Error::BadPlaylist`], if a text cannot be written in it.
    pub fn write(&self, format: PlaylistFormat) -> Result<String, Error> {
        match format {
            PlaylistFormat::M3u8 => Ok(m3u::write(self)),
            PlaylistFormat::Xspf => xspf::write(self),
            PlaylistFormat::Jspf => jspf::write(self),
        }
    }

    /// Reads a playlist of any of the formats, which shows in its first sign. Large ones take a while.
    ///
    /// # Errors
    /// [`Error::BadPlaylist`] with the reason.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > limits::BYTES {
            return Err(bad("it is too large"));
        }
        let text = text_of(bytes);
        let text = text.trim_start();
        let mut playlist = match text.chars().next() {
            None => return Err(bad("it is empty")),
            Some('<') => xspf::read(text)?,
            Some('{') => jspf::read(text)?,
            Some(_) => m3u::read(text)?,
        };
        if playlist.entries.is_empty() {
            return Err(bad("it has no entries"));
        }
        playlist.title = playlist.title.trim().to_owned();
        Ok(playlist)
    }
}

/// What is known of an entry once all of it was read: texts are cut to what names of songs have, and a location that no
/// file can have stands for none.
pub(super) fn tidy(entry: &mut PlaylistEntry) {
    for text in [&mut entry.title, &mut entry.artist, &mut entry.album] {
        if let Some((end, _)) = text.char_indices().nth(limits::NAME_CHARS) {
            text.truncate(end);
        }
        text.shrink_to_fit();
    }
    // An address writes each byte of a path as three.
    if entry.location.len() > 3 * limits::LOCATION_BYTES {
        entry.location = String::new();
    }
    entry.location.shrink_to_fit();
}

/// Adds an entry, if there may be another one.
pub(super) fn push(entries: &mut Vec<PlaylistEntry>, mut entry: PlaylistEntry) -> Result<(), Error> {
    if entries.len() >= limits::ENTRIES {
        return Err(bad(format!("it has more than {} entries", limits::ENTRIES)));
    }
    tidy(&mut entry);
    entries.push(entry);
    Ok(())
}

pub(super) fn bad(reason: impl Into<String>) -> Error {
    Error::BadPlaylist(reason.into())
}

/// UTF-8, or the Latin 1 of old M3U files, with or without a mark at the beginning.
fn text_of(bytes: &[u8]) -> Cow<'_, str> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => bytes.iter().copied().map(char::from).collect::<String>().into(),
    }
}
