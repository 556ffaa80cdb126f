//! Who may hear a mixtape: the owner's choice, the listeners' password, and the browsers that have shown to know it.
//! Nothing is kept of a listener but the hash of a random token. Addresses are changed in `mixtapes`, those of the
//! audio are signed in `media`.

use model::{Access, AccessChange, ShareAccess, Sharing, SharingChange, Slug, Timestamp};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

use crate::password_hash::{hash_password, is_password};
use crate::secret::Token;
use crate::{Error, Store};

/// How long a browser need not say the password again, in seconds: 30 days.
pub const LISTENER_SECONDS: i64 = 30 * 24 * 60 * 60;

/// The longest password of a mixtape, in characters.
pub const PASSWORD_MAX: usize = 200;

/// What the token of a listener opens: one mixtape.
pub enum Listener {}

/// The secret that a listener's browser holds.
pub type ListenerToken = Token<Listener>;

/// The sender of a request for a mixtape.
#[derive(Debug, Clone, Copy)]
pub enum Caller<'a> {
    /// The owner, to whom everything is visible.
    Owner,
    /// Somebody else, who may have entered the password before.
    Guest(Option<&'a ListenerToken>),
}

/// What somebody finds at an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reached {
    /// A mixtape, of which this much is shown; never [`Access::Private`].
    Here(Access),
    /// A mixtape that has this address now.
    Moved(Slug),
    /// Nothing, or nothing for this caller.
    Nothing,
}

/// A row of `mixtapes`, as far as sharing is concerned.
struct Shared {
    id: i64,
    sharing: Sharing,
    password: Option<String>,
}

impl Store {
    /// How a mixtape is shared.
    ///
    /// # Errors
    /// [`Error::NoSuchMixtape`], or when the database fails.
    pub async fn share_settings(&self, slug: &Slug) -> Result<Sharing, Error> {
        let mut connection = self.pool.acquire().await?;
        Ok(shared(&mut connection, slug).await?.sharing)
    }

    /// Shares a mixtape as the owner wants it. With a new password, listeners have to say it.
    ///
    /// # Errors
    /// [`Error::NoSuchMixtape`]; [`Error::BadPassword`] for an empty or overlong one, [`Error::NoPassword`] when it is
    /// to stay as it is and there is none; or when the database or the hashing fails.
    pub async fn set_sharing(&self, slug: &Slug, change: &SharingChange) -> Result<Sharing, Error> {
        let new_password = match &change.access {
            AccessChange::Password(Some(password)) => {
                if !(1..=PASSWORD_MAX).contains(&password.chars().count()) {
                    return Err(Error::BadPassword);
                }
                Some(hash_password(password.clone()).await?)
            }
            _ => None,
        };
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let before = shared(&mut transaction, slug).await?;
        let is_new = new_password.is_some();
        let (access, password) = match &change.access {
            AccessChange::Public => (ShareAccess::Public, None),
            AccessChange::Private => (ShareAccess::Private, before.password),
            AccessChange::Password(_) => match new_password.or(before.password) {
                Some(password) => (ShareAccess::Password, Some(password)),
                None => return Err(Error::NoPassword),
            },
        };
        let sharing = Sharing { access, expires_at: change.expires_at, downloads: change.downloads };
        set_sharing(&mut transaction, before.id, sharing, password.as_deref()).await?;
        if is_new || password.is_none() {
            let query = "DELETE FROM listeners WHERE mixtape_id = ?";
            sqlx::query(query).bind(before.id).execute(&mut *transaction).await?;
        }
        if is_new || access != before.sharing.access {
            take_back_media(&mut transaction, before.id).await?;
        }
        transaction.commit().await?;
        Ok(sharing)
    }

