//! Looking up files that somebody else has written down: whether they are still there, where they have moved, and which
//! of the library's files have the same song. Whoever asks decides what becomes of the answer.

use std::collections::{BTreeSet, HashMap};

use model::{Millis, Track, TrackPath};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use unicode_normalization::UnicodeNormalization;

use super::LAST_SCAN;
use crate::fold::fold;
use crate::search::expression;
use crate::{Error, Index, mixtapes};

/// Two lengths of one song may differ by so much: many lists have whole seconds only.
pub(crate) const TOLERANCE: u64 = 2000;

/// So many files with one title and artist are compared.
const MAX_ALIKE: i64 = 200;

/// The tracks at the paths of a list in JSON.
const AT: &str = "SELECT value AS asked, tracks.* FROM json_each(?) JOIN tracks ON tracks.path = value";

/// What the index knows of some paths.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// The tracks with these paths.
    tracks: HashMap<TrackPath, Track>,
    /// The tracks that had these paths before.
    moved: HashMap<TrackPath, Track>,
    /// Files that are there but could not be read.
    unread: BTreeSet<TrackPath>,
    /// All files have been looked at, so that what is not known is not there.
    is_complete: bool,
}

/// What has become of a track that was written down earlier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Its file is there, and this is what is known of it now.
    There(Track),
    /// Its file is there or may be, but nothing new is known of it.
    AsItWas,
    /// Its file has gone, and nowhere is one that could be the same.
    Missing,
}

impl Index {
    /// What has become of each of these tracks.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn fates(&self, tracks: &[Track]) -> Result<Vec<Fate>, Error> {
        let known = self.known(tracks.iter().map(|track| &track.path)).await?;
        let mut fates = Vec::with_capacity(tracks.len());
        for track in tracks {
            fates.push(self.fate(track, &known).await?);
        }
        Ok(fates)
    }

    async fn fate(&self, track: &Track, known: &Known) -> Result<Fate, Error> {
        let there = known.tracks.get(&track.path);
        if let Some(there) = there.filter(|there| has_title_of(track, there)) {
            return Ok(Fate::There(there.clone()));
        }
        // The file has gone, or another has taken its place, or it has a new title.
        let moved = known.moved.get(&track.path);
        if let Some(moved) = moved.filter(|moved| has_title_of(track, moved)) {
            return Ok(Fate::There(moved.clone()));
        }
        let is_unread = known.unread.contains(&track.path);
        if !is_unread && let Some(same) = self.same_song(track).await? {
            return Ok(Fate::There(same));
        }
        Ok(match there.or(moved) {
            Some(there) => Fate::There(there.clone()),
            None if known.is_complete && !is_unread => Fate::Missing,
            None => Fate::AsItWas,
        })
    }

    async fn known(&self, paths: impl Iterator<Item = &TrackPath>) -> Result<Known, Error> {
        let paths = serde_json::to_string(&paths.collect::<BTreeSet<_>>()).unwrap_or_default();
        // One transaction, so that a scan cannot move a file between two questions.
        let mut transaction = self.pool.begin().await?;
        let tracks = sqlx::query(AT).bind(&paths).fetch_all(&mut *transaction).await?;
        let query = "SELECT value AS asked, tracks.* FROM json_each(?) JOIN moved ON old_path = value \
                     JOIN tracks ON tracks.path = new_path";
        let moved = sqlx::query(query).bind(&paths).fetch_all(&mut *transaction).await?;
        let query = "SELECT problems.path FROM json_each(?) JOIN problems ON problems.path = value";
        let unread: Vec<String> = sqlx::query_scalar(query).bind(&paths).fetch_all(&mut *transaction).await?;
        let query = "SELECT EXISTS (SELECT 1 FROM facts WHERE key = ?)";
        let is_complete = sqlx::query_scalar(query).bind(LAST_SCAN).fetch_one(&mut *transaction).await?;
        Ok(Known {
            tracks: by_asked_path(&tracks)?,
            moved: by_asked_path(&moved)?,
            unread: unread.into_iter().map(TrackPath).collect(),
            is_complete,
        })
    }

    /// The file that has the same song, if it can only be one: same title, artist and length, and among several the
    /// same file name or album.
    async fn same_song(&self, track: &Track) -> Result<Option<Track>, Error> {
        let alike = self.songs(&track.title, &track.artist).await?;
        let alike = alike.into_iter().filter(|other| is_same_song(track, other));
        let rank = |other: &Track| {
            let same_name = other.path.file_name().to_lowercase() == track.path.file_name().to_lowercase();
            (same_name, fold(&other.album) == fold(&track.album))
        };
        let mut ranked: Vec<_> = alike.map(|other| (rank(&other), other)).collect();
        ranked.sort_by(|(a, one), (b, other)| b.cmp(a).then_with(|| one.path.cmp(&other.path)));
        let is_clear = match ranked.as_slice() {
            [((false, false), only)] => track.duration.is_some() && only.duration.is_some(),
            [((false, false), _), ..] => false,
            _ => true,
        };
        Ok(ranked.into_iter().next().map(|(_, best)| best).filter(|_| is_clear))
    }

    /// The tracks with these paths.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn tracks_at(
        &self,
        paths: impl Iterator<Item = String>,
    ) -> Result<HashMap<TrackPath, Track>, Error> {
        let paths = serde_json::to_string(&paths.collect::<BTreeSet<_>>()).unwrap_or_default();
        by_asked_path(&sqlx::query(AT).bind(&paths).fetch_all(&self.pool).await?)
    }

    /// The tracks whose files have these names, by the name in lower case. Looks at every track, once.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn tracks_named(
        &self,
        file_names: &BTreeSet<String>,
    ) -> Result<HashMap<String, Vec<Track>>, Error> {
        let mut by_name: HashMap<String, Vec<Track>> = HashMap::new();
        if file_names.is_empty() {
            return Ok(by_name);
        }
        // The path without everything up to its last slash.
        let query = "SELECT tracks.* FROM tracks WHERE lower(replace(path, rtrim(path, replace(path, '/', '')), '')) \
                     IN (SELECT lower(value) FROM json_each(?)) ORDER BY path";
        let names = serde_json::to_string(file_names).unwrap_or_default();
        for row in sqlx::query(query).bind(names).fetch_all(&self.pool).await? {
            let track = mixtapes::track_from(&row)?;
            let name = track.path.file_name().nfc().collect::<String>().to_lowercase();
            by_name.entry(name).or_default().push(track);
        }
        Ok(by_name)
    }

    /// Tracks with this title by this artist, however they are spelled; by anybody if the artist is empty.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn songs(&self, title: &str, artist: &str) -> Result<Vec<Track>, Error> {
        let query = "SELECT tracks.* FROM (SELECT rowid & ((1 << 40) - 1) AS found FROM find_tracks \
                     WHERE find_tracks MATCH ? ORDER BY rowid LIMIT ?) JOIN tracks ON tracks.id = found ORDER BY tracks.path";
        let expression = expression::songs(title, artist);
        let rows = sqlx::query(query).bind(expression).bind(MAX_ALIKE).fetch_all(&self.pool).await?;
        rows.iter().map(mixtapes::track_from).collect()
    }
}

