//! How often files are played: counted in memory, written down now and then.
//! Who played them is not kept anywhere.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use model::{Slug, Track, TrackPath};

use crate::mixtapes::track_from;
use crate::{Error, Store};

/// Between two times of writing down, so many mixtapes are counted apart.
const MAX_MIXTAPES: usize = 10_000;

/// Plays that are not written down yet.
#[derive(Debug, Default)]
pub struct Plays(Mutex<Counted>);

#[derive(Debug, Default)]
struct Counted {
    tracks: HashMap<TrackPath, i64>,
    mixtapes: HashMap<Slug, i64>,
}

impl Plays {
    /// Counts a play of this file, and of the mixtape on whose page it was started.
    pub fn count(&self, path: TrackPath, mixtape: Option<Slug>) {
        let mut counted = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counted.tracks.entry(path).or_default() += 1;
        // Anybody can name mixtapes that there are not.
        if let Some(slug) =
            mixtape.filter(|slug| counted.mixtapes.len() < MAX_MIXTAPES || counted.mixtapes.contains_key(slug))
        {
            *counted.mixtapes.entry(slug).or_default() += 1;
        }
    }

    fn take(&self) -> Counted {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Store {
    /// Writes down the plays of mixtapes, and of tracks that are on one; others are nobody's concern.
    ///
    /// # Errors
    /// When the database fails; then these plays are lost.
    pub async fn write_plays(&self, plays: &Plays) -> Result<(), Error> {
        let Counted { tracks, mixtapes } = plays.take();
        if tracks.is_empty() {
            return Ok(());
        }
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        for (path, count) in tracks {
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
        for (slug, count) in mixtapes {
            let query = "UPDATE mixtapes SET plays = plays + ?2 \
                         WHERE slug = ?1 OR id = (SELECT mixtape_id FROM old_slugs WHERE slug = ?1 AND leads_on)";
            sqlx::query(query).bind(slug.as_str()).bind(count).execute(&mut *transaction).await?;
        }
        transaction.commit().await?;
        Ok(())
    }

    /// The tracks of all mixtapes on the shelf, each file once, the most played first, and of those that are played as much the
    /// ones of the mixtape saved last.
    ///
    /// # Errors
    /// When the database fails or holds something unreadable.
    pub async fn tracks_by_plays(&self) -> Result<Vec<Track>, Error> {
        let rows = sqlx::query(
            "SELECT track.*, MAX(updated_at) AS latest FROM mixtape_tracks AS track \
             JOIN mixtapes ON mixtapes.id = mixtape_id AND deleted_at IS NULL LEFT JOIN track_plays USING (path) \
             GROUP BY path ORDER BY COALESCE(track_plays.plays, 0) DESC, latest DESC, position",
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
            store.take_in(&crate::mixtapes::tests::tape_of(slug, saved, &names)).await.unwrap();
        }
        let order = async || -> Vec<String> {
            store.tracks_by_plays().await.unwrap().into_iter().map(|track| track.path.0).collect()
        };
        assert_eq!(order().await, ["c", "b", "a"]);
        let plays = Plays::default();
        for path in ["a", "a", "b", "stranger"] {
            plays.count(TrackPath(path.to_owned()), Some("new".parse().unwrap()));
        }
        store.write_plays(&plays).await.unwrap();
        plays.count(TrackPath("b".to_owned()), None);
        plays.count(TrackPath("b".to_owned()), None);
        store.write_plays(&plays).await.unwrap();
        store.write_plays(&plays).await.unwrap();
        assert_eq!(order().await, ["b", "a", "c"]);
        let plays: Vec<_> = store.mixtapes().await.unwrap().into_iter().map(|tape| tape.plays).collect();
        assert_eq!(plays, [4, 0], "what is started on its pages");
    }
}
