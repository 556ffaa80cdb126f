//! Where a listener's player gets the audio of a track: by the path of its file, or at an address of the mixtape that
//! names no file. Signing such an address, and checking it, is done in `library`.

use serde::{Deserialize, Serialize};

use crate::{Millis, Quality, Track, TrackPath};

/// The address of a track's audio below the site's root, percent-encoded; as it stands, that of the original.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MediaAddress(String);

impl MediaAddress {
    /// The address of a file of the music folder, for everybody who knows its path.
    #[must_use]
    pub fn of_path(path: &TrackPath) -> Self {
        Self(path.play_url(Quality::Original))
    }

    /// The address of a track of a mixtape, with the signature that opens it until `expires` (seconds since 1970).
    #[must_use]
    pub fn signed(mixtape: i64, track: &str, expires: i64, signature: &str) -> Self {
        Self(format!("/media/{mixtape}/{track}?expires={expires}&signature={signature}"))
    }

    /// Whether this is the address of the file at this path.
    #[must_use]
    pub fn is_path(&self, path: &TrackPath) -> bool {
        *self == Self::of_path(path)
    }

    /// The address for this quality.
    #[must_use]
    pub fn in_quality(&self, quality: Quality) -> String {
        let Self(original) = self;
        match quality {
            Quality::Original => original.clone(),
            level => format!("{original}{}quality={level}", if original.contains('?') { '&' } else { '?' }),
        }
    }
}

/// A track as a listener's page has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlayTrack {
    /// What it is called.
    pub title: String,
    /// Artist, or empty.
    pub artist: String,
    /// Length, where known.
    pub duration: Option<Millis>,
    /// Where its audio is.
    pub media: MediaAddress,
}

impl PlayTrack {
    /// A track with everything that is known of it.
    #[must_use]
    pub fn named(track: &Track, media: MediaAddress) -> Self {
        Self { title: track.title.clone(), artist: track.artist.clone(), duration: track.duration, media }
    }

    /// A track whose name is a secret; `number` counts from 0.
    #[must_use]
    pub fn unnamed(number: usize, track: &Track, media: MediaAddress) -> Self {
        Self { title: format!("Track {}", number + 1), artist: String::new(), duration: track.duration, media }
    }
}

/// What a track is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackName {
    /// Title.
    pub title: String,
    /// Artist, or empty.
    pub artist: String,
}

impl From<Track> for TrackName {
    fn from(track: Track) -> Self {
        Self { title: track.title, artist: track.artist }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quality_is_one_more_parameter() {
        let plain = MediaAddress::of_path(&TrackPath("a b/c?.mp3".into()));
        assert_eq!(plain.in_quality(Quality::Original), "/play/a%20b/c%3F.mp3");
        assert_eq!(plain.in_quality(Quality::Low), "/play/a%20b/c%3F.mp3?quality=low");
        let signed = MediaAddress::signed(7, "0-ab", 99, "s_-");
        assert_eq!(signed.in_quality(Quality::Original), "/media/7/0-ab?expires=99&signature=s_-");
        assert_eq!(signed.in_quality(Quality::High), "/media/7/0-ab?expires=99&signature=s_-&quality=high");
    }
}
