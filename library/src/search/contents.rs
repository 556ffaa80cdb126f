//! What is in an artist and in a release, for opening a hit; and hits from rows of the index.
//! Which rows are hits is decided in `search`.

use model::search::{ArtistHit, Page, Piece, ReleaseHit, TrackHit};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

use super::highlight::unmarked;
use super::query::Field;
use crate::{Error, Index, mixtapes};

impl Index {
    /// The releases on which an artist is heard, the newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn releases_of(&self, artist_id: i64, page: Page) -> Result<Vec<ReleaseHit>, Error> {
        let rows = sqlx::query(
            "SELECT * FROM releases WHERE id IN ( \
                 SELECT release_id FROM track_artists JOIN tracks ON id = track_id WHERE artist_id = ? \
             ) ORDER BY year DESC, title, id LIMIT ? OFFSET ?",
        )
        .bind(artist_id)
        .bind(page.limit)
        .bind(page.offset)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| release_from(row, |_, name| unmarked(name.to_owned()))).collect()
    }

    /// The tracks of a release in their order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn tracks_of(&self, release_id: i64, page: Page) -> Result<Vec<TrackHit>, Error> {
        let rows = sqlx::query(
            "SELECT * FROM tracks WHERE release_id = ? ORDER BY disc_number, track_number, path LIMIT ? OFFSET ?",
        )
        .bind(release_id)
        .bind(page.limit)
        .bind(page.offset)
        .fetch_all(&self.pool)
        .await?;
        rows.iter().map(|row| track_from(row, |_, name| unmarked(name.to_owned()))).collect()
    }
}

pub(super) fn artist_from(row: &SqliteRow, marked: impl Fn(&str) -> Vec<Piece>) -> Result<ArtistHit, Error> {
    Ok(ArtistHit {
        id: row.try_get("id")?,
        name: marked(row.try_get("name")?),
        release_count: row.try_get("release_count")?,
        track_count: row.try_get("track_count")?,
    })
}

pub(super) fn release_from(row: &SqliteRow, marked: impl Fn(Field, &str) -> Vec<Piece>) -> Result<ReleaseHit, Error> {
    Ok(ReleaseHit {
        id: row.try_get("id")?,
        folder: row.try_get("folder")?,
        title: marked(Field::Album, row.try_get("title")?),
        artist: marked(Field::Artist, row.try_get("artist")?),
        year: row.try_get("year")?,
        is_compilation: row.try_get("is_compilation")?,
        track_count: row.try_get("track_count")?,
    })
}

pub(super) fn track_from(row: &SqliteRow, marked: impl Fn(Field, &str) -> Vec<Piece>) -> Result<TrackHit, Error> {
    let track = mixtapes::track_from(row)?;
    Ok(TrackHit {
        release_id: row.try_get("release_id")?,
        track_number: row.try_get("track_number")?,
        title: marked(Field::Song, &track.title),
        artist: marked(Field::Artist, &track.artist),
        album: marked(Field::Album, &track.album),
        track,
    })
}
