//! Mixtapes beside the index of the music: names and lengths follow the tags, paths follow their files, and files that
//! have gone are named. A tape that is refreshed is the same state of it: no editor has to know.

use std::collections::BTreeSet;

use model::{Mixtape, MixtapeView, Track, TrackPath};
use sqlx::Row;

use super::{track_from, words};
use crate::index::songs::Fate;
use crate::{Error, Index, Store};

/// Tracks looked up at once.
const BATCH: u32 = 1000;

/// A track of some tape that is to be written anew.
struct Change {
    mixtape_id: i64,
    position: i64,
    before: TrackPath,
    track: Track,
}

impl Store {
    /// A mixtape as the library knows its tracks now. What is new is written down, if that is possible: a page is shown
    /// on a full disk, too.
    ///
    /// # Errors
    /// When a database fails.
    pub async fn view(&self, mut mixtape: Mixtape, index: &Index) -> Result<MixtapeView, Error> {
        let fates = index.fates(&mixtape.tracks).await?;
        let id = "SELECT id FROM mixtapes WHERE slug = ?";
        let id: Option<i64> = sqlx::query_scalar(id).bind(mixtape.slug.as_str()).fetch_optional(&self.pool).await?;
        let (mut missing, mut changes) = (BTreeSet::new(), Vec::new());
        for (position, (track, fate)) in (0..).zip(mixtape.tracks.iter_mut().zip(fates)) {
            if fate == Fate::Missing {
                missing.insert(track.path.clone());
            }
            let Some(now) = renewed(track, fate) else { continue };
            if let Some(mixtape_id) = id {
                changes.push(Change { mixtape_id, position, before: track.path.clone(), track: now.clone() });
            }
            *track = now;
        }
        if let Err(error) = self.write_changes(changes).await {
            tracing::warn!(slug = mixtape.slug.as_str(), %error, "the tracks of a mixtape could not be brought up to date");
        }
        Ok(MixtapeView { mixtape, missing })
    }

    /// Brings the tracks of all mixtapes up to date with the library, also of those in the bin, and answers how many
    /// have changed.
    ///
    /// # Errors
    /// When a database fails; what was done until then stays.
    pub async fn refresh(&self, index: &Index) -> Result<u64, Error> {
        let (mut after, mut written) = ((0_i64, -1_i64), 0);
        loop {
            let query = "SELECT * FROM mixtape_tracks WHERE (mixtape_id, position) > (?, ?) \
                         ORDER BY mixtape_id, position LIMIT ?";
            let rows = sqlx::query(query).bind(after.0).bind(after.1).bind(BATCH).fetch_all(&self.pool).await?;
            let Some(last) = rows.last() else { return Ok(written) };
            after = (last.try_get("mixtape_id")?, last.try_get("position")?);
            let tracks: Vec<_> = rows.iter().map(track_from).collect::<Result<_, _>>()?;
            let mut changes = Vec::new();
            for ((row, track), fate) in rows.iter().zip(&tracks).zip(index.fates(&tracks).await?) {
                let Some(now) = renewed(track, fate) else { continue };
                let (mixtape_id, position) = (row.try_get("mixtape_id")?, row.try_get("position")?);
                changes.push(Change { mixtape_id, position, before: track.path.clone(), track: now });
            }
            written += self.write_changes(changes).await?;
        }
    }

    /// Writes down what is still where it was read; an editor may have saved meanwhile.
    async fn write_changes(&self, changes: Vec<Change>) -> Result<u64, Error> {
        if changes.is_empty() {
            return Ok(0);
        }
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let (mut touched, mut written) = (BTreeSet::new(), 0);
        for Change { mixtape_id, position, before, track } in changes {
            let done = sqlx::query(
                "UPDATE mixtape_tracks SET path = ?, title = ?, artist = ?, album = ?, duration = ? \
                 WHERE mixtape_id = ? AND position = ? AND path = ?",
            )
            .bind(&track.path.0)
            .bind(track.title)
            .bind(track.artist)
            .bind(track.album)
            .bind(track.duration.and_then(|length| i64::try_from(length.0).ok()))
            .bind(mixtape_id)
            .bind(position)
            .bind(&before.0)
            .execute(&mut *transaction)
            .await?
            .rows_affected();
            if done > 0 {
                touched.insert(mixtape_id);
                written += done;
            }
            if before != track.path {
                tracing::info!(from = %before, to = %track.path, "a track of a mixtape was found again");
                let query = "UPDATE OR IGNORE track_plays SET path = ? WHERE path = ?";
                sqlx::query(query).bind(&track.path.0).bind(&before.0).execute(&mut *transaction).await?;
            }
        }
        for mixtape_id in touched {
            words::write(&mut transaction, mixtape_id).await?;
        }
        transaction.commit().await?;
        Ok(written)
    }
}

/// The track as it is to be written, if it is to be.
fn renewed(written: &Track, fate: Fate) -> Option<Track> {
    let Fate::There(mut there) = fate else { return None };
    // A length that somebody once knew is better than none.
    there.duration = there.duration.or(written.duration);
    (there != *written).then_some(there)
}
