//! Connections to the SQLite files below DATA_ROOT: a pool that never gives out a connection on which a transaction was
//! broken off. What is in the tables is for the files that use them.

use std::sync::Arc;

use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{Connection, SqliteConnection, SqlitePool};
use tokio::sync::Mutex;

/// Connections of one pool.
const CONNECTIONS: u32 = 4;

/// Opens a pool of connections to a database.
///
/// After an error like a full disk, SQLite rolls a transaction back by itself
/// (<https://sqlite.org/lang_transaction.html>, "Response To Errors Within A Transaction"). sqlx then fails to do the
/// same and counts it as open for good, so that later transactions on this connection fail, or show what the database
/// was like then.
pub(crate) async fn connect(options: SqliteConnectOptions) -> Result<SqlitePool, sqlx::Error> {
    let pool = SqlitePoolOptions::new().max_connections(CONNECTIONS).after_release(|connection, _| {
        Box::pin(async move {
            // A rollback may still be on its way to the thread of the connection; this waits for it.
            connection.ping().await?;
            let is_clean = !connection.is_in_transaction();
            if !is_clean {
                tracing::warn!("a database connection is closed, because a transaction on it was broken off");
            }
            Ok(is_clean)
        })
    });
    pool.connect_with(options).await
}

/// A connection that is never used. While it is open, SQLite keeps the database's -wal and -shm files, which it could
/// not create again on a full disk after all connections of the pool were closed.
#[derive(Debug, Clone)]
pub(crate) struct KeptOpen(Arc<Mutex<Option<SqliteConnection>>>);

impl KeptOpen {
    /// Opens one more connection to the database of this pool.
    pub(crate) async fn of(pool: &SqlitePool) -> Result<Self, sqlx::Error> {
        let mut connection = SqliteConnection::connect_with(&pool.connect_options()).await?;
        // SQLite opens the files at the first read.
        sqlx::query("SELECT count(*) FROM sqlite_schema").execute(&mut connection).await?;
        Ok(Self(Arc::new(Mutex::new(Some(connection)))))
    }

    /// Closes the pool and then this: the last connection folds the write-ahead log in.
    pub(crate) async fn close_after(&self, pool: &SqlitePool) {
        pool.close().await;
        // A connection that was on its way back to the pool is there only now.
        pool.close().await;
        let Some(connection) = self.0.lock().await.take() else { return };
        if let Err(error) = connection.close().await {
            tracing::warn!(%error, "a database could not be closed");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;

    /// A database of so few pages is full for SQLite like one on a full disk.
    #[tokio::test]
    async fn a_connection_on_which_a_transaction_was_broken_off_is_not_used_again() {
        let folder = tempfile::tempdir().unwrap();
        let options = SqliteConnectOptions::new()
            .filename(folder.path().join("test.db"))
            .create_if_missing(true)
            .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
            .pragma("max_page_count", "10");
        let pool = connect(options).await.unwrap();
        let kept = KeptOpen::of(&pool).await.unwrap();
        sqlx::query("CREATE TABLE texts (text TEXT)").execute(&pool).await.unwrap();
        let count = async || -> i64 {
            let mut transaction = pool.begin().await.unwrap();
            sqlx::query_scalar("SELECT count(*) FROM texts").fetch_one(&mut *transaction).await.unwrap()
        };
        for round in 1..=10 {
            let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
            let full = sqlx::query("INSERT INTO texts VALUES (zeroblob(100000))").execute(&mut *transaction).await;
            let error = Error::from(full.unwrap_err());
            assert!(matches!(error, Error::DiskFull(_)), "{error:?}");
            drop(transaction);
            let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await.unwrap();
            sqlx::query("INSERT INTO texts VALUES ('small')").execute(&mut *transaction).await.unwrap();
            transaction.commit().await.unwrap();
            assert_eq!(count().await, round);
        }
        assert!(folder.path().join("test.db-shm").exists());
        kept.close_after(&pool).await;
        assert!(!folder.path().join("test.db-shm").exists());
    }
}
