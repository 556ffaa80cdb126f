//! The owner: one password, hashed, and the sessions of the browsers that know it.
//! Cookies and forms are for the server.

use model::Timestamp;

use crate::secret::{Token, hash_password, is_password, readable};
use crate::{Error, Store};

const PASSWORD_KEY: &str = "owner_password";

/// How long a session lasts, in seconds: 30 days.
pub const SESSION_SECONDS: i64 = 30 * 24 * 60 * 60;

/// What the token of a session opens: everything that is the owner's.
pub enum Owner {}

/// The secret that a signed-in browser holds.
pub type SessionToken = Token<Owner>;

/// Where the owner's password comes from after [`Store::ensure_password`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PasswordOrigin {
    /// The configuration named one.
    Configured,
    /// One was stored earlier.
    Stored,
    /// There was none: this one was made and stored, and is shown once.
    Generated(String),
}

impl Store {
    /// Makes sure there is a password: the configured one, else the stored one, else a new one.
    ///
    /// # Errors
    /// When the database or the hashing fails.
    pub async fn ensure_password(&self, configured: Option<&str>) -> Result<PasswordOrigin, Error> {
        let stored = self.setting(PASSWORD_KEY).await?;
        if let Some(password) = configured {
            let known = match &stored {
                Some(hash) => is_password(password.to_owned(), hash.clone()).await?,
                None => false,
            };
            if !known {
                self.set_password(password).await?;
            }
            return Ok(PasswordOrigin::Configured);
        }
        if stored.is_some() {
            return Ok(PasswordOrigin::Stored);
        }
        let password = generate_password();
        self.set_password(&password).await?;
        Ok(PasswordOrigin::Generated(password))
    }

    /// Whether a password is stored.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn has_password(&self) -> Result<bool, Error> {
        Ok(self.setting(PASSWORD_KEY).await?.is_some())
    }

    /// Stores a new password and ends all sessions made with the old one.
    ///
    /// # Errors
    /// When the database or the hashing fails.
    pub async fn set_password(&self, password: &str) -> Result<(), Error> {
        let hash = hash_password(password.to_owned()).await?;
        self.set_setting(PASSWORD_KEY, &hash).await?;
        sqlx::query("DELETE FROM sessions").execute(&self.pool).await?;
        Ok(())
    }

    /// Opens a session if the password is right.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sign_in(&self, password: &str, now: Timestamp) -> Result<Option<SessionToken>, Error> {
        let Some(stored) = self.setting(PASSWORD_KEY).await? else { return Ok(None) };
        if !is_password(password.to_owned(), stored).await? {
            return Ok(None);
        }
        let token = SessionToken::random();
        sqlx::query("DELETE FROM sessions WHERE expires_at <= ?").bind(now.0).execute(&self.pool).await?;
        sqlx::query("INSERT INTO sessions (token_hash, expires_at) VALUES (?, ?)")
            .bind(token.hash())
            .bind(now.0 + SESSION_SECONDS)
            .execute(&self.pool)
            .await?;
        Ok(Some(token))
    }

    /// Whether this token belongs to an open session.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_signed_in(&self, token: &SessionToken, now: Timestamp) -> Result<bool, Error> {
        let found: Option<i64> = sqlx::query_scalar("SELECT 1 FROM sessions WHERE token_hash = ? AND expires_at > ?")
            .bind(token.hash())
            .bind(now.0)
            .fetch_optional(&self.pool)
            .await?;
        Ok(found.is_some())
    }

    /// Ends every session but this one, and answers how many.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sign_out_others(&self, token: &SessionToken) -> Result<u64, Error> {
        let ended = sqlx::query("DELETE FROM sessions WHERE token_hash <> ?").bind(token.hash()).execute(&self.pool);
        Ok(ended.await?.rows_affected())
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sign_out(&self, token: &SessionToken) -> Result<(), Error> {
        sqlx::query("DELETE FROM sessions WHERE token_hash = ?").bind(token.hash()).execute(&self.pool).await?;
        Ok(())
    }
}

/// Four groups of four letters and digits that cannot be taken for each other: about 79 bits.
fn generate_password() -> String {
    [(); 4].map(|()| readable(4)).join("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_000_000);

    #[tokio::test]
    async fn the_first_run_makes_a_password_that_works_and_later_runs_keep_it() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        let PasswordOrigin::Generated(password) = store.ensure_password(None).await.unwrap() else {
            panic!("not made")
        };
        assert_eq!(store.ensure_password(None).await.unwrap(), PasswordOrigin::Stored);
        assert!(store.sign_in("wrong", NOW).await.unwrap().is_none());
        let token = store.sign_in(&password, NOW).await.unwrap().expect("signed in");
        assert!(store.is_signed_in(&token, NOW).await.unwrap());
        assert!(!store.is_signed_in(&token, Timestamp(NOW.0 + SESSION_SECONDS)).await.unwrap());
        store.sign_out(&token).await.unwrap();
        assert!(!store.is_signed_in(&token, NOW).await.unwrap());
    }

    #[tokio::test]
    async fn a_configured_password_replaces_the_stored_one_and_ends_its_sessions() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        store.ensure_password(Some("first")).await.unwrap();
        let token = store.sign_in("first", NOW).await.unwrap().expect("signed in");
        store.ensure_password(Some("first")).await.unwrap();
        assert!(store.is_signed_in(&token, NOW).await.unwrap(), "the same password keeps sessions");
        store.ensure_password(Some("second")).await.unwrap();
        assert!(!store.is_signed_in(&token, NOW).await.unwrap());
        assert!(store.sign_in("first", NOW).await.unwrap().is_none());
    }
}
