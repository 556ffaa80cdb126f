//! What the demo library consists of: releases, their tracks, and in what form each track is made.
//! The music itself is written in a file for each release.

use super::score::Score;
use super::{backyard_sundays, cover::Cover, rheinpromenade, tape_hiss_and_tea};

/// All releases.
pub(super) const RELEASES: [&Release; 3] =
    [&rheinpromenade::RELEASE, &backyard_sundays::RELEASE, &tape_hiss_and_tea::RELEASE];

/// An album or a compilation.
pub(super) struct Release {
    /// The artist of the album as a whole.
    pub artist: &'static str,
    /// Its title.
    pub title: &'static str,
    /// The year it came out.
    pub year: u16,
    /// The genre in its tags.
    pub genre: &'static str,
    /// Its front cover.
    pub cover: Cover,
    /// Its tracks, in order.
    pub tracks: &'static [Track],
}

impl Release {
    /// Where its files are, below the music folder, with `/` between folders.
    pub(super) fn folder(&self) -> String {
        format!("{}/{} - {}", self.artist, self.year, self.title)
    }
}

/// One track.
pub(super) struct Track {
    /// Who plays it.
    pub artist: &'static str,
    /// Its title.
    pub title: &'static str,
    /// The form of its file.
    pub format: Format,
    /// Samples a second.
    pub rate: u32,
    /// One channel instead of two.
    pub mono: bool,
    /// What is played.
    pub music: Music,
}

impl Track {
    /// The name of its file as track `number` of `release`; a compilation names the artists too.
    pub(super) fn file_name(&self, number: usize, release: &Release) -> String {
        let by = if self.artist == release.artist { String::new() } else { format!("{} - ", self.artist) };
        format!("{number:02} {by}{}.{}", self.title, self.format.extension())
    }
}

/// What is played.
#[derive(Clone, Copy)]
pub(super) enum Music {
    /// A written piece.
    Score(Score),
    /// The ten minutes of loops of `window`.
    Window,
}

/// The form of an audio file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// FLAC, 16 bit.
    Flac,
    /// MP3, 192 kbit/s.
    Mp3,
    /// Ogg Vorbis.
    Ogg,
    /// WAV, 16 bit.
    Wav,
}

impl Format {
    /// The extension of its files.
    pub(super) const fn extension(self) -> &'static str {
        match self {
            Self::Flac => "flac",
            Self::Mp3 => "mp3",
            Self::Ogg => "ogg",
            Self::Wav => "wav",
        }
    }
}
