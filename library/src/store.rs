//! Opens DATA_ROOT: the folders and the database in it, brought up to date.
//! What is in the tables is for the files named after them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};

use crate::database::{self, KeptOpen};
use crate::media::MediaKey;
use crate::owner::UnwrittenSessions;
use crate::{Error, health, reserve};

mod backup;

/// The open store. Cloning is cheap and shares the connections.
#[derive(Debug, Clone)]
pub struct Store {
    pub(crate) pool: SqlitePool,
    pub(crate) data_root: PathBuf,
    kept_open: KeptOpen,
    pub(crate) media_key: MediaKey,
    pub(crate) unwritten_sessions: UnwrittenSessions,
}

impl Store {
    /// Opens the store below `data_root`, which is made if it is not there. Before the tables are changed to those of
    /// a later version, the database is copied to the folder `backups`.
    ///
    /// # Errors
    /// When a folder cannot be made, or the database cannot be opened or brought up to date;
    /// [`Error::Damaged`] when it is not whole.
    pub async fn open(data_root: &Path) -> Result<Self, Error> {
        match Self::open_now(data_root).await {
            Err(Error::DiskFull(_)) if reserve::release(data_root) => Self::open_now(data_root).await,
            opened => opened,
        }
    }

    async fn open_now(data_root: &Path) -> Result<Self, Error> {
        let covers = data_root.join("covers");
        tokio::fs::create_dir_all(&covers).await.map_err(Error::file(&covers))?;
        let path = data_root.join("mixtapes.db");
        let damaged = |reason| {
            let (path, backups) = (path.clone(), backup::folder(data_root));
            Error::Damaged { path, reason, backups }
        };
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            // With WAL this loses nothing when the process dies; FULL also survives a power cut.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(Duration::from_secs(10));
        let pool = match database::connect(options).await {
            Ok(pool) => pool,
            Err(error) => return Err(damaged(health::damage_in(error)?)),
        };
        if let Some(reason) = health::damage(&pool).await? {
            return Err(damaged(reason));
        }
        let migrator = sqlx::migrate!();
        backup::before_migration(&pool, &migrator, data_root).await?;
        migrator.run(&pool).await?;
        let store = Self {
            kept_open: KeptOpen::of(&pool).await?,
            media_key: MediaKey::of(&pool).await?,
            pool,
            data_root: data_root.to_owned(),
            unwritten_sessions: UnwrittenSessions::default(),
        };
        store.write_missing_words().await?;
        Ok(store)
    }

    /// Whether the database answers; for the readiness check.
    ///
    /// # Errors
    /// Whatever the database says.
    pub async fn check(&self) -> Result<(), Error> {
        sqlx::query("SELECT 1 FROM mixtapes LIMIT 1").fetch_optional(&self.pool).await?;
        Ok(())
    }

    /// Finishes what is under way and closes the database, so that its write-ahead log is folded in.
    pub async fn close(&self) {
        self.kept_open.close_after(&self.pool).await;
    }

    /// Holds a little of the disk back for a start when it is full; not when it is full now.
    pub async fn hold_reserve(&self) {
        let folder = self.data_root.clone();
        let held = tokio::task::spawn_blocking(move || reserve::fill(&folder));
        if let Ok(Err(error)) = held.await {
            tracing::warn!(%error, "no space of the data disk could be held back for a start when it is full");
        }
    }

    /// The folder with the database and everything beside it.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.data_root
    }

    /// Where the covers lie.
    #[must_use]
    pub fn covers_folder(&self) -> PathBuf {
        self.data_root.join("covers")
    }

    pub(crate) async fn setting(&self, key: &str) -> Result<Option<String>, Error> {
        Ok(sqlx::query_scalar("SELECT value FROM settings WHERE key = ?").bind(key).fetch_optional(&self.pool).await?)
    }

    pub(crate) async fn set_setting(&self, key: &str, value: &str) -> Result<(), Error> {
        sqlx::query(
            "INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        )
        .bind(key)
        .bind(value)
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
