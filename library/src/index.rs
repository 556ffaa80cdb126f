//! The database of what is in the music folder, apart from the mixtapes: it may be thrown away and made again.
//! Filling it is the business of `scan`, asking it that of `search`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};

use crate::database::{self, KeptOpen};
use crate::scan::ScanRequests;
use crate::search::KnownLists;
use crate::{Error, health, reserve};

pub(crate) mod songs;
mod statistics;
pub(crate) mod writer;

const SCHEMA: &str = concat!(include_str!("index/schema.sql"), include_str!("index/search.sql"));

/// Below DATA_ROOT.
const FILE: &str = "index.db";

/// Raised with every change of the schema, and of which files are audio files: known folders hold these by name.
const VERSION: i64 = 7;

/// Bytes of the database that readers map.
const MAPPED: &str = "2000000000";

/// The fact that says when a scan of everything last came to its end, in seconds since 1970.
pub(crate) const LAST_SCAN: &str = "last_scan";

/// The fact that says why the index was made anew.
const REBUILT: &str = "rebuilt";

/// The open index. Cloning is cheap and shares the connections.
#[derive(Debug, Clone)]
pub struct Index {
    pub(crate) pool: SqlitePool,
    pub(crate) data_root: PathBuf,
    pub(crate) vocabulary: KnownLists,
    pub(crate) scan_requests: Arc<ScanRequests>,
    kept_open: KeptOpen,
}

/// Why an index is of no use.
enum Unusable {
    OtherVersion,
    Damaged(String),
}

impl Index {
    /// Opens the index below `data_root`, and makes an empty one if it is not there. One of another version is thrown
    /// away, a damaged one set aside.
    ///
    /// # Errors
    /// When the database cannot be opened or made.
    pub async fn open(data_root: &Path) -> Result<Self, Error> {
        match Self::open_now(data_root).await {
            Err(Error::DiskFull(_)) if reserve::release(data_root) => Self::open_now(data_root).await,
            opened => opened,
        }
    }

    async fn open_now(data_root: &Path) -> Result<Self, Error> {
        tokio::fs::create_dir_all(data_root).await.map_err(Error::file(data_root))?;
        let path = data_root.join(FILE);
        let pool = match open_database(&path).await? {
            Ok(pool) => pool,
            Err(Unusable::OtherVersion) => {
                tracing::info!("the index of the music is of another version and is made anew");
                health::remove(&path).map_err(Error::file(&path))?;
                open_new(&path).await?
            }
            Err(Unusable::Damaged(reason)) => {
                let aside = health::set_aside(&path).map_err(Error::file(&path))?;
                tracing::error!(reason, aside = %aside.display(), "the index of the music is damaged and is made anew");
                let pool = open_new(&path).await?;
                let name = aside.file_name().unwrap_or_default().to_string_lossy();
                let message = format!("The index was damaged and is made anew; the damaged one is kept as {name}.");
                let query = "INSERT INTO facts (key, value) VALUES (?, ?)";
                sqlx::query(query).bind(REBUILT).bind(message).execute(&pool).await?;
                pool
            }
        };
        Ok(Self {
            kept_open: KeptOpen::of(&pool).await?,
            pool,
            data_root: data_root.to_owned(),
            vocabulary: KnownLists::default(),
            scan_requests: Arc::default(),
        })
    }

    /// Finishes what is under way and closes the database.
    pub async fn close(&self) {
        self.kept_open.close_after(&self.pool).await;
    }
}

/// A pool of a sound database of this version, which is made if it is not there.
async fn open_database(path: &Path) -> Result<Result<SqlitePool, Unusable>, Error> {
    let pool = match connect(path).await {
        Ok(pool) => pool,
        Err(error) => return Ok(Err(Unusable::Damaged(health::damage_in(error)?))),
    };
    let unusable = match health::damage(&pool).await? {
        Some(reason) => Some(Unusable::Damaged(reason)),
        None => match version(&pool).await? {
            Some(VERSION) => None,
            Some(_) => Some(Unusable::OtherVersion),
            None => {
                create(&pool).await?;
                None
            }
        },
    };
    let Some(unusable) = unusable else { return Ok(Ok(pool)) };
    pool.close().await;
    Ok(Err(unusable))
}

async fn open_new(path: &Path) -> Result<SqlitePool, Error> {
    let pool = connect(path).await?;
    create(&pool).await?;
    Ok(pool)
}

async fn connect(path: &Path) -> Result<SqlitePool, sqlx::Error> {
    let options = SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .foreign_keys(true)
        .journal_mode(SqliteJournalMode::Wal)
        // What a power cut takes is read again.
        .synchronous(SqliteSynchronous::Normal)
        // Typing reads a little in many places of a large file.
        .pragma("mmap_size", MAPPED)
        .busy_timeout(Duration::from_secs(10));
    database::connect(options).await
}

/// None when nothing is in the database yet.
async fn version(pool: &SqlitePool) -> Result<Option<i64>, Error> {
    let is_empty: bool = sqlx::query_scalar("SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)").fetch_one(pool).await?;
    let version = sqlx::query_scalar("PRAGMA user_version").fetch_one(pool).await?;
    Ok(if is_empty { None } else { Some(version) })
}

/// All or nothing.
async fn create(pool: &SqlitePool) -> Result<(), Error> {
    let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
    if version_is_set(&mut transaction).await? {
        // Another process was faster.
        return Ok(());
    }
    sqlx::raw_sql(SCHEMA).execute(&mut *transaction).await?;
    sqlx::raw_sql(&format!("PRAGMA user_version = {VERSION}")).execute(&mut *transaction).await?;
    Ok(transaction.commit().await?)
}

async fn version_is_set(connection: &mut sqlx::SqliteConnection) -> Result<bool, Error> {
    let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(connection).await?;
    Ok(version == VERSION)
}
