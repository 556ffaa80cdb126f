//! The addresses of mixtapes: a free one for a new tape, where an old one leads, and giving a tape another one.
//! Who may hear what is at an address is decided in `sharing`.

use std::collections::HashSet;

use model::{Mixtape, Slug};
use sqlx::SqliteConnection;

use super::{Stored, stored_by_slug, stored_where};
use crate::secret::readable;
use crate::sharing::take_back_media;
use crate::{Error, Store};

/// Words that the site's own addresses have where others have a slug.
const RESERVED: [&str; 8] =
    ["album_details", "artist_details", "delete", "generate_composite", "preferences", "progress", "save", "search"];

/// The random part of a new link: about 50 bits, not to be guessed by those who know the one before.
const RANDOM_SIGNS: usize = 10;

/// What is at an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// This tape.
    Here(Box<Mixtape>),
    /// A tape was here; now it has this address.
    Moved(Slug),
    /// A tape was here and is deleted, or has a new address that is not told.
    Gone,
    /// No tape was ever here.
    Unknown,
}

impl Store {
    /// Says what is at an address.
    ///
    /// # Errors
    /// When the database fails or holds something unreadable.
    pub async fn find(&self, slug: &Slug) -> Result<Found, Error> {
        let mut transaction = self.pool.begin().await?;
        if let Some(stored) = stored_by_slug(&mut transaction, slug).await? {
            return Ok(if stored.is_deleted { Found::Gone } else { Found::Here(Box::new(stored.mixtape)) });
        }
        let old: Option<(bool, Option<String>)> = sqlx::query_as(
            "SELECT leads_on, mixtapes.slug FROM old_slugs \
             LEFT JOIN mixtapes ON id = mixtape_id AND deleted_at IS NULL WHERE old_slugs.slug = ?",
        )
        .bind(slug.as_str())
        .fetch_optional(&mut *transaction)
        .await?;
        Ok(match old {
            None => Found::Unknown,
            Some((true, Some(to))) => Found::Moved(to.parse().map_err(|_| Error::Corrupt("mixtapes.slug"))?),
            Some(_) => Found::Gone,
        })
    }

    /// Gives a mixtape the address that these words make, or its title. The old one leads there from now on. Answers
    /// the address it has then.
    ///
    /// # Errors
    /// [`Error::NoSuchMixtape`], or when the database fails.
    pub async fn rename_slug(&self, slug: &Slug, wanted: Option<&str>) -> Result<Slug, Error> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let there = on_shelf(&mut transaction, slug).await?;
        let base = Slug::from_title(wanted.unwrap_or(&there.mixtape.title));
        let free = free_slug(&mut transaction, &base, Some(there.id)).await?;
        if free != there.mixtape.slug {
            change_slug(&mut transaction, &there, &free, true).await?;
            transaction.commit().await?;
        }
        Ok(free)
    }

    /// Gives a mixtape a new address that nobody can guess. All earlier ones lead nowhere from now on, and listeners
    /// have to say the password anew. A tape that is private is shared.
    ///
    /// # Errors
    /// [`Error::NoSuchMixtape`], or when the database fails.
    pub async fn renew_link(&self, slug: &Slug) -> Result<Slug, Error> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let there = on_shelf(&mut transaction, slug).await?;
        let base = Slug::from_title(&there.mixtape.title).with_suffix(&readable(RANDOM_SIGNS));
        let free = free_slug(&mut transaction, &base, None).await?;
        change_slug(&mut transaction, &there, &free, false).await?;
        for query in [
            "UPDATE old_slugs SET leads_on = 0 WHERE mixtape_id = ?",
            "DELETE FROM listeners WHERE mixtape_id = ?",
            "UPDATE mixtapes SET access = CASE WHEN password IS NULL THEN 'public' ELSE 'password' END \
             WHERE id = ? AND access = 'private'",
        ] {
            sqlx::query(query).bind(there.id).execute(&mut *transaction).await?;
        }
        take_back_media(&mut transaction, there.id).await?;
        transaction.commit().await?;
        Ok(free)
    }
}

/// The tape with this address, unless it is in the bin.
pub(super) async fn on_shelf(connection: &mut SqliteConnection, slug: &Slug) -> Result<Stored, Error> {
    let stored = stored_by_slug(connection, slug).await?;
    stored.filter(|stored| !stored.is_deleted).ok_or(Error::NoSuchMixtape)
}

/// The tape that has or had this address, be it in the bin: for the owner, from whom nothing is kept.
pub(super) async fn stored_by_any_slug(
    connection: &mut SqliteConnection,
    slug: &Slug,
) -> Result<Option<Stored>, Error> {
    match stored_by_slug(connection, slug).await? {
        Some(stored) => Ok(Some(stored)),
        None => stored_where(connection, "id = (SELECT mixtape_id FROM old_slugs WHERE slug = ?)", slug.as_str()).await,
    }
}

/// This slug, or the first of `-1`, `-2`, … that no tape has or had, but for the one with this id.
pub(super) async fn free_slug(connection: &mut SqliteConnection, base: &Slug, own: Option<i64>) -> Result<Slug, Error> {
    // '.' comes after '-'.
    let taken: Vec<String> = sqlx::query_scalar(
        "SELECT slug FROM mixtapes WHERE slug >= ?1 AND slug < ?1 || '.' AND id IS NOT ?2 \
         UNION ALL SELECT slug FROM old_slugs WHERE slug >= ?1 AND slug < ?1 || '.' \
         AND NOT (leads_on AND mixtape_id IS NOT NULL AND mixtape_id IS ?2)",
    )
    .bind(base.as_str())
    .bind(own)
    .fetch_all(connection)
    .await?;
    let taken: HashSet<&str> = taken.iter().map(String::as_str).chain(RESERVED).collect();
    let numbered = (1_u64..).map(|number| base.with_suffix(&number.to_string()));
    let mut candidates = std::iter::once(base.clone()).chain(numbered);
    candidates.find(|slug| !taken.contains(slug.as_str())).ok_or(Error::Corrupt("mixtapes.slug"))
}

async fn change_slug(
    connection: &mut SqliteConnection,
    there: &Stored,
    slug: &Slug,
    leads_on: bool,
) -> Result<(), Error> {
    // It may be one that the tape had before.
    sqlx::query("DELETE FROM old_slugs WHERE slug = ?").bind(slug.as_str()).execute(&mut *connection).await?;
    sqlx::query("INSERT INTO old_slugs (slug, mixtape_id, leads_on) VALUES (?, ?, ?)")
        .bind(there.mixtape.slug.as_str())
        .bind(there.id)
        .bind(leads_on)
        .execute(&mut *connection)
        .await?;
    let query = "UPDATE mixtapes SET slug = ? WHERE id = ?";
    sqlx::query(query).bind(slug.as_str()).bind(there.id).execute(connection).await?;
    Ok(())
}
