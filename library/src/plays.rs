//! How often files are played: counted in memory, written down now and then.
//! Who played them is not kept anywhere.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use model::{Track, TrackPath};

use crate::mixtapes::track_from;
use crate::{Error, Store};

/// Plays that are not written down yet.
#[derive(Debug, Default)]
pub struct Plays(Mutex<HashMap<TrackPath, i64>>);

impl Plays {
    /// Counts a play.
    pub fn count(&self, path: TrackPath) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(path).or_default() += 1;
    }

    fn take(&self) -> HashMap<TrackPath, i64> {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Store {
    /// Writes down the plays of tracks that are on a mixtape; others are nobody's concern.
    ///
    /// # Errors
    /// When the database fails; then these plays are lost.
    pub async fn write_plays(&self, plays: &Plays) -> Result<(), Error> {
        let counted = plays.take();
        if counted.is_empty() {
            return Ok(());
        }
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        for (path, count) in counted {
            sqlx::query(
                "INSERT INTO track_plays (path, plays) SELECT ?1, ?2 \
                 WHERE EXISTS (SELECT 1 FROM mixtape_tracks WHERE path = ?1) \
                 ON CONFLICT (path) DO UPDATE SET plays = plays + excluded.plays",
            )
            .bind(path.0)
            .bind(count)
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// The tracks of all mixtapes, each file once, the most played first, and of those that are played as much the
    /// ones of the mixtape saved last.
    ///
    /// # Errors
    /// When the database fails or holds something unreadable.
    pub async fn tracks_by_plays(&self) -> Result<Vec<Track>, Error> {
        let rows = sqlx::query(
            "SELECT track.*, MAX(updated_at) AS latest FROM mixtape_tracks AS track \
             JOIN mixtapes ON mixtapes.id = mixtape_id LEFT JOIN track_plays USING (path) \
             GROUP BY path ORDER BY COALESCE(plays, 0) DESC, latest DESC, position",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(track_from).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_most_played_come_first_and_strangers_are_not_kept() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        for (slug, saved, names) in [("old", 1, ["a", "b"]), ("new", 2, ["c", "b"])] {
            store.save_mixtape(&crate::mixtapes::tests::tape_of(slug, saved, &names)).await.unwrap();
        }
        let order = async || -> Vec<String> {
            store.tracks_by_plays().await.unwrap().into_iter().map(|track| track.path.0).collect()
        };
        assert_eq!(order().await, ["c", "b", "a"]);
        let plays = Plays::default();
        for path in ["a", "a", "b", "stranger"] {
            plays.count(TrackPath(path.to_owned()));
        }
        store.write_plays(&plays).await.unwrap();
        plays.count(TrackPath("b".to_owned()));
        plays.count(TrackPath("b".to_owned()));
        store.write_plays(&plays).await.unwrap();
        store.write_plays(&plays).await.unwrap();
        assert_eq!(order().await, ["b", "a", "c"]);
    }
}
