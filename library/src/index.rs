//! The database of what is in the music folder, apart from the mixtapes: it may be thrown away and made again.
//! Filling it is the business of `scan`, asking it that of `search`.

use std::path::Path;
use std::time::Duration;

use sqlx::SqlitePool;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};

use crate::Error;

const SCHEMA: &str = concat!(include_str!("index/schema.sql"), include_str!("index/search.sql"));

/// Raised with every change of the schema.
const VERSION: i64 = 1;

/// The open index. Cloning is cheap and shares the connections.
#[derive(Debug, Clone)]
pub struct Index {
    pub(crate) pool: SqlitePool,
}

impl Index {
    /// Opens the index below `data_root`, and makes an empty one if it is not there.
    ///
    /// # Errors
    /// When the database cannot be opened or made.
    pub async fn open(data_root: &Path) -> Result<Self, Error> {
        let options = SqliteConnectOptions::new()
            .filename(data_root.join("index.db"))
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            // What a power cut takes is read again.
            .synchronous(SqliteSynchronous::Normal)
            // Typing reads a little in many places of a large file.
            .pragma("mmap_size", "2000000000")
            .busy_timeout(Duration::from_secs(10));
        let pool = SqlitePoolOptions::new().max_connections(4).connect_with(options).await?;
        let version: i64 = sqlx::query_scalar("PRAGMA user_version").fetch_one(&pool).await?;
        if version != VERSION {
            sqlx::raw_sql(SCHEMA).execute(&pool).await?;
            crate::search::letters::write(&pool).await?;
            sqlx::raw_sql(&format!("PRAGMA user_version = {VERSION}")).execute(&pool).await?;
        }
        Ok(Self { pool })
    }
}