    /// Shares a mixtape that is private, or whose time is over: with everybody who has the link or, if it has a
    /// password, with those who know that. Others stay as they are.
    ///
    /// # Errors
    /// [`Error::NoSuchMixtape`], or when the database fails.
    pub async fn share(&self, slug: &Slug, now: Timestamp) -> Result<Sharing, Error> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let there = shared(&mut transaction, slug).await?;
        let access = match (there.sharing.access, &there.password) {
            (ShareAccess::Private, None) => ShareAccess::Public,
            (ShareAccess::Private, Some(_)) => ShareAccess::Password,
            (access, _) => access,
        };
        let expires_at = there.sharing.expires_at.filter(|end| *end > now);
        let sharing = Sharing { access, expires_at, ..there.sharing };
        set_sharing(&mut transaction, there.id, sharing, there.password.as_deref()).await?;
        transaction.commit().await?;
        Ok(sharing)
    }

    /// What a caller finds at an address. For guests, mixtapes that are private or deleted do not exist.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn reach(&self, slug: &Slug, now: Timestamp, who: Caller<'_>) -> Result<Reached, Error> {
        // The same work in all cases, so that the response time reveals nothing either.
        let query = "SELECT id, slug, access, password, expires_at, downloads FROM mixtapes \
                     WHERE deleted_at IS NULL AND (slug = ?1 \
                     OR id = (SELECT mixtape_id FROM old_slugs WHERE old_slugs.slug = ?1 AND leads_on)) \
                     ORDER BY slug = ?1 DESC LIMIT 1";
        let mut connection = self.pool.acquire().await?;
        let row = sqlx::query(query).bind(slug.as_str()).fetch_optional(&mut *connection).await?;
        let Some(row) = row else { return Ok(Reached::Nothing) };
        let shared = shared_from(&row)?;
        let access = match who {
            Caller::Owner => Access::Open,
            Caller::Guest(token) => access_of(&mut connection, &shared, now, token).await?,
        };
        let there: String = row.try_get("slug")?;
        Ok(match access {
            Access::Private => Reached::Nothing,
            access if there == slug.as_str() => Reached::Here(access),
            _ => Reached::Moved(there.parse().map_err(|_| Error::Corrupt("mixtapes.slug"))?),
        })
    }

    /// What a listener gets who comes with this token or without one.
    ///
    /// # Errors
    /// [`Error::NoSuchMixtape`], or when the database fails.
    pub async fn check_access(
        &self,
        slug: &Slug,
        now: Timestamp,
        token: Option<&ListenerToken>,
    ) -> Result<Access, Error> {
        let mut connection = self.pool.acquire().await?;
        let shared = shared(&mut connection, slug).await?;
        access_of(&mut connection, &shared, now, token).await
    }

    /// Answers a token for a listener who says the password of a mixtape; nothing if it is another one, or if the tape
    /// asks for none.
    ///
    /// # Errors
    /// [`Error::NoSuchMixtape`], or when the database fails.
    pub async fn admit(&self, slug: &Slug, password: &str, now: Timestamp) -> Result<Option<ListenerToken>, Error> {
        // Not held while the password is hashed.
        let before = shared(&mut *self.pool.acquire().await?, slug).await?;
        let Some(stored) = before.password.filter(|_| before.sharing.access == ShareAccess::Password) else {
            return Ok(None);
        };
        if password.chars().count() > PASSWORD_MAX || !is_password(password.to_owned(), stored.clone()).await? {
            return Ok(None);
        }
        let token = ListenerToken::random();
        sqlx::query("DELETE FROM listeners WHERE expires_at <= ?").bind(now.0).execute(&self.pool).await?;
        // Only if it still is the password.
        let query = "INSERT INTO listeners (token_hash, mixtape_id, expires_at) \
                     SELECT ?, id, ? FROM mixtapes WHERE id = ? AND password = ?";
        let admitted = sqlx::query(query)
            .bind(&token.hash()[..])
            .bind(now.0 + LISTENER_SECONDS)
            .bind(before.id)
            .bind(stored)
            .execute(&self.pool)
            .await?;
        Ok((admitted.rows_affected() > 0).then_some(token))
    }
}

async fn shared(connection: &mut SqliteConnection, slug: &Slug) -> Result<Shared, Error> {
    let query =
        "SELECT id, access, password, expires_at, downloads FROM mixtapes WHERE slug = ? AND deleted_at IS NULL";
    let row = sqlx::query(query).bind(slug.as_str()).fetch_optional(connection).await?.ok_or(Error::NoSuchMixtape)?;
    shared_from(&row)
}

fn shared_from(row: &SqliteRow) -> Result<Shared, Error> {
    Ok(Shared { id: row.try_get("id")?, sharing: sharing_from(row)?, password: row.try_get("password")? })
}

async fn access_of(
    connection: &mut SqliteConnection,
    shared: &Shared,
    now: Timestamp,
    token: Option<&ListenerToken>,
) -> Result<Access, Error> {
    let knows_password = match token {
        Some(token) if shared.sharing.access == ShareAccess::Password => {
            let query = "SELECT EXISTS (SELECT 1 FROM listeners \
                         WHERE token_hash = ? AND mixtape_id = ? AND expires_at > ?)";
            sqlx::query_scalar(query).bind(&token.hash()[..]).bind(shared.id).bind(now.0).fetch_one(connection).await?
        }
        _ => false,
    };
    Ok(shared.sharing.access_at(now, knows_password))
}

/// Writes down how a mixtape is shared.
pub(crate) async fn set_sharing(
    connection: &mut SqliteConnection,
    id: i64,
    sharing: Sharing,
    password: Option<&str>,
) -> Result<(), Error> {
    sqlx::query("UPDATE mixtapes SET access = ?, password = ?, expires_at = ?, downloads = ? WHERE id = ?")
        .bind(sharing.access.name())
        .bind(password)
        .bind(sharing.expires_at.map(|time| time.0))
        .bind(sharing.downloads)
        .bind(id)
        .execute(connection)
        .await?;
    Ok(())
}

/// Invalidates all signed addresses of a mixtape's audio now.
pub(crate) async fn take_back_media(connection: &mut SqliteConnection, id: i64) -> Result<(), Error> {
    let query = "UPDATE mixtapes SET link_generation = link_generation + 1 WHERE id = ?";
    sqlx::query(query).bind(id).execute(connection).await?;
    Ok(())
}

pub(crate) fn sharing_from(row: &SqliteRow) -> Result<Sharing, Error> {
    Ok(Sharing {
        access: ShareAccess::named(row.try_get("access")?).ok_or(Error::Corrupt("mixtapes.access"))?,
        expires_at: row.try_get::<Option<i64>, _>("expires_at")?.map(Timestamp),
        downloads: row.try_get("downloads")?,
    })
}
