//! How often files are played: counted in memory, written down now and then.
//! Who played them is not kept anywhere.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, PoisonError};

use model::limits::plays::PENDING;
use model::{Slug, Track, TrackPath};
use serde_json::json;

use crate::mixtapes::track_from;
use crate::{Error, Store};

/// Plays that are not written down yet.
#[derive(Debug, Default)]
pub struct Plays(Mutex<Counted>);

#[derive(Debug, Default)]
struct Counted {
    tracks: HashMap<TrackPath, i64>,
    mixtapes: HashMap<Slug, i64>,
}

impl Counted {
    fn add(&mut self, other: Self) {
        other.tracks.into_iter().for_each(|(path, plays)| add(&mut self.tracks, path, plays));
        other.mixtapes.into_iter().for_each(|(slug, plays)| add(&mut self.mixtapes, slug, plays));
    }
}

/// Beyond the limit, only entries that exist already are counted.
fn add<K: Eq + Hash>(counts: &mut HashMap<K, i64>, key: K, plays: i64) {
    if counts.len() < PENDING || counts.contains_key(&key) {
        *counts.entry(key).or_default() += plays;
    }
}

impl Plays {
    /// Counts a play of a file that is there, and of the mixtape on whose page it was started.
    pub fn count(&self, path: TrackPath, mixtape: Option<Slug>) {
        let (tracks, mixtapes) = (HashMap::from([(path, 1)]), mixtape.into_iter().map(|slug| (slug, 1)).collect());
        self.add(Counted { tracks, mixtapes });
    }

    fn add(&self, counted: Counted) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).add(counted);
    }

    fn take(&self) -> Taken<'_> {
        let counted = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        Taken { plays: self, counted }
    }
}

/// Plays that are being written, and go back when that fails or is broken off.
struct Taken<'a> {
    plays: &'a Plays,
    counted: Counted,
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        self.plays.add(std::mem::take(&mut self.counted));
    }
}

impl Store {
    /// Writes down the plays of mixtapes, and of tracks that are on one; others are nobody's concern.
    ///
    /// # Errors
    /// When the database fails; then they are written the next time.
    pub async fn write_plays(&self, plays: &Plays) -> Result<(), Error> {
        let mut taken = plays.take();
        if taken.counted.tracks.is_empty() {
            return Ok(());
        }
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let rows: Vec<_> = taken.counted.tracks.iter().map(|(path, plays)| json!([path, plays])).collect();
        sqlx::query(
            "INSERT INTO track_plays (path, plays) SELECT value ->> 0, value ->> 1 FROM json_each(?) \
             WHERE EXISTS (SELECT 1 FROM mixtape_tracks WHERE path = value ->> 0) \
             ON CONFLICT (path) DO UPDATE SET plays = plays + excluded.plays",
        )
        .bind(json!(rows).to_string())
        .execute(&mut *transaction)
        .await?;
        let rows: Vec<_> = taken.counted.mixtapes.iter().map(|(slug, plays)| json!([slug, plays])).collect();
        sqlx::query(
            "UPDATE mixtapes SET plays = mixtapes.plays + counted.plays FROM ( \
                SELECT coalesce(now.id, old.mixtape_id) AS mixtape_id, sum(value ->> 1) AS plays FROM json_each(?) \
                LEFT JOIN mixtapes AS now ON now.slug = value ->> 0 \
                LEFT JOIN old_slugs AS old ON old.slug = value ->> 0 AND leads_on \
                GROUP BY 1 \
             ) AS counted WHERE mixtapes.id = counted.mixtape_id",
        )
        .bind(json!(rows).to_string())
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        taken.counted = Counted::default();
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

    #[tokio::test]
    async fn what_is_counted_is_bounded_and_outlives_a_write_that_fails() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        store.take_in(&crate::mixtapes::tests::tape_of("tape", 1, &["a"])).await.unwrap();
        let plays = Plays::default();
        plays.count(TrackPath("a".to_owned()), Some("tape".parse().unwrap()));
        for number in 0..PENDING + 10 {
            plays.count(TrackPath(format!("{number}")), Some(format!("tape-{number}").parse().unwrap()));
        }
        plays.count(TrackPath("a".to_owned()), Some("tape".parse().unwrap()));
        let counted = |plays: &Plays| {
            let counted = plays.0.lock().unwrap();
            (counted.tracks.len(), counted.mixtapes.len())
        };
        assert_eq!(counted(&plays), (PENDING, PENDING));

        let refuse = "CREATE TRIGGER refuse BEFORE UPDATE ON mixtapes BEGIN SELECT RAISE(ROLLBACK, 'no'); END";
        sqlx::raw_sql(refuse).execute(&store.pool).await.unwrap();
        assert!(store.write_plays(&plays).await.is_err());
        assert_eq!(counted(&plays), (PENDING, PENDING));
        sqlx::raw_sql("DROP TRIGGER refuse").execute(&store.pool).await.unwrap();
        store.write_plays(&plays).await.unwrap();
        assert_eq!(counted(&plays), (0, 0));
        assert_eq!(store.mixtapes().await.unwrap()[0].plays, 2);
        let written: Vec<(String, i64)> =
            sqlx::query_as("SELECT * FROM track_plays").fetch_all(&store.pool).await.unwrap();
        assert_eq!(written, [("a".to_owned(), 2)]);
    }
}
