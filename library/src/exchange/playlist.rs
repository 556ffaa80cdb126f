//! A playlist as such: what all formats have in common. What its entries are in the library is found out in `matching`.

use model::{Mixtape, PlaylistEntry, PlaylistFormat, Quality, Timestamp, Track};

use super::{jspf, m3u, xspf};
use crate::Error;

/// Longer files are no playlists, in bytes.
const MAX_BYTES: usize = 20_000_000;

/// More entries are not read.
const MAX_ENTRIES: usize = model::Draft::TRACKS_MAX;

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
    },
}

impl Locations<'_> {
    fn of(self, track: &Track) -> String {
        match self {
            Self::Relative => track.path.0.clone(),
            Self::Web { origin, quality } => format!("{origin}{}", track.path.play_url(quality)),
        }
    }
}

impl Playlist {
    /// The playlist of a mixtape.
    #[must_use]
    pub fn of(mixtape: &Mixtape, locations: Locations<'_>) -> Self {
        let entry = |track: &Track| PlaylistEntry {
            location: locations.of(track),
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
            entries: mixtape.tracks.iter().map(entry).collect(),
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

    /// Reads a playlist of any of the formats, which shows in its first sign.
    ///
    /// # Errors
    /// [`Error::BadPlaylist`] with the reason.
    pub fn read(bytes: &[u8]) -> Result<Self, Error> {
        if bytes.len() > MAX_BYTES {
            return Err(bad("it is too large"));
        }
        let text = text_of(bytes);
        let text = text.trim_start();
        let mut playlist = match text.chars().next() {
            None => return Err(bad("it is empty")),
            Some('<') => xspf::read(text)?,
            Some('{') => jspf::read(text)?,
            Some(_) => m3u::read(text),
        };
        if playlist.entries.is_empty() {
            return Err(bad("it has no entries"));
        }
        if playlist.entries.len() > MAX_ENTRIES {
            return Err(bad("it has too many entries"));
        }
        playlist.title = playlist.title.trim().to_owned();
        Ok(playlist)
    }
}

pub(super) fn bad(reason: impl Into<String>) -> Error {
    Error::BadPlaylist(reason.into())
}

/// UTF-8, or the Latin 1 of old M3U files, with or without a mark at the beginning.
fn text_of(bytes: &[u8]) -> String {
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    };
    text.trim_start_matches('\u{feff}').to_owned()
}
