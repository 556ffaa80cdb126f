//! The mixtape store: reading and saving whole tapes, each save all or nothing.
//! Slugs from titles, undo and concurrent editors are not handled here.

use model::{GiftSettings, Millis, Mixtape, Slug, Timestamp, Track, TrackPath};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use crate::{Error, Store};

/// What a list of mixtapes shows of each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MixtapeSummary {
    /// Its address.
    pub slug: Slug,
    /// Its title.
    pub title: String,
    /// The cover's file name below `/covers/`.
    pub cover: Option<String>,
    /// How many tracks it has.
    pub track_count: u64,
    /// The sum of the known track lengths.
    pub total: Millis,
    /// When it was last saved.
    pub updated_at: Timestamp,
}

/// Whether a save made a new tape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saved {
    /// There was none with this slug.
    Created,
    /// One was replaced.
    Updated,
}

impl Store {
    /// Reads one mixtape with its tracks.
    ///
    /// # Errors
    /// When the database fails or holds something unreadable.
    pub async fn mixtape(&self, slug: &Slug) -> Result<Option<Mixtape>, Error> {
        self.mixtape_where("slug = ?", slug.as_str()).await
    }

    /// Reads the mixtape that an editor saved under this id.
    ///
    /// # Errors
    /// When the database fails or holds something unreadable.
    pub async fn mixtape_by_client_id(&self, client_id: &str) -> Result<Option<Mixtape>, Error> {
        self.mixtape_where("client_id = ?", client_id).await
    }

    async fn mixtape_where(&self, condition: &'static str, value: &str) -> Result<Option<Mixtape>, Error> {
        // One transaction, so that tape and tracks are of the same save.
        let mut transaction = self.pool.begin().await?;
        let query = format!("SELECT * FROM mixtapes WHERE {condition}");
        let Some(row) = sqlx::query(&query).bind(value).fetch_optional(&mut *transaction).await? else {
            return Ok(None);
        };
        let tracks = sqlx::query("SELECT * FROM mixtape_tracks WHERE mixtape_id = ? ORDER BY position")
            .bind(row.try_get::<i64, _>("id")?)
            .fetch_all(&mut *transaction)
            .await?;
        let mut mixtape = mixtape_from(&row)?;
        mixtape.tracks = tracks.iter().map(track_from).collect::<Result<_, _>>()?;
        Ok(Some(mixtape))
    }

    /// All mixtapes, the one saved last first.
    ///
    /// # Errors
    /// When the database fails or holds something unreadable.
    pub async fn mixtapes(&self) -> Result<Vec<MixtapeSummary>, Error> {
        let rows = sqlx::query(
            "SELECT slug, mixtapes.title, cover, updated_at, COUNT(position) AS track_count, \
             COALESCE(SUM(duration), 0) AS total \
             FROM mixtapes LEFT JOIN mixtape_tracks ON mixtape_id = id \
             GROUP BY id ORDER BY updated_at DESC, id DESC",
        )
        .fetch_all(&self.pool)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(MixtapeSummary {
                    slug: slug_from(row)?,
                    title: row.try_get("title")?,
                    cover: row.try_get("cover")?,
                    track_count: unsigned(row.try_get("track_count")?),
                    total: Millis(unsigned(row.try_get("total")?)),
                    updated_at: Timestamp(row.try_get("updated_at")?),
                })
            })
            .collect()
    }

    /// Saves a mixtape under its slug, replacing the one that is there.
    ///
    /// # Errors
    /// When the database fails; then nothing has changed.
    pub async fn save_mixtape(&self, mixtape: &Mixtape) -> Result<Saved, Error> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let there: Option<i64> = sqlx::query_scalar("SELECT id FROM mixtapes WHERE slug = ?")
            .bind(mixtape.slug.as_str())
            .fetch_optional(&mut *transaction)
            .await?;
        let id: i64 = sqlx::query_scalar(
            "INSERT INTO mixtapes (slug, client_id, title, creator_name, liner_notes, cover, gift_flow_enabled, \
             unwrap_style, show_tracklist, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
             ON CONFLICT (slug) DO UPDATE SET client_id = excluded.client_id, title = excluded.title, \
             creator_name = excluded.creator_name, liner_notes = excluded.liner_notes, cover = excluded.cover, \
             gift_flow_enabled = excluded.gift_flow_enabled, unwrap_style = excluded.unwrap_style, \
             show_tracklist = excluded.show_tracklist, created_at = excluded.created_at, \
             updated_at = excluded.updated_at RETURNING id",
        )
        .bind(mixtape.slug.as_str())
        .bind(mixtape.client_id.as_deref())
        .bind(&mixtape.title)
        .bind(&mixtape.creator_name)
        .bind(&mixtape.liner_notes)
        .bind(mixtape.cover.as_deref())
        .bind(mixtape.gift.flow_enabled)
        .bind(mixtape.gift.unwrap_style.name())
        .bind(mixtape.gift.show_tracklist)
        .bind(mixtape.created_at.0)
        .bind(mixtape.updated_at.0)
        .fetch_one(&mut *transaction)
        .await?;
        sqlx::query("DELETE FROM mixtape_tracks WHERE mixtape_id = ?").bind(id).execute(&mut *transaction).await?;
        for (position, track) in (0_i64..).zip(&mixtape.tracks) {
            sqlx::query(
                "INSERT INTO mixtape_tracks (mixtape_id, position, path, title, artist, album, duration) \
                 VALUES (?, ?, ?, ?, ?, ?, ?)",
            )
            .bind(id)
            .bind(position)
            .bind(&track.path.0)
            .bind(&track.title)
            .bind(&track.artist)
            .bind(&track.album)
            .bind(track.duration.and_then(|length| i64::try_from(length.0).ok()))
            .execute(&mut *transaction)
            .await?;
        }
        transaction.commit().await?;
        Ok(if there.is_some() { Saved::Updated } else { Saved::Created })
    }
}

