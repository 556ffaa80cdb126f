//! A track of a mixtape, and the path by which a listener reaches its audio.
//! Whether the file exists, and what is in it, only `audio` knows.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use crate::mixtape::one_line;
use crate::{Millis, Quality};

/// Everything but the unreserved characters of RFC 3986 section 2.3.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Percent-encodes one segment of a path.
#[must_use]
pub fn encode_segment(segment: &str) -> String {
    utf8_percent_encode(segment, SEGMENT).to_string()
}

/// Where a track's file lies: relative to the music root, with `/` between folders.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct TrackPath(pub String);

impl TrackPath {
    /// The address that plays this track, percent-encoded, below the site's root.
    /// The original needs no `quality` parameter.
    #[must_use]
    pub fn play_url(&self, quality: Quality) -> String {
        let segments: Vec<_> = self.0.split('/').map(encode_segment).collect();
        let path = segments.join("/");
        match quality {
            Quality::Original => format!("/play/{path}"),
            level => format!("/play/{path}?quality={level}"),
        }
    }

    /// The file's name, the last segment.
    #[must_use]
    pub fn file_name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The file's name without its ending.
    #[must_use]
    pub fn stem(&self) -> &str {
        let name = self.file_name();
        name.rsplit_once('.').map(|(stem, _)| stem).filter(|stem| !stem.is_empty()).unwrap_or(name)
    }

    /// Whether a file below the music root can have this path: names between single slashes, none of them a step up.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let names = self.0.split('/').all(|name| !matches!(name, "" | "." | "..") && name.len() <= 255);
        names && self.0.len() <= 4095 && !self.0.contains('\0')
    }

    /// The folder it is in, which is its release; empty for the music folder itself.
    #[must_use]
    pub fn folder(&self) -> &str {
        self.0.rsplit_once('/').map_or("", |(folder, _)| folder)
    }
}

impl fmt::Display for TrackPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One track of a mixtape, as its tags described it when it was added.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Track {
    /// Where the file lies.
    pub path: TrackPath,
    /// Title; never empty, the file's name where tags are missing.
    pub title: String,
    /// Artist, or empty.
    pub artist: String,
    /// Album, or empty.
    pub album: String,
    /// Length, where known.
    pub duration: Option<Millis>,
}

impl Track {
    /// Longer files are mistakes.
    const LONGEST: Millis = Millis(1000 * 60 * 60 * 1000);

    /// Puts the texts on one line each, takes the file's name where there is no title, and forgets a length that no
    /// file has.
    pub fn tidy(&mut self) {
        for text in [&mut self.title, &mut self.artist, &mut self.album] {
            *text = one_line(text);
        }
        if self.title.is_empty() {
            self.title = Some(one_line(self.path.stem())).filter(|stem| !stem.is_empty()).unwrap_or("?".to_owned());
        }
        self.duration = self.duration.filter(|length| *length <= Self::LONGEST);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn play_urls_encode_each_segment_and_keep_the_folders() {
        let path = TrackPath("Köln & Co/01 50% – “ok”? #1.flac".into());
        assert_eq!(
            path.play_url(Quality::Original),
            "/play/K%C3%B6ln%20%26%20Co/01%2050%25%20%E2%80%93%20%E2%80%9Cok%E2%80%9D%3F%20%231.flac"
        );
        assert_eq!(TrackPath("a.mp3".into()).play_url(Quality::Low), "/play/a.mp3?quality=low");
        assert_eq!((path.file_name(), path.stem()), ("01 50% – “ok”? #1.flac", "01 50% – “ok”? #1"));
        assert_eq!(TrackPath("a/.flac".into()).stem(), ".flac");
        assert_eq!((path.folder(), path.file_name()), ("Köln & Co", "01 50% – “ok”? #1.flac"));
        assert_eq!(TrackPath("a.mp3".into()).folder(), "");
    }
}
