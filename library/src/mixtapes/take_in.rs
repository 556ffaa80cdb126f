//! Taking in whole mixtapes that were made elsewhere, by an import or from a backup, as often as one likes.
//! Reading their files is done by those who have them.

use model::{Mixtape, Revision, Sharing, Slug};
use sqlx::SqliteConnection;

use super::slugs::{free_slug, stored_by_any_slug};
use super::{Outcome, Stored, stored_by_client_id, write};
use crate::sharing::set_sharing;
use crate::{Error, Store};

/// What taking in a tape has led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TakenIn {
    /// The address that it has here.
    pub slug: Slug,
    /// What happened.
    pub outcome: Outcome,
}

/// What the store keeps of a mixtape beside itself.
#[derive(Debug, Clone)]
pub(crate) struct Kept {
    pub(crate) sharing: Sharing,
    /// The hash of the listeners' password.
    pub(crate) password: Option<String>,
    /// Addresses that lead to it, too.
    pub(crate) old_slugs: Vec<Slug>,
    pub(crate) plays: u64,
}

impl Store {
    /// Takes in a mixtape under its slug, with its times. The one that is here already, by its client id or its
    /// address, is replaced if it is older; where it has no other cover, it keeps its own. Somebody else's tape with
    /// the same address stays, and this one gets the next that is free.
    ///
    /// # Errors
    /// [`Error::InBin`] when it was deleted here: nobody wants it back by accident. Or when the database fails; then
    /// nothing has changed.
    pub async fn take_in(&self, mixtape: &Mixtape) -> Result<TakenIn, Error> {
        self.take_in_with(mixtape, None).await
    }

    /// Takes in a mixtape; if it is new here, with what was kept of it. How a tape that is here is shared stays.
    pub(crate) async fn take_in_with(&self, mixtape: &Mixtape, kept: Option<&Kept>) -> Result<TakenIn, Error> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let there = counterpart(&mut transaction, mixtape).await?;
        let taken_in = match there {
            Some(there) if there.is_deleted => return Err(Error::InBin),
            Some(there) if there.mixtape.updated_at >= mixtape.updated_at => {
                return Ok(TakenIn { slug: there.mixtape.slug, outcome: Outcome::Unchanged });
            }
            Some(Stored { id, mixtape: before, .. }) => {
                let renewed = Mixtape {
                    // Links that were shared here go on working.
                    slug: before.slug,
                    client_id: mixtape.client_id.clone().or(before.client_id),
                    revision: Revision(before.revision.0 + 1),
                    cover: mixtape.cover.clone().or(before.cover),
                    ..mixtape.clone()
                };
                write(&mut transaction, Some(id), &renewed).await?;
                TakenIn { slug: renewed.slug, outcome: Outcome::Updated }
            }
            None => TakenIn { slug: create(&mut transaction, mixtape, kept).await?, outcome: Outcome::Created },
        };
        transaction.commit().await?;
        Ok(taken_in)
    }
}

/// The same tape here. Two editors never make the same client id.
async fn counterpart(connection: &mut SqliteConnection, mixtape: &Mixtape) -> Result<Option<Stored>, Error> {
    if let Some(client_id) = &mixtape.client_id
        && let Some(stored) = stored_by_client_id(connection, client_id).await?
    {
        return Ok(Some(stored));
    }
    let stored = stored_by_any_slug(connection, &mixtape.slug).await?;
    Ok(stored.filter(|stored| stored.mixtape.client_id.is_none() || mixtape.client_id.is_none()))
}

async fn create(connection: &mut SqliteConnection, mixtape: &Mixtape, kept: Option<&Kept>) -> Result<Slug, Error> {
    // It may be what was thrown away here long ago.
    let forget = "DELETE FROM old_slugs WHERE slug = ? AND mixtape_id IS NULL";
    sqlx::query(forget).bind(mixtape.slug.as_str()).execute(&mut *connection).await?;
    let slug = free_slug(connection, &mixtape.slug, None).await?;
    let new = Mixtape { slug: slug.clone(), revision: Revision::default(), ..mixtape.clone() };
    let id = write(connection, None, &new).await?;
    let sharing = kept.map_or(Sharing::IMPORTED, |kept| kept.sharing);
    set_sharing(connection, id, sharing, kept.and_then(|kept| kept.password.as_deref())).await?;
    // Found by it the next time, if the address is nobody else's.
    lead_on(connection, &mixtape.slug, id).await?;
    if let Some(Kept { old_slugs, plays, .. }) = kept {
        let plays = i64::try_from(*plays).unwrap_or(0);
        let query = "UPDATE mixtapes SET plays = ? WHERE id = ?";
        sqlx::query(query).bind(plays).bind(id).execute(&mut *connection).await?;
        for old in old_slugs {
            lead_on(connection, old, id).await?;
        }
    }
    Ok(slug)
}

/// Has an address that no tape has or had lead to this one.
async fn lead_on(connection: &mut SqliteConnection, slug: &Slug, id: i64) -> Result<(), Error> {
    sqlx::query(
        "INSERT INTO old_slugs (slug, mixtape_id, leads_on) SELECT ?1, ?2, 1 \
         WHERE NOT EXISTS (SELECT 1 FROM mixtapes WHERE slug = ?1) ON CONFLICT DO NOTHING",
    )
    .bind(slug.as_str())
    .bind(id)
    .execute(connection)
    .await?;
    Ok(())
}
