//! What a search of the music library answers: artists, releases and tracks, with the places that were found.
//! How they are found is the business of `library`.

use serde::{Deserialize, Serialize};

use crate::Track;
use crate::track::encode_segment;

/// Which part of a group's hits is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// How many hits stand before it.
    pub offset: u32,
    /// How many hits it has at most. With none the group is not searched at all.
    pub limit: u32,
}

impl Page {
    /// Of a group that is not wanted.
    pub const NONE: Self = Self { offset: 0, limit: 0 };

    /// The first hits.
    #[must_use]
    pub const fn first(limit: u32) -> Self {
        Self { offset: 0, limit }
    }
}

/// The part of each group that is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pages {
    /// Of the artists.
    pub artists: Page,
    /// Of the releases.
    pub releases: Page,
    /// Of the tracks.
    pub tracks: Page,
}

impl Default for Pages {
    /// What fits below the field while typing.
    fn default() -> Self {
        Self { artists: Page::first(5), releases: Page::first(10), tracks: Page::first(20) }
    }
}

/// The answer to a search, in three groups.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SearchResults {
    /// Artists, the best first.
    pub artists: Group<ArtistHit>,
    /// Releases, the best first.
    pub releases: Group<ReleaseHit>,
    /// Tracks, the best first.
    pub tracks: Group<TrackHit>,
    /// Nothing matched what was typed; the groups answer this query instead.
    pub did_you_mean: Option<String>,
    /// Why nothing could be looked for, as a sentence.
    #[serde(default)]
    pub hint: Option<String>,
}

/// One page of the hits of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group<T> {
    /// The hits of this page.
    pub hits: Vec<T>,
    /// How many there are on all pages.
    pub count: u32,
    /// There are more than `count`; nobody counted them.
    pub is_capped: bool,
}

impl<T> Default for Group<T> {
    fn default() -> Self {
        Self { hits: Vec::new(), count: 0, is_capped: false }
    }
}

/// A piece of a text that is shown, in order with the others; together they are the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Piece {
    /// As it is written in the tags. Not HTML.
    pub text: String,
    /// Whether this is what was searched for, for `<mark>`.
    pub is_hit: bool,
}

/// An artist that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ArtistHit {
    /// For opening it; good until the library is scanned anew from nothing.
    pub id: i64,
    /// The name.
    pub name: Vec<Piece>,
    /// On how many releases it is heard.
    pub release_count: u32,
    /// On how many tracks it is heard.
    pub track_count: u32,
}

/// A release that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleaseHit {
    /// For opening it; good until the library is scanned anew from nothing.
    pub id: i64,
    /// Its folder, relative to the music root; the address of its cover is made of it.
    pub folder: String,
    /// The title.
    pub title: Vec<Piece>,
    /// The album artist, or "Various Artists".
    pub artist: Vec<Piece>,
    /// The year, where known.
    pub year: Option<i32>,
    /// Whether its tracks are by different artists.
    pub is_compilation: bool,
    /// How many tracks it has.
    pub track_count: u32,
}

impl ReleaseHit {
    /// The address of the cover below the site's root, as a square of this many pixels.
    #[must_use]
    pub fn cover_url(&self, pixels: u32) -> String {
        let folder: Vec<_> = self.folder.split('/').map(encode_segment).collect();
        format!("/api/covers/{}?size={pixels}x{pixels}", folder.join("/"))
    }
}

/// A track that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrackHit {
    /// The track as it is put on a mixtape.
    pub track: Track,
    /// Its release.
    pub release_id: i64,
    /// Its number on the release, where known.
    pub track_number: Option<u32>,
    /// Its title with the places that were found.
    pub title: Vec<Piece>,
    /// Its artist likewise.
    pub artist: Vec<Piece>,
    /// Its album likewise.
    pub album: Vec<Piece>,
}
