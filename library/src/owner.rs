//! The owner: one password, hashed, and the sessions of the browsers that know it.
//! Cookies and forms are for the server.

use std::sync::{Arc, Mutex, PoisonError};

use model::Timestamp;

use crate::password_hash::{hash_password, is_owners_password};
use crate::secret::{Token, readable};
use crate::{Error, Store};

const PASSWORD_KEY: &str = "owner_password";

/// How long a session lasts, in seconds: 30 days.
pub const SESSION_SECONDS: i64 = 30 * 24 * 60 * 60;

/// How long a browser is known after the owner has signed in there, in seconds: the 400 days for which browsers keep
/// a cookie (RFC 6265bis 5.5).
pub const KNOWN_BROWSER_SECONDS: i64 = 400 * 24 * 60 * 60;

/// Browsers that are known at once, the latest.
const KNOWN_BROWSERS: i64 = 1000;

/// Sessions that are kept in memory at once, the latest.
const UNWRITTEN_SESSIONS: usize = 100;

/// What the token of a session opens: everything that is the owner's.
pub enum Owner {}

/// The secret that a signed-in browser holds.
pub type SessionToken = Token<Owner>;

/// What the token of a known browser opens: nothing but a way to try the password.
pub enum KnownBrowser {}

/// The secret of a browser in which the owner has signed in before.
pub type BrowserToken = Token<KnownBrowser>;

/// Sessions that could not be written, by the hash of their token, with the second in which they end. An owner whose
/// data disk is full can sign in and make room; a restart ends them.
#[derive(Debug, Clone, Default)]
pub(crate) struct UnwrittenSessions(Arc<Mutex<Vec<UnwrittenSession>>>);

type UnwrittenSession = ([u8; 32], i64);

impl UnwrittenSessions {
    fn insert(&self, token: &SessionToken, expires_at: i64) {
        let mut sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() >= UNWRITTEN_SESSIONS {
            sessions.remove(0);
        }
        sessions.push((token.hash(), expires_at));
    }

    fn contains(&self, token: &SessionToken, now: Timestamp) -> bool {
        let sessions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let hash = token.hash();
        sessions.iter().any(|(known, expires_at)| *known == hash && *expires_at > now.0)
    }

