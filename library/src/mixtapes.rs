//! The mixtape store: reading tapes, and writing whole ones, each all or nothing.
//! What an editor may change, addresses, the bin and lists are in the files below this one.

use model::{GiftSettings, Millis, Mixtape, MixtapeSummary, Revision, Slug, Timestamp, Track, TrackPath};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::{Error, Store};

mod bin;
mod list;
mod refresh;
mod save;
mod slugs;
mod snapshot;
mod take_in;
mod words;

pub use bin::BIN_SECONDS;
pub use save::Saved;
pub use slugs::Found;
pub(crate) use take_in::Kept;
pub use take_in::TakenIn;

/// What saving did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// There was no such tape.
    Created,
    /// A tape has changed.
    Updated,
    /// The tape was in this state already.
    Unchanged,
}

/// A mixtape with what only the store knows of it.
#[derive(Debug, Clone)]
struct Stored {
    id: i64,
    mixtape: Mixtape,
    is_deleted: bool,
}

impl Store {
    /// Reads one mixtape with its tracks, by the address it has now, unless it is in the bin.
    ///
    /// # Errors
    /// When the database fails or holds something unreadable.
    pub async fn mixtape(&self, slug: &Slug) -> Result<Option<Mixtape>, Error> {
        // One transaction, so that tape and tracks are of the same save.
        let mut transaction = self.pool.begin().await?;
        let stored = stored_by_slug(&mut transaction, slug).await?;
        Ok(stored.filter(|stored| !stored.is_deleted).map(|stored| stored.mixtape))
    }

    /// All mixtapes, the one saved last first.
    ///
    /// # Errors
    /// When the database fails or holds something unreadable.
    pub async fn mixtapes(&self) -> Result<Vec<MixtapeSummary>, Error> {
        let all = model::ListQuery { limit: u32::MAX, ..model::ListQuery::default() };
        Ok(self.list(&all).await?.mixtapes)
    }
}

async fn stored_by_slug(connection: &mut SqliteConnection, slug: &Slug) -> Result<Option<Stored>, Error> {
    stored_where(connection, "slug = ?", slug.as_str()).await
}

async fn stored_by_client_id(connection: &mut SqliteConnection, client_id: &str) -> Result<Option<Stored>, Error> {
    stored_where(connection, "client_id = ?", client_id).await
}

async fn stored_where(
    connection: &mut SqliteConnection,
    condition: &'static str,
    value: &str,
) -> Result<Option<Stored>, Error> {
    let query = format!("SELECT * FROM mixtapes WHERE {condition}");
    let Some(row) = sqlx::query(&query).bind(value).fetch_optional(&mut *connection).await? else {
        return Ok(None);
    };
    let id = row.try_get("id")?;
    let tracks = sqlx::query("SELECT * FROM mixtape_tracks WHERE mixtape_id = ? ORDER BY position")
        .bind(id)
        .fetch_all(&mut *connection)
        .await?;
    let mut mixtape = mixtape_from(&row)?;
    mixtape.tracks = tracks.iter().map(track_from).collect::<Result<_, _>>()?;
    let is_deleted = row.try_get::<Option<i64>, _>("deleted_at")?.is_some();
    Ok(Some(Stored { id, mixtape, is_deleted }))
}

/// Writes a tape with everything in it, over the one with this id or as a new one, and answers its id.
async fn write(connection: &mut SqliteConnection, id: Option<i64>, mixtape: &Mixtape) -> Result<i64, Error> {
    let id: i64 = sqlx::query_scalar(
        "INSERT INTO mixtapes (id, slug, client_id, revision, title, creator_name, liner_notes, cover, \
         gift_flow_enabled, unwrap_style, show_tracklist, created_at, updated_at) \
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
         ON CONFLICT (id) DO UPDATE SET slug = excluded.slug, client_id = excluded.client_id, \
         revision = excluded.revision, title = excluded.title, creator_name = excluded.creator_name, \
         liner_notes = excluded.liner_notes, cover = excluded.cover, \
         gift_flow_enabled = excluded.gift_flow_enabled, unwrap_style = excluded.unwrap_style, \
         show_tracklist = excluded.show_tracklist, created_at = excluded.created_at, \
         updated_at = excluded.updated_at RETURNING id",
    )
    .bind(id)
    .bind(mixtape.slug.as_str())
    .bind(mixtape.client_id.as_deref())
    .bind(i64::try_from(mixtape.revision.0).unwrap_or(i64::MAX))
    .bind(&mixtape.title)
    .bind(&mixtape.creator_name)
    .bind(&mixtape.liner_notes)
    .bind(mixtape.cover.as_deref())
    .bind(mixtape.gift.flow_enabled)
    .bind(mixtape.gift.unwrap_style.name())
    .bind(mixtape.gift.show_tracklist)
    .bind(mixtape.created_at.0)
    .bind(mixtape.updated_at.0)
    .fetch_one(&mut *connection)
    .await?;
    sqlx::query("DELETE FROM mixtape_tracks WHERE mixtape_id = ?").bind(id).execute(&mut *connection).await?;
    let row = |track: &Track| {
        let duration = track.duration.map(|length| length.0);
        serde_json::json!([track.path, track.title, track.artist, track.album, duration])
    };
    let rows: serde_json::Value = mixtape.tracks.iter().map(row).collect();
    sqlx::query(
        "INSERT INTO mixtape_tracks (mixtape_id, position, path, title, artist, album, duration) \
         SELECT ?, key, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?)",
    )
    .bind(id)
    .bind(rows.to_string())
    .execute(&mut *connection)
    .await?;
    words::write(connection, id).await?;
    Ok(id)
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
        revision: Revision(unsigned(row.try_get("revision")?)),
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
            revision: Revision::default(),
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
    async fn what_was_saved_is_there_after_opening_again() {
        let folder = tempfile::tempdir().unwrap();
        let one = tape("one", 5);
        let store = Store::open(folder.path()).await.unwrap();
        assert_eq!(store.take_in(&one).await.unwrap().outcome, Outcome::Created);
        assert_eq!(store.mixtape(&one.slug).await.unwrap().as_ref(), Some(&one));
        drop(store);
        let store = Store::open(folder.path()).await.unwrap();
        assert_eq!(store.mixtape(&one.slug).await.unwrap(), Some(one));
        let list = store.mixtapes().await.unwrap();
        assert_eq!((list.len(), list[0].track_count, list[0].total), (1, 5, Millis(3000)));
    }
}
