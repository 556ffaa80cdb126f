//! All mixtapes at one moment, one after the other, with what the store keeps of them in other tables.
//! How they are packed is decided in `exchange`.

use std::vec;

use model::Mixtape;
use sqlx::{Row, Sqlite, Transaction};

use super::{Kept, slug_from, stored_by_slug, unsigned};
use crate::sharing::sharing_from;
use crate::{Error, Store};

/// A state of the store; what is saved meanwhile is not seen. It holds a connection to the database.
pub(crate) struct Snapshot {
    transaction: Transaction<'static, Sqlite>,
    ids: vec::IntoIter<i64>,
}

impl Store {
    /// The mixtapes that are not in the trash, the oldest first.
    pub(crate) async fn snapshot(&self) -> Result<Snapshot, Error> {
        let mut transaction = self.pool.begin().await?;
        let query = "SELECT id FROM mixtapes WHERE deleted_at IS NULL ORDER BY id";
        let ids: Vec<i64> = sqlx::query_scalar(query).fetch_all(&mut *transaction).await?;
        Ok(Snapshot { transaction, ids: ids.into_iter() })
    }
}

impl Snapshot {
    /// How many are still to come.
    pub(crate) fn count(&self) -> u64 {
        self.ids.len() as u64
    }

    /// The next one.
    pub(crate) async fn next(&mut self) -> Result<Option<(Mixtape, Kept)>, Error> {
        let Some(id) = self.ids.next() else { return Ok(None) };
        let query = "SELECT slug, access, password, expires_at, downloads, plays, \
                     (SELECT json_group_array(old.slug) FROM old_slugs AS old WHERE mixtape_id = id AND leads_on) AS old \
                     FROM mixtapes WHERE id = ?";
        let row = sqlx::query(query).bind(id).fetch_one(&mut *self.transaction).await?;
        let stored = stored_by_slug(&mut self.transaction, &slug_from(&row)?).await?;
        let old: String = row.try_get("old")?;
        let kept = Kept {
            sharing: sharing_from(&row)?,
            password: row.try_get("password")?,
            old_slugs: serde_json::from_str(&old).map_err(|_| Error::Corrupt("old_slugs.slug"))?,
            plays: unsigned(row.try_get("plays")?),
        };
        Ok(stored.map(|stored| (stored.mixtape, kept)))
    }
}