fn unsigned(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

fn slug_from(row: &SqliteRow) -> Result<Slug, Error> {
    row.try_get::<String, _>("slug")?.parse().map_err(|_| Error::Corrupt("mixtapes.slug"))
}

fn mixtape_from(row: &SqliteRow) -> Result<Mixtape, Error> {
    let style: String = row.try_get("unwrap_style")?;
    Ok(Mixtape {
        slug: slug_from(row)?,
        client_id: row.try_get("client_id")?,
        title: row.try_get("title")?,
        creator_name: row.try_get("creator_name")?,
        liner_notes: row.try_get("liner_notes")?,
        cover: row.try_get("cover")?,
        gift: GiftSettings {
            flow_enabled: row.try_get("gift_flow_enabled")?,
            unwrap_style: style.parse().map_err(|_| Error::Corrupt("mixtapes.unwrap_style"))?,
            show_tracklist: row.try_get("show_tracklist")?,
        },
        created_at: Timestamp(row.try_get("created_at")?),
        updated_at: Timestamp(row.try_get("updated_at")?),
        tracks: Vec::new(),
    })
}

pub(crate) fn track_from(row: &SqliteRow) -> Result<Track, Error> {
    Ok(Track {
        path: TrackPath(row.try_get("path")?),
        title: row.try_get("title")?,
        artist: row.try_get("artist")?,
        album: row.try_get("album")?,
        duration: row.try_get::<Option<i64>, _>("duration")?.map(|length| Millis(unsigned(length))),
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use model::UnwrapStyle;

    use super::*;

    fn tape(slug: &str, tracks: usize) -> Mixtape {
        let track = |n: usize| Track {
            path: TrackPath(format!("a/{n}.flac")),
            title: format!("Track {n}"),
            artist: "A".into(),
            album: String::new(),
            duration: n.is_multiple_of(2).then_some(Millis(1000)),
        };
        Mixtape {
            slug: slug.parse().unwrap(),
            client_id: Some(format!("client-{slug}")),
            title: "Tape".into(),
            creator_name: "Me".into(),
            liner_notes: "*hi*".into(),
            cover: None,
            gift: GiftSettings { flow_enabled: true, unwrap_style: UnwrapStyle::Elegant, show_tracklist: false },
            created_at: Timestamp(1),
            updated_at: Timestamp(2),
            tracks: (0..tracks).map(track).collect(),
        }
    }

    /// A tape saved at this time, of files with these names.
    pub(crate) fn tape_of(slug: &str, saved: i64, paths: &[&str]) -> Mixtape {
        let mut tape = Mixtape { updated_at: Timestamp(saved), ..tape(slug, paths.len()) };
        for (track, path) in tape.tracks.iter_mut().zip(paths) {
            track.path = TrackPath((*path).to_owned());
        }
        tape
    }

    #[tokio::test]
    async fn a_tape_reads_back_as_it_was_saved_and_a_second_save_replaces_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let first = tape("one", 5);
        assert_eq!(store.save_mixtape(&first).await.unwrap(), Saved::Created);
        assert_eq!(store.mixtape(&first.slug).await.unwrap().as_ref(), Some(&first));
        assert_eq!(store.mixtape_by_client_id("client-one").await.unwrap().as_ref(), Some(&first));

        let shorter = Mixtape { title: "New".into(), ..tape("one", 2) };
        assert_eq!(store.save_mixtape(&shorter).await.unwrap(), Saved::Updated);
        assert_eq!(store.mixtape(&first.slug).await.unwrap(), Some(shorter));

        let list = store.mixtapes().await.unwrap();
        assert_eq!((list.len(), list[0].track_count, list[0].total), (1, 2, Millis(1000)));
    }

    #[tokio::test]
    async fn a_save_that_fails_leaves_the_old_tape_whole() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let (one, two) = (tape("one", 3), tape("two", 3));
        store.save_mixtape(&one).await.unwrap();
        store.save_mixtape(&two).await.unwrap();
        let stolen_id = Mixtape { client_id: two.client_id.clone(), tracks: Vec::new(), ..one.clone() };
        assert!(store.save_mixtape(&stolen_id).await.is_err());
        assert_eq!(store.mixtape(&one.slug).await.unwrap(), Some(one));
    }

    #[tokio::test]
    async fn what_was_saved_is_there_after_opening_again() {
        let folder = tempfile::tempdir().unwrap();
        let one = tape("one", 3);
        let store = Store::open(folder.path()).await.unwrap();
        store.save_mixtape(&one).await.unwrap();
        drop(store);
        let store = Store::open(folder.path()).await.unwrap();
        assert_eq!(store.mixtape(&one.slug).await.unwrap(), Some(one));
    }
}