    fn remove(&self, token: &SessionToken) {
        let hash = token.hash();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).retain(|(known, _)| *known != hash);
    }

    fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

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
                Some(hash) => is_owners_password(password.to_owned(), hash.clone()).await?,
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

    /// Stores a new password, ends all sessions made with the old one and forgets the browsers that are known, all or
    /// nothing.
    ///
    /// # Errors
    /// When the database or the hashing fails.
    pub async fn set_password(&self, password: &str) -> Result<(), Error> {
        let hash = hash_password(password.to_owned()).await?;
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let query = "INSERT INTO settings (key, value) VALUES (?, ?) \
                     ON CONFLICT (key) DO UPDATE SET value = excluded.value";
        sqlx::query(query).bind(PASSWORD_KEY).bind(hash).execute(&mut *transaction).await?;
        sqlx::query("DELETE FROM sessions").execute(&mut *transaction).await?;
        sqlx::query("DELETE FROM known_browsers").execute(&mut *transaction).await?;
        transaction.commit().await?;
        self.unwritten_sessions.clear();
        Ok(())
    }

    /// Opens a session if the password is right. One that cannot be written, as on a full disk, lasts until the
    /// program ends.
    ///
    /// # Errors
    /// When the database cannot be read or the hashing fails.
    pub async fn sign_in(&self, password: &str, now: Timestamp) -> Result<Option<SessionToken>, Error> {
        let Some(stored) = self.setting(PASSWORD_KEY).await? else { return Ok(None) };
        if !is_owners_password(password.to_owned(), stored.clone()).await? {
            return Ok(None);
        }
        let (token, expires_at) = (SessionToken::random(), now.0 + SESSION_SECONDS);
        match self.write_session(&token, expires_at, &stored, now).await {
            Ok(is_written) => Ok(is_written.then_some(token)),
            Err(error) => {
                tracing::warn!(%error, "the session could not be written; it ends when the server stops");
                self.unwritten_sessions.insert(&token, expires_at);
                Ok(Some(token))
            }
        }
    }

    /// Answers false when the password was changed meanwhile.
    async fn write_session(
        &self,
        token: &SessionToken,
        expires_at: i64,
        password: &str,
        now: Timestamp,
    ) -> Result<bool, Error> {
        sqlx::query("DELETE FROM sessions WHERE expires_at <= ?").bind(now.0).execute(&self.pool).await?;
        let query = "INSERT INTO sessions (token_hash, expires_at) \
                     SELECT ?, ? FROM settings WHERE key = ? AND value = ?";
        let written = sqlx::query(query)
            .bind(&token.hash()[..])
            .bind(expires_at)
            .bind(PASSWORD_KEY)
            .bind(password)
            .execute(&self.pool)
            .await?;
        Ok(written.rows_affected() > 0)
    }

    /// Whether this token belongs to an open session.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn is_signed_in(&self, token: &SessionToken, now: Timestamp) -> Result<bool, Error> {
        if self.unwritten_sessions.contains(token, now) {
            return Ok(true);
        }
        let found: Option<i64> = sqlx::query_scalar("SELECT 1 FROM sessions WHERE token_hash = ? AND expires_at > ?")
            .bind(&token.hash()[..])
            .bind(now.0)
            .fetch_optional(&self.pool)
            .await?;
        Ok(found.is_some())
    }

    /// Ends every session and forgets the browsers that are known; answers how many sessions there were.
    ///
    /// # Errors
    /// When the database fails; then nothing has changed.
    pub async fn sign_out_everywhere(&self) -> Result<u64, Error> {
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        let ended = sqlx::query("DELETE FROM sessions").execute(&mut *transaction).await?.rows_affected();
        sqlx::query("DELETE FROM known_browsers").execute(&mut *transaction).await?;
        transaction.commit().await?;
        self.unwritten_sessions.clear();
        Ok(ended)
    }

    /// Ends a session.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn sign_out(&self, token: &SessionToken) -> Result<(), Error> {
        self.unwritten_sessions.remove(token);
        sqlx::query("DELETE FROM sessions WHERE token_hash = ?").bind(&token.hash()[..]).execute(&self.pool).await?;
        Ok(())
    }

    /// Knows a browser from now on, after the owner has signed in there.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remember_browser(&self, now: Timestamp) -> Result<BrowserToken, Error> {
        let token = BrowserToken::random();
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await?;
        sqlx::query("INSERT INTO known_browsers (token_hash, expires_at) VALUES (?, ?)")
            .bind(&token.hash()[..])
            .bind(now.0 + KNOWN_BROWSER_SECONDS)
            .execute(&mut *transaction)
            .await?;
        let query = "DELETE FROM known_browsers WHERE expires_at <= ? OR token_hash NOT IN \
                     (SELECT token_hash FROM known_browsers ORDER BY expires_at DESC LIMIT ?)";
        sqlx::query(query).bind(now.0).bind(KNOWN_BROWSERS).execute(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(token)
    }

    /// The hash of this token if the browser is known.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn known_browser(&self, token: &BrowserToken, now: Timestamp) -> Result<Option<[u8; 32]>, Error> {
        let hash = token.hash();
        let query = "SELECT 1 FROM known_browsers WHERE token_hash = ? AND expires_at > ?";
        let found: Option<i64> =
            sqlx::query_scalar(query).bind(&hash[..]).bind(now.0).fetch_optional(&self.pool).await?;
        Ok(found.map(|_| hash))
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

    #[tokio::test]
    async fn a_password_that_cannot_end_the_sessions_is_not_stored() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        store.ensure_password(Some("first")).await.unwrap();
        let token = store.sign_in("first", NOW).await.unwrap().expect("signed in");
        let trigger = "CREATE TRIGGER failing BEFORE DELETE ON sessions BEGIN SELECT RAISE(ABORT, 'no'); END";
        sqlx::query(trigger).execute(&store.pool).await.unwrap();
        assert!(store.set_password("second").await.is_err());
        assert!(store.is_signed_in(&token, NOW).await.unwrap());
        assert!(store.sign_in("second", NOW).await.unwrap().is_none(), "the old session would outlive it");
        sqlx::query("DROP TRIGGER failing").execute(&store.pool).await.unwrap();
        store.set_password("second").await.unwrap();
        assert!(!store.is_signed_in(&token, NOW).await.unwrap());
        assert!(store.sign_in("second", NOW).await.unwrap().is_some());
    }

    #[tokio::test]
    async fn the_owner_can_sign_in_when_nothing_can_be_written() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        store.ensure_password(Some("first")).await.unwrap();
        let full = "CREATE TRIGGER full BEFORE INSERT ON sessions \
                    BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END";
        sqlx::query(full).execute(&store.pool).await.unwrap();
        let (here, there) =
            (store.sign_in("first", NOW).await.unwrap().unwrap(), store.sign_in("first", NOW).await.unwrap().unwrap());
        assert!(store.sign_in("wrong", NOW).await.unwrap().is_none());
        assert!(store.is_signed_in(&here, NOW).await.unwrap());
        assert!(!store.is_signed_in(&here, Timestamp(NOW.0 + SESSION_SECONDS)).await.unwrap());
        store.sign_out(&here).await.unwrap();
        assert!(!store.is_signed_in(&here, NOW).await.unwrap());
        assert!(store.is_signed_in(&there, NOW).await.unwrap());
        store.set_password("second").await.unwrap();
        assert!(!store.is_signed_in(&there, NOW).await.unwrap());
    }

    #[tokio::test]
    async fn a_known_browser_is_forgotten_with_the_password_and_by_signing_out_everywhere() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path()).await.unwrap();
        store.ensure_password(Some("first")).await.unwrap();
        for forget in ["password", "everywhere"] {
            let session = store.sign_in("first", NOW).await.unwrap().unwrap();
            let browser = store.remember_browser(NOW).await.unwrap();
            assert!(store.known_browser(&browser, NOW).await.unwrap().is_some());
            let late = Timestamp(NOW.0 + KNOWN_BROWSER_SECONDS);
            assert!(store.known_browser(&browser, late).await.unwrap().is_none());
            store.sign_out(&session).await.unwrap();
            assert!(store.known_browser(&browser, NOW).await.unwrap().is_some(), "that is what it is for");
            match forget {
                "password" => store.set_password("first").await.unwrap(),
                _ => assert_eq!(store.sign_out_everywhere().await.unwrap(), 0),
            }
            assert!(store.known_browser(&browser, NOW).await.unwrap().is_none(), "{forget}");
        }
    }
}
