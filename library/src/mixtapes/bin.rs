//! The bin: mixtapes that were deleted and may still come back, until they are thrown away for good; and copies.
//! The files of the music are never touched.

use model::{Mixtape, MixtapeSummary, Revision, Slug, Timestamp};

use super::slugs::{free_slug, on_shelf};
use super::{list, stored_by_slug, write};
use crate::{Error, Store};

/// How long a deleted mixtape stays in the bin, in seconds: 30 days.
pub const BIN_SECONDS: i64 = 30 * 24 * 60 * 60;

/// What the title of a copy ends with.
const COPY: &str = " (copy)";

impl Store {
    /// Puts a mixtape into the bin. Its address is kept for it.
    ///
    /// # Errors
    /// [`Error::NoSuchMixtape`], also if it is in the bin, or when the database fails.
    pub async fn delete(&self, slug: &Slug, now: Timestamp) -> Result<(), Error> {
        let query = "UPDATE mixtapes SET deleted_at = ? WHERE slug = ? AND deleted_at IS NULL";
        let done = sqlx::query(query).bind(now.0).bind(slug.as_str()).execute(&self.pool).await?;
        if done.rows_affected() == 0 { Err(Error::NoSuchMixtape) } else { Ok(()) }
    }

    /// Takes a mixtape out of the bin, as it was. One that is on the shelf stays there.
    ///
    /// # Errors
    /// [`Error::NoSuchMixtape`] if it was never there or is thrown away, or when the database fails.
    pub async fn restore(&self, slug: &Slug) -> Result<Mixtape, Error> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let stored = stored_by_slug(&mut transaction, slug).await?.ok_or(Error::NoSuchMixtape)?;
        let query = "UPDATE mixtapes SET deleted_at = NULL WHERE id = ?";
        sqlx::query(query).bind(stored.id).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(stored.mixtape)
    }

    /// What is in the bin, the one deleted last first.
    ///
    /// # Errors
    /// When the database fails or holds something unreadable.
    pub async fn bin(&self) -> Result<Vec<MixtapeSummary>, Error> {
        let query = "SELECT * FROM mixtapes WHERE deleted_at IS NOT NULL ORDER BY deleted_at DESC, id DESC";
        let rows = sqlx::query(query).fetch_all(&self.pool).await?;
        rows.iter().map(list::summary_from).collect()
    }

    /// Throws away for good what has been in the bin for 30 days, and answers how many tapes that were. Their
    /// addresses say that something has gone; nothing else gets them.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn purge(&self, now: Timestamp) -> Result<u64, Error> {
        let long_ago = now.0 - BIN_SECONDS;
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query(
            "INSERT INTO old_slugs (slug, mixtape_id, leads_on) \
             SELECT slug, NULL, 0 FROM mixtapes WHERE deleted_at <= ? ON CONFLICT DO NOTHING",
        )
        .bind(long_ago)
        .execute(&mut *transaction)
        .await?;
        let query = "DELETE FROM mixtapes WHERE deleted_at <= ?";
        let purged = sqlx::query(query).bind(long_ago).execute(&mut *transaction).await?.rows_affected();
        transaction.commit().await?;
        Ok(purged)
    }

    /// Makes a copy with an address of its own and " (copy)" behind the title. As every new tape it is private; once it
    /// is shared, it asks for the password of the original and ends with it.
    ///
    /// # Errors
    /// [`Error::NoSuchMixtape`], or when the database fails.
    pub async fn duplicate(&self, slug: &Slug, now: Timestamp) -> Result<Mixtape, Error> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let original = on_shelf(&mut transaction, slug).await?;
        let kept: String = original.mixtape.title.chars().take(Mixtape::TITLE_MAX - COPY.len()).collect();
        let title = format!("{}{COPY}", kept.trim_end());
        let copy = Mixtape {
            slug: free_slug(&mut transaction, &Slug::from_title(&title), None).await?,
            client_id: None,
            revision: Revision::default(),
            title,
            created_at: now,
            updated_at: now,
            ..original.mixtape
        };
        let id = write(&mut transaction, None, &copy).await?;
        sqlx::query(
            "UPDATE mixtapes SET (password, expires_at, downloads) = \
             (SELECT password, expires_at, downloads FROM mixtapes WHERE id = ?) WHERE id = ?",
        )
        .bind(original.id)
        .bind(id)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(copy)
    }
}