fn by_asked_path(rows: &[SqliteRow]) -> Result<HashMap<TrackPath, Track>, Error> {
    rows.iter().map(|row| Ok((TrackPath(row.try_get("asked")?), mixtapes::track_from(row)?))).collect()
}

/// Whether both are one song: same title, same artist, same length as far as it is known.
pub(crate) fn is_same_song(one: &Track, other: &Track) -> bool {
    let lengths = one.duration.zip(other.duration);
    let is_as_long = lengths.is_none_or(|(Millis(one), Millis(other))| one.abs_diff(other) <= TOLERANCE);
    is_as_long && has_title_of(one, other) && fold(&one.artist) == fold(&other.artist)
}

fn has_title_of(one: &Track, other: &Track) -> bool {
    fold(&one.title) == fold(&other.title)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn track(title: &str, artist: &str, seconds: Option<u64>) -> Track {
        let path = TrackPath(format!("{title}.mp3"));
        let duration = seconds.map(|seconds| Millis(seconds * 1000));
        Track { path, title: title.into(), artist: artist.into(), album: String::new(), duration }
    }

    #[test]
    fn one_song_has_one_title_artist_and_length() {
        let written = track("Jóga", "Björk", Some(304));
        assert!(is_same_song(&written, &track("joga", "BJORK", Some(305))));
        assert!(is_same_song(&written, &track("joga", "BJORK", None)));
        assert!(!is_same_song(&written, &track("joga", "BJORK", Some(420))));
        assert!(!is_same_song(&written, &track("joga", "Somebody", Some(304))));
    }
}
