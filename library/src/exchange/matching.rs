//! Which tracks of the library the entries of a playlist are: by path, by the end of the path, by the file's name, and
//! at last by title, artist and length. What is not certain is left open.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

use model::limits::playlists::{LOOK_UPS, SPLITS};
use model::{MatchedBy, Millis, PlaylistEntry, PlaylistMatch, PlaylistReport, Track, TrackPath};
use unicode_normalization::UnicodeNormalization;

use super::Playlist;
use super::locations::names;
use crate::fold::fold;
use crate::index::songs::{TOLERANCE, is_same_song};
use crate::{Error, Index};

/// The most names of an end of a path that is looked up.
const LONGEST_END: usize = 8;

/// Entries whose paths are looked up at once: each has several ends, and several spellings of those.
const AT_ONCE: usize = 100;

impl Index {
    /// Looks for the entries of a playlist in the library.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn match_playlist(&self, playlist: Playlist) -> Result<PlaylistReport, Error> {
        let wanted: Vec<_> = playlist.entries.iter().map(|entry| names(&entry.location)).collect();
        let mut by_path = HashMap::new();
        for some in wanted.chunks(AT_ONCE) {
            by_path.extend(self.tracks_at(some.iter().flat_map(|names| endings(names))).await?);
        }
        let at = |path: &str| spellings(path).into_iter().find_map(|path| by_path.get(&TrackPath(path)).cloned());
        let mut found: Vec<_> = wanted
            .iter()
            .map(|names| {
                let whole = at(&names.join("/")).map(|track| (track, MatchedBy::Path));
                // A single name is no path; that comes later and is looked at more closely.
                let ends = ends(names).find_map(|start| at(&names[start..].join("/")));
                whole.or(ends.map(|track| (track, MatchedBy::PathSuffix)))
            })
            .collect();

        let open = || wanted.iter().zip(&found).filter(|(_, found)| found.is_none());
        let file_names: BTreeSet<_> =
            open().filter_map(|(names, _)| names.last()).flat_map(|name| spellings(name)).collect();
        let by_name = self.tracks_named(&file_names).await?;
        let splits = (LOOK_UPS / playlist.entries.len().max(1)).clamp(1, SPLITS);
        for ((entry, names), found) in playlist.entries.iter().zip(&wanted).zip(&mut found) {
            if found.is_none() {
                *found = by_file_name(entry, names, &by_name);
            }
            if found.is_none() {
                *found = self.by_names(entry, splits).await?.map(|track| (track, MatchedBy::Names));
            }
        }
        let entries = playlist.entries.into_iter().zip(found);
        Ok(PlaylistReport {
            title: playlist.title,
            creator_name: playlist.creator_name,
            notes: playlist.notes,
            entries: entries.map(|(entry, found)| PlaylistMatch { entry, found }).collect(),
        })
    }

    async fn by_names(&self, entry: &PlaylistEntry, splits: usize) -> Result<Option<Track>, Error> {
        if entry.title.is_empty() {
            return Ok(None);
        }
        // Where artist and title stand in one text, the sign between them may also be part of either.
        let whole = format!("{} - {}", entry.artist, entry.title);
        let splits =
            whole.match_indices(" - ").take(splits).map(|(at, between)| (&whole[..at], &whole[at + between.len()..]));
        for (artist, title) in splits {
            let wanted = Track {
                path: TrackPath(entry.location.clone()),
                title: title.to_owned(),
                artist: artist.to_owned(),
                album: entry.album.clone(),
                duration: entry.duration,
            };
            let alike = self.songs(title, artist).await?;
            let mut alike: Vec<_> = alike.into_iter().filter(|track| is_same_song(&wanted, track)).collect();
            // Those of the same album first; the order of paths stays.
            alike.sort_by_key(|track| fold(&track.album) != fold(&wanted.album));
            let is_of_album = alike.first().is_some_and(|track| fold(&track.album) == fold(&wanted.album));
            let is_clear = is_of_album || alike.windows(2).all(|pair| is_same_song(&pair[0], &pair[1]));
            if let Some(track) = alike.into_iter().next().filter(|_| is_clear) {
                return Ok(Some(track));
            }
        }
        Ok(None)
    }
}

/// The path and its ends but the file's name alone, in all spellings.
fn endings(names: &[String]) -> Vec<String> {
    let starts = [0].into_iter().chain(ends(names));
    starts.filter_map(|start| names.get(start..)).flat_map(|names| spellings(&names.join("/"))).collect()
}

/// Where the ends of a path begin that are looked up, the longest first. Longer ones are found by the file's name, and
/// then the folders that they have in common count.
fn ends(names: &[String]) -> Range<usize> {
    names.len().saturating_sub(LONGEST_END).max(1)..names.len().saturating_sub(1)
}

/// Some systems write an accent as a sign of its own.
fn spellings(text: &str) -> Vec<String> {
    if text.is_ascii() {
        vec![text.to_owned()]
    } else {
        vec![text.to_owned(), text.nfc().collect(), text.nfd().collect()]
    }
}

/// The file with this name whose folders are most like those of the entry, if it is the only one and nothing that the
/// entry says of itself speaks against it.
fn by_file_name(
    entry: &PlaylistEntry,
    names: &[String],
    by_name: &HashMap<String, Vec<Track>>,
) -> Option<(Track, MatchedBy)> {
    let folded = |name: &str| name.nfc().collect::<String>().to_lowercase();
    let candidates = by_name.get(&folded(names.last()?))?.iter().filter(|track| !contradicts(entry, track));
    let in_common = |track: &Track| {
        let theirs = track.path.0.rsplit('/').map(folded);
        names.iter().rev().map(|name| folded(name)).zip(theirs).take_while(|(ours, theirs)| ours == theirs).count()
    };
    let ranked: Vec<_> = candidates.map(|track| (in_common(track), track)).collect();
    let best = ranked.iter().map(|(common, _)| *common).max()?;
    let mut first = ranked.into_iter().filter(|(common, _)| *common == best).map(|(_, track)| track);
    let track = first.next()?;
    // Copies of one file may lie in several folders.
    if first.any(|other| !is_same_song(track, other)) {
        return None;
    }
    Some((track.clone(), if best > 1 { MatchedBy::PathSuffix } else { MatchedBy::FileName }))
}

/// Whether the entry tells of another song than this one.
fn contradicts(entry: &PlaylistEntry, track: &Track) -> bool {
    let is_other_length = entry
        .duration
        .zip(track.duration)
        .is_some_and(|(Millis(ours), Millis(theirs))| ours.abs_diff(theirs) > TOLERANCE);
    let (wanted, title) = (fold(&entry.title), fold(&track.title));
    let is_other_title = !wanted.is_empty() && !wanted.contains(&title) && !title.contains(&wanted);
    is_other_length && (is_other_title || wanted.is_empty()) || is_other_title && entry.duration.is_none()
}
